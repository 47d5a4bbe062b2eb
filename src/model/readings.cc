// Distributions as what was observed: a form, and terms that may be uncertain.

#include <fmt/format.h>

#include <cmath>

#include "model/distribution_plan.h"

namespace headrace::model {
namespace {

using Observed = Observation::Form;

Observation::Term fixed(double value) { return {value, {}}; }

Observation::Term term(const Context& context, ExprId id) {
  if (const auto value = evaluate(context, id, {})) return fixed(*value);
  return {0, id};
}

// The location and the spread of a distribution whose numbers are uncertain, as expressions.
class Uncertain {
 public:
  Uncertain(Context& context, const Plan& plan, const ValueGoal& goal)
      : context_(context), plan_(plan), unit_(goal.unit.value_or(Unit())) {}

  std::optional<std::pair<Observed, std::vector<ExprId>>> reading() {
    const auto& a = plan_.arguments;
    const double widths = 1 / (2 * math::half_width(plan_.coverage));
    switch (plan_.form) {
      case Shape::kNormal:
        return {{Observed::kNormal, {a[0], a[1]}}};
      case Shape::kNormalInterval: {
        const ExprId width = op(Op::kSubtract, {a[1], a[0]});
        return {
            {Observed::kNormal, {op(Op::kAdd, {a[0], times(width, 0.5)}), times(width, widths)}}};
      }
      case Shape::kLognormalMedian:
        return {{Observed::kLognormal, {a[0], op(Op::kLn, {a[1]})}}};
      case Shape::kLognormalInterval:
        return {{Observed::kLognormal,
                 {op(Op::kSqrt, {op(Op::kMultiply, {a[0], a[1]})}),
                  times(op(Op::kLn, {op(Op::kDivide, {a[1], a[0]})}), widths)}}};
      case Shape::kLognormalMean: {
        const ExprId ratio = op(Op::kDivide, {a[1], a[0]});
        const ExprId square =
            op(Op::kAdd, {op(Op::kMultiply, {ratio, ratio}), context_.constant(1, plan_.span)});
        return {{Observed::kLognormal,
                 {op(Op::kDivide, {a[0], op(Op::kSqrt, {square})}),
                  op(Op::kSqrt, {op(Op::kLn, {square})})}}};
      }
      case Shape::kStudentT:
        return {{Observed::kStudentT, {a[1], a[2], a[0]}}};
      default:
        return std::nullopt;
    }
  }

 private:
  ExprId op(Op code, std::vector<ExprId> arguments) {
    return context_.apply(code, std::move(arguments), Type::kNumber, unit_, plan_.span);
  }
  ExprId times(ExprId x, double factor) {
    return op(Op::kMultiply, {x, context_.constant(factor, plan_.span)});
  }

  Context& context_;
  const Plan& plan_;
  Unit unit_;
};

// The terms of a distribution whose numbers are fixed.
void take_fixed(const math::Distribution& distribution, Reading& reading) {
  using Family = math::Distribution::Family;
  const auto p = distribution.parameters();
  switch (distribution.family()) {
    case Family::kPoint:
      reading.form = Observed::kPoint;
      reading.terms = {fixed(p[0])};
      break;
    case Family::kNormal:
      reading.form = Observed::kNormal;
      reading.terms = {fixed(p[0]), fixed(p[1])};
      break;
    case Family::kLognormal:
      reading.form = Observed::kLognormal;
      reading.terms = {fixed(std::exp(p[0])), fixed(p[1])};
      break;
    case Family::kStudentT:
      reading.form = Observed::kStudentT;
      reading.terms = {fixed(p[1]), fixed(p[2]), fixed(p[0])};
      break;
    default:
      reading.form = Observed::kOpinion;
  }
  reading.distribution = distribution;
}

bool has_atoms(math::Distribution::Family family) {
  using Family = math::Distribution::Family;
  return family == Family::kDiscrete || family == Family::kBernoulli || family == Family::kPoisson;
}

std::optional<Reading> count_reading(Context& context, const Plan& plan) {
  Reading reading;
  reading.form = plan.form == Shape::kPoisson ? Observed::kPoisson : Observed::kNegativeBinomial;
  for (ExprId id : plan.arguments) reading.terms.push_back(term(context, id));
  const auto refuse = [&](std::string message) {
    context.error(Kind::kBadDistribution, plan.span, std::move(message));
    return std::nullopt;
  };
  const Observation::Term& count = reading.terms[0];
  if (count.expr.valid()) return refuse("what was counted must be a plain number");
  if (!(count.value >= 0) || count.value != std::floor(count.value) || !std::isfinite(count.value))
    return refuse(fmt::format("what was counted must be 0, 1, 2 ..., not {}", count.value));
  if (reading.terms.size() > 1 && !reading.terms[1].expr.valid() && !(reading.terms[1].value > 0))
    return refuse("the dispersion must be above 0");
  return reading;
}

}  // namespace

std::optional<Reading> lower_reading(Context& context, const Env& env, SyntaxId value, bool bound,
                                     ValueGoal& goal) {
  const Span span = context.tree[value].span;
  if (!bound && !is_distribution(context.tree, value)) {
    context
        .error(Kind::kBadDistribution, span,
               "an observation is a distribution, and this is a single number")
        .hint = "say how far off it may be: `normal(10, 2)` or `8 to 12`";
    return std::nullopt;
  }
  const auto plan = plan_distribution(context, env, value, goal);
  if (!plan) return std::nullopt;
  const bool counts = plan->form == Shape::kPoisson || plan->form == Shape::kNegativeBinomial;
  if (counts && !bound) return count_reading(context, *plan);
  Reading reading;
  const auto fitted = fit(context, *plan, {}, goal.type == Type::kDate);
  if (fitted) {
    take_fixed(*fitted, reading);
    const bool opinion = reading.form == Observed::kOpinion || reading.form == Observed::kPoint;
    if (bound || (opinion && !has_atoms(fitted->family())) || !opinion) return reading;
    context.error(Kind::kBadDistribution, plan->span,
                  "a quantity that varies smoothly cannot be seen as one of a few numbers");
    return std::nullopt;
  }
  if (!fitted.error().message.empty()) {
    context.error(Kind::kBadDistribution, plan->span, fitted.error().message);
    return std::nullopt;
  }
  const auto uncertain = Uncertain(context, *plan, goal).reading();
  if (!uncertain) {
    context
        .error(Kind::kBadDistribution, plan->span,
               "the numbers of this distribution must be the same in every draw")
        .hint = "those of `normal`, `lognormal` and `student_t` may be uncertain";
    return std::nullopt;
  }
  reading.form = uncertain->first;
  for (ExprId id : uncertain->second) reading.terms.push_back(term(context, id));
  return reading;
}

}  // namespace headrace::model
