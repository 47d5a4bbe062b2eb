#pragma once

// Where levers serve best over all futures, for people and machines.

#include <string>
#include <vector>

#include "report/layout.h"
#include "report/run_report.h"
#include "report/study_context.h"

namespace headrace::report {

struct OptimiseReport {
  struct Lever {
    std::string name, unit;
    double low = 0, high = 0;  // where it may be
    double now = 0, best = 0;
    double flat_low = 0, flat_high = 0;  // where it is nearly as good
  };
  struct Condition {
    std::string text;
    double value = 0;
    bool holds = true;
  };
  // One scenario with its levers.
  struct Option {
    std::string name;
    std::vector<Lever> levers;
    double score = 0, score_now = 0;    // on the draws of the search
    double error = 0;                   // a standard error of the score
    bool possible = true;               // all conditions hold
    bool confirmed = false;             // on fresh draws; not: nothing is known of these
    Spread now, best;                   // on fresh draws
    double gain = 0, gain_error = 0;    // mean of the best less now, draw by draw
    double better_in = 0;               // share of draws in which it is larger
    std::vector<Condition> conditions;  // on fresh draws
    double best_in = 0;  // share of the fresh draws in which no other option serves better
    size_t agreeing = 0, starts = 0;
  };

  Context context;
  std::string objective, title, unit, aim;  // aim: `mean`, `p10`, `regret`
  bool minimise = false, claim = false;
  std::vector<Option> options;  // the best first
  uint64_t trials = 0;
  size_t among = 1;      // how many options there are; fewer are known when stopped
  bool stopped = false;  // the last option is the best until then
};

std::string render(const OptimiseReport& report, const Look& look);
std::string to_csv(const OptimiseReport& report);
std::string to_markdown(const OptimiseReport& report);
std::string to_json(const OptimiseReport& report);  // schema headrace.optimise/1

}  // namespace headrace::report
