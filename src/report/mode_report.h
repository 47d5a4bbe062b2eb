#pragma once

// The most likely values of the inputs, for people and machines.

#include <string>
#include <vector>

#include "report/layout.h"
#include "report/run_report.h"

namespace headrace::report {

struct ModeReport {
  struct Input {
    std::string name, unit;
    double before = 0;  // the median of its distribution
    double value = 0;
    double score = 0;  // how many standard deviations from there, in normal scores
  };
  struct Observation {
    std::string text, unit;
    double reading = 0;  // NaN: an opinion or a limit
    double value = 0;    // of the model
  };
  Context context;
  std::vector<Input> inputs;
  std::vector<Observation> observations;
  double log_likelihood = 0;
  size_t agreeing = 0, starts = 0;
};

std::string render(const ModeReport& report, const Look& look);
std::string to_csv(const ModeReport& report);  // one row an input
std::string to_markdown(const ModeReport& report);
std::string to_json(const ModeReport& report);  // schema headrace.mode/1

}  // namespace headrace::report
