#pragma once

// The highest point of prior * likelihood in the space of calibration, by L-BFGS (NLopt's, after
// Nocedal 1980) from several starts. The gradient is that of central differences, all of whose
// points are evaluated in one call.

#include <optional>

#include "study/calibration/population.h"

namespace headrace::study {

struct ModeOptions {
  size_t starts = 6;         // the best points of `from`
  size_t evaluations = 200;  // of the gradient, for each start
};

struct Mode {
  std::vector<double> z;
  double log_likelihood = 0;
  size_t agreeing = 0;  // starts that ended within 0.01 of the highest log density
  size_t starts = 0;
};

// Nothing when stopped.
base::Result<std::optional<Mode>> find_mode(const Population& from, const ModeOptions& options,
                                            const LogLikelihood& likelihood);

}  // namespace headrace::study
