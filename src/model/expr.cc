// Expressions: types and units of operators, and the conversions between them.

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "model/context.h"
#include "text/calendar.h"

namespace headrace::model {
namespace {

using syntax::BinaryOp;
using syntax::CompareOp;
using syntax::UnaryOp;

std::string_view kind_of(Type type) {
  switch (type) {
    case Type::kNumber:
      return "a number";
    case Type::kBoolean:
      return "true or false";
    case Type::kDate:
      return "a date";
  }
  return "";
}

text::Diagnostic& wrong_type(Context& context, ExprId id, std::string_view wanted) {
  const Expr& expr = context[id];
  return context.error(Kind::kTypeMismatch, expr.span,
                       fmt::format("this is {}, not {}", kind_of(expr.type), wanted));
}

// A level of the walk over a text; too many of them make the expression bad.
class Level {
 public:
  explicit Level(Context& context) : context_(context) { ++context_.depth; }
  ~Level() { --context_.depth; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;
  bool too_deep() const { return context_.depth > kMaxLevels; }

 private:
  Context& context_;
};

ExprId lower_number_node(Context& context, const syntax::Number& node, Span span) {
  if (!node.unit) {
    const ExprId id = context.constant(node.value, span);
    // Vensim's missing value stands for a value of any kind.
    context.infos[id.index].any_unit = node.value == 0 || node.value == 0x1p109;
    return id;
  }
  syntax::UnitExpr unit{1, {*node.unit}, span};
  const auto resolved = resolve_unit(context, unit);
  return resolved ? context.constant(node.value, span, *resolved) : context.bad(span);
}

ExprId lower_date(Context& context, const syntax::Date& node, Span span) {
  const Clock& clock = context.model.clock;
  if (!clock.calendar && !clock.is_static) {
    context.error(Kind::kTypeMismatch, span, "a date in a model whose time is a plain number")
        .labels.push_back({context.time_span, "time has no calendar"});
    return context.bad(span);
  }
  const text::Date date{node.year, node.month, node.day};
  if (!text::is_valid(date)) return context.bad(span);  // told when it was read
  const double years = text::to_years(date);
  const Unit year = *context.model.units.find("year");
  return context.add({Constant{years}, Type::kDate, year, span});
}

ExprId lower_unary(Context& context, const Env& env, const syntax::Unary& node, Span span,
                   const Unit* adopt) {
  if (node.op == UnaryOp::kNot) {
    const ExprId operand = lower_condition(context, env, node.operand);
    return context.apply(Op::kNot, {operand}, Type::kBoolean, {}, span);
  }
  const ExprId operand = lower_number(context, env, node.operand, adopt);
  if (context.is_bad(operand)) return operand;
  if (auto literal = context.literal(operand)) {
    const ExprId id = context.constant(-*literal, span, context[operand].unit);
    context.infos[id.index].any_unit = context.infos[operand.index].any_unit;
    return id;
  }
  return context.apply(Op::kNegate, {operand}, Type::kNumber, context[operand].unit, span);
}

// ---------------------------------------------------------------- arithmetic

ExprId add_dates(Context& context, BinaryOp op, ExprId left, ExprId right, Span op_span,
                 Span span) {
  const bool minus = op == BinaryOp::kSubtract;
  const bool left_date = context[left].type == Type::kDate;
  const bool right_date = context[right].type == Type::kDate;
  const Op code = minus ? Op::kSubtract : Op::kAdd;
  if (left_date && right_date) {
    if (minus) return context.apply(code, {left, right}, Type::kNumber, context[left].unit, span);
    context.error(Kind::kTypeMismatch, op_span, "two dates cannot be added").hint =
        "a date and a duration can, and the difference of two dates is a duration";
    return context.bad(span);
  }
  if (right_date && minus) {
    context.error(Kind::kTypeMismatch, op_span, "a date cannot be taken from a duration");
    return context.bad(span);
  }
  ExprId& duration = left_date ? right : left;
  const Unit unit = context[left_date ? left : right].unit;
  duration = fitted(context, as_number(context, duration), unit, "what is added to a date");
  if (context.is_bad(duration)) return context.bad(span);
  return context.apply(code, {left, right}, Type::kDate, unit, span);
}

ExprId lower_sum(Context& context, BinaryOp op, ExprId left, ExprId right, Span op_span,
                 Span span) {
  if (context.is_bad(left) || context.is_bad(right)) return context.bad(span);
  if (context[left].type == Type::kDate || context[right].type == Type::kDate)
    return add_dates(context, op, left, right, op_span, span);
  left = as_number(context, left);
  right = as_number(context, right);
  const bool minus = op == BinaryOp::kSubtract;
  if (!align(context, left, right, op_span, minus ? "subtract" : "add")) return context.bad(span);
  const bool any = context.infos[left.index].any_unit && context.infos[right.index].any_unit;
  const ExprId id = context.apply(minus ? Op::kSubtract : Op::kAdd, {left, right}, Type::kNumber,
                                  context[left].unit, span);
  context.infos[id.index].any_unit |= any;
  return id;
}

ExprId lower_product(Context& context, BinaryOp op, ExprId left, ExprId right, Span op_span,
                     Span span) {
  left = as_number(context, left);
  right = as_number(context, right);
  if (context.is_bad(left) || context.is_bad(right)) return context.bad(span);
  const bool divide = op == BinaryOp::kDivide;
  if (divide && context.literal(right) == 0.0) {
    // In a model of another tool a switch may see to it that this is never wanted, and in a
    // function its own condition.
    if (!context.loose()) {
      context.error(Kind::kDivisionByZero, op_span, "division by zero");
      return context.bad(span);
    }
    if (context.calls.empty()) context.warning(Kind::kDivisionByZero, op_span, "division by zero");
  }
  const Unit unit = divide ? per(context, context[left].unit, context[right].unit, span)
                           : times(context, context[left].unit, context[right].unit, span);
  return context.apply(divide ? Op::kDivide : Op::kMultiply, {left, right}, Type::kNumber, unit,
                       span);
}

// The exponent as a small fraction, when it is written as a number.
std::optional<units::Rational> fraction(double value) {
  for (int denominator = 1; denominator <= 12; ++denominator) {
    const double numerator = value * denominator;
    if (std::fabs(numerator) > 100) return std::nullopt;
    const double whole = std::nearbyint(numerator);
    if (std::fabs(numerator - whole) < 1e-12)
      return units::Rational::make(static_cast<int64_t>(whole), denominator);
  }
  return std::nullopt;
}

ExprId lower_power(Context& context, ExprId base, ExprId exponent, Span span) {
  base = as_number(context, base);
  exponent = fitted(context, as_number(context, exponent), {}, "an exponent");
  if (context.is_bad(base) || context.is_bad(exponent)) return context.bad(span);
  const Unit one;
  if (context[base].unit.is_dimensionless()) {
    if (!context.loose()) base = converted(context, base, one);
    return context.apply(Op::kPower, {base, exponent}, Type::kNumber, one, span);
  }
  const auto value = evaluate(context, exponent, {});
  const auto power = value && context.literal(exponent) ? fraction(*value) : std::nullopt;
  if (!power) {
    if (context.loose())
      return context.apply(Op::kPower, {base, exponent}, Type::kNumber, one, span);
    auto& diagnostic = context.error(Kind::kUnitMismatch, context[exponent].span,
                                     fmt::format("a power of {} needs a plain number as exponent",
                                                 quoted(context, context[base].unit)));
    label_unit(context, diagnostic, base);
    return context.bad(span);
  }
  const Unit unit = raised(context, context[base].unit, *power, span);
  return context.apply(Op::kPower, {base, exponent}, Type::kNumber, unit, span);
}

ExprId lower_binary(Context& context, const Env& env, const syntax::Binary& node, Span span) {
  if (node.op == BinaryOp::kAnd || node.op == BinaryOp::kOr) {
    const ExprId left = lower_condition(context, env, node.left);
    Env guarded = env;
    if (!context.is_bad(left)) guarded.guards.push_back({left, node.op == BinaryOp::kAnd});
    const ExprId right = lower_condition(context, guarded, node.right);
    return context.apply(node.op == BinaryOp::kAnd ? Op::kAnd : Op::kOr, {left, right},
                         Type::kBoolean, {}, span);
  }
  const ExprId left = lower(context, env, node.left);
  const ExprId right = lower(context, env, node.right);
  switch (node.op) {
    case BinaryOp::kAdd:
    case BinaryOp::kSubtract:
      return lower_sum(context, node.op, left, right, node.op_span, span);
    case BinaryOp::kMultiply:
    case BinaryOp::kDivide:
      return lower_product(context, node.op, left, right, node.op_span, span);
    case BinaryOp::kPower:
      return lower_power(context, left, right, span);
    case BinaryOp::kAnd:
    case BinaryOp::kOr:
      break;
  }
  return context.bad(span);
}

// ---------------------------------------------------------------- comparison

// In a calendar model a plain number beside a date is a year.
ExprId year_as_date(Context& context, ExprId id, ExprId other) {
  const auto literal = context.literal(id);
  const bool plain =
      literal && context[id].type == Type::kNumber && show(context, context[id].unit) == "1";
  if (!plain || context[other].type != Type::kDate || context.is_bad(id)) return id;
  return context.with(id, Type::kDate, context[other].unit);
}

std::string_view word(CompareOp op) {
  switch (op) {
    case CompareOp::kEqual:
    case CompareOp::kNotEqual:
    case CompareOp::kLess:
    case CompareOp::kLessEqual:
    case CompareOp::kGreater:
    case CompareOp::kGreaterEqual:
      return "compare";
  }
  return "";
}

}  // namespace

ExprId compare(Context& context, CompareOp op, ExprId left, ExprId right, Span op_span, Span span) {
  if (context.is_bad(left) || context.is_bad(right)) return context.bad(span);
  left = year_as_date(context, left, right);
  right = year_as_date(context, right, left);
  const bool equality = op == CompareOp::kEqual || op == CompareOp::kNotEqual;
  const Type a = context[left].type, b = context[right].type;
  if (a != b || (a == Type::kBoolean && !equality)) {
    if (context.loose()) {
      left = as_number(context, left);
      right = as_number(context, right);
    } else {
      auto& diagnostic =
          context.error(Kind::kTypeMismatch, op_span,
                        a == b ? std::string("true and false have no order")
                               : fmt::format("cannot compare {} and {}", kind_of(a), kind_of(b)));
      diagnostic.labels.push_back({context[left].span, std::string(kind_of(a))});
      diagnostic.labels.push_back({context[right].span, std::string(kind_of(b))});
      return context.bad(span);
    }
  } else if (a != Type::kBoolean && !align(context, left, right, op_span, word(op))) {
    return context.bad(span);
  }
  const auto make = [&](Op code, ExprId x, ExprId y) {
    return context.apply(code, {x, y}, Type::kBoolean, {}, span);
  };
  switch (op) {
    case CompareOp::kLess:
      return make(Op::kLess, left, right);
    case CompareOp::kLessEqual:
      return make(Op::kLessEqual, left, right);
    case CompareOp::kGreater:
      return make(Op::kLess, right, left);
    case CompareOp::kGreaterEqual:
      return make(Op::kLessEqual, right, left);
    case CompareOp::kEqual:
      return make(Op::kEqual, left, right);
    case CompareOp::kNotEqual:
      return make(Op::kNotEqual, left, right);
  }
  return context.bad(span);
}

namespace {

// An index compared with a member: both by position in the dimension of the index.
const BoundIndex* index_named(const Context& context, const Env& env, SyntaxId id) {
  const auto* reference = std::get_if<syntax::Reference>(&context.tree[id].node);
  if (!reference || !reference->indexes.empty()) return nullptr;
  const auto symbol = context.symbols.find(reference->name.text);
  if (symbol != context.symbols.end() && symbol->second.kind != Symbol::Kind::kDimension)
    return nullptr;
  for (size_t i = env.bound.size(); i-- > 0;) {
    const BoundIndex& bound = env.bound[i];
    if (!bound.hidden && !bound.summed && bound.name == reference->name.text) return &bound;
  }
  return nullptr;
}

ExprId position_of(Context& context, const BoundIndex& bound, Span span) {
  if (!bound.index.valid()) return context.constant(bound.position + 1, span);
  return context.add({Position{bound.index}, Type::kNumber, {}, span});
}

std::optional<ExprId> member_operand(Context& context, const BoundIndex& bound, SyntaxId id) {
  const syntax::Expr& expr = context.tree[id];
  std::string name;
  if (auto* reference = std::get_if<syntax::Reference>(&expr.node)) name = reference->name.text;
  if (auto* number = std::get_if<syntax::Number>(&expr.node); number && !number->unit)
    name = fmt::format("{}", number->value);
  if (name.empty()) return std::nullopt;
  const auto position = find_member(context, bound.dimension, name);
  if (position) return context.constant(*position + 1, expr.span);
  context
      .error(Kind::kUnknownMember, expr.span,
             fmt::format("`{}` is not a member of `{}`", name, context.model[bound.dimension].name))
      .labels.push_back({context.model[bound.dimension].span,
                         "members: " + member_list(context, bound.dimension)});
  return context.bad(expr.span);
}

// `c == China`, `n > 1`; nothing when this is no comparison of an index.
std::optional<ExprId> compare_index(Context& context, const Env& env,
                                    const syntax::Comparison& node, Span span) {
  if (node.operands.size() != 2) return std::nullopt;
  const BoundIndex* left = index_named(context, env, node.operands[0]);
  const BoundIndex* right = index_named(context, env, node.operands[1]);
  if (!left && !right) return std::nullopt;
  const BoundIndex& main = left ? *left : *right;
  if (left && right && context.model[left->dimension].root != context.model[right->dimension].root)
    return std::nullopt;
  const auto operand = [&](const BoundIndex* bound, SyntaxId id) -> std::optional<ExprId> {
    if (bound) return position_of(context, *bound, context.tree[id].span);
    return member_operand(context, main, id);
  };
  const auto a = operand(left, node.operands[0]);
  const auto b = operand(right, node.operands[1]);
  if (!a || !b) return std::nullopt;
  return compare(context, node.ops[0], *a, *b, node.op_spans[0], span);
}

}  // namespace

ExprId lower_comparison(Context& context, const Env& env, const syntax::Comparison& node, Span span,
                        const std::function<ExprId(SyntaxId)>& operand) {
  if (auto by_index = compare_index(context, env, node, span)) return *by_index;
  std::vector<ExprId> values;
  for (size_t i = 0; i < node.operands.size(); ++i) {
    ExprId value = operand(node.operands[i]);
    const bool inner = i > 0 && i + 1 < node.operands.size();
    if (inner) value = bind_once(context, env, value, "value");
    values.push_back(value);
  }
  ExprId all;
  for (size_t i = 0; i + 1 < values.size(); ++i) {
    const Span pair =
        values.size() == 2
            ? span
            : context.tree[node.operands[i]].span.merge(context.tree[node.operands[i + 1]].span);
    const ExprId one =
        compare(context, node.ops[i], values[i], values[i + 1], node.op_spans[i], pair);
    all = all.valid() ? context.apply(Op::kAnd, {all, one}, Type::kBoolean, {}, span) : one;
  }
  return all;
}

namespace {

// ---------------------------------------------------------------- if

ExprId lower_if(Context& context, const Env& env, const syntax::If& node, Span span,
                const Unit* adopt) {
  const ExprId condition = lower_condition(context, env, node.condition);
  Env then_env = env, else_env = env;
  if (!context.is_bad(condition)) {
    then_env.guards.push_back({condition, true});
    else_env.guards.push_back({condition, false});
  }
  ExprId yes = lower(context, then_env, node.then_value, adopt);
  ExprId no = lower(context, else_env, node.else_value, adopt);
  if (context.is_bad(condition) || context.is_bad(yes) || context.is_bad(no))
    return context.bad(span);
  if (context[yes].type != context[no].type) {
    if (context.loose()) {
      yes = as_number(context, yes);
      no = as_number(context, no);
    } else {
      auto& diagnostic = context.error(Kind::kTypeMismatch, span,
                                       "the two sides of this `if` are of different kinds");
      diagnostic.labels.push_back({context[yes].span, std::string(kind_of(context[yes].type))});
      diagnostic.labels.push_back({context[no].span, std::string(kind_of(context[no].type))});
      return context.bad(span);
    }
  }
  const bool any = context.infos[yes.index].any_unit && context.infos[no.index].any_unit;
  if (context[yes].type != Type::kBoolean && !align(context, yes, no, span, "choose between"))
    return context.bad(span);
  // After `true` and `false` the other side tells the unit, and nothing depends on it.
  if (const auto* fixed = std::get_if<syntax::Boolean>(&context.tree[node.condition].node)) {
    const bool unknown =
        context.infos[yes.index].unknown_unit || context.infos[no.index].unknown_unit;
    const ExprId chosen =
        context.with(fixed->value ? yes : no, context[yes].type, context[yes].unit);
    context.infos[chosen.index].any_unit = any;
    context.infos[chosen.index].unknown_unit = unknown;
    return chosen;
  }
  const ExprId id =
      context.apply(Op::kSelect, {condition, yes, no}, context[yes].type, context[yes].unit, span);
  context.infos[id.index].any_unit |= any;
  return id;
}

struct Lowering {
  Context& context;
  const Env& env;
  Span span;
  const Unit* adopt;

  ExprId operator()(const syntax::Bad&) const { return context.bad(span); }
  ExprId operator()(const syntax::Number& node) const {
    return lower_number_node(context, node, span);
  }
  ExprId operator()(const syntax::Date& node) const { return lower_date(context, node, span); }
  ExprId operator()(const syntax::Boolean& node) const {
    return context.add({Constant{node.value ? 1.0 : 0.0}, Type::kBoolean, {}, span});
  }
  ExprId operator()(const syntax::Reference& node) const {
    return lower_reference(context, env, node, span);
  }
  ExprId operator()(const syntax::Unary& node) const {
    return lower_unary(context, env, node, span, adopt);
  }
  ExprId operator()(const syntax::Binary& node) const {
    return lower_binary(context, env, node, span);
  }
  ExprId operator()(const syntax::Comparison& node) const {
    return lower_comparison(context, env, node, span,
                            [&](SyntaxId id) { return lower(context, env, id); });
  }
  ExprId operator()(const syntax::If& node) const {
    return lower_if(context, env, node, span, adopt);
  }
  ExprId operator()(const syntax::Call& node) const { return lower_call(context, env, node, span); }
  ExprId operator()(const syntax::Range&) const {
    context
        .error(Kind::kBadDistribution, span,
               "`a to b` is a distribution, and only the whole value of a `param` can be one")
        .hint = "give it a `param` of its own";
    return context.bad(span);
  }
  ExprId operator()(const syntax::At& node) const { return lower_at(context, env, node, span); }
  ExprId operator()(const syntax::Over& node) const { return lower_over(context, env, node, span); }
};

}  // namespace

ExprId as_number(Context& context, ExprId id) {
  if (context.is_bad(id) || context[id].type == Type::kNumber) return id;
  if (context.loose()) return context.with(id, Type::kNumber, context[id].unit);
  auto& diagnostic = wrong_type(context, id, "a number");
  if (context[id].type == Type::kBoolean) diagnostic.hint = "write `if ... then 1 else 0`";
  return context.bad(context[id].span);
}

ExprId as_condition(Context& context, ExprId id) {
  if (context.is_bad(id) || context[id].type == Type::kBoolean) return id;
  const Span span = context[id].span;
  if (context.loose() && context[id].type == Type::kNumber) {
    const ExprId zero = context.constant(0, span, context[id].unit);
    return context.apply(Op::kNotEqual, {id, zero}, Type::kBoolean, {}, span);
  }
  wrong_type(context, id, "true or false").hint = "compare it with something";
  return context.bad(span);
}

ExprId lower(Context& context, const Env& env, SyntaxId id, const Unit* adopt) {
  const syntax::Expr& expr = context.tree[id];
  const Level level(context);
  if (level.too_deep()) {
    context.error(Kind::kTooDeep, expr.span, "functions and expressions nest too deeply here");
    return context.bad(expr.span);
  }
  if (context.too_large) return context.bad(expr.span);
  if (adopt && is_plain(context.tree, id)) {
    const ExprId plain = lower(context, env, id, nullptr);
    return context.is_bad(plain) ? plain : context.with(plain, context[plain].type, *adopt);
  }
  return std::visit(Lowering{context, env, expr.span, adopt}, expr.node);
}

ExprId lower_number(Context& context, const Env& env, SyntaxId id, const Unit* adopt) {
  return as_number(context, lower(context, env, id, adopt));
}

ExprId lower_condition(Context& context, const Env& env, SyntaxId id) {
  return as_condition(context, lower(context, env, id));
}

ExprId lower_in(Context& context, const Env& env, SyntaxId id, const Unit& unit,
                std::string_view what) {
  return fitted(context, lower_number(context, env, id, &unit), unit, what);
}

}  // namespace headrace::model
