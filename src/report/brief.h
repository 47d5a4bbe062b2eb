#pragma once

// One page on a model for people who decide: its claims as sentences with their odds, the futures
// as charts, what scenarios change, what the answers hang on, who says so.

#include <string>
#include <vector>

#include "report/audit_report.h"
#include "report/compare_report.h"
#include "report/run_report.h"

namespace headrace::report {

struct BriefScenario {
  std::string name, title;
  std::vector<Difference> differences;  // from the base, one a quantity
};

struct Driver {
  AuditedInput input;
  bool guess = false;
};

struct Brief {
  RunReport run;                     // with the series to draw
  std::vector<Quantity> quantities;  // measures of the base that scenarios are compared by
  std::vector<BriefScenario> scenarios;
  size_t scenarios_tried = 0;  // when more were run than are shown
  uint64_t scenario_draws = 0;
  std::vector<Driver> drivers;  // the most influential inputs, whoever answers for them
  size_t sourced = 0, guesses = 0, unsourced = 0;
};

// A page that needs nothing but itself: styles and charts are in it. Made for A4, in print too.
std::string brief_to_html(const Brief& brief);
std::string brief_to_markdown(const Brief& brief);

}  // namespace headrace::report
