#pragma once

// Questions that are put to a model from outside its text: an output at a moment, a statement
// that must be true. Each becomes a measure or a claim in the project's tree, so that the model's
// own rules for units, time and arrays answer it. Ask before resolving.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "report/run_report.h"
#include "workbench/project.h"

namespace headrace::workbench {

// `x@2030` as `x at 2030`, on one line.
std::string in_the_language(std::string_view text);

// Every output at every moment, as measures that the report turns into rows. Names are checked
// when the model is resolved.
base::Result<std::vector<report::AskedMoment>> ask_moments(Project& project,
                                                           const std::vector<std::string>& outputs,
                                                           const std::vector<std::string>& moments);

// `p(gap@2030 > 5) >= 0.8`, `median(gap@2030) < 3`: a statistic of a claim or a measure, compared
// with a number.
struct Assertion {
  enum class Statistic { kOdds, kMean, kP5, kP10, kP25, kP50, kP75, kP90, kP95 };
  enum class Comparison { kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual };

  std::string text;  // as written
  std::string name;  // of the claim or measure that holds the answer
  Statistic statistic = Statistic::kOdds;
  Comparison comparison = Comparison::kGreaterEqual;
  double bound = 0;
};

base::Result<Assertion> ask_assertion(Project& project, const std::string& text);

struct Verdict {
  bool holds = false;
  double value = 0;  // of the statistic
};
// The model and the result must come from the project that was asked.
Verdict judge(const Assertion& assertion, const model::Model& model, const run::RunResult& result);

}  // namespace headrace::workbench
