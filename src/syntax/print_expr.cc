#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/undefined.h"
#include "syntax/lex.h"
#include "syntax/print.h"

namespace headrace::syntax {

std::string_view spelling(CompareOp op) {
  switch (op) {
    case CompareOp::kLess:
      return "<";
    case CompareOp::kLessEqual:
      return "<=";
    case CompareOp::kGreater:
      return ">";
    case CompareOp::kGreaterEqual:
      return ">=";
    case CompareOp::kEqual:
      return "==";
    case CompareOp::kNotEqual:
      return "!=";
  }
  return "";
}

namespace {

struct BinaryForm {
  std::string_view sign;
  Level level, left, right;
};

BinaryForm form(BinaryOp op) {
  switch (op) {
    case BinaryOp::kAdd:
      return {"+", Level::kSum, Level::kSum, Level::kProduct};
    case BinaryOp::kSubtract:
      return {"-", Level::kSum, Level::kSum, Level::kProduct};
    case BinaryOp::kMultiply:
      return {"*", Level::kProduct, Level::kProduct, Level::kUnary};
    case BinaryOp::kDivide:
      return {"/", Level::kProduct, Level::kProduct, Level::kUnary};
    case BinaryOp::kPower:
      return {"^", Level::kPower, Level::kPostfix, Level::kUnary};
    case BinaryOp::kAnd:
      return {"and", Level::kAnd, Level::kAnd, Level::kNot};
    case BinaryOp::kOr:
      return {"or", Level::kOr, Level::kOr, Level::kAnd};
  }
  return {};
}

std::string_view word(Over::Kind kind) {
  switch (kind) {
    case Over::Kind::kIntegral:
      return "over";
    case Over::Kind::kAverage:
      return "averaged over";
    case Over::Kind::kHighest:
      return "highest over";
    case Over::Kind::kLowest:
      return "lowest over";
  }
  return "";
}

// What an expression prints as, and the level of that text.
struct Piece {
  std::string text;
  Level level;
};

class Printer {
 public:
  explicit Printer(const Tree& tree) : tree_(tree) {}

  std::string at_level(ExprId id, Level level) const {
    Piece piece = std::visit([this](const auto& node) { return print(node); }, tree_[id].node);
    return piece.level < level ? fmt::format("({})", piece.text) : std::move(piece.text);
  }

  std::string before_to(ExprId id) const {
    std::string text = at_level(id, Level::kSum);
    return ends_in_open_period(id) ? fmt::format("({})", text) : text;
  }

 private:
  Piece print(const Bad&) const { return {"<bad>", Level::kPrimary}; }

  Piece print(const Number& number) const {
    bool negative = std::signbit(number.value);
    bool faithful = !number.spelling.empty() && number_value(number.spelling) == number.value;
    std::string text = faithful ? number.spelling : print_number(number.value);
    if (number.unit) {
      text += fmt::format(" {}", print_unit_name(number.unit->name.text));
      if (number.unit->exponent != 1) text += fmt::format("^{}", number.unit->exponent);
    }
    return {std::move(text), negative ? Level::kUnary : Level::kPrimary};
  }

  Piece print(const Date& date) const {
    switch (date.precision) {
      case Date::Precision::kDay:
        return {fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day), Level::kPrimary};
      case Date::Precision::kMonth:
        return {fmt::format("{:04}-{:02}", date.year, date.month), Level::kPrimary};
      case Date::Precision::kQuarter:
        return {fmt::format("{:04}Q{}", date.year, (date.month + 2) / 3), Level::kPrimary};
    }
    return {};
  }

  Piece print(const Boolean& boolean) const {
    return {boolean.value ? "true" : "false", Level::kPrimary};
  }

  Piece print(const Reference& reference) const {
    if (reference.indexes.empty())
      return {reference.name.text == "time" ? "time" : print_name(reference.name.text),
              Level::kPrimary};
    return {print_name(reference.name.text) + print_indexes(reference.indexes), Level::kPrimary};
  }

  Piece print(const Unary& unary) const {
    if (unary.op == UnaryOp::kNegate)
      return {fmt::format("-{}", at_level(unary.operand, Level::kUnary)), Level::kUnary};
    return {fmt::format("not {}", at_level(unary.operand, Level::kNot)), Level::kNot};
  }

  Piece print(const Binary& binary) const {
    BinaryForm shape = form(binary.op);
    std::string left = at_level(binary.left, shape.left);
    // `5 m^2` is an area: the power of a quantity needs parentheses.
    const auto* base = std::get_if<Number>(&tree_[binary.left].node);
    if (binary.op == BinaryOp::kPower && base && base->unit && !left.starts_with('('))
      left = fmt::format("({})", left);
    std::string_view blank = binary.op == BinaryOp::kPower ? "" : " ";
    return {fmt::format("{}{}{}{}{}", left, blank, shape.sign, blank,
                        at_level(binary.right, shape.right)),
            shape.level};
  }

  Piece print(const Comparison& comparison) const {
    std::string text = at_level(comparison.operands[0], Level::kRange);
    for (size_t i = 0; i < comparison.ops.size(); ++i)
      text += fmt::format(" {} {}", spelling(comparison.ops[i]),
                          at_level(comparison.operands[i + 1], Level::kRange));
    return {std::move(text), Level::kComparison};
  }

  Piece print(const If& node) const {
    return {fmt::format("if {} then {} else {}", at_level(node.condition, Level::kExpr),
                        at_level(node.then_value, Level::kExpr),
                        at_level(node.else_value, Level::kExpr)),
            Level::kExpr};
  }

  Piece print(const Call& call) const {
    if (call.membership) {
      return {fmt::format("{} in {}", at_level(call.arguments[0].value, Level::kRange),
                          print_name(call.function.text)),
              Level::kComparison};
    }
    std::string text = print_name(call.function.text) + "(";
    std::string_view comma;
    for (const Argument& argument : call.arguments) {
      text += comma;
      text += print_argument(argument);
      comma = ", ";
    }
    comma = call.arguments.empty() ? "for " : " for ";
    for (const Binding& binding : call.bindings) {
      text += fmt::format("{}{} in {}", comma, print_name(binding.index.text),
                          print_name(binding.dimension.text));
      comma = ", ";
    }
    return {text + ")", Level::kPrimary};
  }

  // `mode 0.4` for the moments of a distribution, `initial = x` for other labels.
  std::string print_argument(const Argument& argument) const {
    std::string text = at_level(argument.value, Level::kExpr);
    if (argument.weight) return at_level(*argument.weight, Level::kExpr) + ": " + text;
    if (!argument.label) return text;
    static constexpr std::array<std::string_view, 5> kMoments = {"mean", "sd", "median", "gsd",
                                                                 "mode"};
    bool moment =
        std::find(kMoments.begin(), kMoments.end(), argument.label->text) != kMoments.end();
    bool digit = text[0] >= '0' && text[0] <= '9';
    return print_name(argument.label->text) + (moment && digit ? " " : " = ") + text;
  }

  Piece print(const Range& range) const {
    std::string text = before_to(range.low) + " to " + at_level(range.high, Level::kSum);
    if (!range.coverage_text.empty()) text += " (" + range.coverage_text + ")";
    return {std::move(text), Level::kRange};
  }

  Piece print(const At& node) const {
    return {at_level(node.value, Level::kPostfix) + " at " + timepoint(node.when), Level::kPostfix};
  }

  Piece print(const Over& over) const {
    std::string text = fmt::format("{} {} {}", at_level(over.value, Level::kPostfix),
                                   word(over.kind), timepoint(over.from));
    if (over.to) text += " to " + timepoint(*over.to);
    return {std::move(text), Level::kPostfix};
  }

  std::string timepoint(ExprId id) const {
    const auto& node = tree_[id].node;
    const auto* number = std::get_if<Number>(&node);
    const auto* reference = std::get_if<Reference>(&node);
    bool bare = std::holds_alternative<Date>(node) || std::holds_alternative<Bad>(node) ||
                (number && !std::signbit(number->value)) ||
                (reference && reference->indexes.empty());
    std::string text = at_level(id, Level::kExpr);
    return bare ? text : fmt::format("({})", text);
  }

  // Whether the text of a sum ends in `over X`, to which ` to Y` would attach.
  bool ends_in_open_period(ExprId id) const {
    for (;;) {
      const auto& node = tree_[id].node;
      if (const auto* over = std::get_if<Over>(&node)) return !over->to;
      if (const auto* binary = std::get_if<Binary>(&node)) {
        if (form(binary->op).level < Level::kSum) return false;
        id = binary->right;
      } else if (const auto* unary = std::get_if<Unary>(&node)) {
        id = unary->operand;
      } else {
        return false;
      }
    }
  }

  const Tree& tree_;
};

}  // namespace

std::string print(const Tree& tree, ExprId expr) { return print(tree, expr, Level::kExpr); }

std::string print(const Tree& tree, ExprId expr, Level level) {
  return Printer(tree).at_level(expr, level);
}

std::string print_before_to(const Tree& tree, ExprId expr) { return Printer(tree).before_to(expr); }

std::string print_name(const std::string& name) {
  // `return` would end a function's body.
  bool bare = is_plain_name(name) && word_kind(name) == TokenKind::kName && name != "return";
  return bare ? name : quote(name);
}

std::string print_unit_name(const std::string& name) {
  static constexpr std::array<std::string_view, 12> kContinuations = {
      "averaged", "highest", "lowest", "cite",   "assumed", "note",
      "ramp",     "step",    "save",   "method", "out",     "nonnegative"};
  bool continues =
      std::find(kContinuations.begin(), kContinuations.end(), name) != kContinuations.end();
  return continues ? quote(name) : print_name(name);
}

std::string print_member(const std::string& name) {
  bool digits = !name.empty() && name.size() <= 9 &&
                name.find_first_not_of("0123456789") == std::string::npos;
  bool canonical = digits && (name == "0" || name[0] != '0');
  return canonical ? name : print_name(name);
}

// `1e+09` and `1e-05` as people write them.
static std::string plain_exponent(std::string number) {
  const size_t e = number.find('e');
  if (e == std::string::npos) return number;
  const size_t sign = e + 1;
  const size_t digit = number.find_first_not_of('0', sign + 1);
  number.erase(sign + 1, digit - sign - 1);
  if (number[sign] == '+') number.erase(sign, 1);
  return number;
}

std::string print_number(double value) {
  if (std::isnan(value)) return "(0 / 0)";
  if (std::isinf(value)) return value > 0 ? "infinity" : "-infinity";
  if (value == base::kUndefined) return "undefined";
  std::string plain = plain_exponent(fmt::format("{}", value));
  if (plain.size() <= 9) return plain;
  char digits[32];
  return plain_exponent({digits, std::to_chars(digits, digits + sizeof digits, value).ptr});
}

std::string print_indexes(const std::vector<Index>& indexes) {
  std::string text = "[";
  std::string_view comma;
  for (const Index& index : indexes) {
    text += comma;
    comma = ", ";
    switch (index.kind) {
      case Index::Kind::kStar:
        text += "*";
        break;
      case Index::Kind::kNumber:
        text += std::to_string(index.number);
        break;
      case Index::Kind::kName:
        if (!index.map.text.empty()) {
          text += fmt::format("{}({})", print_name(index.map.text), print_name(index.name.text));
          break;
        }
        text += print_name(index.name.text);
        if (index.number != 0)
          text += fmt::format(" {} {}", index.number > 0 ? '+' : '-', std::abs(index.number));
    }
  }
  return text + "]";
}

}  // namespace headrace::syntax
