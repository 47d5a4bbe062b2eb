#pragma once

// Writes expressions into a tree, as if they stood in its text. What is written points at the
// place in the rules that it comes from, so that a fault in it is told there.

#include <string>
#include <vector>

#include "syntax/tree.h"
#include "units/unit.h"

namespace headrace::rules {

class Writer {
 public:
  explicit Writer(syntax::Tree& tree) : tree_(tree) {}

  syntax::ExprId number(double value, text::Span span);
  // `value` in a unit, as the product of a number and the unit's factors by name.
  syntax::ExprId quantity(double value, const units::Unit& unit, text::Span span);
  syntax::ExprId truth(bool value, text::Span span);
  syntax::ExprId name(const std::string& name, text::Span span);
  // The day itself, at its start.
  syntax::ExprId date(double years, text::Span span);
  syntax::ExprId negative(syntax::ExprId a, text::Span span);
  syntax::ExprId inverse(syntax::ExprId a, text::Span span);
  syntax::ExprId binary(syntax::BinaryOp op, syntax::ExprId a, syntax::ExprId b, text::Span span);
  syntax::ExprId both(syntax::ExprId a, syntax::ExprId b, text::Span span);
  syntax::ExprId either(syntax::ExprId a, syntax::ExprId b, text::Span span);
  // One of several, as a tree of small height; false for none.
  syntax::ExprId any(const std::vector<syntax::ExprId>& parts, text::Span span);
  syntax::ExprId compare(syntax::ExprId a, syntax::CompareOp op, syntax::ExprId b, text::Span span);
  syntax::ExprId between(double low, syntax::ExprId a, double high, text::Span span);
  syntax::ExprId choice(syntax::ExprId test, syntax::ExprId yes, syntax::ExprId no,
                        text::Span span);
  syntax::ExprId call(const std::string& function, std::vector<syntax::Argument> arguments,
                      text::Span span);
  syntax::StatementId let(const std::string& name, syntax::ExprId value, text::Span span,
                          std::vector<syntax::Clause> clauses = {});

 private:
  syntax::ExprId make(decltype(syntax::Expr::node) node, text::Span span);

  syntax::Tree& tree_;
};

}  // namespace headrace::rules
