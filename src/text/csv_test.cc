#include "text/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headrace::text {
namespace {

using testing::ElementsAre;

struct Csv : testing::Test {
  SourceSet sources;
  Diagnostics diagnostics;

  std::optional<CsvTable> read(std::string text, CsvLimits limits = {}) {
    diagnostics = {};
    return read_csv(sources, sources.add("t.csv", std::move(text)), diagnostics, limits);
  }
  // Expects failure; the drawn reason.
  std::string reason(std::string text, CsvLimits limits = {}) {
    EXPECT_FALSE(read(std::move(text), limits));
    return render(diagnostics, sources);
  }
};

TEST_F(Csv, ReadsCellsAndTheirSpans) {
  const auto t = read("\xEF\xBB\xBFid,name,note\r\n1,\"a, \"\"b\"\"\nc\",\r\n\r\n2, x ,é");
  ASSERT_TRUE(t) << render(diagnostics, sources);
  EXPECT_THAT(t->header, ElementsAre("id", "name", "note"));
  ASSERT_EQ(t->rows.size(), 2u);
  EXPECT_THAT(t->rows[0], ElementsAre("1", "a, \"b\"\nc", ""));
  EXPECT_THAT(t->rows[1], ElementsAre("2", " x ", "é"));
  EXPECT_EQ(sources.text(t->span(0, 1)), "\"a, \"\"b\"\"\nc\"");
  EXPECT_EQ(sources.text(t->span(0, 2)), "");
  EXPECT_EQ(sources.text(t->span(1, 2)), "é");
  EXPECT_EQ(sources.text(t->header_span(1)), "name");
  EXPECT_EQ(sources.text(t->row_span(1)), "2, x ,é");
  EXPECT_EQ(t->column("note"), 2u);
  EXPECT_EQ(t->column("Note"), std::nullopt);
}

TEST_F(Csv, SmallTables) {
  EXPECT_TRUE(read("a")->rows.empty());
  EXPECT_TRUE(read("\n\na\n\n")->rows.empty());
  EXPECT_THAT(read("a\n\"\"\nx\n")->rows, ElementsAre(ElementsAre(""), ElementsAre("x")));
  EXPECT_THAT(read(",\n,")->rows, ElementsAre(ElementsAre("", "")));
  EXPECT_THAT(read("a,b\n1,")->rows, ElementsAre(ElementsAre("1", "")));
  EXPECT_THAT(read("a\nx\ry")->rows, ElementsAre(ElementsAre("x\ry")));
}

TEST_F(Csv, RaggedRowsAreAllNamed) {
  EXPECT_EQ(reason("a,b\n1\n1,2\n1,2,3\n"),
            "t.csv:2:1: error: this row has 1 cell, the header has 2 [bad-data]\n"
            "    2 | 1\n"
            "      | ^\n"
            "    1 | a,b\n"
            "      | --- 2 cells\n"
            "t.csv:4:1: error: this row has 3 cells, the header has 2 [bad-data]\n"
            "    4 | 1,2,3\n"
            "      | ^^^^^\n"
            "    1 | a,b\n"
            "      | --- 2 cells\n");
}

TEST_F(Csv, BrokenQuotes) {
  EXPECT_EQ(reason("a\n\"x\ny"),
            "t.csv:2:1: error: this quote is never closed [bad-data]\n"
            "    2 | \"x\n"
            "      | ^\n");
  EXPECT_EQ(reason("a,b\n8\" wafer,1"),
            "t.csv:2:2: error: a quote inside a cell that does not begin with one [bad-data]\n"
            "    2 | 8\" wafer,1\n"
            "      |  ^\n"
            "hint: put the whole cell in quotes and double those inside\n");
  EXPECT_EQ(reason("a,b\n\"x\" ,1"),
            "t.csv:2:4: error: text after the closing quote of a cell [bad-data]\n"
            "    2 | \"x\" ,1\n"
            "      |    ^\n");
}

TEST_F(Csv, HeaderAndBytes) {
  EXPECT_EQ(reason(""),
            "t.csv:1:1: error: this table has no header row [bad-data]\n"
            "    1 |\n"
            "      | ^\n");
  EXPECT_EQ(reason("id,x,id\n1,2,3"),
            "t.csv:1:6: error: two columns are called `id` [bad-data]\n"
            "    1 | id,x,id\n"
            "      | --   ^^\n"
            "      | first here\n");
  EXPECT_EQ(reason("a\n\xC3("),
            "t.csv:2:1: error: this byte is not UTF-8 text [bad-data]\n"
            "    2 | \\xc3(\n"
            "      | ^^^^\n");
}

TEST_F(Csv, LimitsHold) {
  EXPECT_TRUE(read("a,b\n1,2\n", {.cells = 4}));
  EXPECT_EQ(reason("a,b\n1,2\n3,4\n", {.cells = 4}),
            "t.csv:3:1: error: this table has more than 4 cells [too-large]\n"
            "    3 | 3,4\n"
            "      | ^\n");
  EXPECT_THAT(reason(std::string(100, ','), {.columns = 50}),
              testing::HasSubstr("this table has more than 50 columns [too-large]"));
}

}  // namespace
}  // namespace headrace::text
