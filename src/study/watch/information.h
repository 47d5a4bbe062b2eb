#pragma once

// What a reading would tell, judged from draws of the reading and of what one wants to know.
//
// The draws are sorted into bins of equal size by the reading; the draws of a bin stand for what
// one would believe after such a reading. A reading with an error is a draw of the reading, error
// included, so the same bins give the value of perfect information about a quantity (EVPPI) and of
// a sample of it (EVSI): Strong and Oakley, Med. Decis. Making 33, 2013; Strong, Oakley, Brennan
// and Breeze, Med. Decis. Making 35, 2015. See docs/methods/watch.md.

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "study/sensitivity/bins.h"

namespace headrace::study {

// Readings from which on the answer changes: all above `reading`, or all below it.
struct Tripwire {
  bool there = false;
  bool above = true;
  double reading = std::numeric_limits<double>::quiet_NaN();
  double chance = 0;    // that the reading lies there
  uint32_t option = 0;  // decisions: what is best there
};

// What would be learned about a number of each draw.
struct Learned {
  // The share of its variance that the reading is expected to take away, 0 to 1; where some draws
  // are infinite, of the variance of its rank.
  double worth = 0;
  // With half and twice as many bins it differs by less than a fifth.
  bool steady = true;
  // Numbers: the share by which the reading is expected to narrow the middle 8 in 10. Claims: by
  // how much it is expected to move the odds, as a standard deviation.
  double narrowing = 0;
  // Its median, or for claims the odds, in the tenth of the draws around the reading's 10 % and
  // 90 % quantiles.
  double if_low = 0, if_high = 0;
  // Numbers: where its median leaves the middle half of what is believed now. Claims: where the
  // odds cross one half.
  Tripwire tripwire;
};

// Readings, one a draw and without NaN, in order and in bins; made once for all questions.
struct SortedReadings {
  std::vector<double> values;
  std::vector<uint32_t> order;                 // ascending
  Bins fewer, bins, more;                      // half, all and twice as many
  std::vector<std::vector<uint32_t>> members;  // of `bins`
};
SortedReadings sorted(std::vector<double> readings);

// Of the same draws, without NaN. `claim`: the target is 1 where it holds, else 0.
Learned learn(const SortedReadings& readings, std::span<const double> target, bool claim);

// What knowing the reading before choosing would add to the utility.
struct Decided {
  // One half of the draws chooses in each bin and the other half pays for it, so that noise earns
  // nothing; not below 0.
  double worth = 0, error = 0;  // with its standard error
  bool steady = true;
  uint32_t if_low = 0, if_high = 0;  // the best option in the tenth around those quantiles
  Tripwire tripwire;
};

// `utilities`: [option][draw], finite.
Decided decide(const SortedReadings& readings, const std::vector<std::vector<double>>& utilities);

// The decision as it stands.
struct Choice {
  uint32_t best = 0;
  std::vector<double> mean;     // utility of each option
  std::vector<double> best_in;  // share of the draws in which each option is the best
  double perfect = 0;           // what knowing everything would add
};
Choice choose(const std::vector<std::vector<double>>& utilities);

}  // namespace headrace::study
