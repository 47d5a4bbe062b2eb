#include "syntax/break_lines.h"

#include <gtest/gtest.h>

#include "syntax/syntax_test.h"

namespace headrace::syntax {
namespace {

std::string word(char letter) { return std::string(28, letter); }

TEST(BreakLines, CutsBehindTheEqualSignFirst) {
  const std::string sum = word('a') + " * " + word('b') + " + " + word('c') + " * d";
  EXPECT_EQ(break_lines("let rate : chip/year = " + sum + "\n"),
            "let rate : chip/year =\n  " + sum + "\n");
  EXPECT_EQ(break_lines("let x = 1\n"), "let x = 1\n");
}

TEST(BreakLines, CutsBetweenTermsBeforeFactors) {
  const std::string product = word('a') + " * " + word('b');
  EXPECT_EQ(break_lines("let x = " + product + " + " + product + "\n"),
            "let x =\n  " + product + "\n  + " + product + "\n");
}

TEST(BreakLines, GivesEachBranchALine) {
  const std::string condition = word('a') + " > " + word('b');
  EXPECT_EQ(break_lines("let x = if " + condition + " then " + word('c') + " else if d then " +
                        word('e') + " else f\n"),
            "let x =\n  if " + condition + " then " + word('c') + "\n  else if d then " +
                word('e') + "\n  else f\n");
}

TEST(BreakLines, GivesTheContentOfABracketALine) {
  const std::string content = word('a') + " / " + word('b');
  const std::string name = "\"" + std::string(60, 'n') + "\"";
  EXPECT_EQ(break_lines("let x = " + name + "(" + content + ")\n"),
            "let x =\n  " + name + "(\n    " + content + ")\n");
}

TEST(BreakLines, FillsLinesWithNumbersAndPoints) {
  std::string numbers = "0", points = "(0, 0)";
  for (int i = 1; i < 60; ++i) {
    numbers += ", " + std::to_string(i);
    points += " (" + std::to_string(i) + ", 1)";
  }
  for (const std::string& text : {"data x[d] = " + numbers, "table t(x) = " + points}) {
    const std::string broken = break_lines(text + "\n");
    EXPECT_GT(std::ranges::count(broken, '\n'), 2);
    std::string joined;
    for (size_t begin = 0; begin < broken.size();) {
      const size_t end = broken.find('\n', begin);
      EXPECT_LE(end - begin, kWidest);
      const size_t first = broken.find_first_not_of(' ', begin);
      joined += (joined.empty() ? "" : " ") + broken.substr(first, end - first);
      begin = end + 1;
    }
    EXPECT_EQ(joined, text);
  }
}

TEST(BreakLines, KeepsTheTreeAndIsFormatted) {
  // A text that is far too wide everywhere: the names of the corpus are stretched.
  std::string text;
  Reading first{std::string(kCorpus)};
  text = print(first.tree);
  for (size_t at = 0; (at = text.find("wafer_starts", at)) != std::string::npos; at += 200)
    text.replace(at, 12, std::string(200, 'w'));
  const std::string broken = break_lines(text);
  Reading before{text}, after{broken};
  EXPECT_EQ(after.messages(), "");
  EXPECT_EQ(print(after.tree), print(before.tree));
  EXPECT_EQ(formatted(broken), broken);
  EXPECT_EQ(break_lines(broken), broken);
}

TEST(BreakLines, LeavesTextsWithFaultsAlone) {
  const std::string text = "let  x = = " + std::string(200, '1');
  EXPECT_EQ(break_lines(text), text);
}

}  // namespace
}  // namespace headrace::syntax
