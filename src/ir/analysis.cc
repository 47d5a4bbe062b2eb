#include "ir/analysis.h"

#include <algorithm>
#include <span>

#include "base/check.h"
#include "model/walk.h"

namespace headrace::ir {

using model::ExprId;
using model::IndexId;
using model::Model;
using model::Piece;
using model::Variable;
using model::VarKind;

void collect_reads(const Model& model, ExprId root, std::vector<VarId>& reads) {
  model::walk(model, root, [&](const model::Expr& expr) {
    if (const auto* load = std::get_if<model::Load>(&expr.node)) reads.push_back(load->variable);
  });
}

namespace {

void add_once(std::vector<IndexId>& list, IndexId index) {
  if (std::find(list.begin(), list.end(), index) == list.end()) list.push_back(index);
}

void collect_indexes(const Model& model, ExprId id, std::vector<IndexId>& used,
                     std::vector<IndexId>& bound) {
  const model::Expr& expr = model[id];
  if (auto* load = std::get_if<model::Load>(&expr.node)) {
    for (const model::Subscript& subscript : load->subscripts) {
      if (subscript.index.valid()) add_once(used, subscript.index);
    }
  } else if (auto* position = std::get_if<model::Position>(&expr.node)) {
    add_once(used, position->index);
  } else if (auto* reduce = std::get_if<model::Reduce>(&expr.node)) {
    for (IndexId index : reduce->indexes) add_once(bound, index);
  } else if (auto* call = std::get_if<model::ArrayCall>(&expr.node)) {
    for (const model::Slice& slice : call->slices) {
      for (IndexId index : slice.indexes) add_once(bound, index);
    }
  }
  model::for_each_child(expr, [&](ExprId child) { collect_indexes(model, child, used, bound); });
}

}  // namespace

std::vector<IndexId> free_indexes(const Model& model, ExprId expr) {
  std::vector<IndexId> used, bound;  // Every reduction binds indexes of its own.
  collect_indexes(model, expr, used, bound);
  std::erase_if(used, [&](IndexId index) {
    return std::find(bound.begin(), bound.end(), index) != bound.end();
  });
  return used;
}

Needs find_needs(const Model& model, const std::vector<VarId>& roots) {
  Needs needs{std::vector<bool>(model.variables.size()), std::vector<bool>(model.variables.size())};
  std::vector<VarId> open, found;
  auto mark = [&](std::vector<bool>& marks, VarId id) {
    if (!marks[id.index]) {
      marks[id.index] = true;
      open.push_back(id);
    }
  };
  auto mark_reads = [&](std::vector<bool>& marks, const std::vector<Piece>& pieces) {
    found.clear();
    for (const Piece& piece : pieces) collect_reads(model, piece.value, found);
    for (VarId id : found) mark(marks, id);
  };
  for (VarId root : roots) mark(needs.variable, root);
  while (!open.empty()) {
    const Variable& variable = model[open.back()];
    open.pop_back();
    for (const auto* pieces :
         {&variable.pieces, &variable.initial, &variable.second, &variable.duration}) {
      mark_reads(needs.variable, *pieces);
    }
  }
  // The starting values of states, and of what their starting values read.
  for (size_t i = 0; i < model.variables.size(); ++i) {
    if (!needs.variable[i]) continue;
    const Variable& variable = model.variables[i];
    const bool has_start =
        variable.kind == VarKind::kStock || variable.kind == VarKind::kPrevious ||
        variable.kind == VarKind::kDelayFixed || variable.kind == VarKind::kInitial;
    if (has_start) mark(needs.initial, VarId(i));
  }
  while (!open.empty()) {
    const Variable& variable = model[open.back()];
    open.pop_back();
    mark_reads(needs.initial, variable.initial.empty() ? variable.pieces : variable.initial);
    mark_reads(needs.initial, variable.second);
    mark_reads(needs.initial, variable.duration);
  }
  return needs;
}

namespace {

// Who reads the value of each expression, and after them of each variable: expressions, and after
// them variables.
class Readers {
 public:
  explicit Readers(const Model& model)
      : first_(model.exprs.size() + model.variables.size() + 1, 0) {
    visit(model, [&](size_t from, size_t) { ++first_[from + 1]; });
    for (size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
    readers_.resize(first_.back());
    std::vector<uint32_t> next(first_.begin(), first_.end() - 1);
    visit(model, [&](size_t from, size_t reader) {
      readers_[next[from]++] = static_cast<uint32_t>(reader);
    });
  }

  std::span<const uint32_t> of(size_t node) const {
    return std::span(readers_).subspan(first_[node], first_[node + 1] - first_[node]);
  }

 private:
  template <class Read>
  static void visit(const Model& model, Read read) {
    const size_t exprs = model.exprs.size();
    for (size_t i = 0; i < exprs; ++i) {
      const model::Expr& expr = model.exprs[i];
      if (auto* load = std::get_if<model::Load>(&expr.node)) read(exprs + load->variable.index, i);
      model::for_each_child(expr, [&](ExprId child) { read(child.index, i); });
    }
    for (size_t i = 0; i < model.variables.size(); ++i) {
      for (const Piece& piece : model.variables[i].pieces) read(piece.value.index, exprs + i);
    }
  }

  std::vector<uint32_t> first_, readers_;
};

}  // namespace

Ranks::Ranks(const Model& model, const std::vector<bool>& sampled, bool time_table)
    : model_(model),
      sampled_(sampled),
      // Between the stages of a Runge-Kutta step the time is not one of the table's.
      now_(time_table && model.clock.method == model::Clock::Method::kEuler ? Rank::kTime
                                                                            : Rank::kStep),
      step_time_(time_table ? Rank::kTime : Rank::kStep),
      variables_(model.variables.size(), Rank::kRun),
      exprs_(model.exprs.size(), Rank::kRun) {
  // Ranks only rise, and what reads something is looked at again when that has risen.
  const Readers readers(model);
  const size_t exprs = exprs_.size(), all = exprs + variables_.size();
  std::vector<uint32_t> open(all);
  for (size_t i = 0; i < all; ++i) open[i] = static_cast<uint32_t>(all - 1 - i);
  std::vector<bool> waits(all, true);
  while (!open.empty()) {
    const uint32_t node = open.back();
    open.pop_back();
    waits[node] = false;
    Rank& known = node < exprs ? exprs_[node] : variables_[node - exprs];
    const Rank rank =
        join(known, node < exprs ? rank_of(ExprId(node)) : rank_of(model.variables[node - exprs]));
    if (rank == known) continue;
    known = rank;
    for (const uint32_t reader : readers.of(node)) {
      if (!waits[reader]) open.push_back(reader);
      waits[reader] = true;
    }
  }
}

Rank Ranks::rank_of(ExprId id) const {
  const model::Expr& expr = model_[id];
  Rank rank = Rank::kRun;
  if (std::holds_alternative<model::TimeNow>(expr.node)) rank = now_;
  if (std::holds_alternative<model::StepTime>(expr.node)) rank = step_time_;
  if (auto* load = std::get_if<model::Load>(&expr.node)) rank = variables_[load->variable.index];
  model::for_each_child(expr, [&](ExprId child) { rank = join(rank, exprs_[child.index]); });
  return rank;
}

Rank Ranks::rank_of(const Variable& variable) const {
  switch (variable.kind) {
    case VarKind::kData:
      return Rank::kRun;
    case VarKind::kStock:
    case VarKind::kPrevious:
    case VarKind::kDelayFixed:
    case VarKind::kBehind:
    case VarKind::kNoise:
    case VarKind::kTally:
      return Rank::kStep;
    case VarKind::kParam:
    case VarKind::kLet:
    case VarKind::kFlow:
    case VarKind::kInitial:
      break;
  }
  // Another value at the start than in the steps: found anew in both.
  if (!variable.initial.empty()) return Rank::kStep;
  const size_t index = static_cast<size_t>(&variable - model_.variables.data());
  Rank rank = sampled_[index] ? Rank::kDraw : Rank::kRun;
  for (const Piece& piece : variable.pieces) rank = join(rank, exprs_[piece.value.index]);
  // A starting value that needs the clock is found at the start of each draw and then kept.
  if (variable.kind == VarKind::kInitial && rank == Rank::kTime) return Rank::kStep;
  return rank;
}

}  // namespace headrace::ir
