#pragma once

// Posteriors as files: JSON of schema headrace.posterior/1, with what was calibrated and how well,
// the inputs with their priors, and one row of numbers a draw.

#include <memory>
#include <string>

#include "base/result.h"
#include "study/calibration/posterior.h"

namespace headrace::workbench {

std::string posterior_text(const study::Posterior& posterior);

// Errors: no such file, not a posterior, numbers missing.
base::Result<std::shared_ptr<const study::Posterior>> read_posterior(const std::string& path);

}  // namespace headrace::workbench
