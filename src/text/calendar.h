#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace headrace::text {

// A day of the proleptic Gregorian calendar, years 1 to 9999.
struct Date {
  int year = 1;
  int month = 1;
  int day = 1;

  auto operator<=>(const Date&) const = default;
};

int days_in_month(int year, int month);
bool is_valid(Date date);

// Reads `2022-10-07`, `2022-10` (its first day) or `2022Q3` (the quarter's first day), with all
// digits written. Nothing for other text and for days that do not exist.
std::optional<Date> parse_date(std::string_view text);

// The model calendar: time in years, in which every month is one twelfth and the days of a month
// share it equally. So steps of 1/12 year fall on firsts of months, and a year is 1 exactly:
//   year + (month - 1) / 12 + (day - 1) / (12 days_in_month), rounded once.
double to_years(Date date);

// The nearest day in the model calendar; the inverse of to_years. Values outside [1, 10000) give
// the first or the last day that exists; NaN gives the first.
Date from_years(double years);

// `2022-10-07`
std::string iso(Date date);

}  // namespace headrace::text
