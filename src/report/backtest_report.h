#pragma once

// How well a model would have done at earlier dates, for people and machines.

#include <string>
#include <vector>

#include "report/layout.h"
#include "report/run_report.h"
#include "report/study_context.h"
#include "study/backtest/backtest.h"

namespace headrace::report {

struct BacktestReport {
  struct Outcome {
    std::string text, unit;
    study::Outcome scores;
  };
  struct Origin {
    std::string date, until;
    size_t known = 0;  // observations that the model was given
    size_t unscored = 0;
    bool calibrated = false, converged = false;  // not calibrated: nothing was known
    double rhat = 0, ess = 0;
    std::vector<Outcome> outcomes;
  };
  Context context;
  std::vector<Origin> origins;
  size_t asked = 0;  // origins; more than there are when stopped
};

// Of all outcomes of one origin, or of several.
struct BacktestSummary {
  size_t outcomes = 0;
  size_t in50 = 0, in80 = 0, in90 = 0;
  double crps = 0, crps_prior = 0;  // means
  double log_score = 0, log_prior = 0;
  size_t compared = 0;  // with the naive forecast; the means below are of these
  double crps_there = 0, crps_naive = 0, log_there = 0, log_naive = 0;
};
BacktestSummary summarize(const std::vector<BacktestReport::Origin>& origins);

std::string render(const BacktestReport& report, const Look& look);
std::string to_csv(const BacktestReport& report);  // one row an outcome
std::string to_markdown(const BacktestReport& report);
std::string to_json(const BacktestReport& report);  // schema headrace.backtest/1

}  // namespace headrace::report
