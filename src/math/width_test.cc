#include "math/width_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace headrace::math {

std::vector<double> width_arguments() {
  std::mt19937_64 random(7);
  std::vector<double> x = {0.0,    -0.0, 1.0,  -1.0,   HUGE_VAL, -HUGE_VAL, NAN,   0.5,
                           1e-310, 2.0,  -3.0, 0x1p53, 0x1p60,   -1e300,    710.0, -745.0};
  while (x.size() < 40'000) {
    const double scale = std::ldexp(1.0, static_cast<int>(random() % 80) - 40);
    x.push_back(std::uniform_real_distribution(-1.0, 1.0)(random) * scale);
    x.push_back(std::bit_cast<double>(random()));
    x.push_back(std::uniform_real_distribution(0.0, 4.0)(random));
    x.push_back(static_cast<double>(random() % 64) - 32);
  }
  x.resize(x.size() / 8 * 8);
  return x;
}

std::vector<double> shuffled(std::vector<double> x) {
  std::shuffle(x.begin(), x.end(), std::mt19937_64(8));
  return x;
}

std::vector<double> scalar_values(const std::vector<double>& x) {
  std::vector<double> out(x.size() * kWidthFunctions);
  append_values<double>(x.data(), shuffled(x).data(), x.size(), out.data());
  return out;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    const bool same = (std::isnan(a[i]) && std::isnan(b[i])) ||
                      std::bit_cast<int64_t>(a[i]) == std::bit_cast<int64_t>(b[i]);
    if (!same) {
      ADD_FAILURE() << "value " << i << ": " << a[i] << " is not " << b[i];
      return false;
    }
  }
  return a.size() == b.size();
}

namespace {

template <class V>
void compare() {
  const std::vector<double> x = width_arguments();
  std::vector<double> out(x.size() * kWidthFunctions);
  append_values<V>(x.data(), shuffled(x).data(), x.size(), out.data());
  EXPECT_TRUE(same_bits(scalar_values(x), out));
}

TEST(Width, TwoLanesGiveTheScalarBits) { compare<double2>(); }
TEST(Width, FourLanesGiveTheScalarBits) { compare<double4>(); }
TEST(Width, EightLanesGiveTheScalarBits) { compare<double8>(); }

}  // namespace

// Defined in width_avx2_test.cc and width_avx512_test.cc.
void values_avx2(const double* x, const double* y, size_t n, double* out);
void values_avx512(const double* x, const double* y, size_t n, double* out);

namespace {

void compare_with(void (*values)(const double*, const double*, size_t, double*)) {
  const std::vector<double> x = width_arguments();
  std::vector<double> out(x.size() * kWidthFunctions);
  values(x.data(), shuffled(x).data(), x.size(), out.data());
  EXPECT_TRUE(same_bits(scalar_values(x), out));
}

TEST(Width, Avx2GivesTheScalarBits) {
  if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "this machine has no AVX2";
  compare_with(values_avx2);
}

TEST(Width, Avx512GivesTheScalarBits) {
  if (!__builtin_cpu_supports("avx512dq")) GTEST_SKIP() << "this machine has no AVX-512";
  compare_with(values_avx512);
}

}  // namespace
}  // namespace headrace::math
