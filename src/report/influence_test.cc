#include "report/influence.h"

#include <gtest/gtest.h>

#include <cmath>

namespace headrace::report {
namespace {

std::vector<size_t> all(size_t n) {
  std::vector<size_t> places(n);
  for (size_t i = 0; i < n; ++i) places[i] = i;
  return places;
}

TEST(Influence, AMonotoneEffectCountsInFullWhateverItsShape) {
  const std::vector<double> x = {3, 1, 2, 5, 4};
  std::vector<double> rising, falling;
  for (double v : x) {
    rising.push_back(std::exp(v));
    falling.push_back(-v * v * v);
  }
  const auto ranks = unit_ranks(x, all(5));
  EXPECT_NEAR(influence_of(ranks, unit_ranks(rising, all(5))), 1, 1e-12);
  EXPECT_NEAR(influence_of(ranks, unit_ranks(falling, all(5))), 1, 1e-12);
  EXPECT_LE(influence_of(ranks, unit_ranks(rising, all(5))), 1);
}

// By hand: ranks 0 1 2 3 and 1 0 3 2, Spearman's rho 1 - 6 * 4 / (4 * 15) = 0.6.
TEST(Influence, IsTheSquareOfSpearmansRho) {
  const auto a = unit_ranks({10, 20, 30, 40}, all(4));
  const auto b = unit_ranks({7, 5, 9, 8}, all(4));
  EXPECT_NEAR(influence_of(a, b), 0.36, 1e-12);
}

TEST(Influence, EqualValuesShareARankAndConstantsHaveNone) {
  const auto ties = unit_ranks({1, 1, 2}, all(3));
  EXPECT_EQ(ties[0], ties[1]);
  EXPECT_TRUE(unit_ranks({4, 4, 4}, all(3)).empty());
  EXPECT_EQ(influence_of(ties, {}), 0);
}

TEST(Influence, ReadsOnlyThePlacesAsked) {
  const auto part = unit_ranks({1, NAN, 3}, {0, 2});
  ASSERT_EQ(part.size(), 2u);
  EXPECT_LT(part[0], part[1]);
}

}  // namespace
}  // namespace headrace::report
