// The clock of a model: from the `time` statement to a number of steps.

#include <fmt/format.h>

#include <cmath>

#include "model/context.h"

namespace headrace::model {
namespace {

constexpr double kMaxSteps = 1e8;
constexpr double kSlack = 1e-6;  // of a step, for ratios that are not exact in binary

bool bad_time(Context& context, Span span, std::string message, std::string hint = "") {
  context.error(Kind::kBadTime, span, std::move(message)).hint = std::move(hint);
  return false;
}

bool is_date(const Context& context, SyntaxId id) {
  return std::holds_alternative<syntax::Date>(context.tree[id].node);
}

// A length of time in the clock's unit.
std::optional<double> length(Context& context, double value,
                             const std::optional<syntax::Name>& unit) {
  if (!unit) return value;
  const auto named = context.model.units.find(unit->text);
  if (!named) {
    context.error(Kind::kUnknownUnit, unit->span, fmt::format("there is no unit `{}`", unit->text));
    return std::nullopt;
  }
  const auto factor = units::conversion(*named, context.clock_unit);
  if (factor) return value * *factor;
  context.error(Kind::kUnitMismatch, unit->span,
                fmt::format("time is in {}, which `{}` is not", quoted(context, context.clock_unit),
                            unit->text));
  return std::nullopt;
}

// The unit of plain time: said with `in`, or that of the step, or none.
bool find_clock_unit(Context& context, const syntax::TimeDecl& decl) {
  Clock& clock = context.model.clock;
  if (clock.calendar) {
    clock.unit = "year";
    context.clock_unit = *context.model.units.find("year");
    if (decl.unit && decl.unit->text != "year" && decl.unit->text != "years")
      return bad_time(context, decl.unit->span, "calendar time runs in years",
                      "leave out `in`; the step may have any unit");
    return true;
  }
  const auto& name = decl.unit ? decl.unit : decl.step_unit;
  clock.unit = name ? name->text : "1";
  if (!name) return true;
  const auto unit = context.model.units.find(name->text);
  if (!unit) {
    context.error(Kind::kUnknownUnit, name->span, fmt::format("there is no unit `{}`", name->text));
    return false;
  }
  context.clock_unit = *unit;
  return true;
}

// Dates, numbers, units, and arithmetic of them: nothing else is known this early.
bool is_fixed(const Context& context, SyntaxId id) {
  const auto& node = context.tree[id].node;
  if (std::holds_alternative<syntax::Number>(node) || std::holds_alternative<syntax::Date>(node))
    return true;
  if (auto* reference = std::get_if<syntax::Reference>(&node)) {
    return reference->indexes.empty() && !context.symbols.contains(reference->name.text) &&
           context.model.units.find(reference->name.text).has_value();
  }
  if (auto* unary = std::get_if<syntax::Unary>(&node)) return is_fixed(context, unary->operand);
  if (auto* binary = std::get_if<syntax::Binary>(&node))
    return is_fixed(context, binary->left) && is_fixed(context, binary->right);
  return std::holds_alternative<syntax::Bad>(node);
}

std::optional<double> moment(Context& context, SyntaxId id) {
  const Span span = context.tree[id].span;
  if (!is_fixed(context, id)) {
    context.error(Kind::kNotConstant, span, "the ends of the time must be dates or numbers");
    return std::nullopt;
  }
  ExprId value = lower(context, {}, id, &context.clock_unit);
  if (context.is_bad(value)) return std::nullopt;
  const bool calendar = context.model.clock.calendar;
  if (calendar != (context[value].type == Type::kDate)) {
    if (!calendar || !context.literal(value)) {
      bad_time(context, span, "one end of the time is a date, the other a number");
      return std::nullopt;
    }
  } else if (!calendar) {
    value = fitted(context, as_number(context, value), context.clock_unit, "the time");
  }
  const auto number = evaluate(context, value, {});
  if (!number || !std::isfinite(*number)) {
    context.error(Kind::kNotConstant, span, "the ends of the time must be dates or numbers");
    return std::nullopt;
  }
  return number;
}

bool take_steps(Context& context, const syntax::TimeDecl& decl, Span span, double end) {
  Clock& clock = context.model.clock;
  const auto step = length(context, decl.step, decl.step_unit);
  if (!step) return false;
  if (!(*step > 0) || !std::isfinite(*step))
    return bad_time(context, span, "the step must be above 0");
  clock.step = *step;
  const double count = (end - clock.start) / *step;
  if (count < 0)
    return bad_time(context, context.tree[decl.end].span, "the end lies before the start");
  if (count > kMaxSteps) {
    context.error(Kind::kTooLarge, span, fmt::format("more than {} steps", kMaxSteps));
    return false;
  }
  const double whole = std::nearbyint(count);
  const bool exact = std::fabs(count - whole) <= kSlack;
  if (!exact && !clock.calendar && !context.loose())
    return bad_time(context, span,
                    fmt::format("the run is {} steps long, not a whole number", count));
  clock.steps = static_cast<uint64_t>(exact ? whole : std::floor(count));
  if (!decl.save) return true;
  const auto save = length(context, *decl.save, decl.save_unit ? decl.save_unit : decl.step_unit);
  if (!save) return false;
  const double every = *save / *step;
  if (!(every >= 1 - kSlack) || every > kMaxSteps ||
      std::fabs(every - std::nearbyint(every)) > kSlack * std::max(1.0, every))
    return bad_time(context, span,
                    fmt::format("values are saved every {} steps, not every whole number", every));
  clock.save_every = static_cast<uint64_t>(std::nearbyint(every));
  return true;
}

}  // namespace

void lower_clock(Context& context) {
  Clock& clock = context.model.clock;
  const syntax::TimeDecl* decl = nullptr;
  Span span;
  for (StatementId id : context.tree.top_level) {
    const auto* time = std::get_if<syntax::TimeDecl>(&context.tree[id].node);
    if (!time) continue;
    if (decl) {
      context.error(Kind::kDuplicateName, context.tree[id].span, "time is declared twice")
          .labels.push_back({span, "first here"});
      continue;
    }
    decl = time;
    span = context.tree[id].span;
  }
  if (!decl) {
    clock.is_static = true;
    clock.calendar = true;
    clock.unit = "year";
    context.clock_unit = *context.model.units.find("year");
    return;
  }
  context.time_span = span;
  clock.method =
      decl->method == syntax::TimeDecl::Method::kRk4 ? Clock::Method::kRk4 : Clock::Method::kEuler;
  clock.calendar = is_date(context, decl->start) || is_date(context, decl->end);
  if (!find_clock_unit(context, *decl)) return;
  const auto start = moment(context, decl->start);
  const auto end = moment(context, decl->end);
  if (!start || !end) return;
  clock.start = *start;
  take_steps(context, *decl, span, *end);
}

}  // namespace headrace::model
