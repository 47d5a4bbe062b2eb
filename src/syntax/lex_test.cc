#include "syntax/lex.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "syntax/syntax_test.h"

namespace headrace::syntax {
namespace {

std::string tokens(std::string text) {
  text::SourceSet sources;
  text::Diagnostics diagnostics;
  auto source = sources.add("m.hr", std::move(text));
  std::string dump = dump_tokens(sources, source, diagnostics);
  for (const auto& each : diagnostics.all())
    dump += fmt::format("{}-{} [{}] {}\n", each.span.begin, each.span.end,
                        text::spelling(each.kind), each.message);
  return dump;
}

TEST(Lex, StatementsStartInTheFirstColumn) {
  EXPECT_EQ(tokens("let x = 3 # no\n  + y\nlet"),
            "1:1 Let let  (statement)\n1:5 Name x\n1:7 Assign =\n1:9 Number 3\n2:3 Plus +\n"
            "2:5 Name y\n3:1 Let let  (statement)\n3:4 End\n");
}

TEST(Lex, InsideBracketsOnlyAKeywordStartsAStatement) {
  EXPECT_EQ(tokens("f(\na\n)\nb"),
            "1:1 Name f  (statement)\n1:2 OpenParen (\n2:1 Name a\n3:1 CloseParen )\n"
            "4:1 Name b  (statement)\n4:2 End\n");
  EXPECT_EQ(tokens("f(\nlet"),
            "1:1 Name f  (statement)\n1:2 OpenParen (\n2:1 Let let  (statement)\n2:4 End\n");
}

TEST(Lex, TokensOfEveryForm) {
  struct Case {
    const char* text;
    const char* kinds;
  };
  const Case cases[] = {
      {"a.b.c _x", "Name a.b.c|Name _x|"},
      {"12 1_000 0.5 2.9e6 1E-3 20%",
       "Number 12|Number 1_000|Number 0.5|Number 2.9e6|Number 1E-3|Number 20%|"},
      {"2022-10-07 2022-10 2022Q4", "Date 2022-10-07|Date 2022-10|Date 2022Q4|"},
      {"2022 - 10 12022-10 2022-1",
       "Number 2022|Minus -|Number 10|Number 12022|Minus -|Number 10|Number 2022|Minus -|Number "
       "1|"},
      {"2022-10.5", "Number 2022|Minus -|Number 10.5|"},
      {"1..5", "Number 1|DotDot ..|Number 5|"},
      {"d/dt = d/dt == d/dtx",
       "Rate d/dt|Assign =|Name d|Slash /|Name dt|Equal ==|Name d|Slash /|Name dtx|"},
      {"@a_1.b-c @\"x y\"", "SourceId @a_1.b-c|SourceId @\"x y\"|"},
      {"\"a \\\" b\"", "String \"a \\\" b\"|"},
      {"<=>=<>!===", "LessEqual <=|GreaterEqual >=|Less <|Greater >|NotEqual !=|Equal ==|"},
      {"Let letter let", "Name Let|Name letter|Let let|"},
  };
  for (const Case& each : cases) {
    std::string kinds;
    text::SourceSet sources;
    text::Diagnostics diagnostics;
    auto source = sources.add("m", std::string(" ") + each.text);
    std::string dump = dump_tokens(sources, source, diagnostics);
    for (size_t at = 0; at < dump.size();) {
      size_t end = dump.find('\n', at);
      std::string line = dump.substr(at, end - at);
      line = line.substr(line.find(' ') + 1);
      if (line != "End") kinds += line + "|";
      at = end + 1;
    }
    EXPECT_EQ(kinds, each.kinds);
    EXPECT_TRUE(diagnostics.all().empty()) << each.text;
  }
}

TEST(Lex, NumbersHaveTheNearestValue) {
  EXPECT_EQ(number_value("1_000"), 1000);
  EXPECT_EQ(number_value("20%"), 0.2);
  EXPECT_EQ(number_value("0.1%"), 0.001);
  EXPECT_EQ(number_value("2e3%"), 20);
  EXPECT_EQ(number_value("1e-999"), 0);
  EXPECT_EQ(number_value("1e999"), std::nullopt);
}

TEST(Lex, FaultsHaveKindAndSpan) {
  struct Case {
    std::string text;
    const char* last_line;
  };
  const Case cases[] = {
      {"a ? b", "2-3 [bad-character] `?` has no meaning here\n"},
      {"a && b", "2-4 [bad-character] `&&` has no meaning here\n"},
      {"coût", "2-4 [bad-character] `û` has no meaning here\n"},
      {"a \xff", "2-3 [bad-character] this byte is not UTF-8\n"},
      {std::string("a \0 b", 5), "2-3 [bad-character] these characters have no meaning here\n"},
      {"\"a\x01\"", "2-3 [bad-character] control characters may not stand in a text\n"},
      {"\"a\\x\"", "2-3 [bad-character] a backslash stands before \", \\ or n\n"},
      {"@ a", "0-1 [bad-character] `@` stands before a source's name\n"},
      {"\"abc  \nlet", "0-4 [unclosed-string] this text is not closed on its line\n"},
      {"7nm", "0-3 [bad-number] a number runs into a word\n"},
      {".5", "0-2 [bad-number] a number starts with a digit\n"},
      {"5.", "0-2 [bad-number] a number does not end with a point\n"},
      {"1e999", "0-5 [bad-number] this number is too large\n"},
      {"2022-13", "0-7 [bad-date] there is no such date\n"},
      {"2022-02-30", "0-10 [bad-date] there is no such date\n"},
      {"2022-02-3", "0-9 [bad-date] there is no such date\n"},
      {"2022Q5", "0-6 [bad-date] there is no such date\n"},
      {std::string(kMaxNameBytes + 1, 'a'),
       "0-1001 [too-large] this name has more than 1000 bytes\n"},
  };
  for (const Case& each : cases)
    EXPECT_TRUE(tokens(each.text).ends_with(each.last_line)) << tokens(each.text);
}

TEST(Lex, TooLargeTextsAreRefused) {
  EXPECT_TRUE(tokens(std::string(kMaxSourceBytes + 1, ' '))
                  .ends_with("0-0 [too-large] this text has more than 33554432 bytes\n"));
  text::SourceSet sources;
  text::Diagnostics diagnostics;
  auto source = sources.add("m", std::string(kMaxTokens + 5, ','));
  EXPECT_EQ(lex(sources, source, diagnostics).tokens.size(), kMaxTokens + 1);
  EXPECT_EQ(diagnostics.errors(), 1u);
}

TEST(Lex, MarksAndLineEndsOfOtherSystemsAreBlank) {
  EXPECT_EQ(tokens("\xef\xbb\xbflet x\r\nlet"),
            "1:1 Let let  (statement)\n1:5 Name x\n2:1 Let let  (statement)\n2:4 End\n");
}

}  // namespace
}  // namespace headrace::syntax
