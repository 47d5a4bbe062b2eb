#include "text/calendar.h"

#include <fmt/format.h>

#include <cmath>

#include "base/check.h"

namespace headrace::text {
namespace {

constexpr int kFirstYear = 1;
constexpr int kLastYear = 9999;

bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

// The value of text[begin, begin + count), all digits, or -1.
int digits(std::string_view text, size_t begin, size_t count) {
  if (text.size() < begin + count) return -1;
  int value = 0;
  for (char c : text.substr(begin, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

int days_in_month(int year, int month) {
  CHECK(month >= 1 && month <= 12);
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

bool is_valid(Date date) {
  return date.year >= kFirstYear && date.year <= kLastYear && date.month >= 1 && date.month <= 12 &&
         date.day >= 1 && date.day <= days_in_month(date.year, date.month);
}

std::optional<Date> parse_date(std::string_view text) {
  Date date{digits(text, 0, 4), 1, 1};
  if (text.size() == 6 && text[4] == 'Q') {
    const int quarter = digits(text, 5, 1);
    if (quarter < 1 || quarter > 4) return std::nullopt;
    date.month = 3 * quarter - 2;
  } else if (text.size() == 7 && text[4] == '-') {
    date.month = digits(text, 5, 2);
  } else if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    date.month = digits(text, 5, 2);
    date.day = digits(text, 8, 2);
  } else {
    return std::nullopt;
  }
  return is_valid(date) ? std::optional(date) : std::nullopt;
}

double to_years(Date date) {
  CHECK(is_valid(date));
  const int days = days_in_month(date.year, date.month);
  const int months = date.year * 12 + date.month - 1;
  return (static_cast<double>(months) * days + (date.day - 1)) / (12.0 * days);
}

Date from_years(double years) {
  if (!(years > kFirstYear)) return {kFirstYear, 1, 1};
  if (years >= kLastYear + 1) return {kLastYear, 12, 31};
  const double months = years * 12;
  int whole = static_cast<int>(months);
  const int days = days_in_month(whole / 12, whole % 12 + 1);
  int day = static_cast<int>(std::floor((months - whole) * days + 0.5));
  if (day == days) {
    ++whole;
    day = 0;
  }
  const Date date{whole / 12, whole % 12 + 1, day + 1};
  return is_valid(date) ? date : Date{kLastYear, 12, 31};
}

std::string iso(Date date) {
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

}  // namespace headrace::text
