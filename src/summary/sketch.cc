// A quantile sketch with relative error.
//
// DDSketch (Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch with
// relative-error guarantees", PVLDB 12, 2019) counts values in buckets whose ends grow
// geometrically; the point 2ab/(a + b) of a bucket [a, b) is within (b - a)/(b + a), relatively,
// of each of its values. Two sketches merge by adding counts.
//
// The buckets here are not equal in the logarithm: each octave is cut into 512 equal parts. The
// bound above is then largest at the start of an octave, 1/1025, and the bucket of a value is its
// bit pattern without sign and without the lower 43 bits: no logarithm, and the same on every
// machine. That takes 1.5 times the buckets that logarithmic ones would need for the same bound.
//
// To stay bounded, each sign keeps the kMaxBuckets buckets below its largest one; what is smaller
// goes to the lowest kept. Since that limit only moves up as values come, and raising a count to
// one limit and then to a higher one is the same as to the higher one, the order of adding and
// merging leaves no trace.

#include "summary/sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "summary/interpolate.h"

namespace headrace::summary {
namespace {

constexpr int kShift = 43;         // 52 bits of mantissa, of which 9 stay
constexpr uint32_t kOctave = 512;  // buckets
constexpr uint32_t kStep = 64;     // buckets by which a side grows

constexpr double kLeast = std::numeric_limits<double>::min();  // in size, that is not counted as 0
constexpr double kMost = std::numeric_limits<double>::max();

uint32_t bucket_of(double magnitude) {
  return static_cast<uint32_t>(std::bit_cast<uint64_t>(magnitude) >> kShift);
}

// 2ab/(a + b) as a times a ratio near 1, so that the last bucket does not overflow.
double estimate(uint32_t bucket) {
  const double low = std::bit_cast<double>(static_cast<uint64_t>(bucket) << kShift);
  const double a = kOctave + bucket % kOctave;
  return low * (2 * (a + 1) / (2 * a + 1));
}

}  // namespace

uint32_t Sketch::Side::lowest_kept() const { return highest - std::min(highest, kMaxBuckets - 1); }

// Makes `counts` reach from low to high in whole steps; what it held below `low` is counted there.
void Sketch::Side::cover(uint32_t low, uint32_t high) {
  const uint32_t new_first = low / kStep * kStep;
  const size_t size = (high / kStep + 1) * kStep - new_first;
  if (new_first != first || size != counts.size()) {
    std::vector<uint64_t> moved(size);
    for (size_t i = 0; i < counts.size(); ++i) {
      const uint32_t bucket = std::max(first + static_cast<uint32_t>(i), new_first);
      if (counts[i] > 0) moved[bucket - new_first] += counts[i];
    }
    counts = std::move(moved);
    first = new_first;
  }
  for (uint32_t i = 0; i < low - first; ++i) {
    counts[low - first] += std::exchange(counts[i], 0);
  }
}

void Sketch::Side::add(uint32_t bucket, uint64_t times) {
  if (counts.empty()) {
    highest = bucket;
    cover(bucket, highest);
  } else if (bucket > highest) {
    highest = bucket;
    cover(std::max(first, lowest_kept()), highest);
  } else {
    bucket = std::max(bucket, lowest_kept());
    if (bucket < first) cover(bucket / kStep * kStep, highest);
  }
  counts[bucket - first] += times;
}

void Sketch::Side::merge(const Side& other) {
  if (other.counts.empty()) return;
  add(other.highest, 0);
  for (size_t i = 0; i < other.counts.size(); ++i) {
    if (other.counts[i] > 0) add(other.first + static_cast<uint32_t>(i), other.counts[i]);
  }
}

void Sketch::add(double value) {
  if (std::isnan(value)) {
    ++nan_count_;
    return;
  }
  ++count_;
  min_ = std::min(min_, value + 0.0);
  max_ = std::max(max_, value + 0.0);
  const double magnitude = std::abs(value);
  if (std::isinf(value)) {
    ++(value < 0 ? below_ : above_);
  } else if (magnitude < kLeast) {
    ++zeros_;
  } else {
    (value < 0 ? negative_ : positive_).add(bucket_of(magnitude), 1);
  }
}

// Each side grows once for the whole span rather than value by value.
void Sketch::add(std::span<const double> values) {
  struct Range {
    uint32_t low = UINT32_MAX;
    uint32_t high = 0;
  };
  Range ranges[2];
  for (double value : values) {
    const double magnitude = std::abs(value);
    const bool counted = magnitude >= kLeast && magnitude <= kMost;
    if (!counted) continue;
    Range& range = ranges[value < 0];
    const uint32_t bucket = bucket_of(magnitude);
    range.low = std::min(range.low, bucket);
    range.high = std::max(range.high, bucket);
  }
  for (bool negative : {false, true}) {
    const Range range = ranges[negative];
    if (range.low > range.high) continue;
    Side& side = negative ? negative_ : positive_;
    side.add(range.high, 0);
    side.add(range.low, 0);
  }
  for (double value : values) add(value);
}

void Sketch::merge(const Sketch& other) {
  if (&other == this) return merge(Sketch(other));
  count_ += other.count_;
  nan_count_ += other.nan_count_;
  zeros_ += other.zeros_;
  below_ += other.below_;
  above_ += other.above_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  negative_.merge(other.negative_);
  positive_.merge(other.positive_);
}

size_t Sketch::bytes() const {
  return (negative_.counts.size() + positive_.counts.size()) * sizeof(uint64_t);
}

std::vector<double> Sketch::quantiles(std::span<const double> probabilities) const {
  std::vector<double> out(probabilities.size(), std::numeric_limits<double>::quiet_NaN());
  if (count_ == 0) return out;
  std::vector<uint64_t> ranks;
  const double last = static_cast<double>(count_ - 1);
  for (double p : probabilities) {
    CHECK(p >= 0 && p <= 1);
    const auto rank = static_cast<uint64_t>(last * p);
    ranks.push_back(rank);
    ranks.push_back(std::min(rank + 1, count_ - 1));
  }
  std::ranges::sort(ranks);
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());

  // One walk over the counts in the order of the values.
  std::vector<double> statistics;
  uint64_t before = 0;
  auto pass = [&](uint64_t times, double value) {
    before += times;
    const double bounded = std::clamp(value, min_, max_);
    while (statistics.size() < ranks.size() && ranks[statistics.size()] < before) {
      const uint64_t rank = ranks[statistics.size()];
      statistics.push_back(rank == 0 ? min_ : rank == count_ - 1 ? max_ : bounded);
    }
  };
  pass(below_, -HUGE_VAL);
  for (size_t i = negative_.counts.size(); i-- > 0;) {
    if (negative_.counts[i] > 0) {
      pass(negative_.counts[i], -estimate(negative_.first + static_cast<uint32_t>(i)));
    }
  }
  pass(zeros_, 0);
  for (size_t i = 0; i < positive_.counts.size(); ++i) {
    if (positive_.counts[i] > 0) {
      pass(positive_.counts[i], estimate(positive_.first + static_cast<uint32_t>(i)));
    }
  }
  pass(above_, HUGE_VAL);

  auto statistic = [&](uint64_t rank) {
    return statistics[static_cast<size_t>(std::ranges::lower_bound(ranks, rank) - ranks.begin())];
  };
  for (size_t i = 0; i < out.size(); ++i) {
    const double position = last * probabilities[i];
    const auto rank = static_cast<uint64_t>(position);
    out[i] = interpolate(statistic(rank), statistic(std::min(rank + 1, count_ - 1)),
                         position - static_cast<double>(rank));
  }
  return out;
}

}  // namespace headrace::summary
