// Measures, claims, checks, observations: what is asked of a model.

#include <fmt/format.h>

#include <algorithm>

#include "model/context.h"
#include "syntax/syntax.h"

namespace headrace::model {
namespace {

void run_deferred(Context& context) {
  while (!context.deferred.empty()) {
    const auto tasks = std::move(context.deferred);
    context.deferred.clear();
    for (const auto& task : tasks) task();
  }
}

// ---------------------------------------------------------------- measures

ExprId lower_measure_value(Context& context, const syntax::ValueDecl& decl,
                           const std::vector<BoundIndex>& bound) {
  Env env;
  env.owner = decl.name.text;
  env.bound = bound;
  const auto unit = decl.unit ? resolve_unit(context, *decl.unit) : std::nullopt;
  if (decl.unit && !unit) return context.bad(decl.name.span);
  const ExprId value = lower_answer(context, env, *decl.value, unit ? &*unit : nullptr);
  return shown(context, value, unit, fmt::format("`{}`", decl.name.text));
}

bool can_measure(Context& context, const syntax::ValueDecl& decl) {
  if (!decl.value) {
    context.error(Kind::kBadStatement, decl.name.span,
                  fmt::format("`{}` has no value", decl.name.text));
    return false;
  }
  if (decl.clauses.empty()) return true;
  context.error(Kind::kBadStatement, decl.clauses.front().span,
                "a measure has one equation, without exceptions or dates");
  return false;
}

void add_measure(Context& context, StatementId id, const syntax::ValueDecl& decl, ExprId value,
                 std::string member) {
  Measure measure;
  measure.name = decl.name.text;
  measure.title = decl.title.value_or("");
  measure.value = value;
  measure.type = context[value].type;
  measure.member = std::move(member);
  if (measure.type == Type::kNumber)
    measure.unit_text = decl.unit ? syntax::print(*decl.unit) : show(context, context[value].unit);
  measure.sources = source_ids(decl.provenance);
  measure.span = context.tree[id].span;
  context.model.measures.push_back(std::move(measure));
}

void lower_arrayed_measure(Context& context, StatementId id, const syntax::ValueDecl& decl) {
  std::vector<DimId> dims;
  std::vector<std::string> names;
  if (!resolve_dims(context, {}, decl.dims, dims, names)) return;
  const size_t count = element_count(context, dims);
  for (size_t element = 0; element < count; ++element) {
    std::vector<BoundIndex> bound(dims.size());
    std::string members;
    size_t rest = element;
    for (size_t d = dims.size(); d-- > 0;) {
      const auto& list = context.model[dims[d]].members;
      bound[d] = {names[d], dims[d], {}, static_cast<uint32_t>(rest % list.size()),
                  false,    false,   0};
      members = list[rest % list.size()] + (members.empty() ? "" : ",") + members;
      rest /= list.size();
    }
    const ExprId value = lower_measure_value(context, decl, bound);
    if (context.is_bad(value)) return;
    add_measure(context, id, decl, value, fmt::format("[{}]", members));
  }
}

void lower_measure(Context& context, uint32_t number) {
  const StatementId id = context.measures[number].statement;
  const auto& decl = std::get<syntax::ValueDecl>(context.tree[id].node);
  if (!can_measure(context, decl)) return;
  if (!decl.dims.empty()) return lower_arrayed_measure(context, id, decl);
  Env env;
  env.mode = Mode::kAnswer;
  const ExprId value = lower_measure_reference(context, env, number, decl.name.span);
  if (!context.is_bad(value)) add_measure(context, id, decl, value, "");
}

// ---------------------------------------------------------------- claims

// A side of a claim's comparison.
struct Side {
  ExprId value;
  Span text;
};

struct Sides {
  ExprId measure, condition;
  Span text;
  std::vector<Side> against;  // what else varies
};

// The value in the unit in which the measure is shown.
ExprId beside(Context& context, ExprId value, ExprId measure) {
  const bool numbers = !context.is_bad(measure) && context[measure].type == Type::kNumber &&
                       context[value].type == Type::kNumber && !context.loose();
  return numbers && units::conversion(context[value].unit, context[measure].unit)
             ? converted(context, value, Unit(context[measure].unit))
             : shown(context, value, {}, "");
}

// A comparison: its measure is the first side that is not a fixed number.
Sides lower_sides(Context& context, const Env& env, const syntax::Comparison& node, Span span) {
  std::vector<ExprId> values;
  for (SyntaxId operand : node.operands) values.push_back(lower_answer(context, env, operand));
  size_t main = 0;
  while (main + 1 < values.size() && evaluate(context, values[main], {})) ++main;
  if (evaluate(context, values[main], {})) main = 0;
  size_t next = 0;
  Env answer = env;
  answer.mode = Mode::kAnswer;
  const ExprId condition =
      lower_comparison(context, answer, node, span, [&](SyntaxId) { return values[next++]; });
  Sides sides{
      shown(context, values[main], {}, ""), condition, context.tree[node.operands[main]].span, {}};
  for (size_t i = main + 1; i < values.size(); ++i) {
    if (context.is_bad(values[i]) || evaluate(context, values[i], {})) continue;
    sides.against.push_back(
        {beside(context, values[i], sides.measure), context.tree[node.operands[i]].span});
  }
  return sides;
}

void add_against(Context& context, const syntax::ClaimDecl& decl, const Side& side, Claim& claim) {
  Measure measure;
  measure.name = fmt::format("{}/against", decl.name.text);
  if (!claim.against.empty()) measure.name += fmt::format("#{}", claim.against.size() + 1);
  measure.value = side.value;
  measure.type = context[side.value].type;
  if (measure.type == Type::kNumber) measure.unit_text = show(context, context[side.value].unit);
  measure.made = true;
  measure.span = side.text;
  claim.against.push_back(
      {source_text(context, side.text), static_cast<uint32_t>(context.model.measures.size())});
  context.model.measures.push_back(std::move(measure));
}

void lower_claim(Context& context, StatementId id, const syntax::ClaimDecl& decl) {
  Env env;
  env.owner = decl.name.text;
  const syntax::Expr& text = context.tree[decl.condition];
  Sides sides;
  if (auto* comparison = std::get_if<syntax::Comparison>(&text.node)) {
    sides = lower_sides(context, env, *comparison, text.span);
  } else {
    sides.condition = lower_answer(context, env, decl.condition);
    if (!context.is_bad(sides.condition) && context[sides.condition].type != Type::kBoolean) {
      context.error(Kind::kBadClaim, text.span, "a claim is a comparison").hint =
          "for example `x at 2025-06-30 <= 5 chip`";
      return;
    }
    sides.measure = sides.condition;
    sides.text = text.span;
  }
  if (context.is_bad(sides.measure) || context.is_bad(sides.condition)) return;
  Claim claim;
  claim.id = decl.name.text;
  claim.title = decl.title.value_or("");
  claim.measure = sides.measure;
  claim.condition = sides.condition;
  claim.type = context[sides.measure].type;
  if (claim.type == Type::kNumber) claim.unit_text = show(context, context[sides.measure].unit);
  claim.measure_text = source_text(context, sides.text);
  for (const Side& side : sides.against) add_against(context, decl, side, claim);
  claim.sources = source_ids(decl.provenance);
  claim.assumed = decl.provenance.assumed;
  claim.note = decl.provenance.note;
  claim.span = context.tree[id].span;
  context.model.claims.push_back(std::move(claim));
}

}  // namespace

std::vector<std::string> source_ids(const syntax::Provenance& provenance) {
  std::vector<std::string> ids;
  for (const syntax::Name& name : provenance.sources) ids.push_back(name.text);
  return ids;
}

// The value in the unit that is shown: the declared one, or a tidy one.
ExprId shown(Context& context, ExprId value, const std::optional<Unit>& declared,
             std::string_view what) {
  if (context.is_bad(value)) return value;
  if (declared) return fitted(context, as_number(context, value), *declared, what);
  if (context[value].type != Type::kNumber || context.loose()) return value;
  return converted(context, value, tidy(context, context[value].unit));
}

std::string source_text(const Context& context, Span span) {
  return span.source.valid() ? std::string(context.sources.text(span)) : std::string();
}

ExprId lower_measure_reference(Context& context, const Env& env, uint32_t number, Span span) {
  (void)env;
  using State = MeasureDecl::State;
  const StatementId id = context.measures[number].statement;
  const auto& decl = std::get<syntax::ValueDecl>(context.tree[id].node);
  if (!decl.dims.empty()) {
    context
        .error(Kind::kShapeMismatch, span,
               fmt::format("`{}` is a measure for each member, and a single one is needed here",
                           decl.name.text))
        .labels.push_back({decl.name.span, "declared here"});
    return context.bad(span);
  }
  if (context.measures[number].state == State::kActive) {
    context
        .error(Kind::kCycle, decl.name.span,
               fmt::format("`{}` is computed from itself", decl.name.text))
        .labels.push_back({span, "used here"});
    return context.bad(span);
  }
  if (context.measures[number].state == State::kWaiting) {
    context.measures[number].state = State::kActive;
    const ExprId value = decl.value ? lower_measure_value(context, decl, {}) : context.bad(span);
    context.measures[number].value = value;
    context.measures[number].state = State::kDone;
  }
  return context.measures[number].value;
}

void lower_checks(Context& context) {
  for (StatementId id : context.tree.top_level) {
    const auto* decl = std::get_if<syntax::CheckDecl>(&context.tree[id].node);
    if (!decl) continue;
    Env env;
    env.owner = decl->name.text;
    const ExprId value = lower_condition(context, env, decl->condition);
    run_deferred(context);
    if (context.is_bad(value)) continue;
    Variable made = made_variable(context, env, VarKind::kLet, "check", context.tree[id].span);
    made.type = Type::kBoolean;
    made.pieces.push_back(made_piece(env, value));
    context.model.checks.push_back({decl->name.text, decl->title.value_or(""),
                                    context.add_variable(std::move(made)), context.tree[id].span});
  }
}

void lower_questions(Context& context) {
  find_varying(context);
  for (uint32_t i = 0; i < context.measures.size(); ++i) lower_measure(context, i);
  for (StatementId id : context.tree.top_level) {
    const auto& node = context.tree[id].node;
    if (auto* claim = std::get_if<syntax::ClaimDecl>(&node)) lower_claim(context, id, *claim);
    if (std::holds_alternative<syntax::ObserveDecl>(node)) lower_observation(context, id);
  }
  run_deferred(context);
}

}  // namespace headrace::model
