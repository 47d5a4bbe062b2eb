#include "study/calibration/convergence.h"

#include <gtest/gtest.h>

#include <cmath>

#include "study/calibration/random.h"

namespace headrace::study {
namespace {

// Chains of an autoregressive process of order 1 with variance 1, each around its own centre.
Traces chains(size_t count, size_t iterations, double phi, double apart = 0) {
  const Random random(7, "convergence");
  Traces out{count, std::vector<double>(count * iterations)};
  for (size_t c = 0; c < count; ++c) {
    double x = random.normal(c, 0);
    for (size_t i = 0; i < iterations; ++i) {
      x = phi * x + std::sqrt(1 - phi * phi) * random.normal(c, i + 1);
      out.values[i * count + c] = x + apart * static_cast<double>(c);
    }
  }
  return out;
}

TEST(Convergence, IndependentDrawsCountOnce) {
  const Traces traces = chains(4, 5000, 0);
  const Convergence found = convergence(traces);
  EXPECT_NEAR(found.rhat, 1, 0.002);
  EXPECT_NEAR(found.ess_bulk, 20000, 1200);
  EXPECT_NEAR(found.ess_tail, 20000, 1500);
}

// The effective number of draws of such a process is n (1 - phi) / (1 + phi).
TEST(Convergence, AutocorrelationCostsDraws) {
  for (double phi : {0.5, 0.9}) {
    const Convergence found = convergence(chains(8, 20000, phi));
    const double expected = 160000 * (1 - phi) / (1 + phi);
    EXPECT_NEAR(found.ess_mean / expected, 1, 0.1) << phi;
    EXPECT_LT(found.rhat, 1.01);
  }
}

// Antithetic chains are worth more than independent draws.
TEST(Convergence, NegativeCorrelationGainsDraws) {
  EXPECT_NEAR(convergence(chains(4, 10000, -0.5)).ess_mean / 120000, 1, 0.1);
}

// Centres half a standard deviation apart: the variance of the means, 0.0417 times 4, is seen.
TEST(Convergence, ChainsThatDifferAreFound) {
  const Convergence found = convergence(chains(4, 2000, 0, 0.5));
  EXPECT_GT(found.rhat, 1.1);
  EXPECT_LT(found.ess_bulk, 100);
}

// Equal centres and unequal spreads: folding finds them.
TEST(Convergence, SpreadsThatDifferAreFound) {
  Traces traces = chains(4, 2000, 0);
  for (size_t i = 0; i < traces.values.size(); i += 4) traces.values[i] *= 4;
  EXPECT_GT(convergence(traces).rhat, 1.05);
}

TEST(Convergence, AValueThatNeverMoves) {
  const Convergence found = convergence({2, std::vector<double>(200, 3.0)});
  EXPECT_EQ(found.rhat, 1);
  EXPECT_EQ(found.ess_bulk, 200);
}

}  // namespace
}  // namespace headrace::study
