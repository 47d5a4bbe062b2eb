#include "rules/writer.h"

#include <algorithm>
#include <cstdlib>

#include "text/calendar.h"

namespace headrace::rules {

using syntax::BinaryOp;
using syntax::CompareOp;
using syntax::ExprId;
using text::Span;

ExprId Writer::make(decltype(syntax::Expr::node) node, Span span) {
  return tree_.add({std::move(node), span});
}

ExprId Writer::number(double value, Span span) {
  return make(syntax::Number{value, std::nullopt, ""}, span);
}

ExprId Writer::truth(bool value, Span span) { return make(syntax::Boolean{value}, span); }

ExprId Writer::name(const std::string& name, Span span) {
  return make(syntax::Reference{{name, span}, {}}, span);
}

ExprId Writer::date(double years, Span span) {
  const text::Date day = text::from_years(years);
  return make(syntax::Date{day.year, day.month, day.day, syntax::Date::Precision::kDay}, span);
}

ExprId Writer::negative(ExprId a, Span span) {
  return make(syntax::Unary{syntax::UnaryOp::kNegate, a}, span);
}

ExprId Writer::inverse(ExprId a, Span span) {
  return make(syntax::Unary{syntax::UnaryOp::kNot, a}, span);
}

ExprId Writer::binary(BinaryOp op, ExprId a, ExprId b, Span span) {
  return make(syntax::Binary{op, a, b, span}, span);
}

ExprId Writer::both(ExprId a, ExprId b, Span span) { return binary(BinaryOp::kAnd, a, b, span); }

ExprId Writer::either(ExprId a, ExprId b, Span span) { return binary(BinaryOp::kOr, a, b, span); }

ExprId Writer::any(const std::vector<ExprId>& parts, Span span) {
  if (parts.empty()) return truth(false, span);
  std::vector<ExprId> level = parts;
  while (level.size() > 1) {
    std::vector<ExprId> next;
    for (size_t i = 0; i < level.size(); i += 2)
      next.push_back(i + 1 < level.size() ? either(level[i], level[i + 1], span) : level[i]);
    level = std::move(next);
  }
  return level[0];
}

ExprId Writer::compare(ExprId a, CompareOp op, ExprId b, Span span) {
  return make(syntax::Comparison{{a, b}, {op}, {span}}, span);
}

ExprId Writer::between(double low, ExprId a, double high, Span span) {
  return make(syntax::Comparison{{number(low, span), a, number(high, span)},
                                 {CompareOp::kLessEqual, CompareOp::kLessEqual},
                                 {span, span}},
              span);
}

ExprId Writer::choice(ExprId test, ExprId yes, ExprId no, Span span) {
  return make(syntax::If{test, yes, no}, span);
}

ExprId Writer::call(const std::string& function, std::vector<syntax::Argument> arguments,
                    Span span) {
  syntax::Call call;
  call.function = {function, span};
  call.arguments = std::move(arguments);
  return make(std::move(call), span);
}

syntax::StatementId Writer::let(const std::string& name, ExprId value, Span span,
                                std::vector<syntax::Clause> clauses) {
  syntax::ValueDecl decl;
  decl.kind = syntax::ValueDecl::Kind::kLet;
  decl.name = {name, span};
  decl.value = value;
  decl.clauses = std::move(clauses);
  return tree_.add(syntax::Statement{std::move(decl), "", span});
}

namespace {

// One factor of a unit's text, `USD/(chip*year^2)`.
struct Factor {
  std::string name;
  int power = 1;
  bool below = false;  // divides
};

std::vector<Factor> factors_of(const std::string& text) {
  std::vector<Factor> factors;
  bool divides = false, tail = false;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '*' || c == '/' || c == '(' || c == ')') {
      if (c == '(') tail = true;
      if (c == ')') tail = false;
      if (c == '/') divides = true;
      if (c == '*' && !tail) divides = false;
      ++i;
      continue;
    }
    const bool quoted = c == '"';
    size_t end = quoted ? text.find('"', i + 1) : text.find_first_of("*/()^", i);
    if (end == std::string::npos) end = text.size();
    Factor factor;
    factor.name = quoted ? text.substr(i + 1, end - i - 1) : text.substr(i, end - i);
    factor.below = divides;
    i = quoted ? std::min(end + 1, text.size()) : end;
    if (i < text.size() && text[i] == '^') {
      factor.power = std::atoi(text.c_str() + i + 1);
      i = std::min(text.find_first_of("*/()", i + 1), text.size());
    }
    factors.push_back(std::move(factor));
  }
  return factors;
}

}  // namespace

ExprId Writer::quantity(double value, const units::Unit& unit, Span span) {
  ExprId product = number(value, span);
  for (const Factor& factor : factors_of(unit.text())) {
    if (factor.name == "1") continue;
    ExprId one = name(factor.name, span);
    if (factor.power != 1) one = binary(BinaryOp::kPower, one, number(factor.power, span), span);
    product = binary(factor.below ? BinaryOp::kDivide : BinaryOp::kMultiply, product, one, span);
  }
  return product;
}

}  // namespace headrace::rules
