// The clock, and values that change on dates.
//
// A date that falls on a step is told from its neighbours by the middle of the step, so that no
// last digit of the time matters; one between two steps holds from the next step on. What moves to
// a new value is on the line between both:
//
//   IF TIME + DT / 2 > 4 THEN old + (new - old) * MIN(1, (TIME - 4) / length) ELSE old
//
// Where each such move is over when the next begins, what the next starts from is the value that
// the last one led to, so that the text grows with the number of dates and not twofold with each.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "export/writer.h"
#include "text/calendar.h"

namespace headrace::exports {
namespace {

constexpr size_t kLongest = 100'000;  // characters of one equation

// As it stands beside an operator.
std::string held(const std::string& text) {
  return text.find_first_of("+-*/^<>=:,") == std::string::npos ? text : fmt::format("({})", text);
}

}  // namespace

std::string singular(std::string_view unit) {
  std::string own(unit);
  if (own.size() > 1 && own.ends_with('s')) own.pop_back();
  static const std::set<std::string> kNames = {"second", "minute", "hour",    "day",
                                               "week",   "month",  "quarter", "year"};
  return kNames.contains(own) ? own : std::string(unit);
}

std::optional<double> years_of(std::string_view unit) {
  static const std::map<std::string, double> kTimes = {{"second", 1.0 / 86400 / 365.25},
                                                       {"minute", 1.0 / 1440 / 365.25},
                                                       {"hour", 1.0 / 24 / 365.25},
                                                       {"day", 1 / 365.25},
                                                       {"week", 7 / 365.25},
                                                       {"month", 1.0 / 12},
                                                       {"quarter", 0.25},
                                                       {"year", 1}};
  const auto found = kTimes.find(singular(unit));
  return found == kTimes.end() ? std::nullopt : std::optional(found->second);
}

Clock Writer::clock_of(const syntax::TimeDecl& time) const {
  Clock clock;
  clock.start = moment(time.start);
  clock.end = moment(time.end);
  const bool calendar = std::holds_alternative<syntax::Date>(tree_[time.start].node);
  clock.unit = calendar         ? "year"
               : time.unit      ? time.unit->text
               : time.step_unit ? time.step_unit->text
                                : "";
  const auto own = years_of(clock.unit);
  const auto in_clock = [&](double length, const std::optional<syntax::Name>& unit) {
    const auto other = unit ? years_of(unit->text) : std::nullopt;
    return own && other && *own != *other ? length * *other / *own : length;
  };
  clock.step = in_clock(time.step, time.step_unit);
  if (time.save) clock.save = in_clock(*time.save, time.save_unit);
  return clock;
}

std::optional<double> Writer::moment(ExprId id) const {
  const auto& node = tree_[id].node;
  if (const auto* number = std::get_if<syntax::Number>(&node)) return number->value;
  if (const auto* date = std::get_if<syntax::Date>(&node))
    return text::to_years({date->year, date->month, date->day});
  if (const auto* unary = std::get_if<syntax::Unary>(&node)) {
    const auto value = moment(unary->operand);
    if (value && unary->op == syntax::UnaryOp::kNegate) return -*value;
  }
  return std::nullopt;
}

// Whether the date of the clause has come. Within a step of Runge-Kutta what both tools call the
// time moves on, and a dated value does not.
std::string Writer::started(const syntax::Clause& clause, const Names& names) {
  const auto when = moment(*clause.date);
  const std::string time = xmile() ? "TIME" : word("Time"),
                    step = word(xmile() ? "DT" : "TIME STEP");
  const double start = clock_.start.value_or(0), end = clock_.end.value_or(0);
  const double slack = 1e-6 * clock_.step;
  if (runge_kutta_ && !(when && (*when <= start + slack || *when > end + clock_.step)))
    cannot(clause.span, "a value that stays through each step of Runge-Kutta");
  if (!when)
    return fmt::format("{} + 1e-06 * {} >= {}", time, step, expression(*clause.date, names));
  const double steps = (*when - start) / clock_.step;
  const bool between = std::fabs(steps - std::round(steps)) > 1e-6;
  return between ? fmt::format("{} >= {}", time, number(*when))
                 : fmt::format("{} + {} / 2 > {}", time, step, number(*when));
}

// The length of a ramp in the unit of the clock.
std::string Writer::length(ExprId id, const Names& names) {
  if (const auto* given = std::get_if<syntax::Number>(&tree_[id].node)) {
    const auto unit = given->unit ? years_of(given->unit->name.text) : std::nullopt;
    const auto own = years_of(clock_.unit);
    if (unit && own && given->unit->exponent == 1) return number(given->value * *unit / *own);
  }
  return at(id, names, Hold::kAtom);
}

std::string Writer::moved(const std::string& old, const std::string& now,
                          const syntax::Clause& clause, const Names& names) {
  const auto when = moment(*clause.date);
  const std::string start =
      when ? number(*when) : fmt::format("({})", expression(*clause.date, names));
  return fmt::format("{0} + ({1} - {0}) * MIN(1, ({2} - {3}) / {4})", held(old), held(now),
                     xmile() ? "TIME" : word("Time"), start, length(*clause.ramp, names));
}

// Whether the name is that of a unit, one of which stands in an expression.
bool Writer::is_unit(const std::string& name) const {
  return years_of(name) || std::ranges::any_of(own(), [&](const syntax::Statement* statement) {
           const auto* unit = std::get_if<syntax::UnitDecl>(&statement->node);
           return unit &&
                  std::ranges::find(unit->names, name, &syntax::Name::text) != unit->names.end();
         });
}

// Whether the clause has done all that it does when the next one begins.
bool Writer::is_over(const syntax::Clause& clause, const syntax::Clause& next) const {
  const auto first = moment(*clause.date), second = moment(*next.date);
  if (!first || !second) return false;
  double length = 0;
  if (clause.ramp) {
    const auto* given = std::get_if<syntax::Number>(&tree_[*clause.ramp].node);
    const auto own = years_of(clock_.unit);
    const auto unit = given && given->unit ? years_of(given->unit->name.text) : std::nullopt;
    if (!given || (given->unit && !(unit && own && given->unit->exponent == 1))) return false;
    length = given->unit ? given->value * *unit / *own : given->value;
  }
  // The runs of the model itself take dates as come from a millionth of a step ahead.
  return *first < *second && *first + length <= *second + 1e-6 * clock_.step;
}

// The latest date last, whatever the order of the text; those that are no plain numbers or dates
// take effect as written.
std::vector<syntax::Clause> Writer::in_order(std::vector<syntax::Clause> clauses) const {
  const auto date = [&](const syntax::Clause& clause) {
    return clause.date ? moment(*clause.date) : std::optional(-HUGE_VAL);
  };
  if (std::ranges::all_of(clauses, [&](const auto& clause) { return date(clause).has_value(); }))
    std::ranges::stable_sort(clauses, {}, [&](const auto& clause) { return *date(clause); });
  return clauses;
}

std::string Writer::value_over_time(std::optional<ExprId> base,
                                    const std::vector<syntax::Clause>& clauses,
                                    const Names& names) {
  std::string text = base ? expression(*base, names) : "0";
  std::string reached = text;  // the value from which the next one moves
  const syntax::Clause* last = nullptr;
  const std::vector<syntax::Clause> ordered = in_order(clauses);
  for (const syntax::Clause& clause : ordered) {
    if (!clause.pattern.empty()) {
      if (clause.date) cannot(clause.span, "a dated value for part of an array");
      continue;
    }
    const std::string value = expression(clause.value, names);
    if (!clause.date) {
      reached = text = value;
      continue;
    }
    const std::string old = !last || is_over(*last, clause) ? reached : text;
    const std::string now = clause.ramp ? moved(old, value, clause, names) : value;
    if (now.size() + text.size() > kLongest) {
      cannot(clause.span, "a value of so many dates that move into each other");
      continue;
    }
    text =
        fmt::format(fmt::runtime(xmile() ? "(IF {} THEN {} ELSE {})" : "IF THEN ELSE({}, {}, {})"),
                    started(clause, names), now, text);
    reached = value;
    last = &clause;
  }
  return text;
}

}  // namespace headrace::exports
