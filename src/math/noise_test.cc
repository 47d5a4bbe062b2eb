#include "math/noise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/hash.h"
#include "math/kernels.h"
#include "math/philox.h"

namespace headrace::math {
namespace {

TEST(Noise, EveryInstructionSetAndCutGivesTheSameBits) {
  const uint64_t key = stream_key(42, base::hash("demand/noise"));
  constexpr size_t kDraws = 1003;
  constexpr uint64_t kFirst = (uint64_t{1} << 33) - 501;  // crosses a word of the counter
  std::vector<double> uniform(kDraws), normal(kDraws);
  for (size_t i = 0; i < kDraws; ++i) {
    uniform[i] = uniform_noise(key, kFirst + i, 17);
    normal[i] = normal_noise(key, kFirst + i, 17);
  }
  const KernelList list = available_kernels();
  for (size_t k = 0; k < list.count; ++k) {
    for (size_t cut : {size_t{1}, size_t{3}, size_t{8}, size_t{64}, size_t{100}, kDraws}) {
      std::vector<double> out(kDraws);
      for (size_t i = 0; i < kDraws; i += cut) {
        const size_t n = std::min(cut, kDraws - i);
        list.entry[k]->uniform_noise(key, kFirst + i, 17, out.data() + i, n);
      }
      EXPECT_EQ(out, uniform) << list.entry[k]->name << " cut " << cut;
      for (size_t i = 0; i < kDraws; i += cut) {
        const size_t n = std::min(cut, kDraws - i);
        list.entry[k]->normal_noise(key, kFirst + i, 17, out.data() + i, n);
      }
      EXPECT_EQ(out, normal) << list.entry[k]->name << " cut " << cut;
    }
  }
}

TEST(Noise, NoTwoDrawsOrStepsShareANumber) {
  std::vector<double> all;
  for (uint64_t step = 0; step < 50; ++step) {
    for (uint64_t draw = 0; draw < 200; ++draw) all.push_back(uniform_noise(7, draw, step));
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

// Box and Muller's formula in long double.
TEST(Noise, NormalPairIsWhatTheFormulaSays) {
  for (int i = 0; i < 20000; ++i) {
    const UniformPair<double> u = noise_pair(99, static_cast<uint64_t>(i) * 8, 3);
    const auto [first, second] = normal_pair(u);
    const long double size = std::sqrt(-2 * std::log(static_cast<long double>(u.first)));
    const long double angle = 2 * 3.14159265358979323846264338327950288L * u.second;
    EXPECT_NEAR(first, static_cast<double>(size * std::cos(angle)), 4e-15);
    EXPECT_NEAR(second, static_cast<double>(size * std::sin(angle)), 4e-15);
  }
}

// Moments within five standard errors, and no correlation between the draws that share a counter.
TEST(Noise, NormalNumbersHaveTheirMoments) {
  constexpr size_t kDraws = 400000;
  std::vector<double> z(kDraws);
  kernels().normal_noise(stream_key(1, 2), 0, 5, z.data(), kDraws);
  double mean = 0, square = 0, cube = 0, fourth = 0, shared = 0, beyond = 0;
  for (size_t i = 0; i < kDraws; ++i) {
    const double x = z[i];
    mean += x, square += x * x, cube += x * x * x, fourth += x * x * x * x;
    beyond += std::abs(x) > 3;
    if (i % kNoiseGroup < kNoiseGroup / 2) shared += x * z[i + kNoiseGroup / 2];
  }
  const double n = kDraws, error = 1 / std::sqrt(n);
  EXPECT_NEAR(mean / n, 0, 5 * error);
  EXPECT_NEAR(square / n, 1, 5 * std::sqrt(2.0) * error);
  EXPECT_NEAR(cube / n, 0, 5 * std::sqrt(15.0) * error);
  EXPECT_NEAR(fourth / n, 3, 5 * std::sqrt(96.0) * error);
  EXPECT_NEAR(beyond / n, 0.0026998, 5 * std::sqrt(0.0027) * error);
  EXPECT_NEAR(2 * shared / n, 0, 5 * std::sqrt(2.0) * error);
}

}  // namespace
}  // namespace headrace::math
