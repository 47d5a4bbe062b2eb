#include <fmt/format.h>

#include <cstdlib>

#include "syntax/parser.h"

namespace headrace::syntax {

using text::Kind;

bool Parser::starts_unit(size_t ahead) const {
  return is_name(ahead) || kind(ahead) == K::kNumber || kind(ahead) == K::kOpenParen;
}

// [":" unitexpr]
std::optional<UnitExpr> Parser::parse_unit_annotation() {
  if (!take(K::kColon)) return std::nullopt;
  return parse_unit_expr();
}

// unitexpr = unitterm (("*" | "/") unitterm)*
UnitExpr Parser::parse_unit_expr() {
  size_t begin = pos_;
  UnitExpr unit;
  parse_unit_product(unit.terms, false);
  unit.span = span_from(begin);
  return unit;
}

void Parser::parse_unit_product(std::vector<UnitTerm>& terms, bool divided) {
  parse_unit_term(terms, divided);
  for (;;) {
    if (take(K::kStar))
      parse_unit_term(terms, divided);
    else if (take(K::kSlash))
      parse_unit_term(terms, !divided);
    else
      return;
  }
}

// unitterm = (name | "1" | "(" unitexpr ")") ["^" ["-"] integer]
void Parser::parse_unit_term(std::vector<UnitTerm>& terms, bool divided) {
  Nesting nesting(*this);
  size_t first = terms.size();
  size_t begin = pos_;
  const Token& token = peek();
  if (token.kind == K::kNumber) {
    if (!token.bad && number_value(spelling(token)) != 1.0) {
      fail("a number other than 1 is no unit").hint =
          "declare a unit: `unit dozen = 12`; a value stands after `=`";
      return;
    }
    advance();
  } else if (take(K::kOpenParen)) {
    parse_unit_product(terms, divided);
    expect(K::kCloseParen);
  } else {
    Name name = parse_name("a unit");
    terms.push_back({std::move(name), divided ? -1 : 1});
  }
  if (!take(K::kCaret)) return;
  int exponent = parse_unit_exponent().value_or(1);
  for (size_t i = first; i < terms.size(); ++i) {
    terms[i].exponent *= exponent;
    if (std::abs(terms[i].exponent) > kMaxUnitExponent) {
      fail(Kind::kBadNumber, span_from(begin),
           fmt::format("a unit's exponent is at most {}", kMaxUnitExponent));
      terms[i].exponent = 1;
    }
  }
}

std::optional<int> Parser::parse_unit_exponent() {
  bool negative = take(K::kMinus);
  auto value = parse_integer("a whole exponent", kMaxUnitExponent);
  if (value && negative) return -*value;
  return value;
}

// Whether the name that comes next is the unit of the number just read. Words that go on with
// the sentence are known by what follows them.
bool Parser::is_unit_name_after_number() const {
  const Token& token = peek();
  if (!is_name() || token.first_on_line) return false;
  bool bracket = kind(1) == K::kOpenParen || kind(1) == K::kOpenBracket;
  if (bracket && peek(1).touches) return false;
  if (token.kind == K::kString) return true;
  auto word = spelling(token);
  if (word == "averaged" || word == "highest" || word == "lowest") return kind(1) != K::kOver;
  if (word == "cite" || word == "assumed" || word == "note") return kind(1) != K::kString;
  if (word == "ramp") return !starts_expression(1);
  if (word == "step" || word == "save") return kind(1) != K::kNumber;
  if (word == "method") return kind(1) != K::kName;
  if (word == "out") return !is_name(1);
  return word != "nonnegative" && word != "return";
}

}  // namespace headrace::syntax
