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

#include <fmt/format.h>

#include <cmath>

#include "math/distribution.h"
#include "model/builtins.h"
#include "model/context.h"

namespace headrace::model {
namespace {

constexpr int kMaxNesting = 16;

enum class Shape {
  kPoint,
  kInterval,
  kNormal,
  kNormalInterval,
  kLognormalInterval,
  kLognormalMedian,
  kLognormalMean,
  kUniform,
  kTriangular,
  kPert,
  kBeta,
  kBetaMode,
  kBetaMean,
  kGamma,
  kGammaMean,
  kExponential,
  kPoisson,
  kNegativeBinomial,
  kBernoulli,
  kStudentT,
  kDiscrete,
  kMixture,
  kTruncate
};

struct Plan {
  Shape form = Shape::kPoint;
  std::vector<ExprId> arguments;
  std::vector<ExprId> weights;
  std::vector<Plan> parts;
  Span span;
  double coverage = 0.9;  // of the forms with an interval
};

// What an argument is: a value of the param, a distance between two, or a plain number.
enum class Role { kPlace, kSpread, kPlain };

struct Slot {
  SyntaxId text;
  Role role;
};

class Planner {
 public:
  Planner(Context& context, const Env& env, ValueGoal& goal)
      : context_(context), env_(env), goal_(goal) {}

  std::optional<Plan> plan(SyntaxId id, int depth = 0) {
    const syntax::Expr& expr = context_.tree[id];
    if (depth > kMaxNesting) return refuse(expr.span, "distributions nest too deeply");
    if (auto* range = std::get_if<syntax::Range>(&expr.node))
      return take(Shape::kInterval, expr.span,
                  {{range->low, Role::kPlace}, {range->high, Role::kPlace}}, range->coverage);
    const auto* call = std::get_if<syntax::Call>(&expr.node);
    const BuiltinInfo* info = call ? find_builtin(call->function.text) : nullptr;
    if (!info || info->form != model::Form::kChance)
      return take(Shape::kPoint, expr.span, {{id, Role::kPlace}});
    if (call->arguments.size() < info->least || call->arguments.size() > info->most)
      return wrong_form(*info, expr.span);
    if (info->id == Builtin::kDiscrete || info->id == Builtin::kMixture)
      return weighted(*info, *call, expr.span, depth);
    if (info->id == Builtin::kTruncate) return truncate(*call, expr.span, depth);
    return family(*info, *call, expr.span);
  }

 private:
  std::optional<Plan> refuse(Span span, std::string message, std::string hint = "") {
    context_.error(Kind::kBadDistribution, span, std::move(message)).hint = std::move(hint);
    return std::nullopt;
  }

  std::string_view forms(Builtin id) const {
    switch (id) {
      case Builtin::kNormal:
        return "`normal(mean, sd)` or `normal(low to high)`";
      case Builtin::kLognormal:
        return "`lognormal(low to high)`, `lognormal(median m, gsd g)` or `lognormal(mean m, sd "
               "s)`";
      case Builtin::kUniform:
        return "`uniform(low, high)`";
      case Builtin::kTriangular:
        return "`triangular(low, mode, high)`";
      case Builtin::kPert:
        return "`pert(low, mode, high)`";
      case Builtin::kBeta:
        return "`beta(alpha, beta)`, `beta(mode m, low to high)` or `beta(mean m, sd s)`";
      case Builtin::kGamma:
        return "`gamma(shape, scale)` or `gamma(mean m, sd s)`";
      case Builtin::kExponential:
        return "`exponential(mean)`";
      case Builtin::kPoisson:
        return "`poisson(mean)`";
      case Builtin::kNegativeBinomial:
        return "`negative_binomial(mean, dispersion)`";
      case Builtin::kBernoulli:
        return "`bernoulli(probability)`";
      case Builtin::kStudentT:
        return "`student_t(degrees, location, scale)`";
      case Builtin::kDiscrete:
        return "`discrete(weight: value, ...)`";
      case Builtin::kMixture:
        return "`mixture(weight: distribution, ...)`";
      case Builtin::kTruncate:
        return "`truncate(distribution, low, high)`";
      default:
        return "";
    }
  }

  std::optional<Plan> wrong_form(const BuiltinInfo& info, Span span) {
    return refuse(span, fmt::format("`{}` is not written like this", info.spelling),
                  fmt::format("write {}", forms(info.id)));
  }

  // The arguments in the unit of the param. Those with a unit come first, so that plain numbers
  // beside them adopt it: `3 to 7 month`.
  std::optional<Plan> take(Shape form, Span span, const std::vector<Slot>& slots,
                           double coverage = 0.9) {
    Plan plan{form, std::vector<ExprId>(slots.size()), {}, {}, span, coverage};
    bool fine = true;
    for (const bool plain : {false, true}) {
      for (size_t i = 0; i < slots.size(); ++i) {
        if (is_plain(context_.tree, slots[i].text) != plain) continue;
        plan.arguments[i] = argument(slots[i]);
        fine &= !context_.is_bad(plan.arguments[i]);
      }
    }
    return fine ? std::optional(plan) : std::nullopt;
  }

  ExprId argument(const Slot& slot) {
    if (is_distribution(context_.tree, slot.text)) {
      refuse(context_.tree[slot.text].span, "this argument must be a number, not a distribution",
             "give it a `param` of its own");
      return context_.bad(context_.tree[slot.text].span);
    }
    if (slot.role == Role::kPlain) return lower_in(context_, env_, slot.text, {}, "this argument");
    const bool date = goal_.type == Type::kDate;
    if (slot.role == Role::kSpread && date)
      return lower_in(context_, env_, slot.text, context_.clock_unit, "this argument");
    const ExprId value = lower(context_, env_, slot.text, goal_.unit ? &*goal_.unit : nullptr);
    if (!context_.is_bad(value) && context_[value].type == Type::kBoolean) {
      refuse(context_[value].span, "this argument must be a number");
      return context_.bad(context_[value].span);
    }
    return fit_goal(context_, value, goal_);
  }

  std::optional<Plan> weighted(const BuiltinInfo& info, const syntax::Call& call, Span span,
                               int depth) {
    Plan plan;
    plan.form = info.id == Builtin::kDiscrete ? Shape::kDiscrete : Shape::kMixture;
    plan.span = span;
    for (const syntax::Argument& argument : call.arguments) {
      if (!argument.weight || argument.label)
        return wrong_form(info, context_.tree[argument.value].span);
      const ExprId weight = lower_in(context_, env_, *argument.weight, {}, "a weight");
      if (context_.is_bad(weight)) return std::nullopt;
      plan.weights.push_back(weight);
      if (info.id == Builtin::kDiscrete && is_distribution(context_.tree, argument.value))
        return refuse(context_.tree[argument.value].span, "a choice must be a number",
                      "use `mixture`");
      auto part = this->plan(argument.value, depth + 1);
      if (!part) return std::nullopt;
      plan.parts.push_back(std::move(*part));
    }
    return plan;
  }

  std::optional<Plan> truncate(const syntax::Call& call, Span span, int depth) {
    auto part = plan(call.arguments[0].value, depth + 1);
    if (!part) return std::nullopt;
    auto ends =
        take(Shape::kTruncate, span,
             {{call.arguments[1].value, Role::kPlace}, {call.arguments[2].value, Role::kPlace}});
    if (ends) ends->parts.push_back(std::move(*part));
    return ends;
  }

  std::optional<Plan> family(const BuiltinInfo& info, const syntax::Call& call, Span span) {
    const auto& a = call.arguments;
    const auto label = [&](size_t i) { return a[i].label ? a[i].label->text : std::string(); };
    const auto range = [&](size_t i) {
      return std::get_if<syntax::Range>(&context_.tree[a[i].value].node);
    };
    std::string labels;
    for (size_t i = 0; i < a.size(); ++i) {
      if (a[i].weight) return wrong_form(info, span);
      labels += (i ? "," : "") + label(i) + (range(i) ? "~" : "");
    }
    const auto slot = [&](size_t i, Role role) { return Slot{a[i].value, role}; };
    const auto ends = [&](size_t i) {
      return std::vector<Slot>{{range(i)->low, Role::kPlace}, {range(i)->high, Role::kPlace}};
    };
    const auto simple = [&](Shape form, std::initializer_list<Role> roles) {
      std::vector<Slot> slots;
      for (Role role : roles) slots.push_back(slot(slots.size(), role));
      return take(form, span, slots);
    };
    using R = Role;
    switch (info.id) {
      case Builtin::kNormal:
        if (labels == "~") return take(Shape::kNormalInterval, span, ends(0), range(0)->coverage);
        if (labels == "," || labels == "mean,sd")
          return simple(Shape::kNormal, {R::kPlace, R::kSpread});
        break;
      case Builtin::kLognormal:
        if (labels == "~")
          return take(Shape::kLognormalInterval, span, ends(0), range(0)->coverage);
        if (labels == "median,gsd") return simple(Shape::kLognormalMedian, {R::kPlace, R::kPlain});
        if (labels == "mean,sd") return simple(Shape::kLognormalMean, {R::kPlace, R::kSpread});
        break;
      case Builtin::kUniform:
        if (labels == ",") return simple(Shape::kUniform, {R::kPlace, R::kPlace});
        break;
      case Builtin::kTriangular:
      case Builtin::kPert:
        if (labels == ",," || labels == ",mode,")
          return simple(info.id == Builtin::kPert ? Shape::kPert : Shape::kTriangular,
                        {R::kPlace, R::kPlace, R::kPlace});
        break;
      case Builtin::kBeta:
        if (labels == "," || labels == "alpha,beta")
          return simple(Shape::kBeta, {R::kPlain, R::kPlain});
        if (labels == "mean,sd") return simple(Shape::kBetaMean, {R::kPlace, R::kSpread});
        if (labels == "mode,~") {
          std::vector<Slot> slots = ends(1);
          slots.insert(slots.begin(), slot(0, R::kPlace));
          return take(Shape::kBetaMode, span, slots, range(1)->coverage);
        }
        break;
      case Builtin::kGamma:
        if (labels == "," || labels == "shape,scale")
          return simple(Shape::kGamma, {R::kPlain, R::kSpread});
        if (labels == "mean,sd") return simple(Shape::kGammaMean, {R::kPlace, R::kSpread});
        break;
      case Builtin::kExponential:
        if (labels.empty() || labels == "mean") return simple(Shape::kExponential, {R::kPlace});
        break;
      case Builtin::kPoisson:
        if (labels.empty() || labels == "mean") return simple(Shape::kPoisson, {R::kPlace});
        break;
      case Builtin::kNegativeBinomial:
        if (labels == "," || labels == "mean,dispersion")
          return simple(Shape::kNegativeBinomial, {R::kPlace, R::kPlain});
        break;
      case Builtin::kBernoulli:
        if (labels.empty()) return simple(Shape::kBernoulli, {R::kPlain});
        break;
      case Builtin::kStudentT:
        if (labels == ",,") return simple(Shape::kStudentT, {R::kPlain, R::kPlace, R::kSpread});
        break;
      default:
        break;
    }
    return wrong_form(info, span);
  }

  Context& context_;
  const Env& env_;
  ValueGoal& goal_;
};

// ---------------------------------------------------------------- fitting

math::Draws unknown_number() { return base::fail(base::Error::Kind::kInvalid, ""); }

math::Draws fit(const Context& context, const Plan& plan, const Ordinals& ordinals, bool dates) {
  std::vector<double> v, weights;
  for (ExprId id : plan.arguments) {
    const auto value = evaluate(context, id, ordinals);
    if (!value) return unknown_number();
    v.push_back(*value);
  }
  for (ExprId id : plan.weights) {
    const auto value = evaluate(context, id, ordinals);
    if (!value) return unknown_number();
    weights.push_back(*value);
  }
  std::vector<math::Distribution> parts;
  for (const Plan& part : plan.parts) {
    if (plan.form == Shape::kDiscrete) break;
    auto made = fit(context, part, ordinals, dates);
    if (!made) return made;
    parts.push_back(std::move(*made));
  }
  switch (plan.form) {
    case Shape::kPoint:
      return math::point(v[0]);
    case Shape::kInterval:
      return dates ? math::normal_interval(v[0], v[1], plan.coverage)
                   : math::interval(v[0], v[1], plan.coverage);
    case Shape::kNormal:
      return math::normal(v[0], v[1]);
    case Shape::kNormalInterval:
      return math::normal_interval(v[0], v[1], plan.coverage);
    case Shape::kLognormalInterval:
      return math::lognormal_interval(v[0], v[1], plan.coverage);
    case Shape::kLognormalMedian:
      return math::lognormal_from_median(v[0], v[1]);
    case Shape::kLognormalMean:
      return math::lognormal_from_mean(v[0], v[1]);
    case Shape::kUniform:
      return math::uniform(v[0], v[1]);
    case Shape::kTriangular:
      return math::triangular(v[0], v[1], v[2]);
    case Shape::kPert:
      return math::pert(v[0], v[1], v[2]);
    case Shape::kBeta:
      return math::beta(v[0], v[1]);
    case Shape::kBetaMode:
      return math::beta_from_mode(v[0], v[1], v[2], plan.coverage);
    case Shape::kBetaMean:
      return math::beta_from_mean(v[0], v[1]);
    case Shape::kGamma:
      return math::gamma(v[0], v[1]);
    case Shape::kGammaMean:
      return math::gamma_from_mean(v[0], v[1]);
    case Shape::kExponential:
      return math::exponential(v[0]);
    case Shape::kPoisson:
      return math::poisson(v[0]);
    case Shape::kNegativeBinomial:
      return base::fail(base::Error::Kind::kInvalid,
                        "`negative_binomial` says how a count was seen, in `observe` only");
    case Shape::kBernoulli:
      return math::bernoulli(v[0]);
    case Shape::kStudentT:
      return math::student_t(v[0], v[1], v[2]);
    case Shape::kDiscrete: {
      std::vector<math::Choice> choices;
      for (size_t i = 0; i < weights.size(); ++i) {
        const auto value = evaluate(context, plan.parts[i].arguments[0], ordinals);
        if (!value) return unknown_number();
        choices.push_back({*value, weights[i]});
      }
      return math::discrete(choices);
    }
    case Shape::kMixture: {
      std::vector<math::WeightedDistribution> mixed;
      for (size_t i = 0; i < weights.size(); ++i) mixed.push_back({weights[i], parts[i]});
      return math::mixture(mixed);
    }
    case Shape::kTruncate:
      return math::truncated(parts[0], v[0], v[1]);
  }
  return unknown_number();
}

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

bool is_distribution(const syntax::Tree& tree, SyntaxId id) {
  const auto& node = tree[id].node;
  if (std::holds_alternative<syntax::Range>(node)) return true;
  const auto* call = std::get_if<syntax::Call>(&node);
  const BuiltinInfo* info = call ? find_builtin(call->function.text) : nullptr;
  return info && info->form == model::Form::kChance;
}

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
  const auto plan = Planner(context, env, goal).plan(value);
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

bool sample_region(Context& context, const Env& env, VarId variable,
                   const std::vector<std::vector<uint32_t>>& positions, SyntaxId value,
                   const std::string& key_suffix, ValueGoal& goal) {
  const auto plan = Planner(context, env, goal).plan(value);
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
