#include "report/csv.h"

#include <gtest/gtest.h>

#include <cmath>

namespace headrace::report {
namespace {

TEST(Csv, CellsAreQuotedWhenNeeded) {
  EXPECT_EQ(csv_cell("plain"), "plain");
  EXPECT_EQ(csv_cell("x[US,EU]"), "\"x[US,EU]\"");
  EXPECT_EQ(csv_cell("say \"so\""), "\"say \"\"so\"\"\"");
  EXPECT_EQ(csv_cell("a\nb"), "\"a\nb\"");
}

TEST(Csv, ASingleRunIsWide) {
  RunReport report;
  report.context.single = true;
  report.context.calendar = true;
  report.times = {2025, 2025.5};
  report.series = {{"a", "", "chip", model::Type::kNumber, {1, 0.1}, {}},
                   {"x[US,n7]", "", "1", model::Type::kNumber, {2, NAN}, {}}};
  EXPECT_EQ(to_csv(report), "time,a,\"x[US,n7]\"\n2025-01-01,1,2\n2025-07-01,0.1,nan\n");
}

TEST(Csv, AnEnsembleIsLong) {
  RunReport report;
  report.times = {0};
  const Spread spread{1, 2, 3, 4, 5, 6, 7, 8};
  report.series = {{"a", "", "chip", model::Type::kNumber, {}, {spread}}};
  report.measures = {{"m", "", "1", "", model::Type::kNumber, spread, {}}};
  EXPECT_EQ(to_csv(report),
            "time,variable,mean,p5,p25,p50,p75,p95,p10,p90,unit\n"
            "0,a,1,2,4,5,6,8,3,7,chip\n"
            ",m,1,2,4,5,6,8,3,7,1\n");
}

}  // namespace
}  // namespace headrace::report
