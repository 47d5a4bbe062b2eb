#include "series.h"

#include <gtest/gtest.h>

#include <cmath>

#include "compare.h"

namespace headrace::conformance {
namespace {

Series blocks(const std::string& text) {
  const auto series = read_blocks(text);
  EXPECT_TRUE(series) << (series ? "" : series.error().message);
  return series ? *series : Series();
}

TEST(Blocks, EachVariableHasTimesOfItsOwn) {
  const Series series = blocks(
      "Rate[North,\"far  away\"]\r\n0\t0.5\r\nstock\r\n0\t10\r\n1\t1.5e1\r\nseen\n1\t3\n2\t-4\n");
  EXPECT_EQ(series.times, (std::vector<double>{0, 1, 2}));
  ASSERT_EQ(series.columns.size(), 3);
  const std::vector<double>& rate = series.columns.at("rate[north,far away]");
  EXPECT_EQ(rate[0], 0.5);
  EXPECT_TRUE(std::isnan(rate[1]) && std::isnan(rate[2]));
  EXPECT_EQ(series.columns.at("stock")[1], 15);
  EXPECT_EQ(series.columns.at("seen")[2], -4);
}

TEST(Blocks, AFaultNamesItsLine) {
  for (const char* text : {"0\t1\n", "x\n0\t1\nnever\t2\n"}) {
    const auto series = read_blocks(text);
    ASSERT_FALSE(series);
    EXPECT_NE(series.error().message.find(text[0] == 'x' ? "line 3" : "line 1"), std::string::npos);
  }
  EXPECT_FALSE(read_blocks("x\ny\n"));
}

TEST(Blocks, AreComparedAtTheTimesThatTheyHave) {
  const auto ours = read_series("time,x,constant\n0,1,7\n1,2,7\n2,3,7\n");
  ASSERT_TRUE(ours);
  const std::string theirs = "x\n0\t1\n2\t3\nconstant\n0\t7\n#x>SMOOTH#\n0\t1\n";
  const Comparison fine = compare(*ours, blocks(theirs), 1e-4);
  EXPECT_TRUE(fine.agrees());
  EXPECT_EQ(fine.cells, 3);
  EXPECT_EQ(compare(*ours, blocks(theirs + "y\n0\t1\n"), 1e-4).missing,
            std::vector<std::string>{"y"});
  EXPECT_EQ(compare(*ours, blocks("x\n0\t1\n2\t3.1\n"), 1e-4).wrong, 1);
}

}  // namespace
}  // namespace headrace::conformance
