#include "report/compare_report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace headrace::report {
namespace {

RunReport one(std::vector<double> draws) {
  RunReport report;
  Quantity quantity;
  quantity.name = "m";
  quantity.spread = spread_of(draws);
  quantity.draws = std::move(draws);
  report.measures = {quantity};
  return report;
}

TEST(Compare, DifferencesAreTakenDrawByDraw) {
  const CompareReport report =
      make_compare_report({"base", "other"}, {one({1, 10, 100, 5}), one({2, 12, 99, 5})}, {});
  const Difference& d = report.quantities[0].differences[0];
  EXPECT_DOUBLE_EQ(d.higher, 0.5);
  EXPECT_DOUBLE_EQ(d.lower, 0.25);
  EXPECT_DOUBLE_EQ(d.spread.p50, 0.5);  // of 1, 2, -1, 0
  EXPECT_DOUBLE_EQ(d.spread.mean, 0.5);
}

TEST(Compare, FailedDrawsAreLeftOutAndNeverEqualsNever) {
  const double never = std::numeric_limits<double>::infinity();
  const CompareReport report =
      make_compare_report({"a", "b"}, {one({NAN, never, 3}), one({1, never, 4})}, {});
  const Difference& d = report.quantities[0].differences[0];
  EXPECT_DOUBLE_EQ(d.higher, 0.5);
  EXPECT_DOUBLE_EQ(d.spread.p5, 0.05);
}

}  // namespace
}  // namespace headrace::report
