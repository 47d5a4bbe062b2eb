#include "study/optimisation/optimise.h"

#include <gtest/gtest.h>

#include <cmath>

#include "math/normal_quantile.h"
#include "math/philox.h"

namespace headrace::study {
namespace {

constexpr size_t kDraws = 4000;

// Evenly spread draws of a standard normal number and of another, independent one.
std::vector<double> normals(uint64_t key) {
  std::vector<double> out;
  for (size_t d = 0; d < kDraws; ++d) {
    const double u = key == 0 ? (static_cast<double>(d) + 0.5) / kDraws
                              : math::uniform_pair<double>(key, static_cast<int64_t>(d), 0).first;
    out.push_back(math::normal_quantile(u));
  }
  return out;
}

Simulate each(const std::function<double(const std::vector<double>&, size_t)>& value,
              const std::function<double(const std::vector<double>&)>& broken = nullptr) {
  return [=](const std::vector<double>& levers) -> base::Result<std::optional<Trial>> {
    Trial trial;
    for (size_t d = 0; d < kDraws; ++d) trial.values.push_back(value(levers, d));
    trial.broken = broken ? broken(levers) : 0;
    return std::optional(std::move(trial));
  };
}

// The newsvendor: with a price p and a cost c the best order is the quantile (p - c) / p of demand
// (Arrow, Harris and Marschak 1951).
TEST(Optimise, NewsvendorOrdersTheCriticalQuantile) {
  const std::vector<double> z = normals(0);
  const auto profit = [&](const std::vector<double>& order, size_t d) {
    const double demand = 100 + 20 * z[d];
    return 5 * std::min(order[0], demand) - 2 * order[0];
  };
  const auto found = optimise({{20, 200}}, {}, each(profit));
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->levers[0], 100 + 20 * math::normal_quantile(3. / 5), 0.5);
  EXPECT_GE(found->agreeing, 2u);
  EXPECT_LT(found->plateau[0].low, found->levers[0]);
  EXPECT_GT(found->plateau[0].high, found->levers[0]);
}

// a x - x^2 + s x Z has the 10 % quantile a x - x^2 - 1.2816 s x, largest at (a - 1.2816 s) / 2.
TEST(Optimise, AQuantileIsMoreCarefulThanTheMean) {
  const std::vector<double> z = normals(0);
  const auto value = [&](const std::vector<double>& x, size_t d) {
    return 4 * x[0] - x[0] * x[0] + 1.5 * x[0] * z[d];
  };
  const auto mean = optimise({{0, 4}}, {}, each(value));
  OptimiseOptions careful;
  careful.aim = Aim::kQuantile, careful.quantile = 0.1;
  const auto quantile = optimise({{0, 4}}, careful, each(value));
  EXPECT_NEAR(mean->levers[0], 2, 0.02);
  EXPECT_NEAR(quantile->levers[0], (4 - 1.2816 * 1.5) / 2, 0.02);
}

// Two states of the world, two projects, a share x in the first: 10 against 2 in one state, 3
// against 7 in the other. Regrets 8 (1 - x) and 4 x are equal at x = 2 / 3.
TEST(Optimise, TheLargestRegretIsLeastWhereBothAreEqual) {
  const auto value = [](const std::vector<double>& x, size_t d) {
    return d % 2 == 0 ? 10 * x[0] + 2 * (1 - x[0]) : 3 * x[0] + 7 * (1 - x[0]);
  };
  OptimiseOptions options;
  options.aim = Aim::kRegret, options.quantile = 1;
  options.design = 256;  // its points come near both ends, from which regret is measured
  const auto found = optimise({{0, 1}}, options, each(value));
  EXPECT_NEAR(found->levers[0], 2. / 3, 0.01);
  EXPECT_NEAR(found->score, -8. / 3, 0.05);
}

// Two levers, and a condition that binds: the best of -(x - 3)^2 - (y - 1)^2 with x + y <= 2 is
// (2, 0).
TEST(Optimise, ConditionsBind) {
  const auto value = [](const std::vector<double>& x, size_t) {
    return -(x[0] - 3) * (x[0] - 3) - (x[1] - 1) * (x[1] - 1);
  };
  const auto broken = [](const std::vector<double>& x) { return std::max(0.0, x[0] + x[1] - 2); };
  OptimiseOptions options;
  options.starts = 5, options.evaluations = 300;
  const auto found = optimise({{-5, 5}, {-5, 5}}, options, each(value, broken));
  EXPECT_EQ(found->broken, 0);
  EXPECT_NEAR(found->levers[0], 2, 0.1);
  EXPECT_NEAR(found->levers[1], 0, 0.1);
}

TEST(Optimise, SaysWhatComesNearestWhenNothingIsPossible) {
  const auto value = [](const std::vector<double>& x, size_t) { return x[0]; };
  const auto found =
      optimise({{0, 1}}, {}, each(value, [](const std::vector<double>& x) { return 1 + x[0]; }));
  EXPECT_GT(found->broken, 0);
  EXPECT_NEAR(found->levers[0], 0, 0.01);
}

TEST(Optimise, WhatWasDoneIsKeptWhenStopped) {
  size_t calls = 0;
  const Simulate stops = [&](const std::vector<double>& x) -> base::Result<std::optional<Trial>> {
    if (++calls > 40) return std::optional<Trial>();
    return std::optional(Trial{{x[0]}, 0});
  };
  const auto found = optimise({{0, 1}}, {}, stops);
  EXPECT_TRUE(found->stopped);
  EXPECT_EQ(found->tried.size(), 40u);
  EXPECT_GT(found->levers[0], 0.9);
}

}  // namespace
}  // namespace headrace::study
