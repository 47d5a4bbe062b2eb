#pragma once

// Short ways to write expressions of the syntax tree, all at one place of the foreign file.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "syntax/tree.h"

namespace headrace::import {

// `<`, `<=`, `>`, `>=`, `=` and `<>` of both formats.
inline std::optional<syntax::CompareOp> comparison(std::string_view sign) {
  using enum syntax::CompareOp;
  if (sign == "<") return kLess;
  if (sign == "<=") return kLessEqual;
  if (sign == ">") return kGreater;
  if (sign == ">=") return kGreaterEqual;
  if (sign == "=") return kEqual;
  if (sign == "<>") return kNotEqual;
  return std::nullopt;
}

class Build {
 public:
  using Id = syntax::ExprId;

  Build(syntax::Tree& tree, text::Span span) : tree_(tree), span_(span) {}

  Id bad() const { return tree_.add({syntax::Bad{}, span_}); }
  Id number(double value) const {
    if (value < 0) return negate(number(-value));
    return tree_.add({syntax::Number{value, {}, {}}, span_});
  }
  Id name(std::string text) const {
    return tree_.add({syntax::Reference{{std::move(text), span_}, {}}, span_});
  }
  Id element(std::string text, std::vector<syntax::Index> indexes) const {
    return tree_.add({syntax::Reference{{std::move(text), span_}, std::move(indexes)}, span_});
  }
  Id negate(Id operand) const {
    return tree_.add({syntax::Unary{syntax::UnaryOp::kNegate, operand}, span_});
  }
  Id no(Id operand) const {
    return tree_.add({syntax::Unary{syntax::UnaryOp::kNot, operand}, span_});
  }
  Id binary(syntax::BinaryOp op, Id left, Id right) const {
    return tree_.add({syntax::Binary{op, left, right, span_}, span_});
  }
  Id add(Id left, Id right) const { return binary(syntax::BinaryOp::kAdd, left, right); }
  Id subtract(Id left, Id right) const { return binary(syntax::BinaryOp::kSubtract, left, right); }
  Id multiply(Id left, Id right) const { return binary(syntax::BinaryOp::kMultiply, left, right); }
  Id divide(Id left, Id right) const { return binary(syntax::BinaryOp::kDivide, left, right); }
  Id both(Id left, Id right) const { return binary(syntax::BinaryOp::kAnd, left, right); }
  Id either(Id left, Id right) const { return binary(syntax::BinaryOp::kOr, left, right); }
  Id compare(Id left, syntax::CompareOp op, Id right) const {
    return tree_.add({syntax::Comparison{{left, right}, {op}, {span_}}, span_});
  }
  Id choose(Id condition, Id yes, Id otherwise) const {
    return tree_.add({syntax::If{condition, yes, otherwise}, span_});
  }
  Id call(std::string function, const std::vector<Id>& arguments,
          std::vector<syntax::Binding> bindings = {}) const {
    syntax::Call call;
    call.function = {std::move(function), span_};
    for (const Id argument : arguments) call.arguments.push_back({{}, {}, argument});
    call.bindings = std::move(bindings);
    return tree_.add({std::move(call), span_});
  }
  syntax::Name word(std::string text) const { return {std::move(text), span_}; }
  syntax::Binding binding(std::string index, std::string dimension) const {
    return {word(std::move(index)), word(std::move(dimension))};
  }
  syntax::Index index(std::string text, int offset = 0) const {
    return {syntax::Index::Kind::kName, word(std::move(text)), offset, span_};
  }
  syntax::Index star() const { return {syntax::Index::Kind::kStar, {}, 0, span_}; }

 private:
  syntax::Tree& tree_;
  text::Span span_;
};

}  // namespace headrace::import
