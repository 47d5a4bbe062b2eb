#pragma once

// What to watch: each indicator's readings put to each question and to the decision, as columns of
// draws. Readings that came out re-weight the draws first.

#include <optional>
#include <string>
#include <vector>

#include "study/watch/information.h"
#include "study/watch/reading.h"

namespace headrace::study {

struct WatchColumns {
  struct Indicator {
    std::string id;
    std::vector<double> quantity;  // one a draw, NaN where it failed
    ReadingError error;
    bool late = false;  // known only after the decision: worth nothing to it
  };
  struct Question {
    std::vector<double> values;  // one a draw, NaN where it failed; of claims 1 or 0
    bool claim = false;
  };
  std::vector<Indicator> indicators;
  std::vector<Question> questions;
  std::vector<std::vector<double>> utilities;  // [option][draw]; none: nothing to decide
  std::vector<double> log_weights;             // of readings that came out; empty: none
  uint64_t seed = 1;
  unsigned threads = 0;
};

struct Belief {
  double p10 = 0, p50 = 0, p90 = 0;
  double odds = 0;  // of claims
};

struct Watched {
  size_t indicator = 0;  // in WatchColumns::indicators
  Learned learned;
};

struct Watch {
  uint64_t draws = 0;              // that did not fail
  double effective = 0;            // as how many draws they count after the readings
  std::vector<Belief> indicators;  // after the readings, without errors
  struct Answer {
    Belief before, after;
    std::vector<Watched> ranked;  // the most telling first
  };
  std::vector<Answer> questions;
  struct Advice {
    Choice before, after;
    std::vector<Decided> indicators;  // in the order of WatchColumns::indicators
    std::vector<size_t> ranked;
  };
  std::optional<Advice> decision;
};

// Fewer draws than this say nothing.
inline constexpr uint64_t kFewestDraws = 200;

// Nothing when fewer than kFewestDraws are sound, or the readings leave none of them possible.
std::optional<Watch> watch(const WatchColumns& columns);

}  // namespace headrace::study
