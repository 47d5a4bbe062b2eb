#pragma once

#include <cstdint>
#include <span>

namespace headrace::summary {

// In how many draws something holds.
struct Odds {
  uint64_t holds = 0;
  uint64_t count = 0;  // draws that say yes or no; those that failed say neither

  // NaN when there are no draws.
  double share() const;
  // Of the share as an estimate of a probability: sqrt(share (1 - share) / count).
  double standard_error() const;
};

struct Interval {
  double low = 0;
  double high = 0;
};

// The range of probabilities that the share does not contradict at `z` standard errors, after
// Wilson (Journal of the American Statistical Association 22, 1927). Unlike share plus or minus
// error it stays meaningful when all draws agree. [0, 1] when there are no draws.
Interval wilson(const Odds& odds, double z = 1.959963984540054);

// One value a draw: 0 is no, NaN a draw that failed, everything else yes.
Odds odds(std::span<const double> values);

}  // namespace headrace::summary
