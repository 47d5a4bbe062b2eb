// Answers about a run: `at`, `over`, `first_time`. Each gathers one expression over the steps of
// the run into a made variable, a tally; an answer is arithmetic between tallies and constants.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/context.h"
#include "text/calendar.h"

namespace headrace::model {
namespace {

ExprId misplaced(Context& context, const Env& env, Span span, std::string_view what) {
  if (context.model.clock.is_static) {
    context.error(Kind::kMissingTime, span, fmt::format("`{}` needs a `time` statement", what));
  } else {
    context.error(
        Kind::kBadCall, span,
        fmt::format("`{}` stands in a `measure` or a `claim` only, and not inside another", what));
  }
  (void)env;
  return context.bad(span);
}

Env series(const Env& env) {
  Env inner = env;
  inner.mode = Mode::kSeries;
  return inner;
}

ExprId add_tally(Context& context, const Env& env, Tally tally, ExprId value, const Unit& unit,
                 Type type, std::string_view what, Span span) {
  Variable made = made_variable(context, env, VarKind::kTally, what, span);
  made.tally = tally;
  made.pieces.push_back(made_piece(env, value));
  made.unit = unit;
  made.type = type;
  if (type == Type::kNumber) made.unit_text = show(context, unit);
  return load_made(context, env, context.add_variable(std::move(made)), span);
}

// A point in time; in a calendar model a plain number is a year.
std::optional<double> moment(Context& context, const Env& env, SyntaxId id) {
  const Span span = context.tree[id].span;
  ExprId value =
      lower(context, env, id, context.model.clock.calendar ? nullptr : &context.clock_unit);
  if (context.is_bad(value)) return std::nullopt;
  if (context.model.clock.calendar) {
    const bool year = context.literal(value) && show(context, context[value].unit) == "1";
    if (context[value].type != Type::kDate && !year) {
      context.error(Kind::kTypeMismatch, span, "this must be a date");
      return std::nullopt;
    }
  } else {
    value = fitted(context, as_number(context, value), context.clock_unit, "a time");
    if (context.is_bad(value)) return std::nullopt;
  }
  const auto number = evaluate(context, value, {});
  if (number && std::isfinite(*number)) return number;
  context.error(Kind::kNotConstant, span, "this time must be the same in every draw");
  return std::nullopt;
}

bool in_run(Context& context, double time, Span span) {
  const Clock& clock = context.model.clock;
  const double slack = 1e-6 * clock.step;
  if (time >= clock.start - slack && time <= clock.time(clock.steps) + slack) return true;
  auto& diagnostic = context.error(Kind::kBadTime, span, "this lies outside the run");
  diagnostic.labels.push_back({context.time_span, "the run"});
  return false;
}

// The day after the period that a date names: `2025-06` ends where July begins.
text::Date after(const syntax::Date& date) {
  text::Date end{date.year, date.month, date.day};
  switch (date.precision) {
    case syntax::Date::Precision::kDay:
      if (++end.day > text::days_in_month(end.year, end.month)) ++end.month, end.day = 1;
      break;
    case syntax::Date::Precision::kMonth:
      ++end.month;
      break;
    case syntax::Date::Precision::kQuarter:
      end.month += 3;
      break;
  }
  if (end.month > 12) ++end.year, end.month -= 12;
  return end;
}

std::optional<double> end_of_period(Context& context, const syntax::Over& node, double from) {
  const syntax::Expr& when = context.tree[node.from];
  if (auto* date = std::get_if<syntax::Date>(&when.node)) {
    const text::Date end = after(*date);
    return text::is_valid(end) ? text::to_years(end) : from + 1;  // past the calendar's last year
  }
  const auto* number = std::get_if<syntax::Number>(&when.node);
  const bool year = number && !number->unit && context.model.clock.calendar &&
                    number->value == std::floor(number->value);
  if (year) return from + 1;
  context.error(Kind::kBadTime, when.span, "this names no period").hint = "say from when `to` when";
  return std::nullopt;
}

}  // namespace

ExprId lower_at(Context& context, const Env& env, const syntax::At& node, Span span) {
  if (env.mode != Mode::kAnswer || context.model.clock.is_static)
    return misplaced(context, env, span, "at");
  const ExprId value = lower(context, series(env), node.value);
  const auto when = moment(context, env, node.when);
  if (context.is_bad(value) || !when) return context.bad(span);
  if (!in_run(context, *when, context.tree[node.when].span)) return context.bad(span);
  Tally tally;
  tally.kind = Tally::Kind::kAt;
  tally.from = tally.to = *when;
  return add_tally(context, env, tally, value, context[value].unit, context[value].type, "at",
                   span);
}

ExprId lower_at_moment(Context& context, const Env& env, SyntaxId id, double when, Span span) {
  const ExprId value = lower(context, series(env), id);
  if (context.is_bad(value)) return context.bad(span);
  Tally tally;
  tally.kind = Tally::Kind::kAt;
  tally.from = tally.to = when;
  return add_tally(context, env, tally, value, context[value].unit, context[value].type, "at",
                   span);
}

ExprId lower_over(Context& context, const Env& env, const syntax::Over& node, Span span) {
  if (env.mode != Mode::kAnswer || context.model.clock.is_static)
    return misplaced(context, env, span, "over");
  const ExprId value = lower_number(context, series(env), node.value);
  const auto from = moment(context, env, node.from);
  if (context.is_bad(value) || !from) return context.bad(span);
  const auto to = node.to ? moment(context, env, *node.to) : end_of_period(context, node, *from);
  if (!to) return context.bad(span);
  const Span period = node.to ? context.tree[node.from].span.merge(context.tree[*node.to].span)
                              : context.tree[node.from].span;
  if (*to <= *from) {
    context.error(Kind::kBadTime, period, "this period ends before it begins");
    return context.bad(span);
  }
  if (!in_run(context, *from, period) || !in_run(context, *to, period)) return context.bad(span);
  Tally tally;
  tally.from = *from;
  tally.to = *to;
  Unit unit = context[value].unit;
  switch (node.kind) {
    case syntax::Over::Kind::kIntegral:
      tally.kind = Tally::Kind::kIntegral;
      unit = times(context, unit, context.clock_unit, span);
      break;
    case syntax::Over::Kind::kAverage:
      tally.kind = Tally::Kind::kAverage;
      break;
    case syntax::Over::Kind::kHighest:
      tally.kind = Tally::Kind::kHighest;
      break;
    case syntax::Over::Kind::kLowest:
      tally.kind = Tally::Kind::kLowest;
      break;
  }
  const ExprId result = add_tally(context, env, tally, value, unit, Type::kNumber, "over", span);
  return context.loose() ? result : converted(context, result, tidy(context, unit));
}

ExprId lower_first_time(Context& context, const Env& env, const syntax::Call& call, Span span) {
  if (env.mode != Mode::kAnswer || context.model.clock.is_static)
    return misplaced(context, env, span, "first_time");
  const ExprId condition = lower_condition(context, series(env), call.arguments.front().value);
  if (context.is_bad(condition)) return context.bad(span);
  Tally tally;
  tally.kind = Tally::Kind::kFirstTime;
  const Type type = context.model.clock.calendar ? Type::kDate : Type::kNumber;
  return add_tally(context, env, tally, condition, context.clock_unit, type, "first_time", span);
}

bool has_tally(const Context& context, SyntaxId root) {
  std::vector<SyntaxId> stack{root};
  while (!stack.empty()) {
    const auto& node = context.tree[stack.back()].node;
    stack.pop_back();
    if (std::holds_alternative<syntax::At>(node) || std::holds_alternative<syntax::Over>(node))
      return true;
    if (auto* reference = std::get_if<syntax::Reference>(&node)) {
      const auto symbol = context.symbols.find(reference->name.text);
      if (symbol != context.symbols.end() && symbol->second.kind == Symbol::Kind::kMeasure)
        return true;
    } else if (auto* unary = std::get_if<syntax::Unary>(&node)) {
      stack.push_back(unary->operand);
    } else if (auto* binary = std::get_if<syntax::Binary>(&node)) {
      stack.insert(stack.end(), {binary->left, binary->right});
    } else if (auto* chain = std::get_if<syntax::Comparison>(&node)) {
      stack.insert(stack.end(), chain->operands.begin(), chain->operands.end());
    } else if (auto* choice = std::get_if<syntax::If>(&node)) {
      stack.insert(stack.end(), {choice->condition, choice->then_value, choice->else_value});
    } else if (auto* call = std::get_if<syntax::Call>(&node)) {
      if (call->function.text == "first_time") return true;
      for (const syntax::Argument& argument : call->arguments) stack.push_back(argument.value);
    }
  }
  return false;
}

ExprId lower_answer(Context& context, const Env& env, SyntaxId id, const Unit* adopt) {
  Env answer = env;
  answer.mode = Mode::kAnswer;
  if (has_tally(context, id)) return lower(context, answer, id, adopt);
  const ExprId value = lower(context, series(env), id, adopt);
  while (!context.deferred.empty()) {
    const auto tasks = std::move(context.deferred);
    context.deferred.clear();
    for (const auto& task : tasks) task();
  }
  find_varying(context);
  if (context.is_bad(value) || context.model.clock.is_static || !varies(context, value))
    return value;
  Tally tally;
  tally.kind = Tally::Kind::kEnd;
  return add_tally(context, env, tally, value, context[value].unit, context[value].type, "end",
                   context.tree[id].span);
}

}  // namespace headrace::model
