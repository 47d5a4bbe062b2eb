#include "model/distribution_plan.h"

#include <fmt/format.h>

#include <cmath>

#include "model/builtins.h"

namespace headrace::model {
namespace {

constexpr int kMaxNesting = 16;

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

math::Draws unknown_number() { return base::fail(base::Error::Kind::kInvalid, ""); }

}  // namespace

bool is_distribution(const syntax::Tree& tree, SyntaxId id) {
  const auto& node = tree[id].node;
  if (std::holds_alternative<syntax::Range>(node)) return true;
  const auto* call = std::get_if<syntax::Call>(&node);
  const BuiltinInfo* info = call ? find_builtin(call->function.text) : nullptr;
  return info && info->form == model::Form::kChance;
}

std::optional<Plan> plan_distribution(Context& context, const Env& env, SyntaxId id,
                                      ValueGoal& goal) {
  return Planner(context, env, goal).plan(id);
}

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

}  // namespace headrace::model
