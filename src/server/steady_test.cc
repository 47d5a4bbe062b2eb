#include "server/steady.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headrace::server {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::Pointwise;

RunRequest asked(double shift) {
  RunRequest request;
  request.question.outputs = {"stock"};
  request.question.changes = {{"rate", workbench::Change::Mode::kShift, shift, 0, 0, ""}};
  return request;
}

// One output at one time: the mean and seven quantiles.
Frame frame(const std::vector<double>& stats) {
  Frame out;
  out.directory["times"] = {{"offset", out.add({0})}, {"count", 1}};
  out.directory["outputs"] = Json::array({{{"offset", out.add(stats)}}});
  return out;
}

std::vector<float> stats_of(const Frame& frame) {
  return {frame.numbers.begin() + 1, frame.numbers.begin() + 9};
}

std::vector<float> steadied(const std::vector<double>& settled, const std::vector<double>& before,
                            const std::vector<double>& preview) {
  Steady steady;
  steady.settle(asked(1), frame(settled));
  steady.add(asked(1), 512, frame(before));
  Frame moved = frame(preview);
  steady.steady(asked(2), 512, moved);
  EXPECT_TRUE(moved.directory.contains("steadied"));
  return stats_of(moved);
}

TEST(Steady, AnUnmovedSliderGivesTheSettledBands) {
  EXPECT_THAT(steadied({4.5, 1, 2, 3, 4, 5, 6, 7}, {4, 1.5, 2.5, 3, 3.5, 5, 6.5, 8},
                       {4, 1.5, 2.5, 3, 3.5, 5, 6.5, 8}),
              Pointwise(FloatEq(), {4.5F, 1.F, 2.F, 3.F, 4.F, 5.F, 6.F, 7.F}));
}

TEST(Steady, TheCorrectionIsADifferenceThatShrinksTowardsZero) {
  const std::vector<double> one(8, 1), two(8, 2);
  EXPECT_THAT(steadied(two, one, std::vector<double>(8, 3)), testing::Each(4));
  EXPECT_THAT(steadied(two, one, std::vector<double>(8, 0.5)), testing::Each(1));
  EXPECT_THAT(steadied(two, one, std::vector<double>(8, -3)), testing::Each(-2));
  EXPECT_THAT(steadied(two, one, std::vector<double>(8, 0)), testing::Each(0));
}

TEST(Steady, QuantilesStayInOrder) {
  EXPECT_THAT(
      steadied({1, 0, 0, 6, 2, 3, 4, 5}, {1, 0.5, 0, 1, 2, 3, 4, 5}, {1, 0.1, 0, 1, 2, 3, 4, 5}),
      ElementsAre(1, 0, 0, 2, 3, 4, 5, 6));
}

TEST(Steady, WithoutABaseOfAsManyDrawsNothingMoves) {
  Steady steady;
  Frame preview = frame({1, 1, 1, 1, 1, 1, 1, 1});
  steady.steady(asked(2), 512, preview);
  steady.settle(asked(1), frame({2, 2, 2, 2, 2, 2, 2, 2}));
  steady.add(asked(1), 1024, frame({1, 1, 1, 1, 1, 1, 1, 1}));
  steady.steady(asked(2), 512, preview);
  RunRequest other = asked(2);
  other.question.scenarios = {"harsh"};
  steady.steady(other, 1024, preview);
  EXPECT_FALSE(preview.directory.contains("steadied"));
  EXPECT_THAT(stats_of(preview), testing::Each(1));
}

TEST(Steady, WhatIsNoNumberIsLeftAlone) {
  EXPECT_THAT(
      steadied({2, 2, 2, 2, 2, 2, 2, 2}, {1, 1, 1, 1, NAN, 1, 1, 1}, {3, 3, 3, 3, 3, 3, 3, 3}),
      testing::Each(3));
}

}  // namespace
}  // namespace headrace::server
