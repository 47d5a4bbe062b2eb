#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace headrace::summary {

// Count, mean and spread of the finite values of a column; others are counted apart.
struct Moments {
  uint64_t count = 0;  // finite values
  uint64_t nan_count = 0;
  uint64_t infinite_count = 0;
  double mean = 0;
  double m2 = 0;  // sum of squared distances from the mean
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();

  // With divisor count - 1; 0 for a single value, NaN for none.
  double variance() const;
  double sd() const;
};

// Values are summed in leaves of this many, counted from the first value of the column.
inline constexpr size_t kMomentLeaf = 256;

// The moments of two columns put together.
Moments merge(const Moments& a, const Moments& b);

// The moments of a column: leaves of kMomentLeaf values, merged by a binary tree over their
// indices. The tree depends on the length alone, so the bits do not depend on threads.
Moments moments(std::span<const double> values);

// The root of that tree when the leaves were computed apart: leaves[i] holds the moments of the
// values from i * kMomentLeaf on. Same bits as moments() of the whole column.
Moments combine(std::span<const Moments> leaves);

}  // namespace headrace::summary
