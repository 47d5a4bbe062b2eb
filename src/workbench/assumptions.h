#pragma once

// What scenarios change, in the words of the model's text.

#include <string>
#include <vector>

#include "workbench/project.h"

namespace headrace::workbench {

// An input that at least one of several versions sets, with its value as written in each; the
// model's own value where a version leaves it alone.
struct ChangedInput {
  std::string name;                 // with members and date: `policy[H20] from 2027-01-01`
  std::vector<std::string> values;  // one a version
};

// Each version is a stack of scenario names that exist. Scenarios named by `on` count too.
std::vector<ChangedInput> changed_inputs(const Project& project,
                                         const std::vector<std::vector<std::string>>& versions);

// What a stack of scenarios sets for the quantities called `names` alone, in the order in which
// the scenarios apply.
std::vector<syntax::OverlayEntry> entries_for(const Project& project,
                                              const std::vector<std::string>& scenarios,
                                              const std::vector<std::string>& names);

}  // namespace headrace::workbench
