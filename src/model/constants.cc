// Values known before any run: the moments of clauses and answers, the arguments of
// distributions, conditions on indexes.

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/context.h"

namespace headrace::model {
namespace {

constexpr int kMaxLoadDepth = 200;

double mod_floored(double x, double y) {
  const double r = std::fmod(x, y);
  return r != 0 && ((r < 0) != (y < 0)) ? r + y : r;
}

double apply_op(Op op, double a, double b, double c) {
  switch (op) {
    case Op::kNegate:
      return -a;
    case Op::kAbs:
      return std::fabs(a);
    case Op::kSqrt:
      return std::sqrt(a);
    case Op::kExp:
      return std::exp(a);
    case Op::kLn:
      return std::log(a);
    case Op::kSin:
      return std::sin(a);
    case Op::kCos:
      return std::cos(a);
    case Op::kTan:
      return std::tan(a);
    case Op::kAsin:
      return std::asin(a);
    case Op::kAcos:
      return std::acos(a);
    case Op::kAtan:
      return std::atan(a);
    case Op::kFloor:
      return std::floor(a);
    case Op::kCeil:
      return std::ceil(a);
    case Op::kRound:
      return std::nearbyint(a);
    case Op::kTrunc:
      return std::trunc(a);
    case Op::kSign:
      return a > 0 ? 1 : a < 0 ? -1 : a;
    case Op::kNot:
      return a == 0;
    case Op::kAdd:
      return a + b;
    case Op::kSubtract:
      return a - b;
    case Op::kMultiply:
      return a * b;
    case Op::kDivide:
      return a / b;
    case Op::kPower:
      return std::pow(a, b);
    case Op::kMin:
      return a < b || a != a ? a : b;
    case Op::kMax:
      return a > b || a != a ? a : b;
    case Op::kMod:
      return mod_floored(a, b);
    case Op::kLess:
      return a < b;
    case Op::kLessEqual:
      return a <= b;
    case Op::kEqual:
      return a == b;
    case Op::kNotEqual:
      return a != b;
    case Op::kAnd:
      return a != 0 && b != 0;
    case Op::kOr:
      return a != 0 || b != 0;
    case Op::kSelect:
      return a != 0 ? b : c;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

class Evaluator {
 public:
  Evaluator(const Context& context, int64_t budget) : context_(context), budget_(budget) {}

  std::optional<double> value(ExprId id, const Ordinals& ordinals, int loads) {
    if (--budget_ < 0) return std::nullopt;
    const Expr& expr = context_.model[id];
    if (auto* node = std::get_if<Constant>(&expr.node)) return node->value;
    if (auto* node = std::get_if<Position>(&expr.node)) return position(node->index, ordinals);
    if (auto* node = std::get_if<Load>(&expr.node)) return load(*node, ordinals, loads);
    if (auto* node = std::get_if<Apply>(&expr.node)) return apply(*node, ordinals, loads);
    return std::nullopt;
  }

 private:
  std::optional<double> position(IndexId id, const Ordinals& ordinals) const {
    const auto at = ordinals.find(id);
    if (at == ordinals.end()) return std::nullopt;
    return context_.model[id].positions[at->second] + 1;
  }

  std::optional<double> apply(const Apply& node, const Ordinals& ordinals, int loads) {
    double v[3] = {0, 0, 0};
    if (node.op == Op::kSelect) {
      const auto condition = value(node.arguments[0], ordinals, loads);
      if (!condition) return std::nullopt;
      return value(node.arguments[*condition != 0 ? 1 : 2], ordinals, loads);
    }
    const bool is_logic = node.op == Op::kAnd || node.op == Op::kOr;
    bool known = true;
    for (size_t i = 0; i < node.arguments.size(); ++i) {
      const auto argument = value(node.arguments[i], ordinals, loads);
      if (argument && is_logic && (*argument != 0) == (node.op == Op::kOr))
        return node.op == Op::kOr;  // one side decides
      known &= argument.has_value();
      v[i] = argument.value_or(0);
    }
    if (!known) return std::nullopt;
    return apply_op(node.op, v[0], v[1], v[2]);
  }

  // The position in each dimension; nothing when a subscript is outside or not known.
  bool positions(const Load& node, const Ordinals& ordinals, std::vector<uint32_t>& out) const {
    for (const Subscript& subscript : node.subscripts) {
      if (!subscript.index.valid()) {
        out.push_back(subscript.position);
        continue;
      }
      const auto at = ordinals.find(subscript.index);
      if (at == ordinals.end()) return false;
      const int64_t place = subscript.map.empty() ? int64_t{at->second} : subscript.map[at->second];
      if (place < 0) return false;
      out.push_back(static_cast<uint32_t>(place));
    }
    return true;
  }

  std::optional<double> load(const Load& node, const Ordinals& ordinals, int loads) {
    const Variable& variable = context_.model[node.variable];
    if (loads >= kMaxLoadDepth) return std::nullopt;
    std::vector<uint32_t> place;
    if (!positions(node, ordinals, place)) return std::nullopt;
    if (variable.kind == VarKind::kData) {
      size_t flat = 0;
      for (size_t i = 0; i < place.size(); ++i)
        flat = flat * context_.model[variable.dims[i]].members.size() + place[i];
      return flat < variable.values.size() ? std::optional(variable.values[flat]) : std::nullopt;
    }
    if (variable.kind != VarKind::kParam && variable.kind != VarKind::kLet) return std::nullopt;
    for (const Piece& piece : variable.pieces) {
      Ordinals inner;
      if (covers(piece, place, inner)) return value(piece.value, inner, loads + 1);
    }
    return std::nullopt;
  }

  bool covers(const Piece& piece, const std::vector<uint32_t>& place, Ordinals& inner) const {
    for (size_t i = 0; i < place.size(); ++i) {
      const auto& positions = context_.model[piece.indexes[i]].positions;
      const auto at = std::lower_bound(positions.begin(), positions.end(), place[i]);
      if (at == positions.end() || *at != place[i]) return false;
      inner[piece.indexes[i]] = static_cast<uint32_t>(at - positions.begin());
    }
    return true;
  }

  const Context& context_;
  int64_t budget_;
};

constexpr int64_t kBudget = 1'000'000;

}  // namespace

std::optional<double> evaluate(const Context& context, ExprId id, const Ordinals& ordinals) {
  if (context.is_bad(id)) return std::nullopt;
  return Evaluator(context, kBudget).value(id, ordinals, 0);
}

std::optional<bool> evaluate_guard(const Context& context, ExprId id, const Ordinals& ordinals) {
  if (context.is_bad(id)) return std::nullopt;
  const auto value = Evaluator(context, 1000).value(id, ordinals, 0);
  if (!value) return std::nullopt;
  return *value != 0;
}

std::optional<double> evaluate_text(Context& context, const Env& env, SyntaxId id) {
  const ExprId value = lower(context, env, id);
  return evaluate(context, value, {});
}

}  // namespace headrace::model
