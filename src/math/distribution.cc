#include "math/distribution.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

#include "math/normal_quantile.h"
#include "math/special.h"

namespace headrace::math {
namespace {

using Family = Distribution::Family;
using StudentT = boost::math::students_t_distribution<double, SpecialPolicy>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double normal_density(double z) { return exp(-0.5 * z * z) * 0.39894228040143267794; }

// The smallest x in [low, high] where a tail probability has reached v: the lower tail, which
// rises to it, or the upper one, which falls to it. Either may jump. Newton steps on the logarithm
// of the tail, nearly straight far out, inside a shrinking bracket; the bracket is halved instead
// whenever a step leaves it or the last one did not bring the difference down by half, so jumps
// are met as well.
template <class Tail, class Density>
double invert(double low, double high, double v, bool upper, Tail tail, Density density) {
  const auto reached = [&](double p) { return upper ? p <= v : p >= v; };
  if (!(low < high) || reached(tail(low))) return low;
  double x = low + (high - low) / 2;
  double last = kInfinity;
  while (true) {
    const double p = tail(x);
    (reached(p) ? high : low) = x;
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return high;
    const double difference = log(p / v);
    const double step = p * difference / density(x);
    const double next = upper ? x + step : x - step;
    const bool inside = next > low && next < high && std::fabs(difference) < last / 2;
    // Newton's error is about the square of its step.
    if (inside && std::fabs(step) <= 1e-9 * std::fabs(x)) return next;
    last = inside ? std::fabs(difference) : kInfinity;
    x = inside ? next : middle;
  }
}

double atom_quantile(std::span<const Distribution::Atom> atoms, double p) {
  const auto at = std::lower_bound(atoms.begin(), atoms.end(), p,
                                   [](const auto& atom, double q) { return atom.cumulative < q; });
  return at == atoms.end() ? atoms.back().value : at->value;
}

// P(X <= k) and P(X > k) of a Poisson variable, through the incomplete gamma functions.
double poisson_cdf(double mean, double x) {
  return x < 0 ? 0 : boost::math::gamma_q(std::floor(x) + 1, mean, SpecialPolicy());
}
double poisson_survival(double mean, double x) {
  return x < 0 ? 1 : boost::math::gamma_p(std::floor(x) + 1, mean, SpecialPolicy());
}

// The smallest k with enough(k), searched around a first guess.
template <class Enough>
double smallest_count(double guess, Enough enough) {
  double k = std::max(0.0, std::floor(guess));
  double stride = 1;
  while (!enough(k)) k += stride, stride *= 2;
  for (; stride >= 1; stride /= 2) {
    while (k >= stride && enough(k - stride)) k -= stride;
  }
  return k;
}

// Inverse of `triangular` for p and q = 1 - p; the operations are those of the bulk kernel.
double triangular_quantile(double low, double mode, double high, double p, double q) {
  const double width = high - low;
  if (p < (mode - low) / width) return low + std::sqrt(width * (mode - low) * p);
  return high - std::sqrt(width * (high - mode) * q);
}

}  // namespace

double Distribution::quantile(double p) const {
  if (!(p >= 0 && p <= 1)) return kNaN;
  return p <= 0.5 ? lower_quantile(p) : upper_quantile(1 - p);
}

double Distribution::lower_quantile(double v) const {
  const auto& [a, b, c, d] = parameters_;
  switch (family_) {
    case Family::kPoint:
      return a;
    case Family::kNormal:
      return a + b * normal_quantile(v);
    case Family::kLognormal:
      return exp(a + b * normal_quantile(v));
    case Family::kUniform:
      return v < 0.5 ? a + (b - a) * v : b - (b - a) * (1 - v);
    case Family::kTriangular:
      return triangular_quantile(a, b, c, v, 1 - v);
    case Family::kBeta:
      return c + (d - c) * boost::math::ibeta_inv(a, b, v, SpecialPolicy());
    case Family::kGamma:
      return v == 1 ? kInfinity : b * boost::math::gamma_p_inv(a, v, SpecialPolicy());
    case Family::kExponential: {
      const double series = v * (1.0 + v * (0.5 + v * (1.0 / 3 + v * (0.25 + v * 0.2))));
      return a * (v < 0x1p-9 ? series : -log(1.0 - v));
    }
    case Family::kStudentT:
      if (v == 0 || v == 1) return v == 0 ? -kInfinity : kInfinity;
      return b + c * boost::math::quantile(StudentT(a), v);
    case Family::kPoisson:
      if (v == 1) return kInfinity;
      return smallest_count(a + std::sqrt(a) * normal_quantile(std::max(v, 1e-300)),
                            [&](double k) { return poisson_cdf(a, k) >= v; });
    case Family::kBernoulli:
      return v <= 1 - a ? 0 : 1;
    case Family::kDiscrete:
      return atom_quantile(*atoms_, v);
    case Family::kMixture: {
      double low = kInfinity;
      double high = -kInfinity;
      for (const Part& part : *parts_) {
        const double x = part.distribution.lower_quantile(v);
        low = std::min(low, x);
        high = std::max(high, x);
      }
      if (std::isinf(low) || std::isinf(high)) return v == 0 ? low : high;
      return invert(
          low, high, v, false, [&](double x) { return cdf(x); },
          [&](double x) { return density(x); });
    }
    case Family::kTruncated: {
      const Distribution& whole = parts_->front().distribution;
      const double p = cut_.below + v * cut_.within;
      const double x = p <= 0.5 ? whole.lower_quantile(p)
                                : whole.upper_quantile(cut_.survival_low - v * cut_.within);
      return std::clamp(x, a, b);
    }
  }
  return kNaN;
}

double Distribution::upper_quantile(double v) const {
  const auto& [a, b, c, d] = parameters_;
  switch (family_) {
    case Family::kPoint:
      return a;
    case Family::kNormal:
      return a - b * normal_quantile(v);
    case Family::kLognormal:
      return exp(a - b * normal_quantile(v));
    case Family::kUniform:
      return v < 0.5 ? b - (b - a) * v : a + (b - a) * (1 - v);
    case Family::kTriangular:
      return triangular_quantile(a, b, c, 1 - v, v);
    case Family::kBeta:
      return c + (d - c) * boost::math::ibetac_inv(a, b, v, SpecialPolicy());
    case Family::kGamma:
      return v == 0 ? kInfinity : b * boost::math::gamma_q_inv(a, v, SpecialPolicy());
    case Family::kExponential:
      return a * -log(v);
    case Family::kStudentT:
      if (v == 0 || v == 1) return v == 0 ? kInfinity : -kInfinity;
      return b - c * boost::math::quantile(StudentT(a), v);
    case Family::kPoisson:
      if (v == 0) return kInfinity;
      return smallest_count(a - std::sqrt(a) * normal_quantile(std::max(v, 1e-300)),
                            [&](double k) { return poisson_survival(a, k) <= v; });
    case Family::kBernoulli:
      return v >= a ? 0 : 1;
    case Family::kDiscrete:
      return atom_quantile(*atoms_, 1 - v);
    case Family::kMixture: {
      double low = kInfinity;
      double high = -kInfinity;
      for (const Part& part : *parts_) {
        const double x = part.distribution.upper_quantile(v);
        low = std::min(low, x);
        high = std::max(high, x);
      }
      if (std::isinf(low) || std::isinf(high)) return v == 1 ? low : high;
      return invert(
          low, high, v, true, [&](double x) { return survival(x); },
          [&](double x) { return density(x); });
    }
    case Family::kTruncated: {
      const Distribution& whole = parts_->front().distribution;
      const double q = cut_.above + v * cut_.within;
      const double x = q <= 0.5 ? whole.upper_quantile(q)
                                : whole.lower_quantile(cut_.cdf_high - v * cut_.within);
      return std::clamp(x, a, b);
    }
  }
  return kNaN;
}

double Distribution::cdf(double x) const {
  const auto& [a, b, c, d] = parameters_;
  switch (family_) {
    case Family::kPoint:
      return x >= a ? 1 : 0;
    case Family::kNormal:
      return normal_cdf((x - a) / b);
    case Family::kLognormal:
      return x <= 0 ? 0 : normal_cdf((log(x) - a) / b);
    case Family::kUniform:
      return std::clamp((x - a) / (b - a), 0.0, 1.0);
    case Family::kTriangular:
      if (x <= a) return 0;
      if (x >= c) return 1;
      return x < b ? (x - a) / (c - a) * ((x - a) / (b - a))
                   : 1 - (c - x) / (c - a) * ((c - x) / (c - b));
    case Family::kBeta: {
      const double s = std::clamp((x - c) / (d - c), 0.0, 1.0);
      return boost::math::ibeta(a, b, s, SpecialPolicy());
    }
    case Family::kGamma:
      if (x == kInfinity) return 1;
      return x <= 0 ? 0 : boost::math::gamma_p(a, x / b, SpecialPolicy());
    case Family::kExponential:
      return x <= 0 ? 0 : -std::expm1(-x / a);
    case Family::kStudentT:
      return std::isinf(x) ? (x > 0) : boost::math::cdf(StudentT(a), (x - b) / c);
    case Family::kPoisson:
      return x == kInfinity ? 1 : poisson_cdf(a, x);
    case Family::kBernoulli:
      return x < 0 ? 0 : x < 1 ? 1 - a : 1;
    case Family::kDiscrete: {
      double sum = 0;
      for (const Atom& atom : *atoms_) {
        if (atom.value > x) break;
        sum = atom.cumulative;
      }
      return sum;
    }
    case Family::kMixture: {
      double sum = 0;
      for (const Part& part : *parts_) sum += part.weight * part.distribution.cdf(x);
      return std::min(sum, 1.0);
    }
    case Family::kTruncated: {
      if (x < a) return 0;
      if (x >= b) return 1;
      const Distribution& whole = parts_->front().distribution;
      const double p = cut_.survival_low < 0.5 ? cut_.survival_low - whole.survival(x)
                                               : whole.cdf(x) - cut_.below;
      return std::clamp(p / cut_.within, 0.0, 1.0);
    }
  }
  return kNaN;
}

double Distribution::survival(double x) const {
  const auto& [a, b, c, d] = parameters_;
  switch (family_) {
    case Family::kNormal:
      return normal_cdf((a - x) / b);
    case Family::kLognormal:
      return x <= 0 ? 1 : normal_cdf((a - log(x)) / b);
    case Family::kUniform:
      return std::clamp((b - x) / (b - a), 0.0, 1.0);
    case Family::kTriangular:
      if (x > b && x < c) return (c - x) / (c - a) * ((c - x) / (c - b));
      return 1 - cdf(x);
    case Family::kBeta: {
      const double s = std::clamp((x - c) / (d - c), 0.0, 1.0);
      return boost::math::ibetac(a, b, s, SpecialPolicy());
    }
    case Family::kGamma:
      if (x == kInfinity) return 0;
      return x <= 0 ? 1 : boost::math::gamma_q(a, x / b, SpecialPolicy());
    case Family::kExponential:
      return x <= 0 ? 1 : exp(-x / a);
    case Family::kStudentT:
      return std::isinf(x) ? (x < 0) : boost::math::cdf(StudentT(a), (b - x) / c);
    case Family::kPoisson:
      return x == kInfinity ? 0 : poisson_survival(a, x);
    case Family::kBernoulli:
      return x < 0 ? 1 : x < 1 ? a : 0;
    case Family::kPoint:
    case Family::kDiscrete:
      return 1 - cdf(x);
    case Family::kMixture: {
      double sum = 0;
      for (const Part& part : *parts_) sum += part.weight * part.distribution.survival(x);
      return std::min(sum, 1.0);
    }
    case Family::kTruncated: {
      if (x < a) return 1;
      if (x >= b) return 0;
      const Distribution& whole = parts_->front().distribution;
      const double q =
          cut_.cdf_high < 0.5 ? cut_.cdf_high - whole.cdf(x) : whole.survival(x) - cut_.above;
      return std::clamp(q / cut_.within, 0.0, 1.0);
    }
  }
  return kNaN;
}

double Distribution::density(double x) const {
  const auto& [a, b, c, d] = parameters_;
  switch (family_) {
    case Family::kNormal:
      return normal_density((x - a) / b) / b;
    case Family::kLognormal:
      return x <= 0 ? 0 : normal_density((log(x) - a) / b) / (b * x);
    case Family::kUniform:
      return x >= a && x <= b ? 1 / (b - a) : 0;
    case Family::kTriangular:
      if (x < a || x > c) return 0;
      return x < b ? 2 * (x - a) / ((c - a) * (b - a)) : 2 * (c - x) / ((c - a) * (c - b));
    case Family::kBeta: {
      const double s = (x - c) / (d - c);
      if (!(s > 0 && s < 1)) return 0;
      return boost::math::ibeta_derivative(a, b, s, SpecialPolicy()) / (d - c);
    }
    case Family::kGamma:
      if (!(x > 0 && x < kInfinity)) return 0;
      return boost::math::gamma_p_derivative(a, x / b, SpecialPolicy()) / b;
    case Family::kExponential:
      return x < 0 ? 0 : exp(-x / a) / a;
    case Family::kStudentT:
      return std::isinf(x) ? 0 : boost::math::pdf(StudentT(a), (x - b) / c) / c;
    case Family::kPoint:
    case Family::kPoisson:
    case Family::kBernoulli:
    case Family::kDiscrete:
      return 0;
    case Family::kMixture: {
      double sum = 0;
      for (const Part& part : *parts_) sum += part.weight * part.distribution.density(x);
      return sum;
    }
    case Family::kTruncated: {
      if (x < a || x > b) return 0;
      const Distribution& whole = parts_->front().distribution;
      return whole.density(x) / cut_.within;
    }
  }
  return kNaN;
}

namespace {

// The integral of f(quantile) over all probabilities: Gauss rules on octaves towards both ends.
template <class F>
double expectation(const Distribution& distribution, F f) {
  double sum = 0;
  for (double high = 0.5; high > 0x1p-60; high /= 2) {
    const auto both = [&](double v) {
      return f(distribution.lower_quantile(v)) + f(distribution.upper_quantile(v));
    };
    sum += boost::math::quadrature::gauss<double, 10>::integrate(both, high / 2, high);
  }
  return sum;
}

// Whether a truncated distribution has the moments of a bounded one.
bool bounded(double low, double high) { return std::isfinite(low) && std::isfinite(high); }

}  // namespace

double Distribution::mean() const {
  const auto& [a, b, c, d] = parameters_;
  switch (family_) {
    case Family::kPoint:
    case Family::kNormal:
    case Family::kExponential:
    case Family::kPoisson:
    case Family::kBernoulli:
      return a;
    case Family::kLognormal:
      return exp(a + 0.5 * b * b);
    case Family::kUniform:
      return a + (b - a) / 2;
    case Family::kTriangular:
      return (a + b + c) / 3;
    case Family::kBeta:
      return c + (d - c) * (a / (a + b));
    case Family::kGamma:
      return a * b;
    case Family::kStudentT:
      return a > 1 ? b : kNaN;
    case Family::kDiscrete: {
      double sum = 0;
      for (const Atom& atom : *atoms_) sum += atom.weight * atom.value;
      return sum;
    }
    case Family::kMixture: {
      double sum = 0;
      for (const Part& part : *parts_) sum += part.weight * part.distribution.mean();
      return sum;
    }
    case Family::kTruncated:
      if (!bounded(a, b) && std::isnan(parts_->front().distribution.mean())) return kNaN;
      return expectation(*this, [](double x) { return x; });
  }
  return kNaN;
}

double Distribution::sd() const {
  const auto& [a, b, c, d] = parameters_;
  switch (family_) {
    case Family::kPoint:
      return 0;
    case Family::kNormal:
      return b;
    case Family::kExponential:
      return a;
    case Family::kPoisson:
      return std::sqrt(a);
    case Family::kBernoulli:
      return std::sqrt(a * (1 - a));
    case Family::kLognormal:
      return mean() * std::sqrt(std::expm1(b * b));
    case Family::kUniform:
      return (b - a) / std::sqrt(12.0);
    case Family::kTriangular: {
      const double left = b - a;
      const double right = c - b;
      return std::sqrt((left * left + left * right + right * right) / 18);
    }
    case Family::kBeta:
      return (d - c) * std::sqrt(a / (a + b) * (b / (a + b)) / (a + b + 1));
    case Family::kGamma:
      return b * std::sqrt(a);
    case Family::kStudentT:
      return a > 2 ? c * std::sqrt(a / (a - 2)) : kInfinity;
    case Family::kDiscrete: {
      const double centre = mean();
      double sum = 0;
      for (const Atom& atom : *atoms_) {
        sum += atom.weight * (atom.value - centre) * (atom.value - centre);
      }
      return std::sqrt(sum);
    }
    case Family::kMixture: {
      const double centre = mean();
      double sum = 0;
      for (const Part& part : *parts_) {
        const double s = part.distribution.sd();
        const double shift = part.distribution.mean() - centre;
        sum += part.weight * (s * s + shift * shift);
      }
      return std::isnan(sum) ? kInfinity : std::sqrt(sum);
    }
    case Family::kTruncated: {
      if (!bounded(a, b) && std::isinf(parts_->front().distribution.sd())) return kInfinity;
      const double centre = mean();
      return std::sqrt(expectation(*this, [=](double x) { return (x - centre) * (x - centre); }));
    }
  }
  return kNaN;
}

}  // namespace headrace::math
