#include "math/sampler.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

#include "math/philox.h"

namespace headrace::math {
namespace {

constexpr double kInfinity = HUGE_VAL;

// One of each family, ordinary and awkward.
std::vector<Distribution> zoo() {
  const std::vector<Choice> dice = {{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}};
  std::vector<Distribution> all = {*point(3),
                                   *normal(10, 2),
                                   *normal(0, 1),
                                   *lognormal(1, 0.5),
                                   *lognormal_interval(3, 7),
                                   *uniform(-2, 5),
                                   *triangular(0, 1, 4),
                                   *triangular(0, 0, 4),
                                   *triangular(0, 4, 4),
                                   *exponential(3),
                                   *beta(2, 5),
                                   *beta(0.5, 0.5),
                                   *beta(0.05, 3),
                                   *beta(40, 2),
                                   *beta(0.9, 0.1),
                                   *pert(10, 12, 20),
                                   *beta(3000, 5000),
                                   *gamma(2, 3),
                                   *gamma(0.1, 5),
                                   *gamma(0.02, 1),
                                   *gamma(1000, 0.1),
                                   *student_t(1),
                                   *student_t(3, 10, 2),
                                   *student_t(0.5),
                                   *student_t(30),
                                   *poisson(0.3),
                                   *poisson(7),
                                   *poisson(1234.5),
                                   *bernoulli(0.3),
                                   *bernoulli(0),
                                   *bernoulli(1),
                                   *discrete(dice)};
  const std::vector<WeightedDistribution> overlapping = {{1, *normal(0, 1)}, {2, *normal(3, 0.5)}};
  const std::vector<WeightedDistribution> apart = {{1, *normal(0, 1)}, {3, *lognormal(6, 0.1)}};
  const std::vector<WeightedDistribution> with_atom = {{3, *point(0)}, {7, *lognormal(1, 0.5)}};
  all.push_back(*mixture(overlapping));
  all.push_back(*mixture(apart));
  all.push_back(*mixture(with_atom));
  all.push_back(*truncated(*normal(0, 1), 0, kInfinity));
  all.push_back(*truncated(*normal(0, 1), 8, 12));
  all.push_back(*truncated(*lognormal(1, 1), 2, 3));
  all.push_back(*truncated(*gamma(2, 3), -kInfinity, 4));
  all.push_back(*truncated(*mixture(overlapping), -0.5, 3.5));
  return all;
}

std::vector<double> awkward_uniforms() {
  std::vector<double> u(4000);
  uniforms(1, 2, 0, 0, u);
  for (int k = 1; k < 53; ++k) {
    u.push_back(std::ldexp(1.0, -k) * (k == 1 ? 0.999 : 1));
    u.push_back(1 - std::ldexp(1.0, -k));
    u.push_back(std::ldexp(1.3, -k));
  }
  u.push_back(0.5);
  std::sort(u.begin(), u.end());
  return u;
}

TEST(Sampler, AgreesWithTheQuantile) {
  const std::vector<double> u = awkward_uniforms();
  std::vector<double> x(u.size());
  for (const Distribution& d : zoo()) {
    Sampler(d).quantiles(u, x);
    const double quartiles = d.quantile(0.75) - d.quantile(0.25);
    const double floor = d.quantile(0) < 0 ? 1e-3 * quartiles : 0;
    double worst = 0;
    for (size_t i = 0; i < u.size(); ++i) {
      const double exact = d.quantile(u[i]);
      const double size = std::max(std::fabs(exact), floor);
      if (x[i] == exact) continue;
      const double error = std::fabs(x[i] - exact) / size;
      EXPECT_LE(error, 1e-9) << d.describe() << " at " << u[i] << ": " << x[i] << " for " << exact;
      worst = std::max(worst, error);
    }
    if (worst > 0) fmt::print("             {:.2g} {}\n", worst, d.describe());
  }
}

TEST(Sampler, RisesWithU) {
  const std::vector<double> u = awkward_uniforms();
  std::vector<double> x(u.size());
  for (const Distribution& d : zoo()) {
    Sampler(d).quantiles(u, x);
    for (size_t i = 1; i < x.size(); ++i) {
      ASSERT_LE(x[i - 1], x[i] + 1e-9 * std::fabs(x[i])) << d.describe() << " at " << u[i];
    }
  }
}

TEST(Sampler, CutsDoNotMatter) {
  const std::vector<double> u = awkward_uniforms();
  for (const Distribution& d : zoo()) {
    const Sampler sampler(d);
    std::vector<double> whole(u.size());
    sampler.quantiles(u, whole);
    for (size_t cut : {size_t{1}, size_t{7}, size_t{600}}) {
      std::vector<double> pieces = u;  // in place, too
      for (size_t i = 0; i < u.size(); i += cut) {
        const auto piece = std::span(pieces).subspan(i, std::min(cut, u.size() - i));
        sampler.quantiles(piece, piece);
      }
      EXPECT_EQ(pieces, whole) << d.describe();
    }
  }
}

// Kolmogorov and Smirnov: with n draws, sqrt(n) times the largest distance exceeds 1.95 once in a
// thousand. Atoms only make the distance smaller when both one-sided limits are watched.
TEST(Sampler, DrawsFollowTheDistribution) {
  constexpr size_t kDraws = 5000;
  std::vector<double> u(kDraws);
  uniforms(77, 5, 0, kBeforeSteps, u);
  std::vector<double> x(kDraws);
  for (const Distribution& d : zoo()) {
    Sampler(d).quantiles(u, x);
    std::sort(x.begin(), x.end());
    double distance = 0;
    for (size_t i = 0; i < kDraws; ++i) {
      if (i + 1 < kDraws && x[i + 1] == x[i]) continue;  // the last of equal draws counts
      const double share = static_cast<double>(i + 1) / kDraws;
      distance = std::max(distance, std::fabs(d.cdf(x[i]) - share));
    }
    EXPECT_LT(distance * std::sqrt(kDraws), 1.95) << d.describe();
  }
}

TEST(Sampler, MomentsFollowTheDistribution) {
  constexpr size_t kDraws = 20'000;
  std::vector<double> u(kDraws);
  for (size_t i = 0; i < kDraws; ++i) u[i] = (static_cast<double>(i) + 0.5) / kDraws;
  std::vector<double> x(kDraws);
  for (const Distribution& d : zoo()) {
    if (!std::isfinite(d.sd())) continue;
    Sampler(d).quantiles(u, x);
    double mean = 0;
    for (double v : x) mean += v / kDraws;
    // Midpoints leave out the outermost tails: the error is far below a standard error.
    EXPECT_NEAR(mean, d.mean(), 0.02 * d.sd() + 1e-9) << d.describe();
    if (d.family() == Distribution::Family::kStudentT) continue;
    double variance = 0;
    for (double v : x) variance += (v - mean) * (v - mean) / kDraws;
    EXPECT_NEAR(std::sqrt(variance), d.sd(), 0.05 * d.sd() + 1e-9) << d.describe();
  }
}

TEST(Sampler, TablesStaySmall) {
  for (const Distribution& d : zoo()) {
    const auto start = std::chrono::steady_clock::now();
    const Sampler sampler(d);
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    if (time.count() > 0.5)
      fmt::print("             {:.1f} ms, {} cells: {}\n", time.count(), sampler.table_cells(),
                 d.describe());
    EXPECT_LE(sampler.table_cells(), 8192u) << d.describe();
  }
}

}  // namespace
}  // namespace headrace::math
