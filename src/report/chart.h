#pragma once

// A fan chart drawn with characters: the median as a line, shades for the middle 5, 8 and 9 in
// 10 futures around it. Blocks survive copy and paste; `ascii` draws the same with `.:#-`.

#include <string>
#include <vector>

#include "report/layout.h"

namespace headrace::report {

// The quantiles of one quantity at one time. A single run has all of them equal.
struct Spread {
  double mean = 0;
  double p5 = 0, p10 = 0, p25 = 0, p50 = 0, p75 = 0, p90 = 0, p95 = 0;
};

struct Fan {
  std::vector<double> times;    // ascending
  std::vector<Spread> spreads;  // one a time
  bool calendar = false;        // times are years
};

// The chart with its axes and a legend, at most `look.width` wide. The vertical axis is
// logarithmic when all values are positive and span more than a factor of 20. Nothing to draw
// (no two times, or no finite value) gives "".
std::string draw(const Fan& fan, const Look& look);

}  // namespace headrace::report
