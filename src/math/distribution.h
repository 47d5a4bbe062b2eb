// Probability distributions as values.
//
// A Distribution is made by one of the functions below, which are the forms modellers write, and
// is checked when it is made: every Distribution in the program is valid. Messages of failures
// are in plain words, ready to follow a source position.
//
// Quantiles come from special functions (Boost.Math) or from the formulas of this folder; they
// are exact to about 1e-14. sampler.h evaluates them in bulk.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace headrace::math {

class Distribution {
 public:
  // Parameters in the order of parameters().
  enum class Family {
    kPoint,        // value
    kNormal,       // mean, sd
    kLognormal,    // mu, sigma: mean and sd of the logarithm
    kUniform,      // low, high
    kTriangular,   // low, mode, high
    kBeta,         // alpha, beta, low, high
    kGamma,        // shape, scale
    kExponential,  // mean
    kStudentT,     // degrees of freedom, location, scale
    kPoisson,      // mean
    kBernoulli,    // probability of 1
    kDiscrete,     // atoms()
    kMixture,      // parts()
    kTruncated,    // low, high; parts() holds the distribution that is cut
  };

  // Values in ascending order with the probability of each and of all up to it.
  struct Atom {
    double value, weight, cumulative;
  };
  struct Part;

  Family family() const { return family_; }
  std::span<const double> parameters() const { return parameters_; }
  std::span<const Atom> atoms() const {
    return atoms_ ? std::span<const Atom>(*atoms_) : std::span<const Atom>();
  }
  std::span<const Part> parts() const;

  // The smallest x with P(X <= x) >= p; the ends of the support, perhaps infinite, for 0 and 1.
  double quantile(double p) const;
  // The same for p = v and for p = 1 - v, exact for small v in either tail.
  double lower_quantile(double v) const;
  double upper_quantile(double v) const;
  double cdf(double x) const;       // P(X <= x)
  double survival(double x) const;  // P(X > x)
  double density(double x) const;   // 0 where all probability is in atoms
  double mean() const;              // NaN when there is none
  double sd() const;                // infinite when there is none

  // The family, its parameters and what they mean: "lognormal(mu 1.52, sigma 0.257), 90 % 3 to 7,
  // median 4.58".
  std::string describe() const;

 private:
  friend struct Make;
  Distribution(Family family, std::array<double, 4> parameters)
      : family_(family), parameters_(parameters) {}

  // The probability of a truncated distribution below its low end, within it, and above its high
  // end, taken from the uncut one without cancellation in the tails.
  struct Cut {
    double below, within, above;
    double survival_low;  // above the low end
    double cdf_high;      // up to the high end
  };

  Family family_;
  std::array<double, 4> parameters_;
  Cut cut_{};
  std::shared_ptr<const std::vector<Atom>> atoms_;
  std::shared_ptr<const std::vector<Part>> parts_;
  int depth_ = 0;  // how many truncations and mixtures are nested
};

struct Distribution::Part {
  double weight;
  Distribution distribution;
};

inline std::span<const Distribution::Part> Distribution::parts() const {
  return parts_ ? std::span<const Part>(*parts_) : std::span<const Part>();
}

using Draws = base::Result<Distribution>;

Draws point(double value);
Draws normal(double mean, double sd);
Draws lognormal(double mu, double sigma);
Draws lognormal_from_mean(double mean, double sd);
Draws lognormal_from_median(double median, double geometric_sd);
Draws uniform(double low, double high);
Draws triangular(double low, double mode, double high);
Draws pert(double low, double mode, double high);
Draws beta(double alpha, double beta, double low = 0, double high = 1);
Draws beta_from_mean(double mean, double sd);
// The beta distribution with this mode that puts `coverage` of its probability between low and
// high.
Draws beta_from_mode(double mode, double low, double high, double coverage = 0.9);
Draws gamma(double shape, double scale);
Draws gamma_from_mean(double mean, double sd);
Draws exponential(double mean);
Draws student_t(double degrees, double location = 0, double scale = 1);
Draws poisson(double mean);
Draws bernoulli(double probability);

// The forms with `low to high`, by default a 90 % interval: 5 % lie below low and 5 % above high.
// The coverage lies between 0 and 1.
Draws normal_interval(double low, double high, double coverage = 0.9);
Draws lognormal_interval(double low, double high, double coverage = 0.9);
// Lognormal when both ends are positive, else normal.
Draws interval(double low, double high, double coverage = 0.9);
// How many standard deviations lie between the middle of a normal interval and its ends.
double half_width(double coverage);

struct Choice {
  double value, weight;
};
struct WeightedDistribution {
  double weight;
  Distribution distribution;
};
// Weights need not add up to 1. Equal values are joined.
Draws discrete(std::span<const Choice> choices);
Draws mixture(std::span<const WeightedDistribution> parts);
// What is left of the distribution in [low, high], scaled up to 1. Either end may be infinite.
Draws truncated(const Distribution& distribution, double low, double high);

}  // namespace headrace::math
