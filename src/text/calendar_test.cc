#include "text/calendar.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace headrace::text {
namespace {

TEST(Calendar, ParsesTheThreeForms) {
  EXPECT_EQ(parse_date("2022-10-07"), (Date{2022, 10, 7}));
  EXPECT_EQ(parse_date("2022-10"), (Date{2022, 10, 1}));
  EXPECT_EQ(parse_date("2022Q1"), (Date{2022, 1, 1}));
  EXPECT_EQ(parse_date("2022Q4"), (Date{2022, 10, 1}));
  EXPECT_EQ(parse_date("2000-02-29"), (Date{2000, 2, 29}));
  EXPECT_EQ(parse_date("0001-01-01"), (Date{1, 1, 1}));
  EXPECT_EQ(parse_date("9999-12-31"), (Date{9999, 12, 31}));
}

TEST(Calendar, RefusesWhatIsNoDate) {
  for (const char* bad : {"",           "2022",       "2022-",      "2022-1",      "2022-13",
                          "2022-00",    "2022-02-29", "1900-02-29", "2022-04-31",  "2022-10-00",
                          "2022-10-7",  "2022-1-07",  "0000-01-01", "2022Q0",      "2022Q5",
                          "2022q1",     "2022-Q1",    "+022-10-07", "2022-10-07 ", " 2022-10-07",
                          "2022/10/07", "20221007",   "2022-10-07T"}) {
    EXPECT_EQ(parse_date(bad), std::nullopt) << bad;
  }
}

TEST(Calendar, MonthsAreTwelfths) {
  EXPECT_EQ(to_years({2022, 1, 1}), 2022.0);
  EXPECT_EQ(to_years({2022, 4, 1}), 2022.25);
  EXPECT_EQ(to_years({2022, 10, 1}), 2022.75);
  EXPECT_EQ(to_years({2022, 4, 16}), 2022.25 + 0.5 / 12);
  EXPECT_EQ(to_years({2024, 2, 2}), (2024 * 12 + 1 + 1 / 29.0) / 12);
  for (int month = 1; month <= 12; ++month) {
    EXPECT_DOUBLE_EQ(to_years({2031, month, 1}), 2031 + (month - 1) / 12.0);
  }
}

TEST(Calendar, EveryDayComesBack) {
  double before = 0;
  int days = 0;
  for (int year = 1900; year <= 2200; ++year) {
    for (int month = 1; month <= 12; ++month) {
      for (int day = 1; day <= days_in_month(year, month); ++day, ++days) {
        const Date date{year, month, day};
        const double years = to_years(date);
        ASSERT_LT(before, years);
        ASSERT_EQ(from_years(years), date) << iso(date);
        ASSERT_EQ(from_years(std::nextafter(years, 0)), date) << iso(date);
        ASSERT_EQ(from_years(std::nextafter(years, 1e9)), date) << iso(date);
        ASSERT_EQ(parse_date(iso(date)), date);
        before = years;
      }
    }
  }
  EXPECT_EQ(days, 301 * 365 + 73);
}

TEST(Calendar, NearestDay) {
  const double day = to_years({2022, 5, 2}) - to_years({2022, 5, 1});
  EXPECT_EQ(from_years(2022 + 4 / 12.0 + 0.4 * day), (Date{2022, 5, 1}));
  EXPECT_EQ(from_years(2022 + 4 / 12.0 + 0.6 * day), (Date{2022, 5, 2}));
  EXPECT_EQ(from_years(2023 - 0.4 * day), (Date{2023, 1, 1}));
  EXPECT_EQ(from_years(2023 - 0.6 * day), (Date{2022, 12, 31}));
}

TEST(Calendar, OutsideTheYearsTheEndsAreGiven) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(from_years(-5), (Date{1, 1, 1}));
  EXPECT_EQ(from_years(-inf), (Date{1, 1, 1}));
  EXPECT_EQ(from_years(std::nan("")), (Date{1, 1, 1}));
  EXPECT_EQ(from_years(inf), (Date{9999, 12, 31}));
  EXPECT_EQ(from_years(9999.99999), (Date{9999, 12, 31}));
  EXPECT_EQ(from_years(to_years({1, 1, 2})), (Date{1, 1, 2}));
}

TEST(Calendar, Iso) {
  EXPECT_EQ(iso({2022, 1, 7}), "2022-01-07");
  EXPECT_EQ(iso({33, 11, 30}), "0033-11-30");
}

}  // namespace
}  // namespace headrace::text
