#include "report/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headrace::report {
namespace {

using testing::ElementsAre;

TEST(Layout, WidthCountsCodePoints) {
  EXPECT_EQ(width_of("░▒▓"), 3u);
  EXPECT_EQ(pad_left("ö", 3), "  ö");
  EXPECT_EQ(pad_right("ö", 3), "ö  ");
}

TEST(Layout, WrapBreaksAtSpacesAndCutsLongWords) {
  EXPECT_THAT(wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("abcdefghij kl", 4), ElementsAre("abcd", "efgh", "ij", "kl"));
  EXPECT_THAT(wrap("", 10), ElementsAre(""));
  EXPECT_THAT(wrap("  a   b ", 10), ElementsAre("  a b"));
  EXPECT_THAT(wrap("  one two three", 9), ElementsAre("  one two", "  three"));
}

TEST(Layout, ShortenMarksWhatIsCut) {
  EXPECT_EQ(shorten("a long line of words", 10), "a long...");
  EXPECT_EQ(shorten("short", 10), "short");
}

TEST(Layout, EndsShareALineOrNot) {
  EXPECT_EQ(ends("left", "right", 12), "left   right\n");
  EXPECT_EQ(ends("left side", "right", 12), "left side\n       right\n");
}

TEST(Layout, TableFitsTheWidth) {
  const Table table{{{"name", false, true}, {"value", true}},
                    {{"a rather long name of a thing", "1.5"}, {"b", "200"}}};
  EXPECT_EQ(render(table, {.width = 23}),
            "name              value\n"
            "a rather long       1.5\n"
            "name of a thing\n"
            "b                   200\n");
  EXPECT_EQ(render(table, {.plain = true}), "a rather long name of a thing\t1.5\nb\t200\n");
}

TEST(Layout, MarkdownEscapesBars) {
  EXPECT_EQ(render_markdown({{{"a"}, {"b", true}}, {{"x|y", "1"}}}),
            "| a | b |\n| --- | ---: |\n| x\\|y | 1 |\n");
}

}  // namespace
}  // namespace headrace::report
