#include <gtest/gtest.h>

#include <random>

#include "syntax/syntax_test.h"

namespace headrace::syntax {
namespace {

TEST(Print, ReadsBackAsTheSameTree) {
  Reading first{std::string(kCorpus)};
  std::string text = print(first.tree);
  Reading second(text);
  EXPECT_EQ(second.messages(), "");
  EXPECT_EQ(dump(second.tree), dump(first.tree));
  EXPECT_EQ(print(second.tree), text);
}

TEST(Print, WritesArraysOfNumbersRowByRow) {
  std::string row = "1e9";
  for (int i = 1; i < 10; ++i) row += ", 1.2345" + std::to_string(i) + "e-50";
  Reading wide("dim a = p, q\ndim b = 1..10\ndata x[a, b] = " + row + ", " + row + "\n");
  EXPECT_EQ(print(wide.tree),
            "dim a = p, q\ndim b = 1..10\ndata x[a, b] =\n  " + row + ",\n  " + row + "\n");
  Reading narrow("dim a = p, q\ndata x[a, a] = 1, 2, 3, 4\n");
  EXPECT_EQ(print(narrow.tree), "dim a = p, q\ndata x[a, a] = 1, 2, 3, 4\n");
}

TEST(Print, UsesNoParenthesesThatTheTreeDoesNotNeed) {
  const char* texts[] = {
      "a + b * c - d",
      "(a + b) * c",
      "a - (b - c)",
      "-x^2",
      "(-x)^2",
      "x^y^z",
      "(x^y)^z",
      "(5 m)^2",
      "5 m^2",
      "not (a and b)",
      "a < b <= c",
      "(x over 2024) to 3",
      "x over 2024 to 2025",
      "x at (a + 1)",
      "(a + b) over 2025",
      "f(mode 0.4, initial = x, 0.25 to 0.55)",
      "discrete(0.2: 1, 0.8: 2)",
      "(if a then b else c) + 1",
      "if a then b else if c then d else e",
      "sum(x[c - 1, *] for c in d)",
      "2022Q4",
      "20%",
      "1_000",
      "(a == b) == c",
  };
  for (const char* text : texts) {
    Reading reading(std::string("let x = ") + text + "\n");
    EXPECT_EQ(print(reading.tree), std::string("let x = ") + text + "\n");
  }
}

TEST(Print, NamesAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(print_name("policy.stop"), "policy.stop");
  EXPECT_EQ(print_name("note"), "note");
  EXPECT_EQ(print_name("if"), "\"if\"");
  EXPECT_EQ(print_name("a b"), "\"a b\"");
  EXPECT_EQ(print_name("a\"\\\n"), "\"a\\\"\\\\\\n\"");
  EXPECT_EQ(print_name("a..b"), "\"a..b\"");
  EXPECT_EQ(print_name("a."), "\"a.\"");
  EXPECT_EQ(print_name("1a"), "\"1a\"");
  EXPECT_EQ(print_name(""), "\"\"");
}

TEST(Print, Units) {
  auto unit = [](std::vector<UnitTerm> terms, double factor = 1) {
    return print(UnitExpr{factor, std::move(terms), {}});
  };
  UnitTerm a{{"a", {}}, 1}, b{{"b", {}}, -1}, c{{"c c", {}}, -2};
  EXPECT_EQ(unit({}), "1");
  EXPECT_EQ(unit({a}), "a");
  EXPECT_EQ(unit({b}), "1/b");
  EXPECT_EQ(unit({a, b, c}), "a/(b*\"c c\"^2)");
  EXPECT_EQ(unit({b, a}), "1/b*a");
  EXPECT_EQ(unit({a, b}, 60), "60 a/b");
  EXPECT_EQ(unit({b, c}, 60), "60/(b*\"c c\"^2)");
}

// Trees that no text need have: whatever nests in whatever, the printed text reads back.
class RandomTree {
 public:
  explicit RandomTree(unsigned seed) : random_(seed) {}

  ExprId make(int depth) {
    switch (depth == 0 ? pick(4) : pick(14)) {
      case 0:
        return add(Number{static_cast<double>(pick(1000)) / 8, unit(), ""});
      case 1:
        return add(Date{2000 + pick(30), 1 + pick(12), 1, Date::Precision::kMonth});
      case 2:
        return reference(false);
      case 3:
        return add(Boolean{pick(2) == 0});
      case 4:
        return reference(true);
      case 5:
        return add(Unary{pick(2) ? UnaryOp::kNegate : UnaryOp::kNot, make(depth - 1)});
      case 6:
      case 7: {
        auto op = static_cast<BinaryOp>(pick(7));
        ExprId left = make(depth - 1);
        return add(Binary{op, left, make(depth - 1), {}});
      }
      case 8:
        return comparison(depth);
      case 9: {
        ExprId condition = make(depth - 1), then_value = make(depth - 1);
        return add(If{condition, then_value, make(depth - 1)});
      }
      case 10:
        return call(depth);
      case 11: {
        ExprId low = make(depth - 1);
        const ExprId high = make(depth - 1);
        if (depth % 2 == 0) return add(Range{low, high});
        return add(Range{low, high, 0.8, "80%"});
      }
      case 12: {
        ExprId value = make(depth - 1);
        return add(At{value, make(depth - 1)});
      }
      default: {
        ExprId value = make(depth - 1), from = make(depth - 1);
        Over over{static_cast<Over::Kind>(pick(4)), value, from, std::nullopt};
        if (pick(2)) over.to = make(depth - 1);
        return add(over);
      }
    }
  }

  Tree tree;

 private:
  int pick(int n) { return static_cast<int>(random_() % n); }
  template <class Node>
  ExprId add(Node node) {
    return tree.add(Expr{std::move(node), {}});
  }
  std::string name() {
    static constexpr const char* kNames[] = {"a",      "b.c", "note", "averaged", "time", "x y",
                                             "return", "out", "step", "if",       "d",    "dt"};
    return kNames[pick(12)];
  }
  std::optional<UnitTerm> unit() {
    if (pick(2)) return std::nullopt;
    return UnitTerm{{name(), {}}, pick(3) - 1};
  }
  ExprId reference(bool indexed) {
    Reference node;
    node.name.text = name();
    if (indexed) {
      Index index;
      index.name.text = name();
      index.number = pick(5) - 2;
      node.indexes = {index, index};
    }
    return add(std::move(node));
  }
  ExprId comparison(int depth) {
    Comparison node;
    node.operands.push_back(make(depth - 1));
    for (int i = 0; i <= pick(2); ++i) {
      node.ops.push_back(static_cast<CompareOp>(pick(6)));
      node.op_spans.emplace_back();
      node.operands.push_back(make(depth - 1));
    }
    return add(std::move(node));
  }
  ExprId call(int depth) {
    Call node;
    node.function = {name(), {}};
    for (int i = pick(3); i > 0; --i) {
      Argument argument;
      int form = pick(3);
      if (form == 0) argument.label = Name{pick(2) ? "mean" : name(), {}};
      if (form == 1) argument.weight = make(depth - 1);
      argument.value = make(depth - 1);
      node.arguments.push_back(std::move(argument));
    }
    if (pick(2)) node.bindings.push_back({{name(), {}}, {name(), {}}});
    return add(std::move(node));
  }

  std::mt19937 random_;
};

TEST(Print, RandomTreesReadBack) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    RandomTree made(seed);
    ValueDecl value;
    value.name = {"x", {}};
    value.value = made.make(1 + seed % 5);
    made.tree.top_level.push_back(made.tree.add(Statement{value, "", {}}));
    std::string text = print(made.tree);
    Reading reading(text);
    ASSERT_EQ(reading.messages(), "");
    ASSERT_EQ(dump(reading.tree), dump(made.tree)) << text;
    ASSERT_EQ(dump(Reading(formatted(text)).tree), dump(made.tree)) << text;
  }
}

}  // namespace
}  // namespace headrace::syntax
