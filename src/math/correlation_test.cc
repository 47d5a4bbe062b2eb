#include "math/correlation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/hash.h"
#include "math/philox.h"

namespace headrace::math {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Columns = std::vector<std::vector<double>>;

Columns independent(const Factor& factor, size_t draws) {
  Columns u;
  for (const std::string& name : factor.names) {
    uniforms(4, base::hash(name), 0, kBeforeSteps, u.emplace_back(draws));
  }
  return u;
}

void correlate_from(const Factor& factor, Columns& u, size_t first, size_t count) {
  std::vector<std::span<double>> spans;
  for (auto& column : u) spans.push_back(std::span(column).subspan(first, count));
  correlate(factor, spans);
}

std::vector<double> ranks(const std::vector<double>& x) {
  std::vector<size_t> order(x.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return x[a] < x[b]; });
  std::vector<double> rank(x.size());
  for (size_t i = 0; i < order.size(); ++i) rank[order[i]] = static_cast<double>(i);
  return rank;
}

double spearman(const std::vector<double>& x, const std::vector<double>& y) {
  const std::vector<double> a = ranks(x);
  const std::vector<double> b = ranks(y);
  const double n = static_cast<double>(x.size());
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return 1 - 6 * sum / (n * (n * n - 1));
}

TEST(Correlation, StatedRanksComeBack) {
  const std::vector<RankPair> pairs = {{"yield", "learning", -0.4}, {"cost", "yield", 0.7}};
  const auto factors = factorise(pairs);
  ASSERT_TRUE(factors.has_value());
  ASSERT_EQ(factors->size(), 1u);
  const Factor& factor = factors->front();
  EXPECT_THAT(factor.names, ElementsAre("cost", "learning", "yield"));
  constexpr size_t kDraws = 20'000;
  Columns u = independent(factor, kDraws);
  correlate_from(factor, u, 0, kDraws);
  const double five_errors = 5 / std::sqrt(static_cast<double>(kDraws));
  EXPECT_NEAR(spearman(u[1], u[2]), -0.4, five_errors);
  EXPECT_NEAR(spearman(u[0], u[2]), 0.7, five_errors);
  EXPECT_NEAR(spearman(u[0], u[1]), 0.0, five_errors);
  // The margins stay uniform: Kolmogorov and Smirnov at one in a thousand.
  for (auto& column : u) {
    std::sort(column.begin(), column.end());
    double distance = 0;
    for (size_t i = 0; i < kDraws; ++i) {
      distance = std::max(distance, std::fabs(column[i] - (static_cast<double>(i) + 0.5) / kDraws));
    }
    EXPECT_LT(distance * std::sqrt(kDraws), 1.95);
  }
}

TEST(Correlation, CutsDoNotMatter) {
  const std::vector<RankPair> pairs = {{"a", "b", 0.5}, {"b", "c", -0.3}};
  const Factor factor = factorise(pairs)->front();
  Columns whole = independent(factor, 1000);
  Columns pieces = whole;
  correlate_from(factor, whole, 0, 1000);
  for (size_t first = 0; first < 1000; first += 37) {
    correlate_from(factor, pieces, first, std::min<size_t>(37, 1000 - first));
  }
  EXPECT_EQ(pieces, whole);
}

TEST(Correlation, GroupsAreSeparateAndTheFirstNameIsUntouched) {
  const std::vector<RankPair> pairs = {{"d", "c", 0.5}, {"b", "a", 0.2}};
  const auto factors = factorise(pairs);
  ASSERT_EQ(factors->size(), 2u);
  EXPECT_THAT((*factors)[0].names, ElementsAre("a", "b"));
  EXPECT_THAT((*factors)[1].names, ElementsAre("c", "d"));
  Columns u = independent((*factors)[0], 100);
  const std::vector<double> before = u[0];
  correlate_from((*factors)[0], u, 0, 100);
  EXPECT_EQ(u[0], before);
}

TEST(Correlation, PerfectCorrelationsAreAllowed) {
  const std::vector<RankPair> pairs = {{"a", "b", 1}, {"b", "c", -1}, {"a", "c", -1}};
  const auto factors = factorise(pairs);
  ASSERT_TRUE(factors.has_value());
  Columns u = independent(factors->front(), 500);
  correlate_from(factors->front(), u, 0, 500);
  for (size_t i = 0; i < 500; ++i) {
    EXPECT_NEAR(u[1][i], u[0][i], 1e-12);
    EXPECT_NEAR(u[2][i], 1 - u[0][i], 1e-12);
  }
}

TEST(Correlation, ContradictionNamesTheTriple) {
  const std::vector<RankPair> pairs = {
      {"a", "b", 0.9}, {"b", "c", 0.9}, {"a", "c", -0.5}, {"c", "d", 0.1}, {"d", "e", 0.2}};
  const auto factors = factorise(pairs);
  ASSERT_FALSE(factors.has_value());
  EXPECT_THAT(factors.error().names, ElementsAre("a", "b", "c"));
  EXPECT_THAT(factors.error().message, HasSubstr("a, b, c contradict each other"));
  // What is proposed is possible, up to its own rounding.
  std::vector<RankPair> proposed = factors.error().nearest;
  ASSERT_EQ(proposed.size(), 5u);
  for (RankPair& pair : proposed) pair.rank *= 0.98;
  EXPECT_TRUE(factorise(proposed).has_value());
}

TEST(Correlation, ContradictionWithoutATripleNamesAll) {
  // A ring of four whose diagonals are not stated and count as zero: its smallest eigenvalue is
  // 1 - 2 * 0.62, while each triple of it is possible.
  const std::vector<RankPair> pairs = {
      {"a", "b", 0.6}, {"b", "c", 0.6}, {"c", "d", 0.6}, {"d", "a", 0.6}};
  const auto factors = factorise(pairs);
  ASSERT_FALSE(factors.has_value());
  EXPECT_THAT(factors.error().names, ElementsAre("a", "b", "c", "d"));
}

// Higham (2002), section 4: the nearest correlation matrix to the tridiagonal matrix of ones has
// 0.7607 beside the diagonal. As ranks: 6 / pi asin(0.7607 / 2).
TEST(Correlation, NearestMatrixIsThePublishedOne) {
  const std::vector<RankPair> pairs = {{"a", "b", 1}, {"b", "c", 1}};
  const auto factors = factorise(pairs);
  ASSERT_FALSE(factors.has_value());
  for (const RankPair& pair : factors.error().nearest) {
    EXPECT_NEAR(2 * std::sin(M_PI * pair.rank / 6), 0.7607, 5e-5);
  }
}

TEST(Correlation, MistakesAreToldInPlainWords) {
  const auto message = [](std::vector<RankPair> pairs) {
    const auto factors = factorise(pairs);
    return factors ? std::string("accepted") : factors.error().message;
  };
  EXPECT_THAT(message({{"a", "a", 0.5}}), HasSubstr("a cannot be correlated with itself"));
  EXPECT_THAT(message({{"a", "b", 1.5}}), HasSubstr("lies between -1 and 1"));
  EXPECT_THAT(message({{"a", "b", NAN}}), HasSubstr("lies between -1 and 1"));
  EXPECT_THAT(message({{"a", "b", 0.5}, {"b", "a", 0.5}}), HasSubstr("stated twice"));
  EXPECT_EQ(message({}), "accepted");
}

}  // namespace
}  // namespace headrace::math
