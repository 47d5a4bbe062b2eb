#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace headrace::summary {

// The largest relative error of an order statistic from a Sketch.
inline constexpr double kSketchError = 1.0 / 1024;

// Counts of values by magnitude, from which quantiles are told to a relative error. Adding and
// merging are commutative and associative to the last bit, so threads and their order change
// nothing.
//
// Every estimated order statistic is within kSketchError of the true one, times its size, with
// these exceptions: magnitudes below 2^-1022 count as 0, and of one sign only the 32 octaves
// below the largest magnitude are told apart; smaller ones are taken for that limit (an error of
// at most 2^-31 of the largest magnitude). The smallest and largest values are exact. NaN values
// are left out and counted; infinities are ordinary extreme values.
class Sketch {
 public:
  void add(double value);
  void add(std::span<const double> values);
  void merge(const Sketch& other);

  uint64_t count() const { return count_; }  // without NaN
  uint64_t nan_count() const { return nan_count_; }

  // Quantiles as QuantileFinder defines them, between estimated order statistics: between two of
  // one sign within the same relative error, between two signs within kSketchError of the larger
  // magnitude.
  std::vector<double> quantiles(std::span<const double> probabilities) const;

  // Memory held for counts; at most 2 * 8 * (kMaxBuckets + 64) bytes.
  size_t bytes() const;

  bool operator==(const Sketch& other) const = default;

  static constexpr uint32_t kMaxBuckets = 32 * 512;  // of one sign: octaves, buckets in each

 private:
  // The buckets of one sign: counts[i] belongs to bucket first + i.
  struct Side {
    std::vector<uint64_t> counts;
    uint32_t first = 0;    // a multiple of the step in which `counts` grows
    uint32_t highest = 0;  // seen

    void add(uint32_t bucket, uint64_t times);
    void merge(const Side& other);
    void cover(uint32_t low, uint32_t high);
    uint32_t lowest_kept() const;
    bool operator==(const Side&) const = default;
  };

  uint64_t count_ = 0;
  uint64_t nan_count_ = 0;
  uint64_t zeros_ = 0;
  uint64_t below_ = 0;  // -infinity
  uint64_t above_ = 0;  // +infinity
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
  Side negative_;
  Side positive_;
};

}  // namespace headrace::summary
