#include <gtest/gtest.h>

#include <cmath>

#include "math/normal_quantile.h"
#include "study/calibration/random.h"
#include "study/watch/information.h"
#include "study/watch/reading.h"

namespace headrace::study {
namespace {

std::vector<double> normals(size_t n, uint64_t which) {
  const Random random(11, "watch test");
  std::vector<double> out;
  for (size_t d = 0; d < n; ++d) out.push_back(random.normal(d, which));
  return out;
}

double density(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2 * M_PI); }

// E[max(0, m + s Z)]: the unit normal loss integral (Raiffa and Schlaifer 1961, 5.4).
double expected_positive(double m, double s) {
  return m * math::normal_cdf(m / s) + s * density(m / s);
}

constexpr size_t kDraws = 200'000;

// Act or not: acting gains a + b x + c z. Without a reading the gain is max(0, a); knowing x makes
// it E[max(0, a + b x)].
TEST(Decision, EvppiIsTheUnitNormalLossIntegral) {
  const std::vector<double> x = normals(kDraws, 1), z = normals(kDraws, 2);
  for (const double a : {-0.5, 0.0, 0.7}) {
    for (const double b : {0.2, 1.0}) {
      std::vector<std::vector<double>> utilities(2, std::vector<double>(kDraws));
      for (size_t d = 0; d < kDraws; ++d) utilities[1][d] = a + b * x[d] + 0.8 * z[d];
      const double expected = expected_positive(a, b) - std::max(0.0, a);
      const Decided found = decide(sorted(x), utilities);
      EXPECT_NEAR(found.worth, expected, 4 * found.error + 1e-4) << a << ' ' << b;
      EXPECT_LT(found.error, 0.005);
      const double everything = expected_positive(a, std::hypot(b, 0.8)) - std::max(0.0, a);
      EXPECT_NEAR(choose(utilities).perfect, everything, 0.01) << a << ' ' << b;
      // The other option is best beyond x = -a / b.
      if (found.worth > 0.05) {
        EXPECT_TRUE(found.tripwire.there);
        EXPECT_NEAR(found.tripwire.reading, -a / b, 0.15) << a << ' ' << b;
      }
    }
  }
}

// A reading of x with an error of standard deviation s tells of x what its regression says: the
// gain is E[max(0, a + b r Z)] with r^2 = 1 / (1 + s^2).
TEST(Decision, EvsiOfANoisyReadingIsItsClosedForm) {
  const std::vector<double> x = normals(kDraws, 1);
  std::vector<std::vector<double>> utilities(2, std::vector<double>(kDraws));
  for (size_t d = 0; d < kDraws; ++d) utilities[1][d] = -0.3 + x[d];
  for (const double s : {0.5, 1.0, 3.0}) {
    const auto reading =
        simulated_readings(x, {ReadingError::Form::kNormal, s}, 5, "x with an error");
    const double expected = expected_positive(-0.3, 1 / std::sqrt(1 + s * s));
    const Decided found = decide(sorted(reading), utilities);
    EXPECT_NEAR(found.worth, expected, 4 * found.error + 1e-3) << s;
  }
}

TEST(Decision, NoiseIsWorthNothing) {
  const std::vector<double> x = normals(kDraws, 1), noise = normals(kDraws, 3);
  std::vector<std::vector<double>> utilities(3, x);
  for (size_t d = 0; d < kDraws; ++d) utilities[0][d] = 0.01, utilities[2][d] = -x[d];
  const Decided found = decide(sorted(noise), utilities);
  EXPECT_LT(found.worth, 3 * found.error);
  EXPECT_FALSE(found.tripwire.there);
}

// Of y = x + c z, knowing x takes away 1 / (1 + c^2) of the variance; a reading with an error of
// standard deviation s takes away 1 / ((1 + s^2) (1 + c^2)).
TEST(Learning, ShareOfTheVarianceIsThatOfTheRegression) {
  const std::vector<double> x = normals(kDraws, 1), z = normals(kDraws, 2);
  std::vector<double> y(kDraws);
  for (size_t d = 0; d < kDraws; ++d) y[d] = x[d] + 0.5 * z[d];
  for (const double s : {0.0, 0.7}) {
    const ReadingError error{s > 0 ? ReadingError::Form::kNormal : ReadingError::Form::kNone, s};
    const Learned found = learn(sorted(simulated_readings(x, error, 5, "x")), y, false);
    EXPECT_NEAR(found.worth, 1 / ((1 + s * s) * 1.25), 0.006) << s;
    EXPECT_TRUE(found.steady);
    // All normal: the interval narrows like the standard deviation.
    EXPECT_NEAR(found.narrowing, 1 - std::sqrt(1 - found.worth), 0.01) << s;
  }
}

TEST(Learning, OddsMoveWithTheReading) {
  const std::vector<double> x = normals(kDraws, 1);
  std::vector<double> holds(kDraws);
  for (size_t d = 0; d < kDraws; ++d) holds[d] = x[d] > 1 ? 1 : 0;
  const Learned found = learn(sorted(x), holds, true);
  EXPECT_GT(found.worth, 0.97);
  EXPECT_EQ(found.if_low, 0);
  // The tenth around the 90 % quantile reaches from 1.04 to 1.64 standard deviations.
  EXPECT_EQ(found.if_high, 1);
  EXPECT_TRUE(found.tripwire.there && found.tripwire.above);
  EXPECT_NEAR(found.tripwire.reading, 1, 0.1);
  EXPECT_NEAR(found.tripwire.chance, 1 - math::normal_cdf(1.0), 0.02);
}

// A normal reading of a normal quantity: the conjugate case.
TEST(Reading, WeightsGiveTheConjugatePosterior) {
  const std::vector<double> x = normals(kDraws, 1);
  const auto weights = normalized(log_likelihoods(x, {ReadingError::Form::kNormal, 0.5}, 1.2));
  double mean = 0, square = 0;
  for (size_t d = 0; d < kDraws; ++d) mean += weights[d] * x[d];
  for (size_t d = 0; d < kDraws; ++d) square += weights[d] * (x[d] - mean) * (x[d] - mean);
  EXPECT_NEAR(mean, 1.2 / 1.25, 0.01);
  EXPECT_NEAR(square, 0.25 / 1.25, 0.01);
  EXPECT_LT(effective_draws(weights), 0.6 * kDraws);

  double resampled_mean = 0;
  const auto draws = resampled(weights, 3);
  ASSERT_EQ(draws.size(), kDraws);
  for (uint32_t d : draws) resampled_mean += x[d] / kDraws;
  EXPECT_NEAR(resampled_mean, mean, 1e-3);
}

TEST(Reading, ImpossibleReadingsLeaveNothing) {
  const std::vector<double> x = {-1, 0, -2};
  EXPECT_TRUE(normalized(log_likelihoods(x, {ReadingError::Form::kLognormal, 0.5}, 2)).empty());
}

TEST(Reading, EqualWeightsTakeEachDrawOnce) {
  const std::vector<double> weights(1000, 1e-3);
  const auto draws = resampled(weights, 9);
  for (uint32_t d = 0; d < draws.size(); ++d) EXPECT_EQ(draws[d], d);
}

}  // namespace
}  // namespace headrace::study
