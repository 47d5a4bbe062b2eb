#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace headrace::summary {

// Exact quantiles. The quantile at p of n sorted values is the linear interpolation between the
// two order statistics beside position (n - 1) p, counted from 0 (type 7 of Hyndman and Fan,
// "Sample Quantiles in Statistical Packages", The American Statistician 50, 1996; the default of
// R, NumPy and Excel).
//
// NaN values are left out and counted. Infinities are ordinary largest and smallest values; a
// quantile between a finite value and an infinity is that infinity, one between the two
// infinities is NaN. A quantile that is zero is +0. No values: every quantile is NaN.
//
// The finder keeps its buffers between calls; use one for each thread.
class QuantileFinder {
 public:
  // Fills out[i] with the quantile at probabilities[i], each in [0, 1] and in any order.
  // Returns the number of NaN values.
  size_t find(std::span<const double> values, std::span<const double> probabilities,
              std::span<double> out);

  // Values that are asked for next: they are fetched from memory beside the work.
  void expect(std::span<const double> next) { next_ = next; }

  struct Extent {
    double min;
    double max;
  };
  // The same for values of which the smallest and the largest are known, none of them NaN.
  void find(std::span<const double> values, Extent extent, std::span<const double> probabilities,
            std::span<double> out);

 private:
  // A bucket that holds wanted ranks: those from first_rank on, `ranks` of them.
  struct Wanted {
    size_t bucket;
    size_t size;
    size_t first_rank;
    size_t ranks;
  };
  // The buffers of one depth of refinement; they only grow.
  struct Level {
    std::vector<uint16_t> bucket;   // of each value
    std::vector<Wanted> wanted;     // ascending
    std::vector<size_t> inner;      // each rank, counted within its bucket
    std::vector<double> collected;  // the values of wanted buckets, as they come
    std::vector<uint16_t> slot;     // for each of them, which wanted bucket, counted from 1
    std::vector<size_t> cursor;     // where the next value of each wanted bucket goes
    std::vector<double> grouped;    // the same values, bucket after bucket
  };

  void select(std::span<const double> values, std::span<const size_t> ranks, double* out,
              Extent extent, size_t depth);
  void select_group(std::span<double> group, std::span<const size_t> ranks, double* out,
                    size_t depth);
  void locate(Level& level, std::span<const size_t> ranks) const;
  size_t gather(Level& level, std::span<const double> values);
  void group(Level& level, size_t collected) const;

  std::span<const double> next_;
  std::vector<double> sound_;       // the values without NaN, when there are some
  std::vector<size_t> ranks_;       // wanted, ascending, each once
  std::vector<double> statistics_;  // the order statistics at ranks_
  std::vector<uint32_t> counts_;    // the histogram, twice
  std::vector<uint16_t> slot_;      // of each bucket, 0 for those not wanted
  std::vector<Level> levels_;
};

// The same in one call.
std::vector<double> quantiles(std::span<const double> values,
                              std::span<const double> probabilities);

}  // namespace headrace::summary
