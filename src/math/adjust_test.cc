#include "math/adjust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace headrace::math {
namespace {

constexpr double kProbabilities[] = {0.01, 0.05, 0.3, 0.5, 0.8, 0.99};

TEST(Adjust, ScalingMovesEveryQuantileByTheFactor) {
  const Choice choices[] = {{1, 0.5}, {4, 0.5}};
  const WeightedDistribution parts[] = {{0.4, *lognormal(0, 0.3)}, {0.6, *normal(5, 1)}};
  const std::vector<Distribution> all = {
      *point(3),          *normal(5, 2),        *lognormal(1, 0.4),
      *uniform(2, 6),     *triangular(1, 3, 9), *beta(2, 5),
      *gamma(2, 3),       *exponential(4),      *student_t(4, 1, 2),
      *discrete(choices), *mixture(parts),      *truncated(*normal(0, 1), 0.5, 3)};
  for (const Distribution& d : all) {
    const auto moved = scaled(d, 1.7);
    ASSERT_TRUE(moved) << d.describe();
    for (double p : kProbabilities) {
      EXPECT_NEAR(moved->quantile(p), 1.7 * d.quantile(p), 1e-7 * (1 + std::abs(d.quantile(p))))
          << d.describe();
    }
  }
}

TEST(Adjust, CountsAndImpossibleFactorsAreRefused) {
  EXPECT_FALSE(scaled(*poisson(3), 2));
  EXPECT_FALSE(scaled(*bernoulli(0.2), 2));
  EXPECT_FALSE(scaled(*normal(1, 1), 0));
  EXPECT_FALSE(scaled(*normal(1, 1), -1));
  EXPECT_FALSE(shifted_share(*normal(1, 1), 1));
}

TEST(Adjust, SharesMoveOnTheLogOddsScaleAndStayInTheirRange) {
  const auto moved = shifted_share(*beta(20, 20), std::log(3.0));
  ASSERT_TRUE(moved);
  EXPECT_NEAR(moved->mean(), 0.75, 1e-12);
  EXPECT_NEAR(moved->parameters()[0] + moved->parameters()[1], 40, 1e-9);
  EXPECT_LT(shifted_share(*beta(20, 20), 30)->quantile(0.5), 1.0 + 1e-12);
}

TEST(Adjust, PositiveIsWhatCannotFallBelowZero) {
  EXPECT_TRUE(is_positive(*lognormal(0, 1)));
  EXPECT_TRUE(is_positive(*uniform(0, 2)));
  EXPECT_FALSE(is_positive(*normal(5, 1)));
  EXPECT_FALSE(is_positive(*poisson(3)));
}

TEST(Adjust, WordsOfTheLanguage) {
  EXPECT_EQ(in_the_language(*point(2.5)), "2.5");
  EXPECT_EQ(in_the_language(*uniform(2, 6)), "uniform(2, 6)");
  EXPECT_EQ(in_the_language(*truncated(*normal(0, 1), 0, 3)), "truncate(normal(0, 1), 0, 3)");
  EXPECT_EQ(in_the_language(*beta(2, 5, 1, 4)), "");
}

}  // namespace
}  // namespace headrace::math
