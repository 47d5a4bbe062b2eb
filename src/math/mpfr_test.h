// What the tests of elementary functions share: exact values from MPFR and distances in ulp.
#pragma once

#include <mpfr.h>

#include <cmath>
#include <cstdint>
#include <random>

namespace headrace::math {

class Exact {
 public:
  explicit Exact(double x = 0) {
    mpfr_init2(value_, 200);
    mpfr_set_d(value_, x, MPFR_RNDN);
  }
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;
  ~Exact() { mpfr_clear(value_); }
  mpfr_ptr get() { return value_; }

 private:
  mpfr_t value_;
};

// |y - exact| in units of the last place of a double of that size, subnormals included; 0 when
// both are NaN or y is the correctly rounded value, infinite when they are of different kinds.
inline double distance_ulp(double y, Exact& exact) {
  const double rounded = mpfr_get_d(exact.get(), MPFR_RNDN);
  if (std::isnan(y) || std::isnan(rounded))
    return std::isnan(y) == std::isnan(rounded) ? 0 : INFINITY;
  if (std::isinf(y) || std::isinf(rounded)) return y == rounded ? 0 : INFINITY;
  if (mpfr_zero_p(exact.get())) return y == 0 ? 0 : INFINITY;
  const long exponent = std::max<long>(mpfr_get_exp(exact.get()) - 53, -1074);
  Exact difference(y);
  mpfr_sub(difference.get(), difference.get(), exact.get(), MPFR_RNDN);
  mpfr_mul_2si(difference.get(), difference.get(), -exponent, MPFR_RNDN);
  return std::fabs(mpfr_get_d(difference.get(), MPFR_RNDN));
}

// A double with uniformly random bits between two positive bounds: every exponent equally likely.
inline double log_uniform(std::mt19937_64& random, double low, double high) {
  return std::exp(std::uniform_real_distribution(std::log(low), std::log(high))(random));
}

}  // namespace headrace::math
