#include "math/normal_quantile.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "math/mpfr_test.h"

namespace headrace::math {
namespace {

// P(Z <= z) in 200 bits.
void exact_cdf(Exact& result, double z) {
  Exact root(2);
  mpfr_sqrt(root.get(), root.get(), MPFR_RNDN);
  mpfr_set_d(result.get(), -z, MPFR_RNDN);
  mpfr_div(result.get(), result.get(), root.get(), MPFR_RNDN);
  mpfr_erfc(result.get(), result.get(), MPFR_RNDN);
  mpfr_div_ui(result.get(), result.get(), 2, MPFR_RNDN);
}

// The relative error of z = normal_quantile(p), from the error of its probability.
double quantile_error(double p) {
  const double z = normal_quantile(p);
  Exact probability;
  exact_cdf(probability, z);
  Exact wanted(p);
  mpfr_sub(probability.get(), probability.get(), wanted.get(), MPFR_RNDN);
  const double density = std::exp(-0.5 * z * z) / std::sqrt(2 * M_PI);
  return std::fabs(mpfr_get_d(probability.get(), MPFR_RNDN) / density / z);
}

TEST(NormalQuantile, RelativeErrorBelowTwoParts) {
  std::mt19937_64 random(3);
  double worst = 0;
  for (int i = 0; i < 2'000; ++i) {
    const double p = log_uniform(random, 1e-300, 0.5);
    worst = std::max(worst, quantile_error(p));
    const double u = std::uniform_real_distribution(0.0, 1.0)(random);
    if (u > 0 && u != 0.5) worst = std::max(worst, quantile_error(u));
  }
  printf("             worst relative error %.3g\n", worst);
  EXPECT_LE(worst, 1.5e-15);
}

TEST(NormalQuantile, PublishedValues) {
  // Wichura (1988), the three values given for checking.
  EXPECT_NEAR(normal_quantile(0.25), -0.6744897501960817, 1e-15);
  EXPECT_NEAR(normal_quantile(0.001), -3.090232306167814, 3e-15);
  EXPECT_NEAR(normal_quantile(1e-20), -9.262340089798408, 1e-14);
}

TEST(NormalQuantile, EdgeValues) {
  EXPECT_EQ(normal_quantile(0.5), 0.0);
  EXPECT_EQ(normal_quantile(0.0), -HUGE_VAL);
  EXPECT_EQ(normal_quantile(1.0), HUGE_VAL);
  EXPECT_TRUE(std::isnan(normal_quantile(-0.1)));
  EXPECT_TRUE(std::isnan(normal_quantile(1.1)));
  EXPECT_TRUE(std::isnan(normal_quantile(detail::kNaN)));
}

TEST(NormalQuantile, IsSymmetric) {
  for (double p : {0x1p-53, 1e-9, 0.01, 0.074, 0.2}) {
    const double upper = 1 - p;
    EXPECT_EQ(normal_quantile(1 - upper), -normal_quantile(upper));
  }
}

TEST(NormalCdf, RelativeErrorInBothTails) {
  std::mt19937_64 random(4);
  double worst = 0;
  Exact exact;
  for (int i = 0; i < 2'000; ++i) {
    const double z = std::uniform_real_distribution(-37.0, 9.0)(random);
    exact_cdf(exact, z);
    const double wanted = mpfr_get_d(exact.get(), MPFR_RNDN);
    worst = std::max(worst, std::fabs(normal_cdf(z) / wanted - 1));
  }
  printf("             worst relative error %.3g\n", worst);
  EXPECT_LE(worst, 1.5e-15);
}

TEST(NormalCdf, EdgeValues) {
  EXPECT_DOUBLE_EQ(normal_cdf(0.0), 0.5);
  EXPECT_EQ(normal_cdf(detail::kInfinity), 1.0);
  EXPECT_NEAR(normal_cdf(-detail::kInfinity), 0.0, 1e-300);
  EXPECT_TRUE(std::isnan(normal_cdf(detail::kNaN)));
}

}  // namespace
}  // namespace headrace::math
