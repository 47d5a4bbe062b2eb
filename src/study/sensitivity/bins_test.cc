#include "study/sensitivity/bins.h"

#include <gtest/gtest.h>

#include <cmath>

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

}  // namespace
}  // namespace headrace::study
