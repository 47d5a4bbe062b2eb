// Observations: what was seen, and how far off it may be.
//
// A reading from the text is one observation. A data series is one for each of its rows that lie
// within the run: there the quantity is taken at the time of the row, and the name of the series
// stands for the number in that row.

#include <fmt/format.h>

#include <algorithm>

#include "model/context.h"
#include "text/calendar.h"

namespace headrace::model {
namespace {

using Bound = Observation::Bound;
using Relation = syntax::ObserveDecl::Relation;

// A data series that the text of a distribution names.
struct Series {
  std::string name;
  VarId variable;
  Span span;
};

// With its points as they are in the file: forward and raw series are kept in another form.
bool is_series(const syntax::DataDecl& data) {
  if (data.at) return true;
  using I = syntax::DataDecl::Interpolation;
  return data.parts.size() == 1 && data.parts[0].cells &&
         data.parts[0].cells->along != syntax::Cells::Along::kNothing &&
         (data.parts[0].interpolation == I::kLinear || data.parts[0].interpolation == I::kStep);
}

std::optional<Series> series_named(const Context& context, const syntax::Reference& reference,
                                   Span span) {
  const auto symbol = context.symbols.find(reference.name.text);
  if (symbol == context.symbols.end() || symbol->second.kind != Symbol::Kind::kVariable)
    return std::nullopt;
  const auto* data = std::get_if<syntax::DataDecl>(&context.tree[symbol->second.statement].node);
  if (!data || !is_series(*data)) return std::nullopt;
  return Series{reference.name.text, VarId(symbol->second.id), span};
}

// The first data series in a text.
std::optional<Series> find_series(const Context& context, SyntaxId root) {
  std::vector<SyntaxId> stack{root};
  while (!stack.empty()) {
    const syntax::Expr& expr = context.tree[stack.back()];
    stack.pop_back();
    if (auto* reference = std::get_if<syntax::Reference>(&expr.node)) {
      if (auto found = series_named(context, *reference, expr.span)) return found;
    } else if (auto* unary = std::get_if<syntax::Unary>(&expr.node)) {
      stack.push_back(unary->operand);
    } else if (auto* binary = std::get_if<syntax::Binary>(&expr.node)) {
      stack.insert(stack.end(), {binary->right, binary->left});
    } else if (auto* range = std::get_if<syntax::Range>(&expr.node)) {
      stack.insert(stack.end(), {range->high, range->low});
    } else if (auto* call = std::get_if<syntax::Call>(&expr.node)) {
      for (size_t i = call->arguments.size(); i-- > 0;) stack.push_back(call->arguments[i].value);
    }
  }
  return std::nullopt;
}

const Table* rows_of(Context& context, const Series& series) {
  const Variable& variable = context.var(series.variable);
  const Declaration* declaration = context.declaration(series.variable);
  if (declaration && declaration->bad) return nullptr;
  if (!variable.dims.empty()) {
    context
        .error(Kind::kShapeMismatch, series.span,
               fmt::format("`{}` has a series for each member, and an observation reads one",
                           series.name))
        .hint = "read one `data` for each member that was observed";
    return nullptr;
  }
  if (variable.pieces.empty()) return nullptr;
  const auto* lookup = std::get_if<Lookup>(&context[variable.pieces[0].value].node);
  return lookup ? &context.model.tables[lookup->table.index] : nullptr;
}

// The last moment that an answer reads: the end of its periods.
std::optional<double> last_moment(const Context& context, ExprId root) {
  std::optional<double> last;
  std::vector<ExprId> stack{root};
  while (!stack.empty()) {
    const auto& node = context[stack.back()].node;
    stack.pop_back();
    if (auto* apply = std::get_if<Apply>(&node)) {
      stack.insert(stack.end(), apply->arguments.begin(), apply->arguments.end());
    } else if (auto* load = std::get_if<Load>(&node)) {
      const Variable& variable = context.model[load->variable];
      if (variable.kind != VarKind::kTally) continue;
      const bool at_end = variable.tally.kind == Tally::Kind::kEnd ||
                          variable.tally.kind == Tally::Kind::kFirstTime;
      const Clock& clock = context.model.clock;
      last = std::max(last.value_or(clock.start),
                      at_end ? clock.time(clock.steps) : variable.tally.to);
    }
  }
  return last;
}

// `x` of `x over 2024`.
Span subject_span(const Context& context, SyntaxId id) {
  for (;;) {
    const syntax::Expr& expr = context.tree[id];
    if (auto* at = std::get_if<syntax::At>(&expr.node))
      id = at->value;
    else if (auto* over = std::get_if<syntax::Over>(&expr.node))
      id = over->value;
    else
      return expr.span;
  }
}

// Adds the observation of a quantity. `env` may hold a row's number under the name of its series.
bool add_observation(Context& context, const Env& env, StatementId id, ExprId value,
                     std::string text) {
  const auto& decl = std::get<syntax::ObserveDecl>(context.tree[id].node);
  value = shown(context, value, {}, "");
  if (context.is_bad(value)) return false;
  ValueGoal goal;
  goal.unit = context[value].unit;
  goal.type = context[value].type;
  Env answer = env;
  answer.mode = Mode::kAnswer;
  auto reading =
      lower_reading(context, answer, decl.distribution, decl.relation != Relation::kIs, goal);
  if (!reading) return false;
  Observation observation;
  observation.text = std::move(text);
  observation.subject = source_text(context, subject_span(context, decl.observed));
  observation.measure = value;
  observation.type = context[value].type;
  if (observation.type == Type::kNumber) observation.unit_text = show(context, context[value].unit);
  observation.form = reading->form;
  observation.bound = decl.relation == Relation::kAtMost    ? Bound::kAtMost
                      : decl.relation == Relation::kAtLeast ? Bound::kAtLeast
                                                            : Bound::kNone;
  observation.terms = std::move(reading->terms);
  observation.distribution = std::move(reading->distribution);
  observation.moment = last_moment(context, value);
  observation.sources = source_ids(decl.provenance);
  observation.assumed = decl.provenance.assumed;
  observation.note = decl.provenance.note;
  observation.span = context.tree[id].span;
  context.model.observations.push_back(std::move(observation));
  return true;
}

std::string moment_text(const Context& context, double time) {
  if (!context.model.clock.calendar) return fmt::format("{}", time);
  return text::iso(text::from_years(time));
}

void observe_series(Context& context, StatementId id, const Series& series) {
  const auto& decl = std::get<syntax::ObserveDecl>(context.tree[id].node);
  const Table* const table = rows_of(context, series);
  if (!table) return;
  const std::vector<double> times = table->x, readings = table->y;
  const Clock& clock = context.model.clock;
  const double slack = 1e-6 * clock.step;
  const Unit unit = context.var(series.variable).unit;
  const std::string observed = source_text(context, context.tree[decl.observed].span);
  if (Declaration* declaration = context.declaration(series.variable)) declaration->used = true;
  size_t inside = 0;
  for (size_t row = 0; row < times.size(); ++row) {
    if (times[row] < clock.start - slack || times[row] > clock.time(clock.steps) + slack) continue;
    ++inside;
    Env env;
    env.owner = "observe";
    const ExprId value =
        lower_at_moment(context, env, decl.observed, times[row], context.tree[decl.observed].span);
    if (context.is_bad(value)) return;
    env.scope = std::make_shared<Scope>();
    Local local;
    local.value = context.constant(readings[row], series.span, unit);
    env.scope->locals.emplace(series.name, std::move(local));
    if (!add_observation(context, env, id, value,
                         fmt::format("{} at {}", observed, moment_text(context, times[row]))))
      return;
  }
  if (inside == 0) {
    context
        .error(Kind::kBadTime, series.span,
               fmt::format("no row of `{}` lies within the run", series.name))
        .labels.push_back({context.time_span, "the run"});
  }
}

}  // namespace

void lower_observation(Context& context, StatementId id) {
  const auto& decl = std::get<syntax::ObserveDecl>(context.tree[id].node);
  if (!has_tally(context, decl.observed) && !context.model.clock.is_static) {
    if (const auto series = find_series(context, decl.distribution))
      return observe_series(context, id, *series);
  }
  Env env;
  env.owner = "observe";
  add_observation(context, env, id, lower_answer(context, env, decl.observed),
                  source_text(context, context.tree[decl.observed].span));
}

}  // namespace headrace::model
