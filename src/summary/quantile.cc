// Order statistics by histogram.
//
// Sorting 10,000 draws for each saved value of each output costs more than simulating them, and
// selecting each rank by partition reads the values many times in unpredictable order. Here the
// values are spread over 2048 buckets by a map that never decreases with the value, so every
// order statistic lies in the bucket that the cumulative counts name; then only the few values of
// those buckets are sorted:
//
//   values   ------ min, max ------> map ---- count ----> | 3| 9|14|11| 6| 2|
//   wanted ranks 5 and 25                                     ^rank 5  ^rank 25
//   gathered: the 9 values of the second bucket and the 11 of the fourth
//
// The map is linear between minimum and maximum, or linear in the integer image of doubles: the
// bit pattern, with the bits of negative numbers flipped, so that integers compare as the doubles
// do. The image is close to a logarithm. It serves columns of one sign that span few octaves, all
// that the first map leaves crowded (long tails) or cannot divide (infinities, ranges that
// overflow or vanish), and every refinement of a crowded bucket: one pass narrows the range of
// images by at least 2^10 (2^7 for few values), so a few passes end with equal values. Every pass
// is a straight run through memory. Distribution sorting is in Knuth, The Art of Computer
// Programming 3, 5.2.5. The result is that of a full sort, always.

#include "summary/quantile.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "summary/interpolate.h"
#include "summary/wide.h"

namespace headrace::summary {
namespace {

constexpr int kBucketBits = 11;
constexpr size_t kBuckets = size_t{1} << kBucketBits;
constexpr int kFewBits = 8;  // of buckets, when there are less than kFewValues: clearing and
constexpr size_t kFewValues = 4096;  // reading the histogram would cost more than it saves
constexpr double kFewOctaves = 65536;
constexpr size_t kCrowd = 8;        // a bucket with more than this part of all values is crowded
constexpr size_t kBlock = 16;       // buckets whose counts are added up at once
constexpr size_t kSortAll = 48;     // values that are sorted by insertion
constexpr size_t kPartition = 256;  // values in which ranks are found by partition
constexpr size_t kFewRanks = 4;     // by partition rather than by sorting
constexpr size_t kLanes = 8;

// One pass over values, and over images those that narrow 64 bits by at least 7 each.
constexpr size_t kDepths = 11;

// The two zeros have one image, since they compare equal.
HEADRACE_WIDE_BODY uint64_t image(double x) {
  const auto bits = std::bit_cast<int64_t>(x + 0.0);
  return static_cast<uint64_t>(bits ^ (bits >> 63 | INT64_MIN));
}

HEADRACE_WIDE_BODY uint32_t upper_image(double x) {
  const auto bits = static_cast<int32_t>(std::bit_cast<uint64_t>(x + 0.0) >> 32);
  return static_cast<uint32_t>(bits ^ (bits >> 31 | INT32_MIN));
}

struct Scan {
  double min;
  double max;
  size_t nan_count;
};

// Independent lanes let the compiler use vectors without reordering anything.
HEADRACE_WIDE_BODY Scan scan_body(const double* values, size_t n) {
  const double inf = std::numeric_limits<double>::infinity();
  double low[kLanes];
  double high[kLanes];
  int64_t nans[kLanes] = {};
  std::fill_n(low, kLanes, inf);
  std::fill_n(high, kLanes, -inf);
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) {
      const double x = values[i + k];
      low[k] = x < low[k] ? x : low[k];
      high[k] = x > high[k] ? x : high[k];
      nans[k] += x != x;
    }
  }
  for (; i < n; ++i) {
    const double x = values[i];
    low[0] = x < low[0] ? x : low[0];
    high[0] = x > high[0] ? x : high[0];
    nans[0] += x != x;
  }
  return {*std::min_element(low, low + kLanes), *std::max_element(high, high + kLanes),
          static_cast<size_t>(std::accumulate(nans, nans + kLanes, int64_t{0}))};
}

HEADRACE_WIDE(Scan, scan, (const double* values, size_t n), scan_body(values, n))

HEADRACE_WIDE_BODY void map_values_body(const double* values, size_t n, double min, double scale,
                                        uint16_t* bucket) {
  for (size_t i = 0; i < n; ++i) {
    bucket[i] = static_cast<uint16_t>(static_cast<int32_t>((values[i] - min) * scale));
  }
}
HEADRACE_WIDE(void, map_by_value,
              (const double* values, size_t n, double min, double scale, uint16_t* bucket),
              map_values_body(values, n, min, scale, bucket))

// Puts each value's bucket into `bucket`, linearly in the value. False when that cannot be done.
bool map_values(std::span<const double> values, double min, double max, int bits,
                uint16_t* bucket) {
  const double scale = ((1 << bits) - 1) / (max - min);
  if (!std::isfinite(max - min) || !std::isfinite(scale) || scale == 0) return false;
  map_by_value(values.data(), values.size(), min, scale, bucket);
  return true;
}

HEADRACE_WIDE_BODY void map_upper_body(const double* values, size_t n, int shift, uint32_t first,
                                       uint16_t* bucket) {
  for (size_t i = 0; i < n; ++i) {
    bucket[i] = static_cast<uint16_t>((upper_image(values[i]) >> shift) - first);
  }
}
HEADRACE_WIDE(void, map_by_upper_image,
              (const double* values, size_t n, int shift, uint32_t first, uint16_t* bucket),
              map_upper_body(values, n, shift, first, bucket))

HEADRACE_WIDE_BODY void map_whole_body(const double* values, size_t n, int shift, uint64_t first,
                                       uint16_t* bucket) {
  for (size_t i = 0; i < n; ++i) {
    bucket[i] = static_cast<uint16_t>((image(values[i]) >> shift) - first);
  }
}
HEADRACE_WIDE(void, map_by_image,
              (const double* values, size_t n, int shift, uint64_t first, uint16_t* bucket),
              map_whole_body(values, n, shift, first, bucket))

// The same, linearly in the images: their upper bits, counted from those of the minimum. The
// upper halves suffice, and are quicker, unless the range is narrow.
void map_images(std::span<const double> values, double min, double max, int bits,
                uint16_t* bucket) {
  const uint64_t low = image(min);
  const uint64_t high = image(max);
  int shift = std::max(0, static_cast<int>(std::bit_width(high - low)) - bits);
  if (((high >> shift) - (low >> shift)) >> bits != 0) ++shift;
  if (shift >= 32) {
    map_by_upper_image(values.data(), values.size(), shift - 32,
                       static_cast<uint32_t>(low >> shift), bucket);
  } else {
    map_by_image(values.data(), values.size(), shift, low >> shift, bucket);
  }
}

// One sign and few octaves: the images spread the usual skewed columns better than the values do.
bool suits_images(double min, double max) {
  return (min > 0 || max < 0) && std::max(max / min, min / max) < kFewOctaves;
}

// Two histograms by turns: adding to the count that was just written would have to wait for it.
// Between them there is time to fetch a line of what comes next.
void count(std::span<const uint16_t> bucket, size_t buckets, uint32_t* counts,
           std::span<const double> next) {
  uint32_t* other = counts + buckets;
  std::fill_n(counts, 2 * buckets, 0);
  size_t i = 0;
  for (; i + kLanes <= bucket.size(); i += kLanes) {
    if (i < next.size()) __builtin_prefetch(next.data() + i, 0, 2);
    for (size_t k = 0; k < kLanes; k += 2) {
      ++counts[bucket[i + k]];
      ++other[bucket[i + k + 1]];
    }
  }
  for (; i < bucket.size(); ++i) ++counts[bucket[i]];
  for (size_t b = 0; b < buckets; ++b) counts[b] += other[b];
}

void insertion_sort(std::span<double> values) {
  for (size_t i = 1; i < values.size(); ++i) {
    const double x = values[i];
    size_t k = i;
    for (; k > 0 && x < values[k - 1]; --k) values[k] = values[k - 1];
    values[k] = x;
  }
}

template <class T>
void grow(std::vector<T>& buffer, size_t size) {
  if (buffer.size() < size) buffer.resize(size);
}

}  // namespace

// Orders one bucket, or refines it when it is crowded.
void QuantileFinder::select_group(std::span<double> group, std::span<const size_t> ranks,
                                  double* out, size_t depth) {
  if (group.size() > kPartition) {
    const Scan seen = scan(group.data(), group.size());
    return select(group, ranks, out, {seen.min, seen.max}, depth);
  }
  if (group.size() <= kSortAll) {
    insertion_sort(group);
  } else if (ranks.size() <= kFewRanks) {
    auto from = group.begin();
    for (size_t rank : ranks) {
      const auto at = group.begin() + static_cast<ptrdiff_t>(rank);
      std::nth_element(from, at, group.end());
      from = at + 1;
    }
  } else {
    std::ranges::sort(group);
  }
  for (size_t i = 0; i < ranks.size(); ++i) out[i] = group[ranks[i]];
}

// Walks the histogram to the buckets that hold the ranks.
void QuantileFinder::locate(Level& level, std::span<const size_t> ranks) const {
  level.wanted.clear();
  level.inner.resize(ranks.size());
  size_t before = 0;
  size_t next = 0;
  for (size_t b = 0; next < ranks.size(); b += kBlock) {
    CHECK(b < kBuckets);
    const uint32_t* block = counts_.data() + b;
    size_t start = before;
    before += std::accumulate(block, block + kBlock, uint32_t{0});
    if (ranks[next] >= before) continue;
    for (size_t k = 0; k < kBlock; start += block[k++]) {
      const size_t first = next;
      for (; next < ranks.size() && ranks[next] < start + block[k]; ++next) {
        level.inner[next] = ranks[next] - start;
      }
      if (next > first) level.wanted.push_back({b + k, block[k], first, next - first});
    }
  }
}

// Copies the values of the wanted buckets. Most blocks hold none and are passed over at once; in
// the others every value is written but only wanted ones advance, so nothing is mispredicted.
size_t QuantileFinder::gather(Level& level, std::span<const double> values) {
  size_t collected = 0;
  for (size_t s = 0; s < level.wanted.size(); ++s) {
    slot_[level.wanted[s].bucket] = static_cast<uint16_t>(s + 1);
    collected += level.wanted[s].size;
  }
  grow(level.collected, collected + 1);
  grow(level.slot, collected + 1);
  const uint16_t* bucket = level.bucket.data();
  const uint16_t* slot_of = slot_.data();
  double* value_to = level.collected.data();
  uint16_t* slot_to = level.slot.data();
  size_t at = 0;
  auto take = [&](size_t i) {
    const uint16_t slot = slot_of[bucket[i]];
    value_to[at] = values[i];
    slot_to[at] = slot;
    at += slot != 0;
  };
  size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    uint32_t any = 0;
    for (size_t k = 0; k < kLanes; ++k) any |= slot_of[bucket[i + k]];
    if (any == 0) continue;
    for (size_t k = 0; k < kLanes; ++k) take(i + k);
  }
  for (; i < values.size(); ++i) take(i);
  for (const Wanted& w : level.wanted) slot_[w.bucket] = 0;
  return collected;
}

// Brings the values of each wanted bucket together.
void QuantileFinder::group(Level& level, size_t collected) const {
  grow(level.grouped, collected);
  level.cursor.assign(1, 0);
  size_t end = 0;
  for (const Wanted& w : level.wanted) {
    level.cursor.push_back(end);
    end += w.size;
  }
  for (size_t i = 0; i < collected; ++i) {
    level.grouped[level.cursor[level.slot[i]]++] = level.collected[i];
  }
}

// The values at `ranks` (ascending, each once) among the sorted values.
void QuantileFinder::select(std::span<const double> values, std::span<const size_t> ranks,
                            double* out, Extent extent, size_t depth) {
  if (extent.min == extent.max) {
    std::fill_n(out, ranks.size(), extent.min);
    return;
  }
  CHECK(depth < kDepths);
  Level& level = levels_[depth];
  grow(level.bucket, values.size());
  uint16_t* bucket = level.bucket.data();
  const int bits = values.size() < kFewValues ? kFewBits : kBucketBits;
  auto tally = [&] {
    count({bucket, values.size()}, size_t{1} << bits, counts_.data(), next_);
    next_ = {};
    locate(level, ranks);
  };
  const bool by_value = depth == 0 && !suits_images(extent.min, extent.max) &&
                        map_values(values, extent.min, extent.max, bits, bucket);
  if (by_value) tally();
  const size_t crowd = values.size() / kCrowd;
  if (!by_value || std::ranges::max(level.wanted, {}, &Wanted::size).size > crowd) {
    map_images(values, extent.min, extent.max, bits, bucket);
    tally();
  }
  group(level, gather(level, values));
  size_t begin = 0;
  for (const Wanted& w : level.wanted) {
    const std::span<double> members(level.grouped.data() + begin, w.size);
    const std::span<const size_t> inner(level.inner.data() + w.first_rank, w.ranks);
    select_group(members, inner, out + w.first_rank, depth + 1);
    begin += w.size;
  }
}

size_t QuantileFinder::find(std::span<const double> values, std::span<const double> probabilities,
                            std::span<double> out) {
  const Scan seen = scan(values.data(), values.size());
  if (seen.nan_count > 0) {
    sound_.clear();
    std::ranges::copy_if(values, std::back_inserter(sound_), [](double x) { return x == x; });
    values = sound_;
  }
  find(values, {seen.min, seen.max}, probabilities, out);
  return seen.nan_count;
}

void QuantileFinder::find(std::span<const double> values, Extent extent,
                          std::span<const double> probabilities, std::span<double> out) {
  CHECK(out.size() == probabilities.size());
  CHECK(values.size() < std::numeric_limits<uint32_t>::max());
  if (values.empty()) {
    std::ranges::fill(out, std::numeric_limits<double>::quiet_NaN());
    return;
  }
  ranks_.clear();
  const double last = static_cast<double>(values.size() - 1);
  for (double p : probabilities) {
    CHECK(p >= 0 && p <= 1);
    const auto rank = static_cast<size_t>(last * p);
    ranks_.push_back(rank);
    ranks_.push_back(std::min(rank + 1, values.size() - 1));
  }
  std::ranges::sort(ranks_);
  ranks_.erase(std::unique(ranks_.begin(), ranks_.end()), ranks_.end());
  statistics_.resize(ranks_.size());
  counts_.resize(2 * kBuckets);
  slot_.resize(kBuckets);
  levels_.resize(kDepths);
  select(values, ranks_, statistics_.data(), extent, 0);

  auto statistic = [&](size_t rank) {
    return statistics_[static_cast<size_t>(std::ranges::lower_bound(ranks_, rank) -
                                           ranks_.begin())];
  };
  for (size_t i = 0; i < probabilities.size(); ++i) {
    const double position = last * probabilities[i];
    const auto rank = static_cast<size_t>(position);
    const double fraction = position - static_cast<double>(rank);
    out[i] =
        interpolate(statistic(rank), statistic(std::min(rank + 1, values.size() - 1)), fraction);
  }
}

std::vector<double> quantiles(std::span<const double> values,
                              std::span<const double> probabilities) {
  std::vector<double> out(probabilities.size());
  QuantileFinder().find(values, probabilities, out);
  return out;
}

}  // namespace headrace::summary
