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
#include <cstring>
#include <vector>

#include "summary/wide.h"

namespace headrace::summary {
namespace {

constexpr size_t kLanes = 8;
// Whole leaves that are read side by side: each addition waits for the one before it in its leaf.
constexpr size_t kBeside = 4;

// Eight numbers side by side, in as few registers as the processor has for them.
typedef double Lanes [[gnu::vector_size(kLanes * sizeof(double))]];

HEADRACE_WIDE_BODY Lanes lanes_at(const double* values) {
  Lanes lanes;
  std::memcpy(&lanes, values, sizeof lanes);
  return lanes;
}

HEADRACE_WIDE_BODY double across(Lanes lanes) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
         ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

HEADRACE_WIDE_BODY Lanes least(Lanes a, Lanes b) { return a < b ? a : b; }
HEADRACE_WIDE_BODY Lanes greatest(Lanes a, Lanes b) { return a > b ? a : b; }

// The one that remains when halves are compared.
template <class Better>
HEADRACE_WIDE_BODY double best(Lanes lanes, Better better) {
  lanes = better(lanes, __builtin_shufflevector(lanes, lanes, 4, 5, 6, 7, 0, 1, 2, 3));
  lanes = better(lanes, __builtin_shufflevector(lanes, lanes, 2, 3, 0, 1, 6, 7, 4, 5));
  lanes = better(lanes, __builtin_shufflevector(lanes, lanes, 1, 0, 3, 2, 5, 4, 7, 6));
  return lanes[0];
}

// Eight running sums, added up in a fixed order.
template <class Term>
HEADRACE_WIDE_BODY double sum(const double* values, size_t n, Term term) {
  Lanes lanes{};
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) lanes += term(lanes_at(values + i));
  for (size_t k = 0; i < n; ++i, ++k) lanes[k] += term(values[i]);
  return across(lanes);
}

struct Spread {
  double squares = 0, rest = 0;  // of the distances from the mean
  double min = HUGE_VAL, max = -HUGE_VAL;
};

// All in one reading, each sum in its own eight lanes.
struct SpreadLanes {
  Lanes squares = {}, rest = {}, low = HUGE_VAL - Lanes{}, high = Lanes{} - HUGE_VAL;

  HEADRACE_WIDE_BODY void take(Lanes x, double mean) {
    const Lanes distance = x - mean;
    squares += distance * distance;
    rest += distance;
    low = least(x, low);
    high = greatest(x, high);
  }
  HEADRACE_WIDE_BODY void take(size_t k, double x, double mean) {
    const double distance = x - mean;
    squares[k] += distance * distance;
    rest[k] += distance;
    low[k] = x < low[k] ? x : low[k];
    high[k] = x > high[k] ? x : high[k];
  }
  HEADRACE_WIDE_BODY Spread result() const {
    return {across(squares), across(rest), best(low, [](Lanes a, Lanes b) { return least(a, b); }),
            best(high, [](Lanes a, Lanes b) { return greatest(a, b); })};
  }
};

HEADRACE_WIDE_BODY Spread spread_body(const double* values, size_t n, double mean) {
  SpreadLanes lanes;
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) lanes.take(lanes_at(values + i), mean);
  for (size_t k = 0; i < n; ++i, ++k) lanes.take(k, values[i], mean);
  return lanes.result();
}

HEADRACE_WIDE_BODY void totals_body(const double* values, double* totals) {
  Lanes lanes[kBeside] = {};
  for (size_t i = 0; i < kMomentLeaf; i += kLanes) {
#pragma GCC unroll 8
    for (size_t leaf = 0; leaf < kBeside; ++leaf)
      lanes[leaf] += lanes_at(values + leaf * kMomentLeaf + i);
  }
#pragma GCC unroll 8
  for (size_t leaf = 0; leaf < kBeside; ++leaf) totals[leaf] = across(lanes[leaf]);
}

HEADRACE_WIDE_BODY void spreads_body(const double* values, const double* means, Spread* spreads) {
  SpreadLanes lanes[kBeside];
  for (size_t i = 0; i < kMomentLeaf; i += kLanes) {
#pragma GCC unroll 8
    for (size_t leaf = 0; leaf < kBeside; ++leaf)
      lanes[leaf].take(lanes_at(values + leaf * kMomentLeaf + i), means[leaf]);
  }
#pragma GCC unroll 8
  for (size_t leaf = 0; leaf < kBeside; ++leaf) spreads[leaf] = lanes[leaf].result();
}

HEADRACE_WIDE(double, total_of, (const double* values, size_t n),
              sum(values, n, [](auto x) { return x; }))
HEADRACE_WIDE(Spread, spread_of, (const double* values, size_t n, double mean),
              spread_body(values, n, mean))
// The same of `kBeside` whole leaves.
HEADRACE_WIDE(void, totals_of, (const double* values, double* totals), totals_body(values, totals))
HEADRACE_WIDE(void, spreads_of, (const double* values, const double* means, Spread* spreads),
              spreads_body(values, means, spreads))

Moments from_spread(size_t count, double mean, const Spread& spread) {
  Moments m;
  m.count = count;
  m.mean = mean;
  const auto n = static_cast<double>(count);
  if (std::isfinite(spread.rest)) m.mean += spread.rest / n;
  m.m2 = std::isfinite(spread.squares)
             ? std::max(0.0, spread.squares - spread.rest * spread.rest / n)
             : HUGE_VAL;
  m.min = spread.min + 0.0;  // -0 becomes +0
  m.max = spread.max + 0.0;
  return m;
}

// `total` is the sum of the values, all finite; it may have overflowed.
Moments of_finite(std::span<const double> values, double total) {
  if (values.empty()) return {};
  const auto n = static_cast<double>(values.size());
  const double mean = std::isfinite(total)
                          ? total / n
                          : sum(values.data(), values.size(), [n](auto x) { return x / n; });
  return from_spread(values.size(), mean, spread_of(values.data(), values.size(), mean));
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

// Adds the moments of `kBeside` whole leaves, unless they may hold what is not finite.
bool leaves_beside(const double* values, std::vector<Moments>& leaves) {
  double totals[kBeside], means[kBeside];
  totals_of(values, totals);
  for (size_t i = 0; i < kBeside; ++i) {
    if (!std::isfinite(totals[i])) return false;
    means[i] = totals[i] / static_cast<double>(kMomentLeaf);
  }
  Spread spreads[kBeside];
  spreads_of(values, means, spreads);
  for (size_t i = 0; i < kBeside; ++i)
    leaves.push_back(from_spread(kMomentLeaf, means[i], spreads[i]));
  return true;
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
  std::vector<Moments> leaves;
  leaves.reserve((values.size() + kMomentLeaf - 1) / kMomentLeaf);
  while (!values.empty()) {
    if (values.size() >= kBeside * kMomentLeaf && leaves_beside(values.data(), leaves)) {
      values = values.subspan(kBeside * kMomentLeaf);
      continue;
    }
    const size_t n = std::min(kMomentLeaf, values.size());
    leaves.push_back(leaf(values.first(n)));
    values = values.subspan(n);
  }
  return combine(leaves);
}

Moments combine(std::span<const Moments> leaves) {
  if (leaves.empty()) return {};
  if (leaves.size() == 1) return leaves[0];
  const size_t left = std::bit_floor(leaves.size() - 1);
  return merge(combine(leaves.first(left)), combine(leaves.subspan(left)));
}

}  // namespace headrace::summary
