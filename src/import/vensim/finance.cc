// Money by fiscal periods: what is written off, and what a stream returns.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

using syntax::CompareOp;
using syntax::ExprId;
using F = Formula::Kind;

constexpr double kMostPaid = 100'000;  // periods of a rate of return times steps: seconds

// DEPRECIATE BY SCHEDULE(stream, schedule[first], initial[first], time, begin of a period): in each
// fiscal period, of which the time has as many as the schedule has elements, the first share of
// what comes in within it, as it comes, and the later ones of what came in within the periods
// before.
//
//   SUM(schedule[year!] * (what came in year - 1 periods ago)) / SUM(schedule[year!])
class Schedule {
 public:
  Schedule(Translation& t, const Scope& scope, const Formula& formula)
      : t_(t), scope_(scope), formula_(formula), build_(t.build(formula.span)) {}

  ExprId write() {
    if (scope_.locals) return not_read(t_, formula_, "DEPRECIATE BY SCHEDULE within a macro");
    const auto share = running(formula_.children[1]);
    if (!share) return wants_array(formula_.children[1]);
    const double periods = static_cast<double>(t_.ranges[range_].elements.size());
    const auto duration = constant_value(t_, formula_.children[3]);
    const ExprId written = sum(*share, [&](const Scope& inner, ExprId place) {
      return build_.multiply(translate(t_, inner, *share), came_in(place, periods));
    });
    const ExprId whole =
        sum(*share, [&](const Scope& inner, ExprId) { return translate(t_, inner, *share); });
    const ExprId result = build_.divide(written, whole);
    if (is_nothing(formula_.children[2])) return result;
    const auto initial = running(formula_.children[2]);
    if (!initial) return wants_array(formula_.children[2]);
    take_in(t_, formula_.children[3], "how DEPRECIATE BY SCHEDULE begins");
    if (duration != periods)
      return not_read(t_, formula_,
                      "DEPRECIATE BY SCHEDULE that does not begin with 0, of periods other than 1");
    const ExprId present = build_.call("vensim_fiscal_number", {period(periods), begin()});
    const ExprId old = sum(*initial, [&](const Scope& inner, ExprId place) {
      return build_.choose(build_.compare(place, CompareOp::kEqual, present),
                           translate(t_, inner, *initial), build_.number(0));
    });
    return build_.add(result, old);
  }

 private:
  // The array with its last place running.
  std::optional<FormulaId> running(FormulaId id) {
    Formula array = t_.formulas[id];
    const Symbol* symbol = array.kind == F::kName ? find_symbol(t_, array.text) : nullptr;
    if (!symbol || array.places.empty() || array.places.size() != symbol->axes.size())
      return std::nullopt;
    const auto range = last_range(t_, *symbol, array.places.back());
    if (!range) return std::nullopt;
    range_ = *range;
    array.places.back() = {t_.ranges[*range].name, true, array.places.back().span};
    return t_.formulas.add(array);
  }

  ExprId wants_array(FormulaId id) {
    t_.diagnostics.error(Kind::kBadCall, t_.formulas[id].span,
                         "DEPRECIATE BY SCHEDULE wants a variable here whose last subscript runs "
                         "over the fiscal periods, named by its first element");
    return build_.bad();
  }

  // A constant 0, or an array of such.
  bool is_nothing(FormulaId id) const {
    if (constant_value(t_, id) == 0) {
      const Symbol* symbol = find_symbol(t_, t_.formulas[id].text);
      if (!symbol || symbol->axes.empty()) return true;
    }
    const Symbol* symbol = find_symbol(t_, t_.formulas[id].text);
    return symbol && std::ranges::all_of(symbol->equations, [&](const Equation* equation) {
             if (equation->kind == Equation::Kind::kNumbers)
               return std::ranges::all_of(equation->numbers, [](double x) { return x == 0; });
             return equation->kind == Equation::Kind::kValue && literal(t_, equation->value) == 0;
           });
  }

  template <class Body>
  ExprId sum(FormulaId array, Body&& body) {
    Scope inner = scope_;
    auto bindings = bind_bangs(t_, inner, {array}, build_);
    const ExprId place = build_.element(place_array(t_, range_, formula_.span),
                                        {build_.index(bindings.front().index.text)});
    return build_.call("sum", {body(inner, place)}, std::move(bindings));
  }

  ExprId argument(size_t k) { return translate(t_, scope_, formula_.children[k]); }
  ExprId period(double periods) {
    return build_.call(
        "max", {build_.divide(argument(3), build_.number(periods)), build_.name("time.step")});
  }
  ExprId begin() { return build_.call("initial", {argument(4)}); }

  ExprId came_in(ExprId place, double periods) {
    const ExprId ago =
        build_.call("max", {build_.subtract(place, build_.number(1)), build_.number(1)});
    const ExprId earlier = build_.call(
        "vensim_fiscal", {argument(0), period(periods), begin(), ago, ago, build_.number(0)});
    return build_.choose(build_.compare(place, CompareOp::kEqual, build_.number(1)), argument(0),
                         earlier);
  }

  Translation& t_;
  const Scope& scope_;
  const Formula& formula_;
  Build build_;
  size_t range_ = 0;  // of the fiscal periods
};

}  // namespace

std::optional<size_t> last_range(Translation& t, const Symbol& symbol, const Place& place) {
  if (const auto range = find_range(t, place.name)) return range;
  const size_t range = symbol.axes.back().range;
  const auto element = find_element(t, place.name);
  const auto& all = t.ranges[range].elements;
  if (!element || all.empty() || all.front() != *element) return std::nullopt;
  t.ranges_by_name.emplace(canonical_of(t.ranges[range].name), range);
  return range;
}

ExprId translate_schedule(Translation& t, const Scope& scope, const Formula& formula) {
  return Schedule(t, scope, formula).write();
}

// INTERNAL RATE OF RETURN(stream, fiscal period, initial, its time): :NA: where there is none.
ExprId translate_rate_of_return(Translation& t, const Scope& scope, const Formula& formula) {
  const Build build = t.build(formula.span);
  const auto start = constant_value(t, "initial_time"), end = constant_value(t, "final_time"),
             period = constant_value(t, formula.children[1]), step = constant_value(t, "time_step");
  if (scope.locals || !start || !end || !period || !(*period > 0) || !step || !(*step > 0))
    return not_read(t, formula, "INTERNAL RATE OF RETURN whose period is no constant");
  const double periods = std::floor((*end - *start) / *period + 1e-6) + 1;
  if (!(periods * ((*end - *start) / *step + 1) <= kMostPaid))
    return not_read(t, formula,
                    "INTERNAL RATE OF RETURN whose periods times the steps are more than 100,000");
  std::vector<ExprId> values;
  for (const FormulaId child : formula.children) values.push_back(translate(t, scope, child));
  values.push_back(build.number(std::max(periods, 1.0)));
  values.push_back(build.number(kMissingValue));
  return build.call("vensim_internal_rate", values);
}

}  // namespace headrace::import::vensim
