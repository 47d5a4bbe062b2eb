#pragma once

#include <string>

#include "workbench/project.h"

namespace headrace::workbench {

// Whether these are no series over time.
bool stays_the_same(const syntax::DataDecl& data);

// The input to replace for `name`. Of `data` it is made first, so that some or all of their numbers
// can be replaced; what another name means stays as it is.
std::string make_settable(Project& project, const std::string& name);

}  // namespace headrace::workbench
