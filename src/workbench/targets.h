#pragma once

// What a study asks about, as written on the command line: a variable at a moment, a measure, a
// claim (then what it measures is meant), or an expression as a measure has it.

#include <string>

#include "base/result.h"
#include "study/subject.h"
#include "workbench/project.h"

namespace headrace::workbench {

struct AskedTarget {
  std::string word;     // as written
  std::string at;       // the moment, when one was given
  std::string measure;  // name of the measure that holds the answer; "" for a claim
  std::string claim;    // id, else ""
};

// Puts the question to the project, before it is resolved. `at` may be empty: the end of the run.
// A word that is nothing in the model is kNotFound; a moment for what has one already, and an
// array without its element, are kUsage.
base::Result<AskedTarget> ask_target(Project& project, const std::string& written,
                                     const std::string& at);

// A condition whose odds and draws a study reads, as a claim.
AskedTarget ask_condition(Project& project, const std::string& option, const std::string& text);

// Where the answer stands in the model that was resolved from the project that was asked.
base::Result<study::Target> find_target(const model::Model& model, const AskedTarget& asked);

}  // namespace headrace::workbench
