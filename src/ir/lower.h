#pragma once

#include <vector>

#include "ir/program.h"

namespace headrace::ir {

struct LowerOptions {
  std::vector<VarId> outputs;  // variables to save over time
  bool answers = true;         // measures, claims and checks
};

// Translates a model without errors. Cannot fail. What no output, measure, claim or check needs
// is left out; what does not change with draw or time is computed once (ranks).
Program lower(const model::Model& model, const LowerOptions& options);

// The variables whose values a program with these options computes.
std::vector<VarId> needed_variables(const model::Model& model, const LowerOptions& options);

}  // namespace headrace::ir
