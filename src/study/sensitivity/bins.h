#pragma once

// Draws sorted into bins by the value of one input, or of several together.

#include <cstdint>
#include <span>
#include <vector>

namespace headrace::study {

struct Bins {
  std::vector<uint32_t> of;  // draw -> bin
  uint32_t count = 0;
};

// The draws in ascending order of their values; equal values by draw.
std::vector<uint32_t> ascending(std::span<const double> values);

// About `count` bins with equally many draws; equal values share a bin.
Bins bin_by(std::span<const double> values, uint32_t count);
// The cells of a grid: one bin for each combination that occurs.
Bins cross(const std::vector<Bins>& bins);

// How many bins `draws` draws bear, and how many for each of `together` inputs in a grid.
uint32_t bins_for(uint64_t draws, size_t together = 1);

// The ranks of the values from 1 on, equal values sharing their mean; NaN stays NaN and has none.
std::vector<double> ranks_of(std::span<const double> values);

// The share of the variance of y that x explains, with a straight line in each bin of x: 1 -
// (within / (n - bins - lines)) / (all / (n - 1)). The divisors take away what bins of pure noise
// would seem to explain, so the share of an input without effect is 0 on average and may be a
// little below. Without x, and in bins where x is the same or infinite, the mean stands for the
// line. Draws whose y is NaN are left out. NaN when fewer than two draws a bin and one a line are
// left; 0 when y does not vary.
double explained_share(const Bins& bins, std::span<const double> y, std::span<const double> x = {});

}  // namespace headrace::study
