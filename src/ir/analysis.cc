#include "ir/analysis.h"

#include <algorithm>

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

Ranks::Ranks(const Model& model, const std::vector<bool>& sampled, bool time_table)
    : model_(model),
      sampled_(sampled),
      // Between the stages of a Runge-Kutta step the time is not one of the table's.
      now_(time_table && model.clock.method == model::Clock::Method::kEuler ? Rank::kTime
                                                                            : Rank::kStep),
      step_time_(time_table ? Rank::kTime : Rank::kStep),
      variables_(model.variables.size(), Rank::kRun),
      exprs_(model.exprs.size(), Rank::kRun) {
  // Ranks only rise, so this ends; a few rounds do, since most variables follow their sources.
  for (bool changed = true; changed;) {
    changed = false;
    rank_exprs();
    for (size_t i = 0; i < variables_.size(); ++i) {
      const Rank rank = join(variables_[i], rank_of(model.variables[i]));
      changed |= rank != variables_[i];
      variables_[i] = rank;
    }
  }
}

// Children come before their parents in `exprs`, except where the model was built otherwise; the
// rounds above even that out.
void Ranks::rank_exprs() {
  for (size_t i = 0; i < exprs_.size(); ++i) {
    const model::Expr& expr = model_.exprs[i];
    Rank rank = exprs_[i];
    if (std::holds_alternative<model::TimeNow>(expr.node)) rank = now_;
    if (std::holds_alternative<model::StepTime>(expr.node)) rank = step_time_;
    if (auto* load = std::get_if<model::Load>(&expr.node)) {
      rank = join(rank, variables_[load->variable.index]);
    }
    model::for_each_child(expr, [&](ExprId child) { rank = join(rank, exprs_[child.index]); });
    exprs_[i] = rank;
  }
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
