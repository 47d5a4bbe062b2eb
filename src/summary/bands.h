#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "summary/moments.h"
#include "summary/quantile.h"
#include "summary/sketch.h"

namespace headrace::summary {

// What is said about one quantity over many draws.
struct Band {
  double mean = 0;                // of the finite values; NaN when there are none
  double sd = 0;                  // of the finite values, divisor n - 1; 0 for one, NaN for none
  std::vector<double> quantiles;  // at the probabilities asked for, in their order; see quantile.h
  size_t finite = 0;
  size_t nan_count = 0;
};

// Keeps its buffers between columns; use one for each thread.
class Summarizer {
 public:
  // `next`: the column that is asked for next, if it is known.
  Band summarize(std::span<const double> values, std::span<const double> probabilities,
                 std::span<const double> next = {});

 private:
  QuantileFinder finder_;
};

Band summarize(std::span<const double> values, std::span<const double> probabilities);

// For columns too long to keep: quantiles from a sketch, with its error, and moments, both of
// the same values.
Band summarize(const Sketch& sketch, const Moments& moments, std::span<const double> probabilities);

}  // namespace headrace::summary
