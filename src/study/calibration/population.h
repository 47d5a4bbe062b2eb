#pragma once

// Points of the space in which calibration works: one coordinate an input, in which the prior is a
// standard normal distribution of independent coordinates. Many points are evaluated in one call.

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"

namespace headrace::study {

using Points = std::vector<std::vector<double>>;  // [coordinate][point]

// The log likelihood of each point, -inf where it is impossible or the model failed. False: stopped
// on request.
using LogLikelihood = std::function<base::Result<bool>(const Points&, std::vector<double>&)>;

// Points with their log likelihoods.
struct Population {
  Points z;
  std::vector<double> likelihood;
  size_t size() const { return likelihood.size(); }
};

// The log density of the prior at one point, without its constant.
double log_prior(const Points& z, size_t point);

// A multivariate t distribution of 4 degrees of freedom around points: what they look like from
// afar. Whitened coordinates are those in which it is the standard one.
class Envelope {
 public:
  static constexpr size_t kDegrees = 4;

  explicit Envelope(const Points& points);

  size_t dimensions() const { return mean_.size(); }
  std::vector<double> whiten(const std::vector<double>& w) const;
  std::vector<double> colour(const std::vector<double>& y) const;
  // At a whitened point, without its constant.
  double log_density(const std::vector<double>& y) const;

 private:
  std::vector<double> mean_, factor_;  // the lower factor of the covariance, by rows
};

}  // namespace headrace::study
