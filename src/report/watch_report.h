#pragma once

// What to watch, for people, machines and calendars.

#include <optional>
#include <string>
#include <vector>

#include "report/layout.h"
#include "report/run_report.h"
#include "report/study_context.h"
#include "study/watch/watch.h"

namespace headrace::report {

struct WatchReport {
  struct Indicator {
    std::string id, title, reads, unit, source, note;
    model::Type type = model::Type::kNumber;
    std::string next;  // ISO date of the next reading, "" when none is known to come
    int every_months = 0;
    bool exact = true;  // read without error
    bool late = false;  // comes out after the decision
  };
  struct Question {
    std::string name, title, unit;
    model::Type type = model::Type::kNumber;
    bool claim = false;
    // The odds of a claim that holds in (nearly) all futures or none; then the question is about
    // what it measures, and `claim` is false.
    std::optional<double> sure = {};
    std::string measure = {};
  };
  struct Decision {
    std::string id, title, utility, unit;
    bool minimise = false;  // utilities are negative: of what should be small
    std::vector<std::string> options;
  };

  Context context;
  std::string as_of, by;              // ISO dates; `by` may be empty
  std::vector<std::string> readings;  // what came out, in words
  std::vector<Indicator> indicators;
  std::vector<Question> questions;
  std::optional<Decision> decision;
  study::Watch watch;     // indicators and questions in the same order
  bool overview = false;  // nothing was asked: all claims in one table
  size_t top = 5;         // lines a question to show to people; 0: all
};

std::string render(const WatchReport& report, const Look& look);
std::string to_csv(const WatchReport& report);
std::string to_markdown(const WatchReport& report);
std::string to_json(const WatchReport& report);  // schema headrace.watch/1
// The next readings as RFC 5545 events of a whole day, repeated as they are. Their stamp is
// midnight of `as_of`, so the same watch gives the same bytes.
std::string to_ics(const WatchReport& report);

}  // namespace headrace::report
