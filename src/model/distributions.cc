// Distributions as values of params.
//
// The text of a distribution first becomes a plan: its form and its arguments as expressions in
// the unit of the param. Then the plan is fitted for each element with the numbers that its
// arguments have. When an argument is itself uncertain there are no such numbers; the families of
// location and scale are then written as a transformation of a standard input:
//
//   normal(m, s)             m + s z                         z standard normal
//   lognormal(median m, gsd g)   m exp(z ln g)
//   uniform(a, b)            a + (b - a) u                   u uniform on (0, 1)
//
// An interval from a to b is m = (a + b) / 2, s = (b - a) / (2 q), or m = sqrt(a b), g =
// exp(ln(b / a) / (2 q)), with q the quantile of the standard normal distribution at its upper end,
// that of 95 % for a 90 % interval.

#include <cmath>

#include "model/distribution_plan.h"

namespace headrace::model {
namespace {

// ---------------------------------------------------------------- location and scale

class Transformed {
 public:
  Transformed(Context& context, const Plan& plan, const ValueGoal& goal)
      : context_(context),
        plan_(plan),
        unit_(goal.unit.value_or(Unit())),
        type_(goal.type.value_or(Type::kNumber)) {}

  bool possible() const {
    switch (plan_.form) {
      case Shape::kNormal:
      case Shape::kNormalInterval:
      case Shape::kLognormalInterval:
      case Shape::kLognormalMedian:
      case Shape::kLognormalMean:
      case Shape::kUniform:
        return true;
      default:
        return false;
    }
  }

  math::Distribution standard() const {
    return plan_.form == Shape::kUniform ? *math::uniform(0, 1) : *math::normal(0, 1);
  }

  ExprId value(ExprId z) {
    const auto& a = plan_.arguments;
    const auto half = [&](ExprId x) { return op(Op::kMultiply, {x, number(0.5)}); };
    const auto interval = [&](ExprId width) {
      return op(Op::kMultiply, {width, number(1 / (2 * math::half_width(plan_.coverage)))});
    };
    switch (plan_.form) {
      case Shape::kNormal:
        return place(a[0], op(Op::kMultiply, {a[1], z}));
      case Shape::kNormalInterval: {
        const ExprId width = op(Op::kSubtract, {a[1], a[0]});
        const ExprId middle = place(a[0], half(width));
        return place(middle, op(Op::kMultiply, {interval(width), z}));
      }
      case Shape::kUniform:
        return place(a[0], op(Op::kMultiply, {op(Op::kSubtract, {a[1], a[0]}), z}));
      case Shape::kLognormalMedian:
        return around(a[0], op(Op::kLn, {a[1]}), z);
      case Shape::kLognormalInterval: {
        const ExprId median = op(Op::kSqrt, {op(Op::kMultiply, {a[0], a[1]})});
        return around(median, interval(op(Op::kLn, {op(Op::kDivide, {a[1], a[0]})})), z);
      }
      case Shape::kLognormalMean: {
        const ExprId ratio = op(Op::kDivide, {a[1], a[0]});
        const ExprId square = op(Op::kAdd, {op(Op::kMultiply, {ratio, ratio}), number(1)});
        return around(op(Op::kDivide, {a[0], op(Op::kSqrt, {square})}),
                      op(Op::kSqrt, {op(Op::kLn, {square})}), z);
      }
      default:
        return context_.bad(plan_.span);
    }
  }

 private:
  ExprId number(double value) { return context_.constant(value, plan_.span); }
  ExprId op(Op code, std::vector<ExprId> arguments) {
    return context_.apply(code, std::move(arguments), Type::kNumber, unit_, plan_.span);
  }
  ExprId place(ExprId location, ExprId distance) {
    return context_.apply(Op::kAdd, {location, distance}, type_, unit_, plan_.span);
  }
  ExprId around(ExprId median, ExprId sigma, ExprId z) {
    return op(Op::kMultiply, {median, op(Op::kExp, {op(Op::kMultiply, {sigma, z})})});
  }

  Context& context_;
  const Plan& plan_;
  Unit unit_;
  Type type_;
};

// ---------------------------------------------------------------- elements

// Calls visit(flat element, ordinals) for each element of the region.
bool for_each_element(Context& context, const Env& env, VarId variable,
                      const std::vector<std::vector<uint32_t>>& positions,
                      const std::function<bool(uint32_t, const Ordinals&)>& visit) {
  const auto& dims = context.var(variable).dims;
  const size_t first = env.bound.size() - dims.size();
  std::vector<uint32_t> at(dims.size(), 0);
  for (const auto& list : positions) {
    if (list.empty()) return true;
  }
  for (;;) {
    uint32_t flat = 0;
    Ordinals ordinals;
    for (size_t d = 0; d < dims.size(); ++d) {
      flat = flat * static_cast<uint32_t>(
                        context.model[context.var(variable).dims[d]].members.size()) +
             positions[d][at[d]];
      ordinals[env.bound[first + d].index] = at[d];
    }
    if (!visit(flat, ordinals)) return false;
    size_t d = positions.size();
    while (d > 0 && ++at[d - 1] == positions[d - 1].size()) at[--d] = 0;
    if (d == 0) return true;
  }
}

std::string key(const Context& context, const Env& env, VarId variable, uint32_t element,
                const std::string& suffix) {
  const std::string full = context.model.element_name(variable, element);
  const std::string members = full.substr(context.model.variables[variable.index].name.size());
  return env.owner + members + suffix;
}

bool add_standard(Context& context, const Env& env, VarId variable,
                  const std::vector<std::vector<uint32_t>>& positions, const Plan& plan,
                  const std::string& suffix, const ValueGoal& goal) {
  Transformed transformed(context, plan, goal);
  if (!transformed.possible()) {
    context
        .error(Kind::kBadDistribution, plan.span,
               "the arguments of this distribution must be plain numbers, the same in every draw")
        .hint = "normal, lognormal and uniform may depend on other uncertain params";
    return false;
  }
  Variable hidden;
  hidden.name = context.made_name(env, "standard");
  hidden.kind = VarKind::kParam;
  hidden.made = true;
  hidden.dims = context.var(variable).dims;
  hidden.unit_text = "1";
  hidden.span = plan.span;
  const VarId made = context.add_variable(std::move(hidden));
  for_each_element(context, env, made, positions, [&](uint32_t element, const Ordinals&) {
    context.model.inputs.push_back(
        {made, element, key(context, env, made, element, suffix), transformed.standard()});
    return true;
  });
  const ExprId value = transformed.value(load_made(context, env, made, plan.span));
  context.var(variable).pieces.push_back(made_piece(env, value));
  return !context.is_bad(value);
}

}  // namespace

bool sample_region(Context& context, const Env& env, VarId variable,
                   const std::vector<std::vector<uint32_t>>& positions, SyntaxId value,
                   const std::string& key_suffix, ValueGoal& goal) {
  const auto plan = plan_distribution(context, env, value, goal);
  if (!plan) return false;
  if (!goal.type) goal.type = Type::kNumber;
  if (!goal.unit) goal.unit = Unit();
  bool fine = true;
  const size_t before = context.model.inputs.size();
  const bool all = for_each_element(
      context, env, variable, positions, [&](uint32_t element, const Ordinals& ordinals) {
        auto fitted = fit(context, *plan, ordinals, goal.type == Type::kDate);
        if (!fitted) {
          if (fitted.error().message.empty()) return false;
          context.error(Kind::kBadDistribution, plan->span, fitted.error().message);
          fine = false;
          return true;
        }
        context.model.inputs.push_back({variable, element,
                                        key(context, env, variable, element, key_suffix),
                                        std::move(*fitted)});
        return true;
      });
  if (all) return fine;
  context.model.inputs.erase(context.model.inputs.begin() + static_cast<ptrdiff_t>(before),
                             context.model.inputs.end());
  return add_standard(context, env, variable, positions, *plan, key_suffix, goal);
}

}  // namespace headrace::model
