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

// A multivariate t distribution of 4 degrees of freedom around a population: the proposals that are
// independent of where a chain stands.
class Envelope {
 public:
  explicit Envelope(const Population& population);

  size_t dimensions() const { return mean_.size(); }
  // From standard normal numbers, one a dimension, and two uniform ones.
  std::vector<double> draw(const std::vector<double>& normals, double u, double v) const;
  double log_density(const std::vector<double>& z) const;  // without its constant

 private:
  std::vector<double> mean_, factor_;  // the lower factor of the covariance, by rows
};

}  // namespace headrace::study
