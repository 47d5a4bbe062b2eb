#pragma once

// What the lowering knows before it writes code: which variables are needed, and how often each
// expression has to be computed.

#include <vector>

#include "ir/program.h"

namespace headrace::ir {

// The variables that an expression reads, appended to `reads` (repeats possible).
void collect_reads(const model::Model& model, model::ExprId expr, std::vector<VarId>& reads);

// The indexes that an expression uses and does not bind itself, each once, in order of first use.
std::vector<model::IndexId> free_indexes(const model::Model& model, model::ExprId expr);

struct Needs {
  std::vector<bool> variable;  // needed at some time
  std::vector<bool> initial;   // needed to find the starting values
};

// Everything that the roots need, directly or through others.
Needs find_needs(const model::Model& model, const std::vector<VarId>& roots);

// How often each variable and expression has to be computed.
class Ranks {
 public:
  // With `time_table` false nothing is kept in the table of time: kTime becomes kStep.
  Ranks(const model::Model& model, const std::vector<bool>& sampled, bool time_table);

  Rank operator[](VarId id) const { return variables_[id.index]; }
  Rank operator[](model::ExprId id) const { return exprs_[id.index]; }

 private:
  Rank rank_of(const model::Variable& variable) const;
  Rank rank_of(model::ExprId id) const;

  const model::Model& model_;
  const std::vector<bool>& sampled_;
  Rank now_, step_time_;
  std::vector<Rank> variables_, exprs_;
};

}  // namespace headrace::ir
