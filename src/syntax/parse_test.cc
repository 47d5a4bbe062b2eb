#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "syntax/lex.h"
#include "syntax/syntax_test.h"

namespace headrace::syntax {
namespace {

// The one expression of a text, printed with all its parentheses.
class Parenthesised {
 public:
  explicit Parenthesised(std::string_view text) {
    auto source = sources_.add("m", std::string(text));
    id_ = parse_expression(sources_, source, tree_, diagnostics_);
  }
  std::string str() const {
    return diagnostics_.has_errors() ? "error: " + diagnostics_.all()[0].message : show(id_);
  }

 private:
  std::string show(ExprId id) const {
    const auto& node = tree_[id].node;
    if (const auto* binary = std::get_if<Binary>(&node)) {
      static constexpr std::string_view kOps[] = {"+", "-", "*", "/", "^", "and", "or"};
      return fmt::format("({} {} {})", show(binary->left), kOps[static_cast<int>(binary->op)],
                         show(binary->right));
    }
    if (const auto* unary = std::get_if<Unary>(&node))
      return fmt::format("({}{})", unary->op == UnaryOp::kNegate ? "-" : "not ",
                         show(unary->operand));
    if (const auto* range = std::get_if<Range>(&node))
      return fmt::format("({} to {})", show(range->low), show(range->high));
    if (const auto* over = std::get_if<Over>(&node))
      return fmt::format("({} over {}{})", show(over->value), show(over->from),
                         over->to ? " to " + show(*over->to) : "");
    return print(tree_, id);
  }

  text::SourceSet sources_;
  text::Diagnostics diagnostics_;
  Tree tree_;
  ExprId id_;
};

TEST(ParseExpression, BindsAsTheGrammarSays) {
  struct Case {
    const char* text;
    const char* tree;
  };
  const Case cases[] = {
      {"1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)"},
      {"-x ^ 2", "(-(x ^ 2))"},
      {"2 ^ -3 ^ 2", "(2 ^ (-(3 ^ 2)))"},
      {"not a and b or c", "(((not a) and b) or c)"},
      {"1 - 2 to 3 + 4", "((1 - 2) to (3 + 4))"},
      {"x over 2024 to 2025", "(x over 2024 to 2025)"},
      {"(x over 2024) to 2025", "((x over 2024) to 2025)"},
      {"5 m ^ 2", "5 m^2"},
      {"(5 m) ^ 2", "(5 m ^ 2)"},
      {"200e3 chip/year", "(200e3 chip / year)"},
      {"3 to 7 year", "(3 to 7 year)"},
      {"0.3 over 2025", "(0.3 over 2025)"},
      {"a / b / c", "((a / b) / c)"},
      {"x at 2025-06-30 - 1", "(x at 2025-06-30 - 1)"},
      {"f (x)", "error: expected the end of the value, found `(`"},
      {"1 + if a then b else c", "error: an `if` inside an expression stands in parentheses"},
      {"", "error: expected a value, found the end"},
      {"if a = b then 1 else 2", "error: `=` gives a value, it does not compare"},
  };
  for (const Case& each : cases) EXPECT_EQ(Parenthesised(each.text).str(), each.tree);
}

TEST(Parse, TheCorpusIsGood) {
  Reading reading{std::string(kCorpus)};
  EXPECT_EQ(reading.messages(), "");
  EXPECT_EQ(reading.tree.top_level.size(), 44u);
}

TEST(Parse, DocsAndSpansGoWithTheirStatement) {
  Reading reading("## One.\n##  Two.\nlet x = 1\n  # not this\n\nlet y = 2 # nor ## this\n");
  const Tree& tree = reading.tree;
  EXPECT_EQ(tree[tree.top_level[0]].doc, "One.\n Two.");
  EXPECT_EQ(tree[tree.top_level[1]].doc, "");
  EXPECT_EQ(reading.sources.text(tree[tree.top_level[1]].span), "let y = 2");
}

TEST(Parse, ContextualWordsAreNames) {
  Reading reading(
      "let note = step + save\nparam step : note = 3\nscenario on\n  note = 3\n  step = 4 note "
      "\"x\"\n"
      "stock out = 5 out out\nlet ramp\n  from ramp ramp ramp = ramp\nlet averaged = averaged "
      "averaged over 2025\n");
  EXPECT_EQ(reading.messages(), "");
}

// Each text with all it says: faults of every statement, what was found and what was expected.
TEST(Parse, FaultsAreTold) {
  struct Case {
    const char* text;
    const char* messages;  // "column: message (hint)" for each, in order
  };
  const Case cases[] = {
      {"let x = = 3", "1:9 expected a value, found `=`"},
      {"let x 3", "1:7 expected `=` and a value, found the number 3"},
      {"let x == 3", "1:7 expected `=` and a value, found `==` (a value is given by `=`)"},
      {"let x = 3\n  let y = 4",
       "2:3 expected a clause, a source or the end of the statement, found `let` (a statement "
       "starts in the first column)"},
      {"let if = 3",
       "1:5 expected a name, found `if` (`if` is a word of the language; as a name it is written "
       "\"if\")"},
      {"let x[ = 3", "1:8 expected a dimension, found `=`"},
      {"let x = f(a", "1:12 expected `,` or `)`, found the end"},
      {"let x = (1, 2)", "1:11 a pair of values may not stand here"},
      {"let x = y[a b]", "1:13 expected `]` after the indexes, found the name `b`"},
      {"let x = if a 3",
       "1:14 expected `then`, found the number 3 (a condition is written `if ... then ... else "
       "...`)"},
      {"let x = if a then 3",
       "1:20 expected `else`, found the end (every `if` has an `else`: the value when it does not "
       "hold)"},
      {"let x = y at",
       "1:13 expected a moment, found the end (a moment is a date, a number, a name, or an "
       "expression in parentheses)"},
      {"let x = 1\n  from 2022 3\n  [*] = 4\n  from 2023 = 5 cite \"a\" cite \"b\"",
       "2:13 expected `=` and a value, found the number 3\n"
       "3:4 a clause is for a member or for a dimension (for all members, name the dimension)\n"
       "4:26 `cite` is given twice"},
      {"lett x = 3", "1:1 expected a statement, found the name `lett` (did you mean `let`?)"},
      {"x = 3",
       "1:1 expected a statement, found the name `x` (write `let x = ...` or `param x = ...`)"},
      {"  let x = 3",
       "1:3 a statement starts in the first column (move it to the start of its line)"},
      {"model m units tight", "1:15 expected `strict` or `loose`, found the name `tight`"},
      {"time 0 to 10",
       "1:13 expected `step`, found the end (time is declared as `time START to END step 0.25`)"},
      {"time 0 to 10 step 1/0", "1:19 this divides by zero"},
      {"time 0 to 10 step 1 save 1 save 2 method magic",
       "1:28 `save` is given twice\n1:42 expected `euler` or `rk4`, found the name `magic`"},
      {"unit a, b = c", "1:11 only one unit can be defined by `=`"},
      {"param x : 12 = 3",
       "1:11 a number other than 1 is no unit (declare a unit: `unit dozen = 12`; a value stands "
       "after `=`)"},
      {"param x : a^2000 = 3", "1:13 a whole exponent is at most 1000 here"},
      {"param x : (a^100)^100 = 3", "1:11 a unit's exponent is at most 1000"},
      {"dim d = 5..1", "1:9 this range has no members (write the smaller end first)"},
      {"dim d = 1..2000000", "1:9 more than 1000000 numbered members"},
      {"map a to b = c", "1:15 expected `:` and the member it maps to, found the end"},
      {"data d from x", "1:13 expected the path of a file in quotes, found the name `x`"},
      {"table t(x) = (0, 1), (2, 3)", "1:20 points are not separated (write `(0, 1) (2, 3)`)"},
      {"correlate a, b = 0.3 (pearson)", "1:23 expected `rank`, found the name `pearson`"},
      {"claim a : x = 3",
       "1:13 `=` gives a value, it does not compare (a comparison is written `==`)"},
      {"check a : b c", "1:13 expected the end of the statement, found the name `c`"},
      {"scenario s\n  a = 3, b = 4\n  d = 6 + e\n  c 5\n",
       "2:8 expected a new line or `;`, found `,` (each overlay stands on a line of its own)\n"
       "4:5 expected `=` and a value, found the number 5"},
      {"scenario s { a = 3", "1:19 expected `}`, found the end"},
      {"source s url x", "1:14 expected a text in quotes, found the name `x`"},
      {"observe x over 2024",
       "1:20 expected `~`, found the end (write `observe x over 2024 ~ normal(10, 2)`)"},
      {"observe 3 ~ 4", "1:9 expected the name of what is observed, found the number 3"},
      {"stock s\nlet x = 3", "1:8 expected `=` and the initial value, found the next statement"},
      {"function f(x) =\n  let y = = 3\n  stock z = 4 4\n  return y y",
       "2:11 expected a value, found `=`\n"
       "3:15 expected `in`, `out`, `d/dt`, a clause or the end of the statement, found the number "
       "4\n"
       "4:12 expected the end of the function, found the name `y`"},
      {"function f(x) =\n  let y = 3",
       "1:1 this function returns nothing (end its body with a line `return ...`)"},
      {"let x = a (3)",
       "1:11 expected a clause, a source or the end of the statement, found `(` (a name touches "
       "its bracket: `name(...)`, `name[...]`)"},
      {"let x = 3 from @a,", "1:19 expected a source such as `@id`, found the end"},
      {"let \"\" = 3", "1:5 a name is not empty"},
      {"let x = (1 + 2\nlet y = 3", "1:15 expected `)`, found the next statement"},
      {"let x = a ? b\n  from 3 4",
       "1:11 `?` has no meaning here\n2:10 expected `=` and a value, found the number 4"},
  };
  for (const Case& each : cases) {
    Reading reading(each.text);
    std::string messages;
    for (const auto& fault : reading.diagnostics.all()) {
      auto position = reading.sources[reading.source].position(fault.span.begin);
      if (!messages.empty()) messages += '\n';
      messages += fmt::format("{}:{} {}", position.line, position.column, fault.message);
      if (!fault.hint.empty() && fault.kind == text::Kind::kSyntax)
        messages += " (" + fault.hint + ")";
      else if (!fault.hint.empty() && fault.kind == text::Kind::kBadStatement)
        messages += " (" + fault.hint + ")";
    }
    EXPECT_EQ(messages, each.messages) << each.text;
  }
}

TEST(Parse, AFaultIsDrawnUnderTheText) {
  EXPECT_EQ(Reading("let ok = 1\nlet x = if a = 3 then 1 else 2\n").messages(),
            "m.hr:2:14: error: `=` gives a value, it does not compare [syntax]\n"
            "    2 | let x = if a = 3 then 1 else 2\n"
            "      |              ^\n"
            "hint: a comparison is written `==`\n");
}

TEST(Parse, WhatFollowsAFaultIsStillRead) {
  Reading reading("let a = (\nlet b = 2\nwhat\nlet c = 3\n");
  EXPECT_EQ(reading.diagnostics.errors(), 2u);
  EXPECT_EQ(reading.tree.top_level.size(), 3u);
}

TEST(Parse, DeepTextsEndInADiagnostic) {
  auto repeat = [](std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
  };
  const std::string hostile[] = {
      repeat("(", 1'000'000),      repeat("-", 1'000'000),
      repeat("not ", 300'000),     repeat("a^", 300'000),
      repeat("f(", 300'000),       repeat("if a then ", 100'000),
      repeat("a+", 300'000) + "a", repeat("a^-", 300'000),
      repeat("if (", 300'000),     "x" + repeat(" at 3", 10'000),
      repeat("1:", 10'000),        repeat("if a then b else ", 20'000) + "c",
  };
  for (const std::string& each : hostile) {
    Reading reading("let x = " + each + "\nlet y = 3\n");
    EXPECT_GE(reading.diagnostics.errors(), 1u) << each.substr(0, 20);
    EXPECT_LE(reading.diagnostics.errors(), 3u) << each.substr(0, 20);
    EXPECT_EQ(reading.tree.top_level.size(), 2u);
    EXPECT_FALSE(dump(reading.tree).empty());
  }
  Reading unit("param x : " + repeat("(", 1'000'000) + " = 3\n");
  EXPECT_EQ(unit.diagnostics.all()[0].kind, text::Kind::kTooDeep);
  Reading deep("let x = " + repeat("(", 300) + "1" + repeat(")", 300));
  EXPECT_EQ(deep.diagnostics.all()[0].kind, text::Kind::kTooDeep);
  Reading tall("let x = a" + repeat("+a", 1001));
  EXPECT_EQ(tall.diagnostics.all()[0].kind, text::Kind::kTooDeep);
  Reading fits("let x = a" + repeat("+a", 990) + "+" + repeat("(", 150) + "1" + repeat(")", 150));
  EXPECT_EQ(fits.messages(), "");
}

TEST(Parse, NumberedMembersAreBoundedTogether) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += fmt::format("dim d{} = 1..100000\n", i);
  Reading reading(text);
  EXPECT_EQ(reading.diagnostics.errors(), 10u);
  EXPECT_EQ(reading.diagnostics.all()[0].kind, text::Kind::kTooLarge);
}

// Any text ends, and a text without faults survives the formatter and the printer.
TEST(Parse, MutatedTextsEnd) {
  std::mt19937 random(20250630);
  static constexpr std::string_view kPieces[] = {
      "(",      ")",  "[", "]", "{",       "}", "=", "\n",      "\n  ", " to ",   " over ", "let ",
      "stock ", "\"", "#", "@", "d/dt = ", "-", "1", "2022-10", "\xc3", " from ", "if "};
  int good = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text(kCorpus);
    auto statement = [&] {
      size_t at = random() % (text.size() - 1);
      while (at > 0 && (text[at - 1] != '\n' || text[at] == ' ' || text[at] == '\n')) --at;
      return at;
    };
    size_t one = statement(), other = statement();
    text = text.substr(std::min(one, other), std::max(one, other) - std::min(one, other));
    int changes = random() % 4;
    for (int i = 0; i < changes && !text.empty(); ++i) {
      size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text.erase(at, 1 + random() % 8);
          break;
        case 1:
          text.insert(at, kPieces[random() % std::size(kPieces)]);
          break;
        case 2:
          text[at] = static_cast<char>(random());
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 30));
      }
    }
    Reading reading(text);
    std::string once = formatted(text);
    if (reading.diagnostics.has_errors()) {
      EXPECT_EQ(once, text);
      continue;
    }
    ++good;
    Reading again(once);
    ASSERT_EQ(dump(again.tree), dump(reading.tree)) << text << "\n=====\n" << once;
    ASSERT_EQ(formatted(once), once) << text;
    Reading printed(print(reading.tree));
    ASSERT_EQ(dump(printed.tree), dump(reading.tree)) << text << "\n=====\n" << print(reading.tree);
  }
  EXPECT_GT(good, 50);
}

}  // namespace
}  // namespace headrace::syntax
