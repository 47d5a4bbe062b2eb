// The invariants of a model without errors, as code.

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "model/resolve.h"

namespace headrace::model {
namespace {

size_t arity(Op op) {
  switch (op) {
#define OP(name, spelling, arity) \
  case Op::name:                  \
    return arity;
#include "model/ops.def"
#undef OP
  }
  return 0;
}

void verify_dimensions(const Model& model) {
  for (const Dimension& dimension : model.dimensions) {
    CHECK(!dimension.members.empty());
    CHECK(dimension.in_root.size() == dimension.members.size());
    CHECK(model[dimension.root].root == dimension.root);
    for (uint32_t place : dimension.in_root) CHECK(place < model[dimension.root].members.size());
  }
  for (const Index& index : model.indexes) {
    for (uint32_t position : index.positions)
      CHECK(position < model[index.dimension].members.size());
  }
}

void verify_load(const Model& model, const Load& load) {
  CHECK(load.variable.index < model.variables.size());
  const Variable& variable = model[load.variable];
  CHECK(load.subscripts.size() == variable.dims.size());
  for (size_t d = 0; d < load.subscripts.size(); ++d) {
    const Subscript& subscript = load.subscripts[d];
    const auto members = static_cast<int64_t>(model[variable.dims[d]].members.size());
    if (!subscript.index.valid()) {
      CHECK(subscript.position < members);
      continue;
    }
    const size_t extent = model[subscript.index].positions.size();
    CHECK(subscript.map.empty() ? static_cast<int64_t>(extent) <= members
                                : subscript.map.size() == extent);
    for (int32_t place : subscript.map) CHECK(place >= -1 && place < members);
  }
}

// Children stand before their parents, so expressions are free of cycles.
void verify_expr(const Model& model, size_t at) {
  const Expr& expr = model.exprs[at];
  if (auto* load = std::get_if<Load>(&expr.node)) verify_load(model, *load);
  if (auto* position = std::get_if<Position>(&expr.node))
    CHECK(position->index.index < model.indexes.size());
  if (auto* apply = std::get_if<Apply>(&expr.node)) {
    CHECK(apply->arguments.size() == arity(apply->op));
    for (ExprId id : apply->arguments) CHECK(id.index < at);
  }
  if (auto* reduce = std::get_if<Reduce>(&expr.node)) {
    CHECK(!reduce->indexes.empty());
    CHECK(reduce->body.index < at);
  }
  if (auto* lookup = std::get_if<Lookup>(&expr.node)) {
    CHECK(lookup->input.index < at);
    CHECK(lookup->table.index < model.tables.size());
  }
  if (auto* call = std::get_if<ArrayCall>(&expr.node)) {
    for (const Slice& slice : call->slices) CHECK(slice.body.index < at);
  }
}

void mark(const Model& model, const Variable& variable, const Piece& piece,
          std::vector<bool>& covered) {
  CHECK(piece.indexes.size() == variable.dims.size());
  CHECK(piece.value.index < model.exprs.size());
  for (size_t d = 0; d < piece.indexes.size(); ++d)
    CHECK(model[piece.indexes[d]].dimension == variable.dims[d]);
  std::vector<size_t> at(piece.indexes.size(), 0);
  for (IndexId index : piece.indexes) {
    if (model[index].positions.empty()) return;
  }
  for (;;) {
    size_t flat = 0;
    for (size_t d = 0; d < at.size(); ++d)
      flat =
          flat * model[variable.dims[d]].members.size() + model[piece.indexes[d]].positions[at[d]];
    CHECK(!covered[flat]);
    covered[flat] = true;
    size_t d = at.size();
    while (d > 0 && ++at[d - 1] == model[piece.indexes[d - 1]].positions.size()) at[--d] = 0;
    if (d == 0) return;
  }
}

// Made variables need not be covered: only what their one reader asks for is there.
void verify_cover(const Model& model, VarId id, const std::vector<Piece>& pieces,
                  const std::vector<bool>& sampled) {
  const Variable& variable = model[id];
  std::vector<bool> covered = sampled;
  for (const Piece& piece : pieces) mark(model, variable, piece, covered);
  if (variable.made) return;
  CHECK(std::find(covered.begin(), covered.end(), false) == covered.end());
}

void verify_variables(const Model& model) {
  std::vector<std::vector<bool>> sampled(model.variables.size());
  for (size_t i = 0; i < sampled.size(); ++i)
    sampled[i].assign(model.variables[i].size(model), false);
  for (const Input& input : model.inputs) {
    CHECK(model[input.variable].kind == VarKind::kParam);
    CHECK(!sampled[input.variable.index][input.element]);
    sampled[input.variable.index][input.element] = true;
  }
  for (size_t i = 0; i < model.variables.size(); ++i) {
    const VarId id(i);
    const Variable& variable = model[id];
    const std::vector<bool> none(variable.size(model), false);
    switch (variable.kind) {
      case VarKind::kParam:
      case VarKind::kLet:
      case VarKind::kFlow:
      case VarKind::kInitial:
        verify_cover(model, id, variable.pieces, sampled[i]);
        break;
      case VarKind::kTally:
        verify_cover(model, id, variable.pieces, none);
        break;
      case VarKind::kStock:
      case VarKind::kPrevious:
        verify_cover(model, id, variable.initial, none);
        verify_cover(model, id, variable.pieces, none);
        break;
      case VarKind::kDelayFixed:
        CHECK(variable.duration.size() == variable.initial.size());
        verify_cover(model, id, variable.initial, none);
        verify_cover(model, id, variable.pieces, none);
        break;
      case VarKind::kBehind:
        CHECK(variable.second.size() == variable.pieces.size());
        break;
      case VarKind::kData:
        CHECK(variable.values.size() == variable.size(model));
        break;
      case VarKind::kNoise:
        break;
    }
  }
}

}  // namespace

void verify(const Model& model) {
  verify_dimensions(model);
  for (size_t i = 0; i < model.exprs.size(); ++i) verify_expr(model, i);
  verify_variables(model);
  for (const Measure& measure : model.measures) CHECK(measure.value.index < model.exprs.size());
  for (const Correlation& correlation : model.correlations)
    CHECK(correlation.rank.size() == correlation.inputs.size() * correlation.inputs.size());
}

}  // namespace headrace::model
