#include "study/backtest/backtest.h"

#include <gtest/gtest.h>

#include <cmath>

#include "math/normal_quantile.h"
#include "study/backtest/score.h"

namespace headrace::study {
namespace {

std::vector<double> normals(size_t n, double mean, double sd) {
  std::vector<double> out;
  for (size_t i = 0; i < n; ++i) {
    out.push_back(
        mean + sd * math::normal_quantile((static_cast<double>(i) + 0.5) / static_cast<double>(n)));
  }
  return out;
}

// By hand: of 1, 2, 4 and a reading of 3 the mean distance is 4 / 3, half that of pairs 2 / 3.
TEST(Score, CrpsByHand) {
  EXPECT_NEAR(crps({2, 4, 1}, 3), 4. / 3 - 2. / 3, 1e-12);
  EXPECT_NEAR(crps({5}, 3), 2, 1e-12);
}

TEST(Score, CrpsOfDrawsIsThatOfTheirDistribution) {
  for (double seen : {-1.0, 2.0, 7.0}) {
    EXPECT_NEAR(crps(normals(20'000, 2, 1.5), seen), crps_normal(2, 1.5, seen), 2e-3) << seen;
  }
  // Of a standard normal one at its middle: (sqrt 2 - 1) / sqrt pi.
  EXPECT_NEAR(crps_normal(0, 1, 0), (std::sqrt(2) - 1) / std::sqrt(M_PI), 1e-12);
}

TEST(Score, PlacesAndIntervals) {
  EXPECT_EQ(place(std::vector<double>{1, 2, 2, 5}, 2), 0.5);
  EXPECT_TRUE(covers(0.26, 0.5));
  EXPECT_FALSE(covers(0.24, 0.5));
  EXPECT_TRUE(covers(0.951, 0.91));
  EXPECT_FALSE(covers(0.951, 0.9));
}

model::Observation reading(double value, double error, double moment, bool relative = false) {
  model::Observation out;
  out.subject = "x";
  out.form = relative ? model::Observation::Form::kLognormal : model::Observation::Form::kNormal;
  out.terms = {{value, {}}, {error, {}}};
  out.moment = moment;
  return out;
}

run::RunResult answers(std::vector<double> values) {
  run::RunResult out;
  out.draws = values.size();
  out.measures.resize(1);
  out.measures[0].values = std::move(values);
  return out;
}

// The model says normal(10, 2) of a quantity that is read with an error of 1: a reading is
// normal(10, sqrt 5). The prior says normal(0, 10).
TEST(Backtest, ScoresAreThoseOfThePredictiveDistribution) {
  model::Model model;
  model.observations = {reading(7, 1, 2022), reading(9, 1, 2023), reading(12, 1, 2024)};
  std::vector<Asked> asked(1);
  asked[0].observation = 2;
  asked[0].terms = {-1, -1};
  constexpr size_t kDraws = 40'000;
  const auto found = score_outcomes(model, asked, answers(normals(kDraws, 10, 2)),
                                    answers(normals(kDraws, 0, 10)), {0, 1}, 1);
  ASSERT_EQ(found.size(), 1u);
  const double sd = std::sqrt(5);
  EXPECT_NEAR(found[0].model.crps, crps_normal(10, sd, 12), 0.02);
  EXPECT_NEAR(found[0].model.log_score, log_density_normal(10, sd, 12), 0.01);
  EXPECT_NEAR(found[0].model.place, math::normal_cdf(2 / sd), 0.01);
  EXPECT_NEAR(found[0].prior.log_score, log_density_normal(0, std::sqrt(101), 12), 0.02);
  EXPECT_NEAR(found[0].p95, 10 + 1.645 * sd, 0.1);
  // The last reading was 9; the step before it was 2 in a year: 1 + 1 + 4.
  ASSERT_TRUE(found[0].naive);
  EXPECT_NEAR(found[0].naive->log_score, log_density_normal(9, std::sqrt(6), 12), 1e-12);
  EXPECT_NEAR(found[0].naive->crps, crps_normal(9, std::sqrt(6), 12), 1e-12);
}

// With a relative error everything is on the logarithm, in units of the error: the unit of the
// reading changes no score.
TEST(Backtest, RelativeReadingsAreScoredOnTheirLogarithm) {
  std::vector<Outcome> found;
  for (const double unit : {1.0, 1000.0}) {
    model::Model model;
    model.observations = {reading(20 * unit, 0.2, 2024, true)};
    std::vector<Asked> asked(1);
    asked[0].terms = {-1, -1};
    std::vector<double> values = normals(20'000, std::log(15), 0.3);
    for (double& v : values) v = std::exp(v) * unit;
    found.push_back(score_outcomes(model, asked, answers(values), answers(values), {}, 1)[0]);
  }
  EXPECT_NEAR(found[0].model.crps, found[1].model.crps, 1e-9);
  EXPECT_NEAR(found[0].model.log_score, found[1].model.log_score, 1e-9);
  const double sd = std::sqrt(0.09 + 0.04) / 0.2;
  EXPECT_NEAR(found[0].model.log_score,
              log_density_normal(std::log(15) / 0.2, sd, std::log(20) / 0.2), 0.02);
  EXPECT_FALSE(found[0].naive);
}

}  // namespace
}  // namespace headrace::study
