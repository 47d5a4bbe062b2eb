#include "report/chart.h"

#include <gtest/gtest.h>

#include <cmath>

namespace headrace::report {
namespace {

Spread around(double middle, double width) {
  return {middle, middle - width,       middle - width * 0.8, middle - width * 0.4,
          middle, middle + width * 0.4, middle + width * 0.8, middle + width};
}

// In the last column the quantiles are 10, 12, 16, 20, 24, 28 and 30.
TEST(Chart, DrawsAFan) {
  const Fan fan{{0, 10}, {around(10, 0.1), around(20, 10)}, false};
  EXPECT_EQ(draw(fan, {.width = 44, .ascii = true}),
            "    30 |                                .\n"
            "       |                            ....:\n"
            "    25 |                        ...::::::\n"
            "       |                    ...::::::####\n"
            "    20 |                ..:::::#####-----\n"
            "       |            ..::::##--------#####\n"
            "    15 |        .:::--------#######::::::\n"
            "       |    --------##:::::::::::::::::::\n"
            "    10 |----.............................\n"
            "       |\n"
            "     5 |\n"
            "       |\n"
            "     0 |\n"
            "       ++---------------+---------------+\n"
            "        0               5              10\n"
            "        - median   # 5 in 10\n"
            "        : 8 in 10   . 9 in 10\n");
}

TEST(Chart, WideRangesAreLogarithmic) {
  const Fan fan{{2020, 2030}, {around(1, 0.1), around(1000, 500)}, true};
  const std::string text = draw(fan, {.width = 60});
  EXPECT_NE(text.find("0.50 ┤"), std::string::npos) << text;
  EXPECT_NE(text.find(" 500 ┤"), std::string::npos) << text;
  EXPECT_NE(text.find("2020"), std::string::npos) << text;
  EXPECT_NE(text.find("━ median"), std::string::npos) << text;
}

TEST(Chart, NothingToDraw) {
  EXPECT_EQ(draw({{0}, {around(1, 1)}, false}, {}), "");
  EXPECT_EQ(draw({{0, 1}, {around(NAN, 1), around(NAN, 1)}, false}, {}), "");
}

TEST(Chart, AConstantAndHugeValuesEnd) {
  EXPECT_NE(draw({{0, 1}, {around(5, 0), around(5, 0)}, false}, {}), "");
  EXPECT_NE(draw({{0, 1}, {around(0, 0), around(0, 0)}, false}, {}), "");
  EXPECT_NE(draw({{0, 1}, {around(1e-300, 0), around(1e300, 0)}, false}, {}), "");
  EXPECT_NE(draw({{0, 1}, {around(-1e300, 0), around(1e300, 0)}, false}, {}), "");
}

TEST(Chart, NoLineIsTooWide) {
  const Fan fan{{2018, 2032}, {around(100, 30), around(250, 80)}, true};
  for (size_t width : {40u, 80u, 119u}) {
    const std::string text = draw(fan, {.width = width});
    for (size_t at = 0; at < text.size();) {
      const size_t end = text.find('\n', at);
      EXPECT_LE(width_of(text.substr(at, end - at)), width) << text;
      at = end + 1;
    }
  }
}

}  // namespace
}  // namespace headrace::report
