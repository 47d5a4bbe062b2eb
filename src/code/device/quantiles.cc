// Quantiles whose parameters may change from draw to draw and from step to step: noise of any
// distribution is the quantile of uniform noise.

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

#include "code/device/arrays.h"
#include "math/normal_quantile.h"
#include "math/special.h"

namespace headrace::code {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool is_share(double share) { return share >= 0 && share <= 1; }

// The least whole number from 0 on with enough(k), searched around a first guess.
template <class Enough>
double least_count(double guess, double most, Enough enough) {
  double k = std::min(std::max(0.0, std::floor(guess)), most);
  double stride = 1;
  while (k < most && !enough(k)) k = std::min(k + stride, most), stride *= 2;
  for (; stride >= 1; stride /= 2) {
    while (k >= stride && enough(k - stride)) k -= stride;
  }
  return k;
}

// Where a normal variable of the same mean and deviation would lie.
double normal_guess(double share, double mean, double variance) {
  const double inner = std::min(std::max(share, 1e-300), 1 - 1e-16);
  return mean + std::sqrt(variance) * math::normal_quantile(inner);
}

}  // namespace

double poisson_quantile(double share, double mean) {
  if (!is_share(share) || !(mean >= 0) || mean > 1e15) return kNaN;
  if (mean == 0) return 0;
  if (share == 1) return kInfinity;
  const auto enough = [&](double k) {
    return boost::math::gamma_q(k + 1, mean, math::SpecialPolicy()) >= share;
  };
  return least_count(normal_guess(share, mean, mean), kInfinity, enough);
}

double binomial_quantile(double share, double trials, double chance) {
  const double n = std::nearbyint(trials);
  if (!is_share(share) || !(n >= 0) || n > 1e15 || !(chance >= 0 && chance <= 1)) return kNaN;
  if (n == 0 || chance == 0) return 0;
  if (chance == 1 || share == 1) return n;
  const auto enough = [&](double k) {
    return k >= n || boost::math::ibetac(k + 1, n - k, chance, math::SpecialPolicy()) >= share;
  };
  return least_count(normal_guess(share, n * chance, n * chance * (1 - chance)), n, enough);
}

double beta_quantile(double share, double alpha, double beta) {
  if (!is_share(share) || !(alpha > 0) || !(beta > 0)) return kNaN;
  return boost::math::ibeta_inv(alpha, beta, share, math::SpecialPolicy());
}

double gamma_quantile(double share, double shape, double scale) {
  if (!is_share(share) || !(shape > 0) || !(scale >= 0)) return kNaN;
  if (share == 1) return kInfinity;
  return scale * boost::math::gamma_p_inv(shape, share, math::SpecialPolicy());
}

double normal_share(double z) {
  return std::isnan(z) ? kNaN : 0.5 * boost::math::erfc(-z / std::sqrt(2.0), math::SpecialPolicy());
}

double normal_quantile(double share, double mean, double sd) {
  if (!is_share(share) || !(sd >= 0)) return kNaN;
  return mean + sd * math::normal_quantile(share);
}

}  // namespace headrace::code
