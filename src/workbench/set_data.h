#pragma once

#include <string>

#include "base/result.h"
#include "workbench/project.h"

namespace headrace::workbench {

// Makes numbers of `data` that stay the same through a run an input, so that some or all of them
// can be replaced; what another name means stays as it is. Errors: data that are a series over
// time.
base::Result<void> make_settable(Project& project, const std::string& name);

}  // namespace headrace::workbench
