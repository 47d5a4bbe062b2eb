#pragma once

// A compiled model with its kernels, for studies that run it many times.

#include <memory>

#include "base/result.h"
#include "study/subject.h"
#include "workbench/workbench.h"

namespace headrace::workbench {

struct Laboratory {
  Compiled compiled;
  std::unique_ptr<run::KernelSource> kernels;
  RunSettings settings;

  // Refers to this laboratory, which must stay where it is.
  study::Subject subject() const {
    return {compiled.model, *compiled.program, *kernels, settings.options};
  }
};

// `expected_draws`, over all runs of the study, helps to choose the back end.
base::Result<Laboratory> equip(Compiled compiled, const RunSettings& settings,
                               uint64_t expected_draws);

}  // namespace headrace::workbench
