#pragma once

// What studies put their questions to: a compiled model that runs at any inputs, as often as
// they like.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ir/program.h"
#include "model/model.h"
#include "run/run.h"

namespace headrace::study {

using Columns = std::vector<std::vector<double>>;  // [column][draw]

// Everything belongs to the caller and outlives the study. The kernels are used again in each run.
struct Subject {
  const model::Model& model;
  const ir::Program& program;  // saves what the study reads over time; only answers: the cheap case
  run::KernelSource& kernels;
  run::RunOptions options;  // `draws`, `first_draw`, `given` and `progress` are set by each study
};

// Which of the runs of a study this is, for its progress.
struct Part {
  size_t index = 0, count = 1;
};

// One run, at these values of the inputs (one column a Model::inputs, all equally long). Noise is
// keyed by the draws from `first_draw` on, so two runs with the same one share their noise.
base::Result<std::optional<run::RunResult>> run_at(const Subject& subject, const Columns& inputs,
                                                   uint64_t draws, uint64_t first_draw = 0,
                                                   Part part = {});

// A number of each draw that a study asks about.
struct Target {
  enum class Kind { kMeasure, kClaim };
  Kind kind = Kind::kMeasure;
  uint32_t index = 0;  // in Model::measures or Model::claims
};
const std::vector<double>& values_of(const run::RunResult& result, const Target& target);
bool any_infinite(std::span<const double> values);
// What studies say of an output that is "never" in some draws, and so has no such thing.
base::Error infinite_output(const std::string& lacks);
model::ExprId expression_of(const model::Model& model, const Target& target);

// Inputs that are moved together, because the model correlates them; mostly one alone.
struct Factor {
  std::string name;  // "a", "a + b"
  std::vector<uint32_t> inputs;
};

// The inputs that an expression or a variable depends on, near or far, as factors in the model's
// order. A group counts as a whole when one of its members does.
std::vector<Factor> factors_behind(const model::Model& model,
                                   const std::vector<model::VarId>& roots);
std::vector<Factor> factors_behind(const model::Model& model, model::ExprId root);

}  // namespace headrace::study
