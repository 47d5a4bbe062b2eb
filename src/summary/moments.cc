// Moments without cancellation and without dependence on threads.
//
// A leaf of 256 values is read twice, for the mean and then for the squared distances from it,
// with the correction of both for the rounding of the mean (Chan, Golub and LeVeque, "Algorithms
// for Computing the Sample Variance", The American Statistician 37, 1983, eq. 1.7). Two sets of
// moments merge by the formulas of the same paper (eq. 2.1). The merges follow a binary tree over
// the leaves' indices, cut at the largest power of two below the length, so the error grows as the
// logarithm of the length and the result is a function of the column alone.

#include "summary/moments.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "summary/wide.h"

namespace headrace::summary {
namespace {

constexpr size_t kLanes = 8;

using Lanes = std::array<double, kLanes>;

HEADRACE_WIDE_BODY double across(const Lanes& lanes) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
         ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

// Eight running sums, added up in a fixed order.
template <class Term>
HEADRACE_WIDE_BODY double sum(const double* values, size_t n, Term term) {
  Lanes lanes{};
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) lanes[k] += term(values[i + k]);
  }
  for (size_t k = 0; i < n; ++i, ++k) lanes[k] += term(values[i]);
  return across(lanes);
}

struct Spread {
  double squares = 0, rest = 0;  // of the distances from the mean
  double min = HUGE_VAL, max = -HUGE_VAL;
};

// All in one reading, each sum in its own eight lanes.
HEADRACE_WIDE_BODY Spread spread_body(const double* values, size_t n, double mean) {
  Lanes squares{}, rest{}, low, high;
  low.fill(HUGE_VAL);
  high.fill(-HUGE_VAL);
  const auto take = [&](size_t k, double x) {
    const double distance = x - mean;
    squares[k] += distance * distance;
    rest[k] += distance;
    low[k] = x < low[k] ? x : low[k];
    high[k] = x > high[k] ? x : high[k];
  };
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) take(k, values[i + k]);
  }
  for (size_t k = 0; i < n; ++i, ++k) take(k, values[i]);
  return {across(squares), across(rest), std::ranges::min(low), std::ranges::max(high)};
}

HEADRACE_WIDE(double, total_of, (const double* values, size_t n),
              sum(values, n, [](double x) { return x; }))
HEADRACE_WIDE(Spread, spread_of, (const double* values, size_t n, double mean),
              spread_body(values, n, mean))

// `total` is the sum of the values, all finite; it may have overflowed.
Moments of_finite(std::span<const double> values, double total) {
  Moments m;
  m.count = values.size();
  if (m.count == 0) return m;
  const auto n = static_cast<double>(m.count);
  m.mean = std::isfinite(total)
               ? total / n
               : sum(values.data(), values.size(), [n](double x) { return x / n; });
  const Spread spread = spread_of(values.data(), values.size(), m.mean);
  if (std::isfinite(spread.rest)) m.mean += spread.rest / n;
  m.m2 = std::isfinite(spread.squares)
             ? std::max(0.0, spread.squares - spread.rest * spread.rest / n)
             : HUGE_VAL;
  m.min = spread.min + 0.0;  // -0 becomes +0
  m.max = spread.max + 0.0;
  return m;
}

Moments leaf(std::span<const double> values) {
  const double total = total_of(values.data(), values.size());
  if (std::isfinite(total)) return of_finite(values, total);  // so every value is
  std::array<double, kMomentLeaf> finite;
  size_t count = 0;
  size_t nans = 0;
  for (double x : values) {
    if (std::isfinite(x)) finite[count++] = x;
    nans += std::isnan(x);
  }
  const std::span<const double> sound(finite.data(), count);
  Moments m = of_finite(sound, total_of(sound.data(), sound.size()));
  m.nan_count = nans;
  m.infinite_count = values.size() - count - nans;
  return m;
}

}  // namespace

double Moments::variance() const {
  if (count == 0) return std::numeric_limits<double>::quiet_NaN();
  return count == 1 ? 0 : m2 / static_cast<double>(count - 1);
}

double Moments::sd() const { return std::sqrt(variance()); }

Moments merge(const Moments& a, const Moments& b) {
  Moments m;
  m.count = a.count + b.count;
  m.nan_count = a.nan_count + b.nan_count;
  m.infinite_count = a.infinite_count + b.infinite_count;
  m.min = std::min(a.min, b.min);
  m.max = std::max(a.max, b.max);
  if (a.count == 0 || b.count == 0) {
    m.mean = a.count == 0 ? b.mean : a.mean;
    m.m2 = a.count == 0 ? b.m2 : a.m2;
    return m;
  }
  const double part_a = static_cast<double>(a.count) / static_cast<double>(m.count);
  const double part_b = static_cast<double>(b.count) / static_cast<double>(m.count);
  const double distance = b.mean - a.mean;
  const bool far = !std::isfinite(distance);
  m.mean = far ? a.mean * part_a + b.mean * part_b : a.mean + distance * part_b;
  // The count is last in the product: the square of a small distance must not vanish first.
  m.m2 = a.m2 + b.m2 + distance * (distance * part_a) * static_cast<double>(b.count);
  return m;
}

Moments moments(std::span<const double> values) {
  if (values.size() <= kMomentLeaf) return leaf(values);
  const size_t leaves = (values.size() + kMomentLeaf - 1) / kMomentLeaf;
  const size_t left = std::bit_floor(leaves - 1) * kMomentLeaf;
  return merge(moments(values.first(left)), moments(values.subspan(left)));
}

Moments combine(std::span<const Moments> leaves) {
  if (leaves.empty()) return {};
  if (leaves.size() == 1) return leaves[0];
  const size_t left = std::bit_floor(leaves.size() - 1);
  return merge(combine(leaves.first(left)), combine(leaves.subspan(left)));
}

}  // namespace headrace::summary
