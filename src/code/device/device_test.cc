#include "code/device/device.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace headrace::code {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(Delay, ReadsWhatWasWrittenAndTheInitialValueBefore) {
  constexpr size_t kLanes = 4;
  constexpr uint64_t kSteps = 10;
  std::vector<double> series((kSteps + 1) * kLanes);
  const std::vector<double> initial = {-1, -2, -3, -4};
  // In steps of 0.5: 3, 0 (at least one), far beyond the run, and not a number.
  const std::vector<double> duration = {1.4, 0, 1e300, kNaN};
  std::vector<double> out(kLanes);
  for (uint64_t k = 0; k <= kSteps; ++k) {
    Moment moment{k, kSteps, 0.5, true};
    headrace_delay_read(&moment, series.data(), initial.data(), duration.data(), out.data(),
                        kLanes);
    EXPECT_EQ(out[0], k < 3 ? -1 : 100.0 * static_cast<double>(k - 3));
    EXPECT_EQ(out[1], k < 1 ? -2 : 100.0 * static_cast<double>(k - 1) + 1);
    EXPECT_EQ(out[2], -3);
    EXPECT_EQ(out[3], -4);
    std::vector<double> value(kLanes);
    for (size_t lane = 0; lane < kLanes; ++lane) value[lane] = 100.0 * k + lane;
    headrace_delay_write(&moment, series.data(), value.data(), kLanes);
  }
}

TEST(Delay, RoundsHalfAStepUp) {
  const double initial = -1, duration = 1.25;
  double out;
  std::vector<double> series = {10, 11, 12, 13, 14};
  Moment moment{4, 4, 0.5, true};
  headrace_delay_read(&moment, series.data(), &initial, &duration, &out, 1);
  EXPECT_EQ(out, 11);  // 2.5 steps become 3
}

// e^(g t) against e^(g (t - 3)): the follower is 3 behind, exactly in the limit of small steps.
TEST(Behind, FindsTheLagOfTwoExponentials) {
  constexpr uint64_t kSteps = 400;
  constexpr double kStep = 0.05, kGrowth = 0.3;
  std::vector<double> series(2 * (kSteps + 1));
  for (uint64_t k = 0; k <= kSteps; ++k) {
    const double t = static_cast<double>(k) * kStep;
    const double leader = std::exp(kGrowth * t), follower = std::exp(kGrowth * (t - 3));
    double out;
    Moment moment{k, kSteps, kStep, true};
    headrace_behind(&moment, series.data(), &leader, &follower, &out, 1);
    // Before 3 the leader was ahead of the follower's present value from the start on.
    EXPECT_NEAR(out, std::min(t, 3.0), 1e-4) << t;
  }
}

TEST(Behind, IsZeroForTheOneInFrontAndUsesTheBestSoFar) {
  std::vector<double> series(2 * 5);
  const double leader[] = {1, 3, 0, 0, 0}, follower[] = {0.5, 2, 1, 4, 0};
  const double expected[] = {0, 0.5, 1.5, 0, 0};
  for (uint64_t k = 0; k < 5; ++k) {
    double out;
    Moment moment{k, 4, 1, true};
    headrace_behind(&moment, series.data(), &leader[k], &follower[k], &out, 1);
    EXPECT_EQ(out, expected[k]) << k;
  }
}

// The definition, from whole curves: bests so far, and the first step above the follower's.
double behind_by_definition(const std::vector<double>& leader, const std::vector<double>& follower,
                            size_t k, double step) {
  double behind = follower[0];
  std::vector<double> leaders = {leader[0]};
  for (size_t i = 1; i <= k; ++i) {
    behind = std::max(behind, follower[i]);
    leaders.push_back(std::max(leaders.back(), leader[i]));
  }
  if (behind >= leaders[k]) return 0;
  size_t high = 0;
  while (!(leaders[high] > behind)) ++high;
  if (high == 0) return static_cast<double>(k) * step;
  double part = (behind - leaders[high - 1]) / (leaders[high] - leaders[high - 1]);
  if (std::isinf(leaders[high])) part = 0;
  if (std::isinf(leaders[high - 1])) part = 1;
  return (static_cast<double>(k - (high - 1)) - part) * step;
}

// Eight lanes at once, curves that rise, fall and stand still; runs too short for a memory of where
// the search ended, too; and the later stages of a step, which look ahead and leave nothing behind.
TEST(Behind, EqualsItsDefinitionOnAnyCurves) {
  constexpr size_t kLanes = 8;
  constexpr double kStep = 0.5;
  std::mt19937_64 random(3);
  for (const size_t steps : {1, 2, 3, 4, 7, 60}) {
    std::vector<std::vector<double>> leader(kLanes), follower(kLanes);
    for (size_t lane = 0; lane < kLanes; ++lane) {
      for (auto* curve : {&leader[lane], &follower[lane]}) {
        double x = lane == 0 ? -HUGE_VAL : static_cast<double>(random() % 5);
        for (size_t k = 0; k <= steps; ++k) {
          curve->push_back(x);
          if (random() % 3 > 0) x = static_cast<double>(k + random() % (lane + 4));
          if (lane == 1 && random() % 20 == 0) x = HUGE_VAL;
        }
      }
    }
    std::vector<double> series(2 * (steps + 1) * kLanes, kNaN);
    for (size_t k = 0; k <= steps; ++k) {
      double now[kLanes], then[kLanes], out[kLanes];
      for (const size_t ahead : {size_t{0}, size_t{1}}) {
        if (k + ahead > steps) continue;
        for (size_t lane = 0; lane < kLanes; ++lane) {
          now[lane] = leader[lane][k + ahead], then[lane] = follower[lane][k + ahead];
        }
        Moment moment{k + ahead, steps, kStep, ahead == 0};
        headrace_behind(&moment, series.data(), now, then, out, kLanes);
        for (size_t lane = 0; lane < kLanes; ++lane) {
          EXPECT_EQ(out[lane], behind_by_definition(leader[lane], follower[lane], k + ahead, kStep))
              << "lane " << lane << ", step " << k + ahead << " of " << steps;
        }
      }
    }
  }
}

TEST(Behind, LaterStagesLeaveTheHistoryAlone) {
  std::vector<double> series(2 * 3);
  double leader = 1, follower = 0, out;
  Moment moment{0, 2, 1, true};
  headrace_behind(&moment, series.data(), &leader, &follower, &out, 1);
  const std::vector<double> before = series;
  leader = 7;
  moment.first_stage = false;
  headrace_behind(&moment, series.data(), &leader, &follower, &out, 1);
  EXPECT_EQ(series, before);
}

TEST(Behind, NotANumberStays) {
  std::vector<double> series(2 * 3);
  const double leader[] = {1, kNaN, 5}, follower = 0;
  double out = 0;
  for (uint64_t k = 0; k < 3; ++k) {
    Moment moment{k, 2, 1, true};
    headrace_behind(&moment, series.data(), &leader[k], &follower, &out, 1);
  }
  EXPECT_TRUE(std::isnan(out));
}

TEST(Noise, BelongsToDrawAndStepNotToTheTile) {
  for (bool normal : {false, true}) {
    Moment moment{7, 20, 1, true};
    std::vector<double> all(64), part(16);
    headrace_noise(&moment, 5, 99, 2, normal, 1000, all.data(), 64);
    headrace_noise(&moment, 5, 99, 2, normal, 1032, part.data(), 16);
    for (size_t lane = 0; lane < 16; ++lane) EXPECT_EQ(part[lane], all[32 + lane]);
    headrace_noise(&moment, 5, 99, 3, normal, 1032, part.data(), 16);
    EXPECT_NE(part[0], all[32]);
  }
}

TEST(Noise, HasTheMomentsOfItsDistribution) {
  constexpr size_t kLanes = 64, kSteps = 2000;
  for (bool normal : {false, true}) {
    double sum = 0, squares = 0;
    for (uint64_t k = 0; k < kSteps; ++k) {
      std::vector<double> out(kLanes);
      Moment moment{k, kSteps, 1, true};
      headrace_noise(&moment, 1, 2, 0, normal, 0, out.data(), kLanes);
      for (double x : out) sum += x, squares += x * x;
    }
    const double n = kLanes * kSteps, mean = sum / n, variance = squares / n - mean * mean;
    const double sd = normal ? 1.0 : std::sqrt(1.0 / 12);
    EXPECT_NEAR(mean, normal ? 0.0 : 0.5, 5 * sd / std::sqrt(n));
    EXPECT_NEAR(variance, sd * sd, 0.01 * sd * sd * 2);
  }
}

}  // namespace
}  // namespace headrace::code
