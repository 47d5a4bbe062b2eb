#include "math/design.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/hash.h"

namespace headrace::math {
namespace {

constexpr Design kDesigns[] = {Design::kMonteCarlo, Design::kLatinHypercube, Design::kSobol};

std::vector<double> draws(Design design, uint64_t seed, uint64_t name_key, uint64_t total,
                          uint32_t dimension = kPadded) {
  std::vector<double> u(total);
  sample(design, seed, name_key, 0, total, u, dimension);
  return u;
}

TEST(Design, CutsDoNotMatter) {
  constexpr uint64_t kTotal = 1000;
  for (Design design : kDesigns) {
    const std::vector<double> whole = draws(design, 5, base::hash("a"), kTotal);
    for (uint64_t cut : {1, 7, 64, 333}) {
      std::vector<double> pieces(kTotal);
      for (uint64_t first = 0; first < kTotal; first += cut) {
        const uint64_t n = std::min(cut, kTotal - first);
        sample(design, 5, base::hash("a"), first, kTotal, std::span(pieces).subspan(first, n));
      }
      EXPECT_EQ(pieces, whole);
    }
  }
}

TEST(Design, FirstDrawsStayWhenMoreAreAskedExceptInTheLatinHypercube) {
  for (Design design : kDesigns) {
    std::vector<double> few = draws(design, 5, 1, 100);
    std::vector<double> many = draws(design, 5, 1, 200);
    many.resize(100);
    EXPECT_EQ(few == many, design != Design::kLatinHypercube);
  }
}

// The number of draws in each of `cells` equal parts.
std::vector<int> histogram(std::span<const double> u, size_t cells) {
  std::vector<int> counts(cells);
  for (double x : u) ++counts.at(static_cast<size_t>(x * static_cast<double>(cells)));
  return counts;
}

TEST(Design, LatinHypercubeHasOneDrawPerStratum) {
  for (uint64_t total : {1, 2, 3, 10, 1000, 4097}) {
    const std::vector<double> u = draws(Design::kLatinHypercube, 3, 77, total);
    EXPECT_EQ(histogram(u, total), std::vector<int>(total, 1)) << total;
  }
}

TEST(Design, LatinHypercubeShufflesTheStrata) {
  const std::vector<double> u = draws(Design::kLatinHypercube, 3, 77, 2000);
  const std::vector<double> v = draws(Design::kLatinHypercube, 3, 78, 2000);
  double order = 0;
  double names = 0;
  for (size_t i = 0; i < u.size(); ++i) {
    order += 12 * (u[i] - 0.5) * (static_cast<double>(i) / 2000 - 0.5) / 2000;
    names += 12 * (u[i] - 0.5) * (v[i] - 0.5) / 2000;
  }
  EXPECT_NEAR(order, 0, 5 / std::sqrt(2000.0));  // correlations, five standard errors
  EXPECT_NEAR(names, 0, 5 / std::sqrt(2000.0));
}

TEST(Design, SobolHasOneDrawPerStratumOfEveryAlignedBlock) {
  for (uint64_t name = 0; name < 50; ++name) {
    const uint32_t dimension = name < 40 ? static_cast<uint32_t>(name * 93) : kPadded;
    const std::vector<double> u = draws(Design::kSobol, 11, base::mix(name), 4096, dimension);
    for (size_t size : {2, 16, 256, 4096}) {
      for (size_t first = 0; first < u.size(); first += size) {
        const auto block = std::span(u).subspan(first, size);
        ASSERT_EQ(histogram(block, size), std::vector<int>(size, 1)) << name << " " << first;
      }
    }
  }
}

// Under nested scrambling each bit flips with probability one half for each prefix, and flips of
// different prefixes are independent. Watches the third bit under the four prefixes over seeds:
// 16 patterns, chi-square with 15 degrees of freedom (five standard deviations are 27).
TEST(Design, ScramblingFlipsEveryPrefixIndependently) {
  constexpr int kSeeds = 16'000;
  std::vector<int> patterns(16);
  for (int seed = 0; seed < kSeeds; ++seed) {
    const std::vector<double> u = draws(Design::kSobol, static_cast<uint64_t>(seed), 9, 8, 3);
    // The first four draws lie in the four quarters. Which are in the lower half of theirs?
    unsigned pattern = 0;
    for (size_t i = 0; i < 4; ++i) {
      const auto eighth = static_cast<unsigned>(u[i] * 8);
      if (eighth % 2 == 0) pattern |= 1u << (eighth / 2);
    }
    ++patterns[pattern];
  }
  double chi_square = 0;
  for (int count : patterns) chi_square += (count - 1000.0) * (count - 1000.0) / 1000.0;
  EXPECT_LT(chi_square, 15 + 27);
}

// The mean of a smooth function of eight inputs, exactly 1 in expectation.
double mean_of_product(Design design, uint64_t seed, uint64_t total, bool numbered) {
  std::vector<double> product(total, 1.0);
  for (uint32_t input = 0; input < 8; ++input) {
    const uint64_t name = base::hash(fmt::format("input {}", input));
    const auto u = draws(design, seed, name, total, numbered ? input : kPadded);
    for (size_t i = 0; i < total; ++i) product[i] *= 1 + 0.5 * (u[i] - 0.5);
  }
  double sum = 0;
  for (double x : product) sum += x;
  return sum / static_cast<double>(total);
}

double root_mean_square_error(Design design, bool numbered = false) {
  double sum = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const double error = mean_of_product(design, seed, 1024, numbered) - 1;
    sum += error * error;
  }
  return std::sqrt(sum / 40);
}

TEST(Design, StratifiedDesignsBeatMonteCarloOnASmoothIntegral) {
  const double monte_carlo = root_mean_square_error(Design::kMonteCarlo);
  const double hypercube = root_mean_square_error(Design::kLatinHypercube);
  const double padded = root_mean_square_error(Design::kSobol);
  const double sobol = root_mean_square_error(Design::kSobol, true);
  fmt::print(
      "             error: Monte Carlo {:.2g}, Latin hypercube {:.2g}, Sobol padded {:.2g}, "
      "numbered {:.2g}\n",
      monte_carlo, hypercube, padded, sobol);
  EXPECT_LT(hypercube, monte_carlo / 3);
  EXPECT_LT(padded, monte_carlo / 2);
  EXPECT_LT(sobol, monte_carlo / 10);
}

// Joe and Kuo's table of the first points, unscrambled, is not visible; but scrambling keeps which
// draws share an elementary interval. Dimensions 1 and 2 form a net: every 1/4 by 1/4 cell, every
// 1/2 by 1/8 strip holds exactly one of the first 16 draws.
TEST(Design, FirstTwoDimensionsFormANet) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto u = draws(Design::kSobol, seed, 1, 16, 0);
    const auto v = draws(Design::kSobol, seed, 2, 16, 1);
    for (int bits = 0; bits <= 4; ++bits) {
      std::vector<int> cells(16);
      for (size_t i = 0; i < 16; ++i) {
        const auto row = static_cast<size_t>(u[i] * (1 << bits));
        const auto column = static_cast<size_t>(v[i] * (16 >> bits));
        ++cells.at(row * (16u >> bits) + column);
      }
      EXPECT_EQ(cells, std::vector<int>(16, 1)) << bits;
    }
  }
}

TEST(Design, SobolNeedsNoOrderOfInputs) {
  const auto before = draws(Design::kSobol, 1, base::hash("yield"), 64);
  draws(Design::kSobol, 1, base::hash("another input"), 64);
  EXPECT_EQ(draws(Design::kSobol, 1, base::hash("yield"), 64), before);
}

}  // namespace
}  // namespace headrace::math
