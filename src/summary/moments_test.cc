#include "summary/moments.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace headrace::summary {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> normals(size_t n, double mean = 0) {
  std::mt19937_64 engine(3);
  std::normal_distribution<double> normal(mean);
  std::vector<double> values(n);
  for (double& x : values) x = normal(engine);
  return values;
}

bool same_bits(const Moments& a, const Moments& b) { return std::memcmp(&a, &b, sizeof a) == 0; }

TEST(Moments, Small) {
  const Moments m = moments(std::vector<double>{2, 4, 4, 4, 5, 5, 7, 9});
  EXPECT_EQ(m.count, 8u);
  EXPECT_EQ(m.mean, 5);
  EXPECT_EQ(m.m2, 32);
  EXPECT_DOUBLE_EQ(m.sd(), std::sqrt(32.0 / 7));
  EXPECT_EQ(m.min, 2);
  EXPECT_EQ(m.max, 9);
  EXPECT_EQ(moments(std::vector{3.0}).sd(), 0);
  EXPECT_TRUE(std::isnan(moments({}).sd()));
  EXPECT_EQ(moments({}).count, 0u);
}

// One leaf, one number after the other, as the widest vectors must have it.
TEST(Moments, EveryVectorWidthSumsInTheSameEightLanes) {
  for (size_t n : {1, 7, 8, 9, 100, 255, 256}) {
    const std::vector<double> values = normals(n, 40);
    const auto across = [&](auto term) {
      double lane[8] = {};
      const size_t whole = n / 8 * 8;
      for (size_t i = 0; i < n; ++i) lane[i < whole ? i % 8 : i - whole] += term(values[i]);
      return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
             ((lane[1] + lane[5]) + (lane[3] + lane[7]));
    };
    const auto count = static_cast<double>(n);
    const double mean = across([](double x) { return x; }) / count;
    const double rest = across([&](double x) { return x - mean; });
    const double squares = across([&](double x) { return (x - mean) * (x - mean); });
    const Moments m = moments(values);
    EXPECT_EQ(m.mean, mean + rest / count) << n;
    EXPECT_EQ(m.m2, std::max(0.0, squares - rest * rest / count)) << n;
  }
}

TEST(Moments, OnlyFiniteValuesCount) {
  const Moments m = moments(std::vector{kNan, 1.0, kInf, 3.0, -kInf, kInf});
  EXPECT_EQ(m.count, 2u);
  EXPECT_EQ(m.nan_count, 1u);
  EXPECT_EQ(m.infinite_count, 3u);
  EXPECT_EQ(m.mean, 2);
  EXPECT_EQ(m.max, 3);
  EXPECT_EQ(moments(std::vector{kNan, kInf}).count, 0u);
}

// Against sums in long double, at sizes around leaves and cuts of the tree.
TEST(Moments, AgainstLongDouble) {
  for (double mean : {0.0, 1e6, -1e9}) {
    for (size_t n : {2, 7, 8, 9, 255, 256, 257, 512, 513, 4000, 100000}) {
      const std::vector<double> values = normals(n, mean);
      long double sum = 0;
      for (double x : values) sum += x;
      const long double exact_mean = sum / static_cast<long double>(n);
      long double squares = 0;
      for (double x : values) squares += (x - exact_mean) * (x - exact_mean);
      const Moments m = moments(values);
      const auto e = static_cast<double>(exact_mean);
      EXPECT_NEAR(m.mean, e, 1e-15 * (1 + std::abs(e)));
      // Between leaves the distance of two rounded means is taken, so a little of eps |mean| / sd
      // stays; the plain formula with sums of squares would lose eps mean^2.
      const double allowed = 1e-12 + 1e-17 * std::abs(mean);
      EXPECT_NEAR(m.m2 / static_cast<double>(squares), 1, allowed) << n << " around " << mean;
    }
  }
}

// Leaves computed apart, as threads do, give the same bits as the whole.
TEST(Moments, LeavesCombineToTheSameBits) {
  for (size_t n : {1, 256, 257, 1000, 5 * 256, 70000}) {
    std::vector<double> values = normals(n, 0.1);
    values[n / 2] = kNan;
    std::vector<Moments> leaves;
    for (size_t at = 0; at < n; at += kMomentLeaf) {
      leaves.push_back(moments(std::span(values).subspan(at, std::min(kMomentLeaf, n - at))));
    }
    EXPECT_TRUE(same_bits(combine(leaves), moments(values))) << n;
  }
  EXPECT_TRUE(same_bits(combine({}), moments({})));
}

TEST(Moments, MergingIsSymmetricInWhatItSays) {
  const Moments a = moments(normals(300, 5));
  const Moments b = moments(normals(77, -2));
  const Moments ab = merge(a, b);
  const Moments ba = merge(b, a);
  EXPECT_EQ(ab.count, 377u);
  EXPECT_NEAR(ab.mean, ba.mean, 1e-15);
  EXPECT_NEAR(ab.m2, ba.m2, 1e-11);
  EXPECT_TRUE(same_bits(merge(a, {}), a));
  EXPECT_TRUE(same_bits(merge({}, a), a));
}

TEST(Moments, ExtremeSizes) {
  const Moments large = moments(std::vector(1000, 1.5e308));
  EXPECT_NEAR(large.mean / 1.5e308, 1, 1e-14);
  std::vector<double> both(1000, 1.5e308);
  for (size_t i = 0; i < 500; ++i) both[i] = -1.5e308;
  const Moments m = moments(both);
  EXPECT_NEAR(m.mean / 1.5e308, 0, 1e-14);
  EXPECT_EQ(m.sd(), kInf);
  EXPECT_EQ(moments(std::vector(1000, 0.1)).mean, 0.1);
  EXPECT_NEAR(moments(std::vector(1000, 0.1)).sd(), 0, 1e-17);
}

}  // namespace
}  // namespace headrace::summary
