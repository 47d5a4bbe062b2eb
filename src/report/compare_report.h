#pragma once

// Two to four versions of one model on the same draws: each answer, and how it differs from the
// first version in each draw.

#include <string>
#include <vector>

#include "report/layout.h"
#include "report/run_report.h"

namespace headrace::report {

struct Difference {
  Spread spread;      // of later minus first, draw by draw
  double higher = 0;  // share of draws in which the later one is higher
  double lower = 0;   // and lower; the rest are equal
};

struct ComparedQuantity {
  std::string name, title, unit, at;
  model::Type type = model::Type::kNumber;
  std::vector<Spread> values;           // one a version
  std::vector<Difference> differences;  // one for each version after the first
};

struct Assumption {  // an input that is not the same in all versions
  std::string name;
  std::vector<std::string> values;  // as written, one a version
};

struct CompareReport {
  Context context;                    // of the first version
  std::vector<std::string> versions;  // names
  std::vector<ComparedQuantity> quantities;
  std::vector<Assumption> assumptions;
};

// The reports must come from runs of one model with kept draws, number and seed of draws equal.
CompareReport make_compare_report(const std::vector<std::string>& versions,
                                  const std::vector<RunReport>& reports,
                                  std::vector<Assumption> assumptions);

std::string render(const CompareReport& report, const Look& look);
std::string to_csv(const CompareReport& report);
std::string to_markdown(const CompareReport& report);

}  // namespace headrace::report
