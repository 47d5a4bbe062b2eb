#pragma once

// What the commands about law share.

#include <memory>
#include <string>

#include "cli/arguments.h"
#include "workbench/classify.h"
#include "workbench/rulings.h"

namespace headrace::cli {

using workbench::kNoAdvice;

struct LawSession {
  std::unique_ptr<workbench::LawBook> law;
  std::unique_ptr<workbench::Classifier> classifier;
};

// The rules of -m, or the built-in ones. Prints what is wrong with them and ends.
LawSession open_law(const Arguments& args);
// The code of a chip or a country, or the end of the command with the nearest names.
int code_or_end(const workbench::Classifier& classifier, const char* fact, const std::string& word);
// A figure as people read it: 2368, 2.91, `4600 to 5000`, `unknown`.
std::string figure(const std::optional<rules::Interval>& value);
std::string day(double years);
double day_or_end(const std::string& text);
double today();

}  // namespace headrace::cli
