#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "syntax/parser.h"

namespace headrace::syntax {

using text::Kind;
using text::Span;

// ---------------------------------------------------------------- nodes

ExprId Parser::bad() {
  Span where{source_, tokens_[pos_].begin, tokens_[pos_].begin};
  heights_.push_back(1);
  return tree_.add(Expr{Bad{}, where});
}

int Parser::height(ExprId id) const {
  CHECK(id.valid() && id.index >= first_expr_);
  return heights_[id.index - first_expr_];
}

// Adds a node over what has been read since `begin`. In the failed state it is Bad.
ExprId Parser::add(size_t begin, decltype(Expr::node) node,
                   std::initializer_list<ExprId> children) {
  if (failed_) return bad();
  int tallest = 0;
  for (ExprId child : children) tallest = std::max(tallest, height(child));
  if (tallest >= kMaxHeight) {
    fail(Kind::kTooDeep, span_from(begin),
         fmt::format("an expression of more than {} levels", kMaxHeight))
        .hint = "name a part of it with `let`";
    return bad();
  }
  heights_.push_back(tallest + 1);
  return tree_.add(Expr{std::move(node), span_from(begin)});
}

ExprId Parser::add_binary(size_t begin, BinaryOp op, Span op_span, ExprId left, ExprId right) {
  return add(begin, Binary{op, left, right, op_span}, {left, right});
}

// ---------------------------------------------------------------- operators

// expr = "if" expr "then" expr "else" expr | or
ExprId Parser::parse_expr() {
  Nesting nesting(*this);
  return is(K::kIf) ? parse_if() : parse_or();
}

// A chain of `else if` is read by a loop: imported models have long ones.
ExprId Parser::parse_if() {
  struct Branch {
    size_t begin;
    ExprId condition, value;
  };
  std::vector<Branch> branches;
  while (is(K::kIf)) {
    size_t begin = pos_;
    advance();
    ExprId condition = parse_condition();
    if (!failed_ && !is(K::kThen)) {
      bool assign = is(K::kAssign);
      auto& diagnostic = fail_expected("`then`");
      diagnostic.hint = assign ? "a comparison is written `==`"
                               : "a condition is written `if ... then ... else ...`";
    }
    take(K::kThen);
    ExprId value = parse_expr();
    if (!failed_ && !is(K::kElse))
      fail_expected("`else`").hint = "every `if` has an `else`: the value when it does not hold";
    take(K::kElse);
    branches.push_back({begin, condition, value});
  }
  ExprId result = parse_expr();
  for (auto branch = branches.rbegin(); branch != branches.rend(); ++branch)
    result = add(branch->begin, If{branch->condition, branch->value, result},
                 {branch->condition, branch->value, result});
  return result;
}

// An expression that may not end in `=`.
ExprId Parser::parse_condition() {
  ExprId condition = parse_expr();
  if (is(K::kAssign))
    fail("`=` gives a value, it does not compare").hint = "a comparison is written `==`";
  return condition;
}

// or = and ("or" and)*
ExprId Parser::parse_or() {
  size_t begin = pos_;
  ExprId left = parse_and();
  while (is(K::kOr)) {
    Span op = span(peek());
    advance();
    ExprId right = parse_and();
    left = add_binary(begin, BinaryOp::kOr, op, left, right);
  }
  return left;
}

// and = not ("and" not)*
ExprId Parser::parse_and() {
  size_t begin = pos_;
  ExprId left = parse_not();
  while (is(K::kAnd)) {
    Span op = span(peek());
    advance();
    ExprId right = parse_not();
    left = add_binary(begin, BinaryOp::kAnd, op, left, right);
  }
  return left;
}

// not = "not" not | comparison
ExprId Parser::parse_not() {
  if (!is(K::kNot)) return parse_comparison();
  Nesting nesting(*this);
  size_t begin = pos_;
  advance();
  ExprId operand = parse_not();
  return add(begin, Unary{UnaryOp::kNot, operand}, {operand});
}

namespace {

std::optional<CompareOp> compare_op(TokenKind kind) {
  switch (kind) {
    case TokenKind::kLess:
      return CompareOp::kLess;
    case TokenKind::kLessEqual:
      return CompareOp::kLessEqual;
    case TokenKind::kGreater:
      return CompareOp::kGreater;
    case TokenKind::kGreaterEqual:
      return CompareOp::kGreaterEqual;
    case TokenKind::kEqual:
      return CompareOp::kEqual;
    case TokenKind::kNotEqual:
      return CompareOp::kNotEqual;
    default:
      return std::nullopt;
  }
}

}  // namespace

// comparison = range (("<" | "<=" | ">" | ">=" | "==" | "!=") range)*
// In law also: range "in" name.
ExprId Parser::parse_comparison() {
  size_t begin = pos_;
  ExprId first = parse_range();
  if (in_case_ && is(K::kIn)) return parse_membership(begin, first);
  if (!compare_op(kind())) return first;
  Comparison comparison;
  comparison.operands.push_back(first);
  int tallest = height(first);
  ExprId tallest_operand = first;
  while (auto op = compare_op(kind())) {
    comparison.ops.push_back(*op);
    comparison.op_spans.push_back(span(peek()));
    advance();
    ExprId operand = parse_range();
    comparison.operands.push_back(operand);
    if (height(operand) > tallest) {
      tallest = height(operand);
      tallest_operand = operand;
    }
  }
  return add(begin, std::move(comparison), {tallest_operand});
}

// range = sum ["to" sum ["(" percentage ")"]]
ExprId Parser::parse_range() {
  size_t begin = pos_;
  ExprId low = parse_sum();
  if (!take(K::kTo)) return low;
  ExprId high = parse_sum();
  Range range;
  range.low = low;
  range.high = high;
  if (at_coverage()) parse_coverage(range);
  return add(begin, std::move(range), {low, high});
}

// Whether `(80%)` stands here.
bool Parser::at_coverage() const {
  return is(K::kOpenParen) && kind(1) == K::kNumber && spelling(peek(1)).ends_with('%') &&
         kind(2) == K::kCloseParen;
}

void Parser::parse_coverage(Range& range) {
  expect(K::kOpenParen);
  const Token& token = peek();
  range.coverage_text = spelling(token);
  range.coverage = number_value(spelling(token)).value_or(0);
  if (!(range.coverage > 0 && range.coverage < 1)) {
    complain(Kind::kBadNumber, span(token), "an interval holds between 0% and 100% of the draws");
    range.coverage = 0.9;
  }
  advance();
  expect(K::kCloseParen);
}

// sum = product (("+" | "-") product)*
ExprId Parser::parse_sum() {
  size_t begin = pos_;
  ExprId left = parse_product();
  while (is(K::kPlus) || is(K::kMinus)) {
    auto op = is(K::kPlus) ? BinaryOp::kAdd : BinaryOp::kSubtract;
    Span op_span = span(peek());
    advance();
    ExprId right = parse_product();
    left = add_binary(begin, op, op_span, left, right);
  }
  return left;
}

// product = unary (("*" | "/") unary)*
ExprId Parser::parse_product() {
  size_t begin = pos_;
  ExprId left = parse_unary();
  while (is(K::kStar) || is(K::kSlash)) {
    auto op = is(K::kStar) ? BinaryOp::kMultiply : BinaryOp::kDivide;
    Span op_span = span(peek());
    advance();
    ExprId right = parse_unary();
    left = add_binary(begin, op, op_span, left, right);
  }
  return left;
}

// unary = "-" unary | power
ExprId Parser::parse_unary() {
  if (!is(K::kMinus)) return parse_power();
  Nesting nesting(*this);
  size_t begin = pos_;
  advance();
  ExprId operand = parse_unary();
  return add(begin, Unary{UnaryOp::kNegate, operand}, {operand});
}

// power = postfix ["^" unary]
ExprId Parser::parse_power() {
  size_t begin = pos_;
  ExprId base = parse_postfix();
  if (!is(K::kCaret)) return base;
  Nesting nesting(*this);
  Span op = span(peek());
  advance();
  ExprId exponent = parse_unary();
  return add_binary(begin, BinaryOp::kPower, op, base, exponent);
}

// ---------------------------------------------------------------- times

// [("averaged" | "highest" | "lowest")] "over"
std::optional<Over::Kind> Parser::at_over() const {
  if (is(K::kOver)) return Over::Kind::kIntegral;
  if (kind(1) != K::kOver) return std::nullopt;
  if (is_word("averaged")) return Over::Kind::kAverage;
  if (is_word("highest")) return Over::Kind::kHighest;
  if (is_word("lowest")) return Over::Kind::kLowest;
  return std::nullopt;
}

// postfix = primary ("at" timepoint | [("averaged" | "highest" | "lowest")] "over" period)*
// period  = timepoint ["to" timepoint]
ExprId Parser::parse_postfix() {
  size_t begin = pos_;
  ExprId value = parse_primary();
  for (;;) {
    if (take(K::kAt)) {
      ExprId when = parse_timepoint();
      value = add(begin, At{value, when}, {value, when});
    } else if (auto over = at_over()) {
      if (!take(K::kOver)) pos_ += 2;
      Over node{*over, value, parse_timepoint(), std::nullopt};
      if (take(K::kTo)) node.to = parse_timepoint();
      value = add(begin, node, {value, node.from, node.to.value_or(value)});
    } else {
      return value;
    }
  }
}

// timepoint = date | quantity | name | "(" expr ")"
ExprId Parser::parse_timepoint() {
  size_t begin = pos_;
  switch (kind()) {
    case K::kDate:
      return parse_date();
    case K::kNumber:
      return parse_quantity();
    case K::kTime:
    case K::kName:
    case K::kString: {
      if (take(K::kTime)) return add(begin, Reference{{"time", span_from(begin)}, {}}, {});
      Name name = parse_name("a moment");
      return add(begin, Reference{std::move(name), {}}, {});
    }
    case K::kOpenParen: {
      advance();
      ExprId inner = parse_expr();
      expect(K::kCloseParen);
      return inner;
    }
    default:
      fail_expected("a moment").hint =
          "a moment is a date, a number, a name, or an expression in parentheses";
      return bad();
  }
}

ExprId Parser::parse_date() {
  const Token& token = peek();
  Date date = date_value(spelling(token)).value_or(Date{});
  advance();
  return add(pos_ - 1, date, {});
}

// ---------------------------------------------------------------- primaries

// primary = quantity | date | reference | call | "true" | "false" | "(" expr ")"
ExprId Parser::parse_primary() {
  size_t begin = pos_;
  switch (kind()) {
    case K::kNumber:
      return parse_quantity();
    case K::kDate:
      return parse_date();
    case K::kName:
    case K::kString:
    case K::kTime:
      return parse_reference_or_call();
    case K::kTrue:
    case K::kFalse: {
      bool value = is(K::kTrue);
      advance();
      return add(begin, Boolean{value}, {});
    }
    case K::kOpenParen: {
      advance();
      ExprId inner = parse_expr();
      if (is(K::kComma)) fail("a pair of values may not stand here");
      expect(K::kCloseParen);
      return inner;
    }
    case K::kIf:
      fail("an `if` inside an expression stands in parentheses").hint = "write `(if ... )`";
      return bad();
    default: {
      auto word = spelling(peek());
      bool reserved = word_kind(word) != K::kName && !done();
      auto& diagnostic = fail_expected("a value");
      if (reserved)
        diagnostic.hint =
            fmt::format("`{0}` is a word of the language; as a name it is written \"{0}\"", word);
      return bad();
    }
  }
}

// quantity = number [unitname ["^" ["-"] integer]]
ExprId Parser::parse_quantity() {
  size_t begin = pos_;
  const Token& token = peek();
  Number number;
  if (!token.bad) {
    number.value = number_value(spelling(token)).value_or(0);
    number.spelling = spelling(token);
  }
  advance();
  if (is_unit_name_after_number()) {
    Name name = parse_name("a unit");
    number.unit = UnitTerm{std::move(name), 1};
    bool whole = is_integer(1) || (kind(1) == K::kMinus && is_integer(2));
    if (is(K::kCaret) && whole) {
      advance();
      number.unit->exponent = parse_unit_exponent().value_or(1);
    }
  }
  return add(begin, std::move(number), {});
}

// name ["[" index ("," index)* "]"] | name "(" ... ")"; the bracket touches the name.
ExprId Parser::parse_reference_or_call() {
  size_t begin = pos_;
  if (take(K::kTime)) return add(begin, Reference{{"time", span_from(begin)}, {}}, {});
  Name name = parse_name("a value");
  if (is(K::kOpenParen) && peek().touches) return parse_call(std::move(name), begin);
  Reference reference{std::move(name), {}};
  if (is(K::kOpenBracket) && peek().touches) reference.indexes = parse_indexes();
  return add(begin, std::move(reference), {});
}

// name "(" [argument ("," argument)*] ["for" binding ("," binding)*] ")"
ExprId Parser::parse_call(Name function, size_t begin) {
  Call call;
  call.function = std::move(function);
  advance();
  if (!is(K::kCloseParen) && !is(K::kFor)) {
    do call.arguments.push_back(parse_argument());
    while (take(K::kComma));
  }
  if (take(K::kFor)) {
    do {  // binding = name "in" name
      Name index = parse_name("an index");
      expect(K::kIn, "after the index");
      Name dimension = parse_name("a dimension");
      call.bindings.push_back({std::move(index), std::move(dimension)});
    } while (take(K::kComma));
  }
  if (!failed_ && !is(K::kCloseParen)) {
    bool assign = is(K::kAssign);
    auto& diagnostic = fail_expected("`,` or `)`");
    diagnostic.labels.push_back({call.function.span, "in the call of this"});
    if (assign) diagnostic.hint = "a comparison is written `==`";
  }
  take(K::kCloseParen);
  if (failed_) return bad();
  ExprId tallest;
  for (const Argument& argument : call.arguments) {
    if (!tallest.valid() || height(argument.value) > height(tallest)) tallest = argument.value;
    if (argument.weight && height(*argument.weight) > height(tallest)) tallest = *argument.weight;
  }
  if (!tallest.valid()) return add(begin, std::move(call), {});
  return add(begin, std::move(call), {tallest});
}

// A name before a value or before `=` is a label.
bool Parser::at_label() const {
  if (!is_name()) return false;
  if (kind(1) == K::kAssign) return true;
  if (!is(K::kName)) return false;
  if (kind(1) == K::kOpenParen) return !peek(1).touches;
  bool over = kind(2) == K::kOver &&
              (is_word("averaged", 1) || is_word("highest", 1) || is_word("lowest", 1));
  return starts_expression(1) && kind(1) != K::kMinus && !over;
}

// argument = [name ["="]] expr | expr ":" expr
Argument Parser::parse_argument() {
  Argument argument;
  if (at_label()) {
    argument.label = parse_name("a label");
    take(K::kAssign);
  }
  argument.value = parse_expr();
  if (!argument.label && take(K::kColon)) {
    argument.weight = argument.value;
    argument.value = parse_expr();
  }
  return argument;
}

// "[" index ("," index)* "]"
std::vector<Index> Parser::parse_indexes() {
  std::vector<Index> indexes;
  expect(K::kOpenBracket);
  do indexes.push_back(parse_index());
  while (take(K::kComma));
  expect(K::kCloseBracket, "after the indexes");
  return indexes;
}

// index = "*" | member | name "(" name ")" | name ("+" | "-") integer
Index Parser::parse_index() {
  constexpr int kLimit = 1'000'000'000;
  size_t begin = pos_;
  Index index;
  if (take(K::kStar)) {
    index.kind = Index::Kind::kStar;
  } else if (is_integer()) {
    index.kind = Index::Kind::kNumber;
    index.number = parse_integer("a member's number", kLimit).value_or(0);
  } else {
    index.name = parse_name("an index");
    if (take(K::kOpenParen)) {
      index.map = std::move(index.name);
      index.name = parse_name("an index");
      expect(K::kCloseParen, "after the index");
    } else if (is(K::kPlus) || is(K::kMinus)) {
      int sign = is(K::kPlus) ? 1 : -1;
      advance();
      index.number = sign * parse_integer("a whole number", kLimit).value_or(0);
    }
  }
  index.span = span_from(begin);
  return index;
}

}  // namespace headrace::syntax
