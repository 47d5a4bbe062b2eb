#include "math/distribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace headrace::math {
namespace {

using ::testing::HasSubstr;

constexpr double kInfinity = HUGE_VAL;

void expect_quantiles(const Distribution& d, double p5, double p50, double p95, double tolerance) {
  EXPECT_NEAR(d.quantile(0.05), p5, tolerance) << d.describe();
  EXPECT_NEAR(d.quantile(0.50), p50, tolerance) << d.describe();
  EXPECT_NEAR(d.quantile(0.95), p95, tolerance) << d.describe();
}

TEST(Distribution, IntervalsAreNinetyPercent) {
  expect_quantiles(*normal_interval(-2, 8), -2, 3, 8, 1e-12);
  expect_quantiles(*lognormal_interval(3, 7), 3, std::sqrt(21), 7, 1e-12);
  EXPECT_EQ(interval(3, 7)->family(), Distribution::Family::kLognormal);
  EXPECT_EQ(interval(-3, 7)->family(), Distribution::Family::kNormal);
  EXPECT_EQ(interval(0, 7)->family(), Distribution::Family::kNormal);
}

TEST(Distribution, DescriptionsSayWhatWasFitted) {
  EXPECT_EQ(lognormal_interval(3, 7)->describe(),
            "lognormal(mu 1.52, sigma 0.258), 90 % 3 to 7, median 4.58");
  EXPECT_EQ(normal(200e3, 25e3)->describe(),
            "normal(mean 200000, sd 25000), 90 % 159000 to 241000, median 200000");
  EXPECT_EQ(truncated(*normal(0, 1), 0, kInfinity)->describe(),
            "normal(mean 0, sd 1) at least 0, 90 % 0.0627 to 1.96, median 0.674");
  EXPECT_EQ(point(4)->describe(), "point(4)");
}

TEST(Distribution, LognormalFromMeanAndMedian) {
  const Distribution a = *lognormal_from_mean(10, 4);
  EXPECT_NEAR(a.mean(), 10, 1e-12);
  EXPECT_NEAR(a.sd(), 4, 1e-12);
  const Distribution b = *lognormal_from_median(200e3, 1.4);
  EXPECT_NEAR(b.quantile(0.5), 200e3, 1e-8);
  EXPECT_NEAR(b.quantile(0.8413447460685429), 280e3, 1e-6);  // one geometric sd above
}

TEST(Distribution, BetaFitsKeepWhatWasAsked) {
  const Distribution from_mean = *beta_from_mean(0.3, 0.1);
  EXPECT_NEAR(from_mean.mean(), 0.3, 1e-12);
  EXPECT_NEAR(from_mean.sd(), 0.1, 1e-12);
  const Distribution from_mode = *beta_from_mode(0.40, 0.25, 0.55);
  const double alpha = from_mode.parameters()[0];
  const double beta = from_mode.parameters()[1];
  EXPECT_NEAR((alpha - 1) / (alpha + beta - 2), 0.40, 1e-12);
  EXPECT_NEAR(from_mode.cdf(0.55) - from_mode.cdf(0.25), 0.9, 1e-10);
  const Distribution from_pert = *pert(10, 12, 20);
  EXPECT_NEAR(from_pert.mean(), (10 + 4 * 12 + 20) / 6.0, 1e-12);
}

TEST(Distribution, GammaFromMean) {
  const Distribution d = *gamma_from_mean(6, 2);
  EXPECT_NEAR(d.mean(), 6, 1e-12);
  EXPECT_NEAR(d.sd(), 2, 1e-12);
}

// Abramowitz and Stegun (1964): tables 26.8 (chi-square), 26.10 (Student's t), 26.7 (Poisson as
// chi-square); and closed forms.
TEST(Distribution, PublishedQuantiles) {
  EXPECT_NEAR(gamma(5, 2)->quantile(0.95), 18.3070, 5e-5);  // chi-square, 10 degrees
  EXPECT_NEAR(gamma(0.5, 2)->quantile(0.95), 3.84146, 5e-6);
  EXPECT_NEAR(student_t(10)->quantile(0.975), 2.228, 5e-4);
  EXPECT_NEAR(student_t(1)->quantile(0.995), 63.657, 5e-4);
  EXPECT_NEAR(exponential(3)->quantile(0.5), 3 * std::log(2), 1e-14);
  EXPECT_NEAR(triangular(0, 1, 4)->quantile(0.25), 1, 1e-14);
  EXPECT_NEAR(beta(0.5, 0.5)->quantile(0.25), std::pow(std::sin(M_PI / 8), 2), 1e-14);  // arcsine
  EXPECT_NEAR(beta(1, 3)->quantile(0.3), 1 - std::cbrt(0.7), 1e-14);
  EXPECT_EQ(poisson(7)->quantile(0.5), 7);
  EXPECT_EQ(poisson(7)->quantile(0.05), 3);
  EXPECT_NEAR(poisson(7)->cdf(3), 0.08176541624472, 1e-12);
}

TEST(Distribution, TruncatedNormalHasItsClosedForms) {
  const Distribution half = *truncated(*normal(0, 1), 0, kInfinity);
  EXPECT_NEAR(half.mean(), std::sqrt(2 / M_PI), 1e-9);
  EXPECT_NEAR(half.sd(), std::sqrt(1 - 2 / M_PI), 1e-9);
  EXPECT_NEAR(half.quantile(0.5), 0.6744897501960817, 1e-12);
  // The same tail seen from both sides.
  const Distribution above = *truncated(*normal(0, 1), 8, 12);
  const Distribution below = *truncated(*normal(0, 1), -12, -8);
  EXPECT_NEAR(above.quantile(0.5), -below.quantile(0.5), 1e-12);
  EXPECT_NEAR(above.cdf(above.quantile(0.3)), 0.3, 1e-10);
}

TEST(Distribution, MixturesWeighTheirParts) {
  const std::vector<WeightedDistribution> parts = {{1, *normal(0, 1)}, {3, *normal(10, 2)}};
  const Distribution d = *mixture(parts);
  EXPECT_NEAR(d.mean(), 7.5, 1e-12);
  EXPECT_NEAR(d.sd(), std::sqrt(0.25 * 1 + 0.75 * 4 + 0.25 * 0.75 * 100), 1e-12);
  EXPECT_NEAR(d.cdf(d.quantile(0.6)), 0.6, 1e-13);
  const std::vector<WeightedDistribution> nested = {{1, d}, {1, *point(3)}};
  EXPECT_EQ(mixture(nested)->parts().size(), 3u);
  EXPECT_EQ(mixture(nested)->quantile(0.3), 3);  // the atom at 3 covers 0.125 to 0.625
}

TEST(Distribution, DiscreteJoinsAndOrdersValues) {
  const std::vector<Choice> choices = {{5, 2}, {1, 1}, {5, 1}, {9, 0}};
  const Distribution d = *discrete(choices);
  ASSERT_EQ(d.atoms().size(), 2u);
  EXPECT_EQ(d.quantile(0.25), 1);
  EXPECT_EQ(d.quantile(0.26), 5);
  EXPECT_NEAR(d.mean(), 4, 1e-14);
}

TEST(Distribution, TruncationOfCounts) {
  const Distribution d = *truncated(*poisson(3), 1, 4);
  ASSERT_EQ(d.atoms().size(), 4u);
  EXPECT_NEAR(d.atoms()[0].weight, 3.0 / (3 + 4.5 + 4.5 + 3.375), 1e-12);
}

TEST(Distribution, CdfInvertsTheQuantile) {
  const Distribution all[] = {
      *normal(1, 2),        *lognormal(1, 0.5),  *uniform(-1, 4),
      *triangular(0, 1, 4), *beta(2, 5, 10, 20), *gamma(2, 3),
      *exponential(2),      *student_t(3, 1, 2), *truncated(*gamma(2, 3), 1, 9)};
  for (const Distribution& d : all) {
    for (double p : {1e-6, 0.01, 0.3, 0.5, 0.9, 0.999999}) {
      EXPECT_NEAR(d.cdf(d.quantile(p)) / p, 1, 1e-9) << d.describe() << " at " << p;
      EXPECT_NEAR(d.survival(d.upper_quantile(p)) / p, 1, 1e-9) << d.describe() << " at " << p;
    }
    // The density is the slope.
    const double x = d.quantile(0.4);
    const double h = 1e-5 * d.sd();
    const double step = std::isfinite(h) ? h : 1e-5;
    const double slope = (d.cdf(x + step) - d.cdf(x - step)) / (2 * step);
    EXPECT_NEAR(d.density(x) / slope, 1, 1e-4) << d.describe();
  }
}

TEST(Distribution, MistakesAreToldInPlainWords) {
  const auto message = [](const Draws& d) {
    return d ? std::string("accepted") : d.error().message;
  };
  EXPECT_THAT(message(normal(0, -1)), HasSubstr("standard deviation is -1, below zero"));
  EXPECT_THAT(message(interval(7, 3)), HasSubstr("the low end 7 is not below the high end 3"));
  EXPECT_THAT(message(lognormal_interval(-1, 3)), HasSubstr("a lognormal is positive"));
  EXPECT_THAT(message(beta_from_mode(0.9, 0.1, 0.5)),
              HasSubstr("beta(mode 0.9, 0.1 to 0.5) needs"));
  EXPECT_THAT(message(beta_from_mode(0.5, 0.01, 0.99)), HasSubstr("no beta with one mode"));
  EXPECT_THAT(message(beta_from_mean(0.5, 0.6)), HasSubstr("between 0 and 0.5, not 0.6"));
  EXPECT_THAT(message(triangular(1, 5, 3)), HasSubstr("in rising order"));
  EXPECT_THAT(message(gamma(-1, 1)), HasSubstr("the shape of gamma"));
  EXPECT_THAT(message(bernoulli(1.5)), HasSubstr("between 0 and 1"));
  EXPECT_THAT(message(discrete({})), HasSubstr("at least one value"));
  EXPECT_THAT(message(normal(NAN, 1)), HasSubstr("finite"));
  EXPECT_THAT(message(lognormal(1000, 1)), HasSubstr("range of numbers"));
  EXPECT_THAT(message(truncated(*uniform(0, 1), 2, 3)), HasSubstr("almost nothing of uniform"));
  EXPECT_THAT(message(poisson(1e12)), HasSubstr("between 0 and 1e8"));
}

TEST(Distribution, TruncationsJoin) {
  const Distribution once = *truncated(*normal(0, 1), -1, 2);
  const Distribution twice = *truncated(once, 0, 5);
  EXPECT_EQ(twice.describe(), truncated(*normal(0, 1), 0, 2)->describe());
  EXPECT_EQ(twice.quantile(0.3), truncated(*normal(0, 1), 0, 2)->quantile(0.3));
}

TEST(Distribution, NestingIsBounded) {
  Draws next = normal(0, 1);
  double low = -3;
  for (int i = 0; i < 40 && next; ++i, low += 0.1) {
    const Draws cut = truncated(*next, low, 10);
    if (!cut) {
      next = cut;
      break;
    }
    const std::vector<WeightedDistribution> parts = {{1, *cut}, {1, *normal(0, 1)}};
    next = mixture(parts);
  }
  ASSERT_FALSE(next.has_value());
  EXPECT_THAT(next.error().message, HasSubstr("nested too deeply"));
}

}  // namespace
}  // namespace headrace::math
