#include "report/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

namespace headrace::report {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Numbers, ExactReadsBack) {
  for (double value : {0.1, 1.0 / 3, 1e22, 5e-324, 123456789.0, -2.5, 6.02214076e23}) {
    EXPECT_EQ(std::strtod(exact(value).c_str(), nullptr), value);
  }
  EXPECT_EQ(exact(100000), "100000");
  EXPECT_EQ(exact(-0.0), "0");
  EXPECT_EQ(exact(NAN), "nan");
  EXPECT_EQ(exact(-NAN), "nan");
  EXPECT_EQ(exact(-kInfinity), "-inf");
}

TEST(Numbers, RoundedIsShort) {
  const struct {
    double value;
    const char* text;
  } cases[] = {
      {0, "0"},           {0.384, "0.38"},     {1.4567, "1.46"},    {3, "3"},
      {3.04, "3.0"},      {1979, "1980"},      {9999, "10k"},       {12345, "12.3k"},
      {200e3, "200k"},    {999'499, "1.0M"},   {6.12e6, "6.1M"},    {2.5e9, "2.5bn"},
      {7.13e12, "7.1tn"}, {1.5e-5, "1.50e-5"}, {-0.0421, "-0.042"}, {3e17, "3.0e17"},
  };
  for (const auto& c : cases) EXPECT_EQ(rounded(c.value), c.text) << c.value;
}

TEST(Numbers, GroupsOfThree) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1 000");
  EXPECT_EQ(grouped(12345678), "12 345 678");
}

TEST(Numbers, OddsInWords) {
  EXPECT_EQ(odds_in_words(0.382, false), "in 38 of 100 futures");
  EXPECT_EQ(odds_in_words(0, false), "in no future");
  EXPECT_EQ(odds_in_words(1, false), "in all futures");
  EXPECT_EQ(odds_in_words(0.001, false), "in fewer than 1 of 100 futures");
  EXPECT_EQ(odds_in_words(0.999, false), "in more than 99 of 100 futures");
  EXPECT_EQ(odds_in_words(1, true), "holds");
  EXPECT_EQ(odds_in_words(0, true), "does not hold");
  EXPECT_EQ(odds_in_words(NAN, false), "not known");
}

TEST(Numbers, Times) {
  EXPECT_EQ(exact_time(2025.5, true), "2025-07-01");
  EXPECT_EQ(exact_time(2025.5, false), "2025.5");
  EXPECT_EQ(exact_time(kInfinity, true), "never");
  EXPECT_EQ(rounded_time(2025.5, true), "2025-07");
}

}  // namespace
}  // namespace headrace::report
