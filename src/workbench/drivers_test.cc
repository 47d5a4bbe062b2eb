#include "workbench/drivers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace headrace::workbench {
namespace {

constexpr size_t kDraws = 4096;

struct Columns {
  std::vector<std::string> names = {"strong", "middling", "weak", "idle", "coin"};
  std::vector<std::vector<double>> inputs;
  std::vector<double> number;
};

// 16 : 4 : 1 parts of variance, nothing, and a coin worth as much as the middling one.
Columns columns() {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  Columns out;
  out.inputs.resize(5, std::vector<double>(kDraws));
  for (size_t d = 0; d < kDraws; ++d) {
    for (size_t i = 0; i < 4; ++i) out.inputs[i][d] = normal(random);
    out.inputs[4][d] = static_cast<double>(random() & 1);
    out.number.push_back(4 * out.inputs[0][d] + 2 * out.inputs[1][d] - out.inputs[2][d] +
                         4 * out.inputs[4][d]);
  }
  return out;
}

std::vector<Driver> found(const Columns& c) {
  const std::atomic<bool> stop = false;
  return *drivers_of(c.names, c.inputs, c.number, stop);
}

std::vector<std::string> ranking(const std::vector<Driver>& drivers) {
  std::vector<std::string> out;
  for (const Driver& driver : drivers) out.push_back(driver.input);
  return out;
}

TEST(Drivers, SharesAreThoseOfALinearSum) {
  const auto drivers = found(columns());
  EXPECT_EQ(drivers[0].input, "strong");
  EXPECT_NEAR(drivers[0].share, 16.0 / 25, 0.02);  // four standard errors
  EXPECT_EQ(drivers.back().input, "idle");
  EXPECT_LT(drivers.back().share, 0.01);
  EXPECT_LT(drivers[0].low, drivers[0].high);
  const auto weak = std::ranges::find(drivers, "weak", &Driver::input);
  EXPECT_GT(weak->low, weak->high);
}

TEST(Drivers, NeitherTheOrderOfDrawsNorThatOfInputsChangesTheRanking) {
  const Columns plain = columns();
  const auto before = found(plain);
  std::mt19937_64 random(11);
  for (int round = 0; round < 5; ++round) {
    std::vector<size_t> draws(kDraws), places(plain.names.size());
    for (size_t d = 0; d < kDraws; ++d) draws[d] = d;
    for (size_t i = 0; i < places.size(); ++i) places[i] = i;
    std::shuffle(draws.begin(), draws.end(), random);
    std::shuffle(places.begin(), places.end(), random);
    Columns mixed;
    mixed.names.clear();
    for (size_t i : places) {
      mixed.names.push_back(plain.names[i]);
      mixed.inputs.emplace_back();
      for (size_t d : draws) mixed.inputs.back().push_back(plain.inputs[i][d]);
    }
    for (size_t d : draws) mixed.number.push_back(plain.number[d]);
    const auto after = found(mixed);
    ASSERT_EQ(ranking(after), ranking(before));
    for (size_t i = 0; i < after.size(); ++i) {
      EXPECT_NEAR(after[i].share, before[i].share, 1e-12);  // sums in another order
    }
  }
}

TEST(Drivers, DrawsWithoutAnAnswerSayNothing) {
  Columns c = columns();
  const auto before = found(c);
  for (size_t k = 0; k < 100; ++k) {
    for (auto& input : c.inputs) input.push_back(1e9);
    c.number.push_back(NAN);
  }
  const auto after = found(c);
  ASSERT_EQ(ranking(after), ranking(before));
  EXPECT_EQ(after[0].share, before[0].share);
}

TEST(Drivers, EqualSharesStandByName) {
  Columns c;
  c.names = {"b", "a"};
  c.inputs = {std::vector<double>(300, 1.0), std::vector<double>(300, 2.0)};
  c.number.assign(300, 5.0);
  EXPECT_THAT(ranking(found(c)), testing::ElementsAre("a", "b"));
}

}  // namespace
}  // namespace headrace::workbench
