#include <gtest/gtest.h>

#include "text/diagnostic.h"

namespace headrace::text {
namespace {

// The span of the n-th occurrence of `part` in a source.
Span find(const SourceSet& sources, SourceId id, std::string_view part, int n = 1) {
  const std::string& text = sources[id].text;
  size_t at = text.find(part);
  while (--n > 0) at = text.find(part, at + 1);
  EXPECT_NE(at, text.npos) << part;
  return {id, static_cast<uint32_t>(at), static_cast<uint32_t>(at + part.size())};
}

struct Fixture : testing::Test {
  SourceSet sources;
  Diagnostics diagnostics;

  SourceId add(std::string text, std::string name = "m.hr") {
    return sources.add(std::move(name), std::move(text));
  }
  Diagnostic& error(Span span, std::string message = "bad") {
    return diagnostics.error(Kind::kSyntax, span, std::move(message));
  }
  std::string render() { return text::render(diagnostics, sources); }
};

using Render = Fixture;

TEST_F(Render, BothSidesAndADeclaration) {
  const SourceId id = add(
      "\n\n\nbirth_rate : 1/year = 0.02\n\n\n\n\n\n\n\n\n\n  inflow = birth_rate + population\n",
      "growth.model");
  Diagnostic& d = diagnostics.error(Kind::kUnitMismatch, find(sources, id, "+"),
                                    "cannot add `1/year` and `person`");
  d.labels = {{find(sources, id, "birth_rate", 2), "1/year"},
              {find(sources, id, "population"), "person"},
              {find(sources, id, "birth_rate"), "declared here"}};
  EXPECT_EQ(render(),
            "growth.model:14:23: error: cannot add `1/year` and `person` [unit-mismatch]\n"
            "   14 |   inflow = birth_rate + population\n"
            "      |            ---------- ^ ----------\n"
            "      |            1/year       person\n"
            "    4 | birth_rate : 1/year = 0.02\n"
            "      | ---------- declared here\n");
}

TEST_F(Render, HintComesLast) {
  const SourceId id = add("x = yeild");
  Diagnostic& d = diagnostics.warning(Kind::kUnknownName, find(sources, id, "yeild"),
                                      "nothing is called `yeild`");
  d.hint = "did you mean `yield`?";
  EXPECT_EQ(render(),
            "m.hr:1:5: warning: nothing is called `yeild` [unknown-name]\n"
            "    1 | x = yeild\n"
            "      |     ^^^^^\n"
            "hint: did you mean `yield`?\n");
}

TEST_F(Render, LongWordsAreStacked) {
  const SourceId id = add("a + b * c");
  error(find(sources, id, "+")).labels = {{find(sources, id, "a"), "a long text"},
                                          {find(sources, id, "b"), "another text"},
                                          {find(sources, id, "c"), "third"}};
  EXPECT_EQ(render(),
            "m.hr:1:3: error: bad [syntax]\n"
            "    1 | a + b * c\n"
            "      | - ^ -   -\n"
            "      | |   |   third\n"
            "      | |   another text\n"
            "      | a long text\n");
}

TEST_F(Render, ShortWordsUseTheRowsThatAreFree) {
  const SourceId id = add("alpha beta gamma delta");
  error(find(sources, id, "alpha")).labels = {{find(sources, id, "alpha"), "ab"},
                                              {find(sources, id, "beta"), "wide words"},
                                              {find(sources, id, "gamma"), "g"},
                                              {find(sources, id, "delta"), "d"}};
  EXPECT_EQ(render(),
            "m.hr:1:1: error: bad [syntax]\n"
            "    1 | alpha beta gamma delta\n"
            "      | ^^^^^ ---- ----- -----\n"
            "      | ab    |    g     d\n"
            "      |       wide words\n");
}

TEST_F(Render, TwoTextsAtOnePlace) {
  const SourceId id = add("alpha beta");
  error(find(sources, id, "beta")).labels = {{find(sources, id, "alpha"), "one"},
                                             {find(sources, id, "alpha"), "two"}};
  EXPECT_EQ(render(),
            "m.hr:1:7: error: bad [syntax]\n"
            "    1 | alpha beta\n"
            "      | ----- ^^^^\n"
            "      | one\n"
            "      | two\n");
}

TEST_F(Render, WordsAboutTheMainSpanStandBesideIt) {
  const SourceId id = add("a + b");
  error(find(sources, id, "b")).labels = {{find(sources, id, "b"), "person"}};
  EXPECT_EQ(render(),
            "m.hr:1:5: error: bad [syntax]\n"
            "    1 | a + b\n"
            "      |     ^ person\n");
}

TEST_F(Render, AnotherFileIsNamed) {
  const SourceId id = add("x = y\nz = 1");
  const SourceId other = add("\n  y : chip", "parts/b.hr");
  error(find(sources, id, "y")).labels = {{find(sources, other, "y"), "declared here"},
                                          {find(sources, id, "z"), "and used here"}};
  EXPECT_EQ(render(),
            "m.hr:1:5: error: bad [syntax]\n"
            "    1 | x = y\n"
            "      |     ^\n"
            "      in parts/b.hr:2:3\n"
            "    2 |   y : chip\n"
            "      |   - declared here\n"
            "      in m.hr:2:1\n"
            "    2 | z = 1\n"
            "      | - and used here\n");
}

TEST_F(Render, TabsAreExpandedAndColumnsCountCodePoints) {
  const SourceId id = add("\té\t= größe + x");
  error(find(sources, id, "+")).labels = {{find(sources, id, "größe"), "Größe"}};
  EXPECT_EQ(render(),
            "m.hr:1:12: error: bad [syntax]\n"
            "    1 |     é   = größe + x\n"
            "      |           ----- ^\n"
            "      |           Größe\n");
}

TEST_F(Render, ControlsAndBrokenBytesAreEscaped) {
  const SourceId id = add("a\x1b[31m \xff\xe2\x80\xae b");
  error(find(sources, id, "b"), "line\nbreak \x07").labels = {
      {find(sources, id, "\xff"), "not\ttext"}};
  EXPECT_EQ(render(),
            "m.hr:1:11: error: line\\nbreak \\x07 [syntax]\n"
            "    1 | a\\x1b[31m \\xff\\u{202e} b\n"
            "      |           ----         ^\n"
            "      |           not\\ttext\n");
}

TEST_F(Render, ByteOrderMarkHasNoColumn) {
  const SourceId id = add("\xEF\xBB\xBFmodel x");
  error(find(sources, id, "x"));
  EXPECT_EQ(render(),
            "m.hr:1:7: error: bad [syntax]\n"
            "    1 | model x\n"
            "      |       ^\n");
}

TEST_F(Render, LongLinesAreCutAroundTheMark) {
  const SourceId id = add(std::string(200, 'a') + "!" + std::string(200, 'b'));
  error(find(sources, id, "!"));
  EXPECT_EQ(render(),
            "m.hr:1:201: error: bad [syntax]\n"
            "    1 | ..." +
                std::string(30, 'a') + "!" + std::string(69, 'b') +
                "...\n"
                "      |    " +
                std::string(30, ' ') + "^\n");
}

TEST_F(Render, MarksFarApartOnALongLineAreDrawnApart) {
  const SourceId id = add("x" + std::string(300, ' ') + "y" + std::string(5000, ' ') + "z");
  error(find(sources, id, "y")).labels = {{find(sources, id, "x"), "first"},
                                          {find(sources, id, "z"), "last"}};
  EXPECT_EQ(render(),
            "m.hr:1:302: error: bad [syntax]\n"
            "    1 | ..." +
                std::string(30, ' ') + "y" + std::string(69, ' ') +
                "...\n"
                "      |    " +
                std::string(30, ' ') +
                "^\n"
                "    1 | x" +
                std::string(99, ' ') +
                "...\n"
                "      | - first\n"
                "    1 | ..." +
                std::string(99, ' ') +
                "z\n"
                "      |    " +
                std::string(99, ' ') + "- last\n");
}

TEST_F(Render, HugeLineIsCheap) {
  const SourceId id = add(std::string(30 << 20, 'a'));
  error({id, 20 << 20, 25 << 20});
  EXPECT_EQ(render(),
            "m.hr:1:20971521: error: bad [syntax]\n"
            "    1 | ..." +
                std::string(100, 'a') +
                "...\n"
                "      |    " +
                std::string(30, ' ') + std::string(70, '^') + "\n");
}

TEST_F(Render, SpansAreClamped) {
  const SourceId id = add("ab\ncd");
  error({id, 4, 900}, "past the end");
  error({id, 500, 900}, "outside");
  error({id, 0, 5}, "over two lines");
  error({id, 2, 3}, "the line break");
  EXPECT_EQ(render(),
            "m.hr:1:1: error: over two lines [syntax]\n"
            "    1 | ab\n"
            "      | ^^\n"
            "m.hr:1:3: error: the line break [syntax]\n"
            "    1 | ab\n"
            "      |   ^\n"
            "m.hr:2:2: error: past the end [syntax]\n"
            "    2 | cd\n"
            "      |  ^\n"
            "m.hr:2:3: error: outside [syntax]\n"
            "    2 | cd\n"
            "      |   ^\n");
}

TEST_F(Render, NowhereInAnyFile) {
  const SourceId id = add("x");
  error({}, "no such file").labels = {{{}, "asked for on the command line"},
                                      {find(sources, id, "x"), "and here"}};
  error({SourceId(77), 1, 2}, "of an unknown source");
  EXPECT_EQ(render(),
            "error: of an unknown source [syntax]\n"
            "error: no such file [syntax]\n"
            "      in m.hr:1:1\n"
            "    1 | x\n"
            "      | - and here\n"
            "      = asked for on the command line\n");
}

TEST_F(Render, EmptySource) {
  error({add(""), 0, 0}, "an empty model");
  EXPECT_EQ(render(),
            "m.hr:1:1: error: an empty model [syntax]\n"
            "    1 |\n"
            "      | ^\n");
}

TEST_F(Render, ManyLabelsAreCounted) {
  const SourceId id = add("a");
  Diagnostic& d = error(find(sources, id, "a"));
  for (int i = 0; i < 100; ++i) d.labels.push_back({{}, "x"});
  EXPECT_TRUE(render().ends_with("      = x\n      = and 76 more places\n"));
}

TEST_F(Render, OrderIsByFileThenPosition) {
  const SourceId a = add("xy", "a");
  const SourceId b = add("xy", "b");
  for (Span span : {Span{b, 0, 1}, Span{a, 1, 2}, Span{a, 0, 1}}) error(span);
  const std::string text = render();
  EXPECT_LT(text.find("a:1:1"), text.find("a:1:2"));
  EXPECT_LT(text.find("a:1:2"), text.find("b:1:1"));
}

TEST_F(Render, ColorWrapsTheSameText) {
  const SourceId id = add("x = y");
  error(find(sources, id, "y")).hint = "no";
  std::string colored = text::render(diagnostics, sources, true);
  EXPECT_NE(colored, render());
  for (size_t at; (at = colored.find('\x1b')) != colored.npos;) {
    colored.erase(at, colored.find('m', at) - at + 1);
  }
  EXPECT_EQ(colored, render());
}

// Nothing in any bytes, with any spans, upsets the drawing.
TEST_F(Render, AnyBytesAndSpans) {
  uint64_t state = 7;
  auto next = [&] { return (state = state * 6364136223846793005u + 1442695040888963407u) >> 33; };
  std::string text;
  for (int i = 0; i < 6000; ++i) text += static_cast<char>(next() % 50 == 0 ? '\n' : next() % 256);
  const SourceId id = add(text);
  auto span = [&] {
    const auto begin = static_cast<uint32_t>(next() % 6100);
    return Span{id, begin, begin + static_cast<uint32_t>(next() % 40) - 3};
  };
  for (int i = 0; i < 500; ++i) {
    Diagnostic& d = error(span());
    for (int k = 0; k < 3; ++k) d.labels.push_back({span(), "label"});
  }
  for (unsigned char c : render()) EXPECT_TRUE(c == '\n' || c >= 0x20);
}

}  // namespace
}  // namespace headrace::text
