#include "server/mathml.h"

#include <fmt/format.h>

#include <type_traits>

#include "syntax/syntax.h"
#include "text/markup.h"

namespace headrace::server {
namespace {

using syntax::BinaryOp;
using syntax::CompareOp;
using syntax::ExprId;
using syntax::Tree;

// Expressions have trees at most 1000 high; past this they are shown as text.
constexpr int kDeepest = 200;

std::string row(const std::string& inner) { return "<mrow>" + inner + "</mrow>"; }
std::string name(std::string_view text) {
  return "<mtext>" + text::escape_markup(text) + "</mtext>";
}
std::string op(std::string_view text) { return "<mo>" + text::escape_markup(text) + "</mo>"; }
std::string word(std::string_view text) {
  return "<mspace width=\"0.3em\"/><mtext>" + text::escape_markup(text) +
         "</mtext><mspace width=\"0.3em\"/>";
}
std::string fenced(const std::string& inner) { return row(op("(") + inner + op(")")); }

const char* sign(CompareOp compare) {
  switch (compare) {
    case CompareOp::kLess:
      return "<";
    case CompareOp::kLessEqual:
      return "≤";
    case CompareOp::kGreater:
      return ">";
    case CompareOp::kGreaterEqual:
      return "≥";
    case CompareOp::kEqual:
      return "=";
    case CompareOp::kNotEqual:
      return "≠";
  }
  return "";
}

// How tightly a node holds its parts together: 0 loosest.
int level(const Tree& tree, ExprId id) {
  const auto& node = tree[id].node;
  if (const auto* binary = std::get_if<syntax::Binary>(&node)) {
    switch (binary->op) {
      case BinaryOp::kOr:
        return 1;
      case BinaryOp::kAnd:
        return 2;
      case BinaryOp::kAdd:
      case BinaryOp::kSubtract:
        return 5;
      case BinaryOp::kMultiply:
        return 6;
      case BinaryOp::kDivide:
        return 9;  // a fraction holds by itself
      case BinaryOp::kPower:
        return 8;
    }
  }
  if (std::holds_alternative<syntax::If>(node)) return 0;
  if (const auto* unary = std::get_if<syntax::Unary>(&node)) {
    return unary->op == syntax::UnaryOp::kNot ? 3 : 7;
  }
  if (std::holds_alternative<syntax::Comparison>(node)) return 4;
  if (std::holds_alternative<syntax::Range>(node)) return 4;
  if (std::holds_alternative<syntax::At>(node)) return 4;
  if (std::holds_alternative<syntax::Over>(node)) return 4;
  return 9;
}

class Writer {
 public:
  explicit Writer(const Tree& tree) : tree_(tree) {}

  std::string write(ExprId id, int depth) const {
    if (depth > kDeepest) return name(syntax::print(tree_, id));
    return std::visit([&](const auto& node) { return form(node, id, depth + 1); }, tree_[id].node);
  }

 private:
  // In brackets when it holds less tightly than its surroundings.
  std::string part(ExprId id, int least, int depth) const {
    const std::string inner = write(id, depth);
    return level(tree_, id) < least ? fenced(inner) : inner;
  }

  std::string form(const syntax::Bad&, ExprId, int) const { return name("?"); }
  std::string form(const syntax::Number& number, ExprId id, int) const {
    if (!number.unit) return "<mn>" + text::escape_markup(syntax::print(tree_, id)) + "</mn>";
    const std::string text = syntax::print(tree_, id);
    const size_t space = text.find(' ');
    if (space == std::string::npos) return "<mn>" + text::escape_markup(text) + "</mn>";
    return row("<mn>" + text::escape_markup(text.substr(0, space)) + "</mn>" +
               "<mspace width=\"0.2em\"/>" + name(text.substr(space + 1)));
  }
  std::string form(const syntax::Date&, ExprId id, int) const {
    return name(syntax::print(tree_, id));
  }
  std::string form(const syntax::Boolean& boolean, ExprId, int) const {
    return name(boolean.value ? "true" : "false");
  }
  std::string form(const syntax::Reference& reference, ExprId, int) const {
    const std::string base = "<mi>" + text::escape_markup(reference.name.text) + "</mi>";
    if (reference.indexes.empty()) return base;
    std::string inner;
    for (const syntax::Index& index : reference.indexes) {
      if (!inner.empty()) inner += op(",");
      if (index.kind == syntax::Index::Kind::kStar) {
        inner += op("*");
      } else if (index.kind == syntax::Index::Kind::kNumber) {
        inner += fmt::format("<mn>{}</mn>", index.number);
      } else {
        inner += name(index.name.text);
        if (index.number != 0) {
          inner +=
              op(index.number < 0 ? "−" : "+") + fmt::format("<mn>{}</mn>", std::abs(index.number));
        }
      }
    }
    return "<msub>" + base + row(inner) + "</msub>";
  }
  std::string form(const syntax::Unary& unary, ExprId, int depth) const {
    if (unary.op == syntax::UnaryOp::kNot) return row(word("not") + part(unary.operand, 3, depth));
    return row(op("−") + part(unary.operand, 7, depth));
  }
  std::string form(const syntax::Binary& binary, ExprId, int depth) const {
    const ExprId left = binary.left, right = binary.right;
    switch (binary.op) {
      case BinaryOp::kDivide:
        return "<mfrac>" + row(write(left, depth)) + row(write(right, depth)) + "</mfrac>";
      case BinaryOp::kPower:
        return "<msup>" + row(part(left, 9, depth)) + row(write(right, depth)) + "</msup>";
      case BinaryOp::kMultiply:
        return row(part(left, 6, depth) + op("·") + part(right, 7, depth));
      case BinaryOp::kAdd:
        return row(part(left, 5, depth) + op("+") + part(right, 5, depth));
      case BinaryOp::kSubtract:
        return row(part(left, 5, depth) + op("−") + part(right, 6, depth));
      case BinaryOp::kAnd:
        return row(part(left, 2, depth) + word("and") + part(right, 3, depth));
      case BinaryOp::kOr:
        return row(part(left, 1, depth) + word("or") + part(right, 2, depth));
    }
    return "";
  }
  std::string form(const syntax::Comparison& chain, ExprId, int depth) const {
    std::string out;
    for (size_t i = 0; i < chain.operands.size(); ++i) {
      if (i > 0) out += op(sign(chain.ops[i - 1]));
      out += part(chain.operands[i], 5, depth);
    }
    return row(out);
  }
  std::string form(const syntax::If& choice, ExprId, int depth) const {
    const std::string rows = "<mtr><mtd>" + write(choice.then_value, depth) + "</mtd><mtd>" +
                             word("if") + write(choice.condition, depth) +
                             "</mtd></mtr><mtr><mtd>" + write(choice.else_value, depth) +
                             "</mtd><mtd>" + word("otherwise") + "</mtd></mtr>";
    return row(op("{") + "<mtable>" + rows + "</mtable>");
  }
  std::string form(const syntax::Call& call, ExprId, int depth) const {
    std::string inner;
    for (const syntax::Argument& argument : call.arguments) {
      if (!inner.empty()) inner += op(",");
      if (argument.weight) inner += write(*argument.weight, depth) + op(":");
      if (argument.label) inner += word(argument.label->text);
      inner += write(argument.value, depth);
    }
    const std::string& f = call.function.text;
    if (f == "sqrt" && call.arguments.size() == 1) {
      return "<msqrt>" + write(call.arguments[0].value, depth) + "</msqrt>";
    }
    if (f == "exp" && call.arguments.size() == 1) {
      return "<msup><mi>e</mi>" + row(write(call.arguments[0].value, depth)) + "</msup>";
    }
    if ((f == "sum" || f == "product") && !call.bindings.empty() && call.arguments.size() == 1) {
      std::string below;
      for (const syntax::Binding& binding : call.bindings) {
        if (!below.empty()) below += op(",");
        below += name(binding.index.text) + op("∈") + name(binding.dimension.text);
      }
      return row("<munder>" + op(f == "sum" ? "∑" : "∏") + row(below) + "</munder>" +
                 part(call.arguments[0].value, 6, depth));
    }
    for (const syntax::Binding& binding : call.bindings) {
      inner += word("for") + name(binding.index.text) + op("∈") + name(binding.dimension.text);
    }
    return row("<mi>" + text::escape_markup(f) + "</mi>" + fenced(inner));
  }
  std::string form(const syntax::Range& range, ExprId, int depth) const {
    return row(part(range.low, 5, depth) + word("to") + part(range.high, 5, depth));
  }
  std::string form(const syntax::At& at, ExprId, int depth) const {
    return row(part(at.value, 9, depth) + word("at") + part(at.when, 9, depth));
  }
  std::string form(const syntax::Over& over, ExprId, int depth) const {
    const char* kind = "over";
    if (over.kind == syntax::Over::Kind::kAverage) kind = "averaged over";
    if (over.kind == syntax::Over::Kind::kHighest) kind = "highest over";
    if (over.kind == syntax::Over::Kind::kLowest) kind = "lowest over";
    std::string out = part(over.value, 9, depth) + word(kind) + part(over.from, 9, depth);
    if (over.to) out += word("to") + part(*over.to, 9, depth);
    return row(out);
  }

  const Tree& tree_;
};

}  // namespace

std::string mathml(const syntax::Tree& tree, syntax::ExprId expr) {
  return "<math>" + Writer(tree).write(expr, 0) + "</math>";
}

}  // namespace headrace::server
