#include "study/sensitivity/bins.h"

#include <gtest/gtest.h>

#include <cmath>

#include "math/normal_quantile.h"
#include "math/philox.h"

namespace headrace::study {
namespace {

TEST(Bins, HoldEquallyManyDraws) {
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(99 - i);
  const Bins bins = bin_by(values, 4);
  ASSERT_EQ(bins.count, 4u);
  std::vector<int> sizes(4);
  for (size_t d = 0; d < values.size(); ++d) {
    ++sizes[bins.of[d]];
    EXPECT_EQ(bins.of[d], static_cast<uint32_t>(values[d]) / 25);
  }
  EXPECT_EQ(sizes, (std::vector<int>{25, 25, 25, 25}));
}

TEST(Bins, EqualValuesStayTogether) {
  const std::vector<double> values = {1, 1, 1, 1, 1, 1, 2, 3};
  const Bins bins = bin_by(values, 4);
  for (size_t d = 1; d < 6; ++d) EXPECT_EQ(bins.of[d], bins.of[0]);
  EXPECT_NE(bins.of[6], bins.of[0]);
  EXPECT_EQ(bin_by(std::vector<double>(10, 7.0), 4).count, 1u);
}

TEST(Bins, CrossedBinsAreTheCellsThatOccur) {
  const Bins a{{0, 0, 1, 1}, 2}, b{{0, 0, 0, 1}, 2};
  const Bins cells = cross({a, b});
  EXPECT_EQ(cells.count, 3u);
  EXPECT_EQ(cells.of[0], cells.of[1]);
  EXPECT_NE(cells.of[2], cells.of[3]);
}

TEST(Bins, RanksShareTheirMeanAndLeaveOutNaN) {
  const std::vector<double> values = {5, NAN, 1, 5, 9};
  const auto ranks = ranks_of(values);
  EXPECT_EQ(ranks[2], 1);
  EXPECT_EQ(ranks[0], 2.5);
  EXPECT_EQ(ranks[3], 2.5);
  EXPECT_EQ(ranks[4], 4);
  EXPECT_TRUE(std::isnan(ranks[1]));
}

// By hand: two bins of two, y = 1, 3 and 5, 7. Within: 2 + 2 = 4 over 4 - 2; all: 20 over 3.
TEST(Bins, ExplainedShareByHand) {
  const Bins bins{{0, 0, 1, 1}, 2};
  EXPECT_DOUBLE_EQ(explained_share(bins, std::vector<double>{1, 3, 5, 7}),
                   1 - (4. / 2) / (20. / 3));
  EXPECT_EQ(explained_share(bins, std::vector<double>{2, 2, 2, 2}), 0);
  EXPECT_TRUE(std::isnan(explained_share(bins, std::vector<double>{1, NAN, NAN, 2})));
}

// By hand: bins of three. In the first y = 0, 1, 5 over x = 0, 1, 2: about the line with slope 2.5
// are left 14 - 12.5 = 1.5; in the second x is the same and y = 7, 8, 9 leaves 2. Over 6 - 2 - 1;
// all: 70 over 5.
TEST(Bins, LinesInBinsByHand) {
  const Bins bins{{0, 0, 0, 1, 1, 1}, 2};
  const std::vector<double> x = {0, 1, 2, 3, 3, 3}, y = {0, 1, 5, 7, 8, 9};
  EXPECT_DOUBLE_EQ(explained_share(bins, y, x), 1 - (3.5 / 3) / (70. / 5));
}

// exp(0.9 z) of a standard normal z: all of the variance hangs on z, most of it in the outermost
// bins.
TEST(Bins, ASteepCurveIsExplained) {
  std::vector<double> x, y;
  for (size_t d = 0; d < 20'000; ++d) {
    x.push_back(math::normal_quantile((static_cast<double>(d) + 0.5) / 20'000));
    y.push_back(std::exp(0.9 * x.back()));
  }
  const Bins bins = bin_by(x, bins_for(x.size()));
  EXPECT_GT(explained_share(bins, y, x), 0.99);
  EXPECT_LT(explained_share(bins, y), 0.95);
}

// Noise explains nothing, with lines as without.
TEST(Bins, NoiseExplainsNothingOnAverage) {
  double sum = 0, squares = 0;
  constexpr int kTimes = 200;
  for (int t = 0; t < kTimes; ++t) {
    const math::Stream stream(7, static_cast<uint64_t>(t));
    std::vector<double> x, y;
    for (uint64_t d = 0; d < 1000; ++d)
      x.push_back(stream.uniform(d, 0)), y.push_back(stream.uniform(d, 1));
    const double share = explained_share(bin_by(x, bins_for(x.size())), y, x);
    sum += share, squares += share * share;
  }
  const double mean = sum / kTimes, sd = std::sqrt(squares / kTimes - mean * mean);
  EXPECT_LT(std::abs(mean), 4 * sd / std::sqrt(kTimes));
  EXPECT_LT(sd, 0.02);
}

}  // namespace
}  // namespace headrace::study
