#include "code/device/arrays.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace headrace::code {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using Numbers = std::vector<double>;

Values row(const Numbers& numbers) { return {numbers, 1, numbers.size()}; }

TEST(Sort, KeepsEqualValuesInTheirOrderAndPutsNaNLast) {
  const Numbers x = {2, kNaN, 1, 2, 1};
  Numbers out(5);
  sort_order(row(x), 1, out);
  EXPECT_EQ(out, (Numbers{2, 4, 0, 3, 1}));
  sort_order(row(x), -1, out);
  EXPECT_EQ(out, (Numbers{0, 3, 2, 4, 1}));
  rank(row(x), 1, out);
  EXPECT_EQ(out, (Numbers{3, 5, 1, 4, 2}));
}

TEST(ElementAt, RoundsAndIsNotAvailableOutside) {
  const Numbers x = {5, 6, 7};
  EXPECT_EQ(element_at(row(x), 1.4), 6);
  EXPECT_EQ(element_at(row(x), -0.4), 5);
  for (double outside : {-1.0, 3.0, 1e300, kNaN}) EXPECT_EQ(element_at(row(x), outside), -0x1p109);
}

TEST(VectorSelect, HasAllActionsAndErrors) {
  const Numbers chosen = {2, 0, 3}, x = {5, 100, 7};
  const double expected[] = {31, 210, 10, 21, 15.5, 25 * 343, 12, 35, 5, 7, 6};
  for (int action = 0; action <= 10; ++action)
    EXPECT_DOUBLE_EQ(vector_select(row(chosen), row(x), -1, action, 0), expected[action]) << action;
  EXPECT_TRUE(std::isnan(vector_select(row(chosen), row(x), -1, 6, 2)));
  EXPECT_TRUE(std::isnan(vector_select(row(chosen), row(x), -1, 11, 0)));
  const Numbers none = {0, 0, 0};
  EXPECT_EQ(vector_select(row(none), row(x), -1, 6, 2), -1);
  EXPECT_TRUE(std::isnan(vector_select(row(none), row(x), -1, 6, 1)));
}

TEST(Inverse, TimesTheMatrixIsOne) {
  const size_t n = 12;
  Numbers m(n * n), inv(n * n);
  for (size_t i = 0; i < m.size(); ++i) m[i] = std::sin(1.0 + 3.7 * static_cast<double>(i * i));
  m[0] = 0;  // wants a pivot
  inverse({m, n, n}, inv);
  for (size_t r = 0; r < n; ++r) {
    for (size_t c = 0; c < n; ++c) {
      double sum = 0;
      for (size_t k = 0; k < n; ++k) sum += m[r * n + k] * inv[k * n + c];
      EXPECT_NEAR(sum, r == c ? 1 : 0, 1e-11);
    }
  }
  const Numbers singular = {1, 2, 2, 4};
  Numbers out(4);
  inverse({singular, 2, 2}, out);
  for (double x : out) EXPECT_TRUE(std::isnan(x));
}

TEST(Allocate, GivesOutTheSupplyAndNobodyMoreThanAsked) {
  const Numbers request = {10, 4, 7, 1, 3, 8};
  for (int kind = 0; kind <= 5; ++kind) {
    Numbers profile;
    for (size_t i = 0; i < request.size(); ++i)
      profile.insert(profile.end(), {static_cast<double>((kind + i) % 6), 3.0 + i, 1.5, 2});
    double before = 0;
    for (double supply = 0; supply <= 33; supply += 0.75) {
      Numbers out(request.size());
      allocate_available(row(request), {profile, request.size(), 4}, supply, out);
      const double sum = std::accumulate(out.begin(), out.end(), 0.0);
      EXPECT_NEAR(sum, supply, 1e-9) << kind;
      EXPECT_GE(sum, before);
      before = sum;
      for (size_t i = 0; i < out.size(); ++i) {
        EXPECT_GE(out[i], 0);
        EXPECT_LE(out[i], request[i]);
      }
    }
  }
}

TEST(Quantiles, ReachTheShareAndNotBefore) {
  for (double mean : {0.3, 4.0, 250.0}) {
    double below = 0, term = std::exp(-mean);  // P(X < k), P(X = k)
    for (int k = 0; below < 0.9999; ++k) {
      if (term > 1e-9) {
        EXPECT_EQ(poisson_quantile(below + term / 2, mean), k) << mean;
      }
      below += term;
      term *= mean / (k + 1);
    }
  }
  double below = 0;
  for (int k = 0; k <= 6; ++k) {
    const double chance = std::tgamma(7) / (std::tgamma(k + 1) * std::tgamma(7 - k)) *
                          std::pow(0.3, k) * std::pow(0.7, 6 - k);
    EXPECT_EQ(binomial_quantile(below + chance / 2, 6, 0.3), k);
    below += chance;
  }
  EXPECT_NEAR(beta_quantile(0.36, 2, 1), 0.6, 1e-12);  // F(x) = x^2
  EXPECT_NEAR(gamma_quantile(1 - std::exp(-2.0), 1, 3), 6, 1e-11);
  EXPECT_NEAR(normal_share(normal_quantile(0.9, 0, 1)), 0.9, 1e-14);
  EXPECT_TRUE(std::isnan(poisson_quantile(0.5, -1)));
}

TEST(Lanes, SharedSlicesGiveAllLanesTheSame) {
  const Numbers x = {3, 1, 2}, direction = {1, -1, 1, -1};
  const auto shape = pack({static_cast<uint64_t>(model::ArrayFunction::kSortOrder), 3, 2},
                          {{1, 3, 1, 0}, {1, 1, 4, 1}});
  const double* slabs[] = {x.data(), direction.data()};
  Numbers out(3 * 4);
  headrace_array(shape.data(), slabs, out.data(), 4);
  EXPECT_EQ(out, (Numbers{1, 0, 1, 0, 2, 2, 2, 2, 0, 1, 0, 1}));
}

}  // namespace
}  // namespace headrace::code
