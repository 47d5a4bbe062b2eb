// Uniform numbers into numbers of a distribution, in bulk.
//
// Each number is a function of its own u alone, increasing in u: stratified u give stratified
// draws, ranks survive, and every cut of a run gives the same bits. One u makes one number, for
// mixtures too.
//
//   normal, lognormal, uniform, triangular, exponential   formulas, vectorised (kernels.h)
//   beta, gamma, student_t, mixtures, truncations         a QuantileTable
//   poisson, bernoulli, discrete                          search in the exact cumulative sums
//
// A table agrees with Distribution::quantile to 1e-9, relative to the larger of the value and a
// thousandth of the distance between the quartiles; the others agree exactly. Tables and sums
// take milliseconds to build, mixtures some ten. They come from Boost.Math and the C library, so
// their bits are those of one build on one kind of machine; all else is the same everywhere.
#pragma once

#include <optional>
#include <span>

#include "math/distribution.h"
#include "math/quantile_table.h"

namespace headrace::math {

class Sampler {
 public:
  explicit Sampler(const Distribution& distribution);

  // out[i] is the quantile at u[i], which lies in (0, 1). Safe to call from many threads; the
  // spans may be the same.
  void quantiles(std::span<const double> u, std::span<double> out) const;

  // The number of polynomial cells, 0 when there is no table.
  size_t table_cells() const { return table_ ? table_->cells() : 0; }

 private:
  // The probabilities up to and above each value, with a guide: the search for u starts at
  // guide[floor(u * guide size)]. The upper half is searched by what lies above, which is exact
  // where the sums approach 1.
  struct Counts {
    struct Step {
      double value, cumulative, above;
      bool below(double u) const { return u < 0.5 ? cumulative < u : above > 1 - u; }
    };
    std::vector<Step> steps;
    std::vector<uint32_t> guide;
  };

  void build_table();
  void build_counts();

  Distribution distribution_;
  std::optional<QuantileTable> table_;
  bool table_of_logarithms_ = false;
  double shift_ = 0, factor_ = 1;  // applied to what the table gives
  Counts counts_;
};

// For a single call; keeps nothing.
void quantiles(const Distribution& distribution, std::span<const double> u, std::span<double> out);

}  // namespace headrace::math
