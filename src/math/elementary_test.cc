#include "math/elementary.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "math/mpfr_test.h"

namespace headrace::math {
namespace {

using Reference = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);

// The largest distance over `count` random arguments.
double worst_ulp(double (*f)(double), Reference reference, int count,
                 const std::function<double(std::mt19937_64&)>& argument) {
  std::mt19937_64 random(20250613);
  double worst = 0;
  double at = 0;
  Exact exact;
  for (int i = 0; i < count; ++i) {
    const double x = argument(random);
    Exact input(x);
    reference(exact.get(), input.get(), MPFR_RNDN);
    const double distance = distance_ulp(f(x), exact);
    if (distance > worst) worst = distance, at = x;
  }
  printf("             worst %.3f ulp at %a\n", worst, at);
  return worst;
}

std::function<double(std::mt19937_64&)> uniform(double low, double high) {
  return [=](std::mt19937_64& random) { return std::uniform_real_distribution(low, high)(random); };
}

std::function<double(std::mt19937_64&)> any_exponent(double low, double high, bool both_signs) {
  return [=](std::mt19937_64& random) {
    const double x = log_uniform(random, low, high);
    return both_signs && random() % 2 ? -x : x;
  };
}

double exp1(double x) { return exp(x); }
double log1(double x) { return log(x); }
double sin1(double x) { return sin(x); }
double cos1(double x) { return cos(x); }
double tan1(double x) { return tan(x); }
double atan1(double x) { return atan(x); }

constexpr int kPoints = 40'000;

TEST(Elementary, ExpWithinOneUlp) {
  EXPECT_LE(worst_ulp(exp1, mpfr_exp, kPoints, uniform(-745.2, 709.7)), 1.0);
  EXPECT_LE(worst_ulp(exp1, mpfr_exp, kPoints, uniform(-1, 1)), 1.0);
  EXPECT_LE(worst_ulp(exp1, mpfr_exp, kPoints, any_exponent(1e-300, 700, true)), 1.0);
  EXPECT_LE(worst_ulp(exp1, mpfr_exp, kPoints, uniform(-745.2, -707)), 1.0);
}

TEST(Elementary, LogWithinOneUlp) {
  EXPECT_LE(worst_ulp(log1, mpfr_log, kPoints, any_exponent(1e-307, 1e308, false)), 1.0);
  EXPECT_LE(worst_ulp(log1, mpfr_log, kPoints, uniform(0.5, 2)), 1.0);
  EXPECT_LE(worst_ulp(log1, mpfr_log, kPoints, uniform(0.999, 1.001)), 1.0);
  EXPECT_LE(worst_ulp(log1, mpfr_log, kPoints, uniform(0, 0x1p-1022)), 1.0);
}

TEST(Elementary, SinAndCosWithinTwoUlp) {
  for (auto [f, reference] :
       {std::pair<double (*)(double), Reference>{sin1, mpfr_sin}, {cos1, mpfr_cos}}) {
    EXPECT_LE(worst_ulp(f, reference, kPoints, uniform(-4, 4)), 2.0);
    EXPECT_LE(worst_ulp(f, reference, kPoints, uniform(-1.6e6, 1.6e6)), 2.0);
    EXPECT_LE(worst_ulp(f, reference, kPoints, any_exponent(1e-310, 1.6e6, true)), 2.0);
    // The doubles nearest to multiples of a quarter turn lose most in the reduction.
    EXPECT_LE(worst_ulp(f, reference, kPoints,
                        [](std::mt19937_64& random) {
                          const double near =
                              static_cast<double>(random() % 1'000'000) * (M_PI / 2);
                          return std::nextafter(near, random() % 2 ? 0.0 : 1e9);
                        }),
              2.0);
    EXPECT_LE(worst_ulp(f, reference, kPoints,
                        [](std::mt19937_64& random) {
                          return static_cast<double>(random() % 1'000'000) * (M_PI / 2);
                        }),
              2.0);
  }
}

TEST(Elementary, TanWithinThreeUlp) {
  EXPECT_LE(worst_ulp(tan1, mpfr_tan, kPoints, uniform(-4, 4)), 3.0);
  EXPECT_LE(worst_ulp(tan1, mpfr_tan, kPoints, any_exponent(1e-310, 1.6e6, true)), 3.0);
}

TEST(Elementary, AtanWithinOneAndAHalfUlp) {
  EXPECT_LE(worst_ulp(atan1, mpfr_atan, kPoints, uniform(-4, 4)), 1.5);
  EXPECT_LE(worst_ulp(atan1, mpfr_atan, kPoints, any_exponent(1e-310, 1e308, true)), 1.5);
}

TEST(Elementary, SineOfLargeArgumentsStaysBounded) {
  std::mt19937_64 random(1);
  Exact exact;
  for (int i = 0; i < kPoints; ++i) {
    const double x = log_uniform(random, 1e6, 0x1p30);
    Exact input(x);
    mpfr_sin(exact.get(), input.get(), MPFR_RNDN);
    ASSERT_LE(std::fabs(sin(x) - mpfr_get_d(exact.get(), MPFR_RNDN)), x * 0x1p-52) << x;
    const double huge = log_uniform(random, 1e6, 1e308);
    ASSERT_LE(std::fabs(sin(huge)), 1.0) << huge;
    ASSERT_LE(std::fabs(cos(-huge)), 1.0) << huge;
  }
}

double worst_pow(int count,
                 const std::function<std::pair<double, double>(std::mt19937_64&)>& pair) {
  std::mt19937_64 random(20250613);
  Exact exact;
  double worst = 0;
  double at_x = 0;
  double at_y = 0;
  for (int i = 0; i < count; ++i) {
    const auto [x, y] = pair(random);
    Exact base(x);
    Exact exponent(y);
    mpfr_pow(exact.get(), base.get(), exponent.get(), MPFR_RNDN);
    const double distance = distance_ulp(pow(x, y), exact);
    if (distance > worst) worst = distance, at_x = x, at_y = y;
  }
  printf("             worst %.3f ulp at %a ^ %a\n", worst, at_x, at_y);
  return worst;
}

TEST(Elementary, PowWithinOneAndAHalfUlp) {
  // Ordinary arguments.
  EXPECT_LE(worst_pow(kPoints,
                      [](auto& random) {
                        return std::pair{log_uniform(random, 0.02, 50), uniform(-3, 3)(random)};
                      }),
            1.5);
  // Results over the whole range, subnormals and overflow included.
  EXPECT_LE(worst_pow(kPoints,
                      [](auto& random) {
                        const double x = log_uniform(random, 1e-307, 1e308);
                        return std::pair{x, uniform(-760, 760)(random) / std::log(x)};
                      }),
            1.5);
  // Bases near one with large exponents ask most of the logarithm.
  EXPECT_LE(worst_pow(kPoints,
                      [](auto& random) {
                        const double x = uniform(0.7, 1.42)(random);
                        return std::pair{x, uniform(-745, 709)(random) / std::log(x)};
                      }),
            1.5);
  EXPECT_LE(
      worst_pow(kPoints,
                [](auto& random) {
                  const double x = 1 + log_uniform(random, 1e-16, 1e-2) * (random() % 2 ? 1 : -1);
                  return std::pair{x, x == 1 ? 2.0 : uniform(-745, 709)(random) / std::log(x)};
                }),
      1.5);
  // Negative and subnormal bases, integer exponents.
  EXPECT_LE(worst_pow(kPoints,
                      [](auto& random) {
                        const double y = static_cast<double>(random() % 41) - 20;
                        return std::pair{-log_uniform(random, 1e-18, 1e18), y};
                      }),
            1.5);
  EXPECT_LE(worst_pow(kPoints,
                      [](auto& random) {
                        return std::pair{uniform(0, 0x1p-1022)(random), uniform(-1, 1)(random)};
                      }),
            1.5);
}

bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || std::bit_cast<int64_t>(a) == std::bit_cast<int64_t>(b);
}

std::vector<double> edge_values() {
  std::vector<double> values;
  for (double x : {0.0,
                   0x1p-1074,
                   0x1p-1022,
                   1e-300,
                   0x1p-27,
                   0.25,
                   0.5,
                   0.49999999999999994,
                   1.0,
                   1.0000000000000002,
                   0.9999999999999999,
                   1.5,
                   2.0,
                   2.5,
                   3.0,
                   708.0,
                   709.7,
                   710.0,
                   744.0,
                   745.0,
                   746.0,
                   1e5,
                   0x1p52,
                   0x1p53,
                   0x1p53 + 2,
                   0x1p64,
                   1e300,
                   0x1.fffffffffffffp+1023,
                   HUGE_VAL}) {
    values.push_back(x);
    values.push_back(-x);
  }
  values.push_back(NAN);
  return values;
}

// The C library is exact or nearly so in all these places; special values must be equal.
void expect_like(double ours, double libm, double ulps, const std::string& what) {
  if (std::isfinite(libm) && libm != 0) {
    EXPECT_TRUE(std::isfinite(ours)) << what << ": " << ours << " for " << libm;
    EXPECT_LE(std::fabs(ours - libm), ulps * std::fmax(std::fabs(libm) * 0x1p-52, 0x1p-1074))
        << what;
  } else {
    EXPECT_TRUE(same(ours, libm)) << what << ": " << ours << " for " << libm;
  }
}

TEST(Elementary, EdgeValuesOfOneArgument) {
  for (double x : edge_values()) {
    const std::string at = fmt::format("({})", x);
    expect_like(exp(x), std::exp(x), 1, "exp" + at);
    expect_like(log(x), std::log(x), 1, "log" + at);
    expect_like(atan(x), std::atan(x), 2, "atan" + at);
    if (!(std::fabs(x) > 1.6e6) || std::isinf(x)) {
      expect_like(sin(x), std::sin(x), 2, "sin" + at);
      expect_like(cos(x), std::cos(x), 2, "cos" + at);
      expect_like(tan(x), std::tan(x), 3, "tan" + at);
    }
    EXPECT_TRUE(same(floor(x), std::floor(x))) << x;
    EXPECT_TRUE(same(detail::floor_by_addition(x), std::floor(x))) << x;
    EXPECT_TRUE(same(ceil(x), std::ceil(x))) << x;
    EXPECT_TRUE(same(trunc(x), std::trunc(x))) << x;
    EXPECT_TRUE(same(round(x), std::round(x))) << x;
    EXPECT_TRUE(same(abs(x), std::fabs(x))) << x;
    EXPECT_TRUE(same(sqrt(x), std::sqrt(x))) << x;
  }
}

TEST(Elementary, EdgeValuesOfPow) {
  for (double x : edge_values()) {
    for (double y : edge_values()) {
      expect_like(pow(x, y), std::pow(x, y), 2, fmt::format("pow({}, {})", x, y));
    }
  }
}

TEST(Elementary, MinimumAndMaximumKeepNaN) {
  EXPECT_EQ(minimum(1.0, 2.0), 1.0);
  EXPECT_EQ(maximum(1.0, 2.0), 2.0);
  EXPECT_EQ(minimum(-HUGE_VAL, 2.0), -HUGE_VAL);
  EXPECT_TRUE(std::isnan(minimum(detail::kNaN, 1.0)) && std::isnan(minimum(1.0, detail::kNaN)));
  EXPECT_TRUE(std::isnan(maximum(detail::kNaN, 1.0)) && std::isnan(maximum(1.0, detail::kNaN)));
}

}  // namespace
}  // namespace headrace::math
