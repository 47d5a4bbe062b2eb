#include "study/calibration/likelihood.h"

#include <gtest/gtest.h>

#include <cmath>

#include "math/distribution.h"

namespace headrace::study {
namespace {

using model::Observation;
using Form = Observation::Form;
using Bound = Observation::Bound;

Observation observed(Form form, std::vector<double> terms, Bound bound = Bound::kNone) {
  Observation out;
  out.text = "x over 2024";
  out.form = form;
  out.bound = bound;
  for (double t : terms) out.terms.push_back({t, {}});
  return out;
}

double log_of(const Observation& o, double quantity) {
  Seen seen{quantity, {}};
  for (const auto& term : o.terms) seen.terms.push_back(term.value);
  return log_likelihood(o, seen);
}

// The logarithms of the densities, by hand.
TEST(Likelihood, ReadingsHaveTheirDensities) {
  EXPECT_NEAR(log_of(observed(Form::kNormal, {3, 2}), 2), -1.7370857, 1e-7);
  EXPECT_NEAR(log_of(observed(Form::kLognormal, {3, 0.5}), 2), -1.6532075, 1e-7);
  // Of three degrees of freedom at 1: 0.2067483, over a spread of 0.5.
  EXPECT_NEAR(log_of(observed(Form::kStudentT, {1.5, 0.5, 3}), 1), std::log(0.2067483 / 0.5), 1e-6);
  EXPECT_NEAR(log_of(observed(Form::kPoisson, {3}), 2.5), -1.5428873, 1e-7);
  EXPECT_NEAR(log_of(observed(Form::kPoisson, {0}), 0), 0, 0);
  // 4 of a dispersion of 2 and a mean of 3: 5 * 0.4^2 * 0.6^4.
  EXPECT_NEAR(log_of(observed(Form::kNegativeBinomial, {4, 2}), 3), std::log(0.10368), 1e-12);
}

TEST(Likelihood, WhatCannotBeIsImpossible) {
  EXPECT_EQ(log_of(observed(Form::kLognormal, {3, 0.5}), -1), -HUGE_VAL);
  EXPECT_EQ(log_of(observed(Form::kPoisson, {3}), 0), -HUGE_VAL);
  EXPECT_EQ(log_of(observed(Form::kPoisson, {3}), -1), -HUGE_VAL);
  EXPECT_EQ(log_of(observed(Form::kNormal, {3, 0}), 3), -HUGE_VAL);
  EXPECT_EQ(log_of(observed(Form::kNormal, {3, 1}), std::nan("")), -HUGE_VAL);
}

// A limit of 5 with an error of 1: that it lies above 6 has the probability 0.1586553.
TEST(Likelihood, LimitsAreProbabilities) {
  EXPECT_NEAR(log_of(observed(Form::kNormal, {5, 1}, Bound::kAtMost), 6), std::log(0.1586553),
              1e-6);
  EXPECT_NEAR(log_of(observed(Form::kNormal, {5, 1}, Bound::kAtLeast), 6), std::log(0.8413447),
              1e-6);
  EXPECT_EQ(log_of(observed(Form::kPoint, {5}, Bound::kAtMost), 6), -HUGE_VAL);
  EXPECT_EQ(log_of(observed(Form::kPoint, {5}, Bound::kAtMost), 5), 0);
  EXPECT_EQ(log_of(observed(Form::kPoint, {5}, Bound::kAtLeast), 4), -HUGE_VAL);
}

// Readings as they might have been have the mean and the variance of their distribution.
TEST(Likelihood, ReplicatesHaveTheirMoments) {
  struct Case {
    Observation observation;
    double mean, variance;
  };
  const double quantity = 6;
  const Random random(3, "replicates test");
  for (const Case& each :
       {Case{observed(Form::kNormal, {0, 2}), 6, 4}, Case{observed(Form::kPoisson, {0}), 6, 6},
        Case{observed(Form::kNegativeBinomial, {0, 3}), 6, 6 + 36 / 3.},
        Case{observed(Form::kStudentT, {0, 2, 8}), 6, 4 * 8 / 6.},
        Case{observed(Form::kLognormal, {1, 0.5}), 6 * std::exp(0.125),
             36 * std::exp(0.25) * std::expm1(0.25)}}) {
    constexpr size_t kDraws = 20'000;
    Seen seen{quantity, {}};
    for (const auto& term : each.observation.terms) seen.terms.push_back(term.value);
    double mean = 0, square = 0;
    for (size_t d = 0; d < kDraws; ++d) {
      const double reading = *replicate(each.observation, seen, 1, random, d, 1);
      mean += reading / kDraws, square += reading * reading / kDraws;
    }
    EXPECT_NEAR(mean, each.mean, 4 * std::sqrt(each.variance / kDraws));
    EXPECT_NEAR((square - mean * mean) / each.variance, 1, 0.08);
  }
}

// 1 and 3 with errors of 0.5: chi squared is 8 over one degree of freedom.
TEST(Likelihood, SourcesThatDisagreeAreWidenedByTheBirgeRatio) {
  model::Model model;
  for (double reading : {1.0, 3.0})
    model.observations.push_back(observed(Form::kNormal, {reading, 0.5}));
  model.observations.push_back(observed(Form::kPoisson, {3}));
  model.observations.push_back(observed(Form::kNormal, {100, 0.5}));
  model.observations.back().text = "y";
  std::vector<Asked> asked(4);
  for (uint32_t k = 0; k < asked.size(); ++k) asked[k].observation = k;
  widen_disagreeing(model, asked);
  EXPECT_NEAR(asked[0].widen, std::sqrt(8), 1e-12);
  EXPECT_NEAR(asked[1].widen, std::sqrt(8), 1e-12);
  EXPECT_EQ(asked[2].widen, 1);
  EXPECT_EQ(asked[3].widen, 1);
  const Seen seen{2, {1, 0.5}};
  EXPECT_NEAR(log_likelihood(model.observations[0], seen, std::sqrt(8)),
              log_of(observed(Form::kNormal, {1, 0.5 * std::sqrt(8)}), 2), 1e-12);
}

TEST(Likelihood, SourcesThatAgreeKeepTheirErrors) {
  model::Model model;
  for (double reading : {1.9, 2.1})
    model.observations.push_back(observed(Form::kNormal, {reading, 0.5}));
  std::vector<Asked> asked(2);
  asked[1].observation = 1;
  widen_disagreeing(model, asked);
  EXPECT_EQ(asked[0].widen, 1);
}

}  // namespace
}  // namespace headrace::study
