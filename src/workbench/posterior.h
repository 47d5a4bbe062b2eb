#pragma once

// Posteriors as files: JSON of schema headrace.posterior/1, with what was calibrated and how well,
// the inputs with their priors, and one row of numbers a draw.

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "study/calibration/posterior.h"

namespace headrace::workbench {

std::string posterior_text(const study::Posterior& posterior);

// Errors: no such file, not a posterior, numbers missing.
base::Result<std::shared_ptr<const study::Posterior>> read_posterior(const std::string& path);

// `calibrated to 25 observations`.
std::string in_words(const study::Posterior& posterior);

struct FittedPosterior {
  std::shared_ptr<const study::Posterior> posterior;
  std::vector<std::string> remarks;  // what a person should know of it, one line each
};
// The posterior for this model. Errors besides: it has none of the model's inputs.
base::Result<FittedPosterior> fit_posterior(const std::string& path, const model::Model& model);

}  // namespace headrace::workbench
