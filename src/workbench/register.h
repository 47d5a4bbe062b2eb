#pragma once

// The source register of a project as tables of figures, and the numbers in its text that name no
// source: what an audit reads beside the model.

#include <vector>

#include "report/audit_report.h"
#include "workbench/project.h"

namespace headrace::workbench {

// Every row of the files that `source from` names. Columns `low`, `mid`, `high`, `question` and
// `unit` may be missing. The project has been resolved without errors, so the files are there.
std::vector<report::RegisterRow> read_register(Project& project);

// Literals other than 0 and 1 that are the whole of a `let`, of a starting value or of a dated
// clause, and the points of tables, without `from`, `assumed` or `cite`. Params are inputs and
// are audited as such.
std::vector<report::UntoldNumber> untold_numbers(const Project& project);

}  // namespace headrace::workbench
