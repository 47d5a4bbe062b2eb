// Lookups that say how something is spread: over a conveyor, over a delay.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

using syntax::ExprId;

constexpr double kMostSlats = 5000;

// The middle of a distribution whose density goes straight from point to point.
double middle_of(const Points& points) {
  double area = 0, moment = 0;
  for (size_t k = 0; k + 1 < points.size(); ++k) {
    const auto [x0, y0] = points[k];
    const auto [x1, y1] = points[k + 1];
    const double width = x1 - x0;
    area += width * (y0 + y1) / 2;
    moment += width * (x0 * (y0 + y1) / 2 + width * (y0 + 2 * y1) / 6);
  }
  return moment / area;
}

// As many steps as the run has, and one.
std::optional<double> steps_of_run(const Translation& t) {
  const auto start = constant_value(t, "initial_time"), end = constant_value(t, "final_time"),
             step = constant_value(t, "time_step");
  if (!start || !end || !step || !(*step > 0)) return std::nullopt;
  const double steps = std::max(1.0, std::ceil((*end - *start) / *step - 1e-6)) + 1;
  return steps <= kMostSlats ? std::optional(steps) : std::nullopt;
}

// DELAY CONVEYOR(input, time, leak, profile, what is on it, in how long that comes off): a belt
// for what comes in, and for what is there at the start the share of the profile that lies in the
// step. A belt whose time stays the same has a place for each step of it; one whose time changes
// moves by step / time of its length.
class Conveyor {
 public:
  Conveyor(Translation& t, const Scope& scope, const Formula& formula)
      : t_(t), scope_(scope), formula_(formula), build_(t.build(formula.span)) {}

  ExprId write() {
    const auto table = wanted_lookup(t_, scope_, formula_, formula_.children[3]);
    if (!table) return build_.bad();
    const auto points = points_of(*table);
    Points share = points ? shares_below(*points) : Points();
    if (share.empty()) return not_read(t_, formula_, "DELAY CONVEYOR with such a profile");
    const double first = share.front().first, width = share.back().first - first;
    for (auto& [x, y] : share) x = (x - first) / width;
    const auto step = scope_.locals ? std::nullopt : constant_value(t_, "time_step");
    const auto time = step ? constant_value(t_, formula_.children[1]) : std::nullopt;
    const auto slats = time && *step > 0 ? std::optional(std::max(1.0, std::round(*time / *step)))
                                         : steps_of_run(t_);
    if (!slats || *slats > kMostSlats)
      return not_read(t_, formula_, "DELAY CONVEYOR of more than 5000 steps");
    share_ = add_table(t_, share, table->symbol->name + " (share)", formula_.span);
    return time ? still(*slats) : moving(*slats);
  }

 private:
  ExprId argument(size_t k) { return translate(t_, scope_, formula_.children[k]); }

  ExprId still(double slats) {
    const bool leaks = constant_value(t_, formula_.children[2]) != 0;
    if (leaks)
      take_in(t_, formula_.children[1], "the length of the belt of DELAY CONVEYOR");
    else
      take_in(t_, formula_.children[2], "that DELAY CONVEYOR does not leak");
    const ExprId come =
        leaks
            ? build_.call("vensim_delay_conveyor", {argument(0), argument(2), build_.number(slats)})
            : build_.call("delay_fixed", {argument(0), argument(1), build_.number(0)});
    const auto share_at = [&](ExprId moment) {
      const ExprId since = build_.subtract(moment, build_.name("time.start"));
      return build_.call(share_, {build_.divide(since, argument(5))});
    };
    const ExprId next = build_.add(build_.name("time"), build_.name("time.step"));
    return with_first(come, share_at(next), share_at(build_.name("time")));
  }

  ExprId moving(double slats) {
    const ExprId come = build_.call("vensim_moving_conveyor",
                                    {argument(0), argument(1), argument(2), build_.number(slats)});
    const auto share_at = [&](double steps) {
      return build_.call(share_, {build_.call("vensim_conveyed",
                                              {argument(1), argument(5), build_.number(steps)})});
    };
    return with_first(come, share_at(1), share_at(0));
  }

  // And what is there at the start comes off between these shares of it.
  ExprId with_first(ExprId come, ExprId until, ExprId from) {
    const ExprId there = build_.divide(build_.multiply(argument(4), build_.subtract(until, from)),
                                       build_.name("time.step"));
    return build_.add(come, build_.multiply(there, build_.call("vensim_left", {argument(2)})));
  }

  Translation& t_;
  const Scope& scope_;
  const Formula& formula_;
  Build build_;
  std::string share_;  // the table
};

// Whether a name in the formula runs over a range.
bool runs(const Translation& t, FormulaId id) {
  std::vector<FormulaId> open{id};
  while (!open.empty()) {
    const Formula& formula = t.formulas[open.back()];
    open.pop_back();
    const bool here = std::ranges::any_of(formula.places, [&](const Place& place) {
      return !place.bang && find_range(t, place.name).has_value();
    });
    const bool bare = formula.kind == Formula::Kind::kName && formula.places.empty() &&
                      !find_symbol(t, formula.text) && find_range(t, formula.text);
    if (here || bare) return true;
    open.insert(open.end(), formula.children.begin(), formula.children.end());
  }
  return false;
}

}  // namespace

std::optional<Points> points_of(const NamedLookup& table) {
  if (table.places.empty() && table.symbol->equations.size() == 1)
    return table.symbol->equations.front()->points;
  for (const Equation* equation : table.symbol->equations) {
    const bool same = std::ranges::equal(
        equation->places, table.places, {},
        [](const Place& place) { return canonical(place.name); },
        [](const Place& place) { return canonical(place.name); });
    if (same) return equation->points;
  }
  return std::nullopt;
}

// Where a line is not level it is cut into parts, so that straight lines between those follow its
// parabola.
Points shares_below(const Points& points) {
  constexpr int kParts = 64;
  Points result;
  double area = 0;
  for (size_t k = 0; k + 1 < points.size(); ++k) {
    const auto [x0, y0] = points[k];
    const auto [x1, y1] = points[k + 1];
    if (!(x1 > x0) || y0 < 0 || y1 < 0) return {};
    const int parts = y0 == y1 ? 1 : kParts;
    for (int part = 0; part < parts; ++part) {
      const double s = static_cast<double>(part) / parts;
      result.emplace_back(x0 + (x1 - x0) * s, area + (x1 - x0) * s * (y0 + (y1 - y0) * s / 2));
    }
    area += (x1 - x0) * (y0 + y1) / 2;
  }
  if (!(area > 0) || !std::isfinite(area) || points.size() > 10'000) return {};
  result.emplace_back(points.back().first, area);
  for (auto& [x, share] : result) share /= area;
  return result;
}

std::optional<double> share_below(const Points& points, double x) {
  double area = 0, below = 0;
  for (size_t k = 0; k + 1 < points.size(); ++k) {
    const auto [x0, y0] = points[k];
    const auto [x1, y1] = points[k + 1];
    if (!(x1 > x0) || y0 < 0 || y1 < 0) return std::nullopt;
    const double part = std::clamp((x - x0) / (x1 - x0), 0.0, 1.0);
    below += (x1 - x0) * part * (y0 + (y1 - y0) * part / 2);
    area += (x1 - x0) * (y0 + y1) / 2;
  }
  if (!(area > 0) || !std::isfinite(area)) return std::nullopt;
  return below / area;
}

ExprId translate_conveyor(Translation& t, const Scope& scope, const Formula& formula) {
  return Conveyor(t, scope, formula).write();
}

// DELAY PROFILE(profile, input, time, initial, its growth): the profile is stretched so that its
// middle is the time, and each part of the input comes out at the step that is nearest to its
// moment, the next one at the earliest.
ExprId translate_delay_profile(Translation& t, const Scope& scope, const Formula& formula) {
  const Build build = t.build(formula.span);
  const auto argument = [&](size_t k) { return translate(t, scope, formula.children[k]); };
  const auto table = wanted_lookup(t, scope, formula, formula.children[0]);
  if (!table) return build.bad();
  const auto points = points_of(*table);
  Points share = points ? shares_below(*points) : Points();
  if (share.empty() || share.front().first < 0)
    return not_read(t, formula, "DELAY PROFILE with such a profile");
  const double middle = middle_of(*points);
  for (auto& [x, y] : share) x /= middle;
  if (scope.locals) return not_read(t, formula, "DELAY PROFILE within a macro");
  if (constant_value(t, formula.children[4]) != 0)
    return not_read(t, formula,
                    "DELAY PROFILE that begins with a growth (what came in before the run is not "
                    "written down)");
  const auto time = constant_value(t, formula.children[2]);
  if (!time && runs(t, formula.children[2]))
    return not_read(t, formula, "DELAY PROFILE whose time runs over a range");
  const auto step = constant_value(t, "time_step"), run = steps_of_run(t);
  double slats = time || !run ? 0 : *run;  // of a time that changes as many as the run
  if (time && *time > 0 && step && *step > 0)
    slats = std::max(1.0, std::floor(share.back().first * *time / *step + 0.5));
  if (!(slats > 0 && slats <= kMostSlats))
    return not_read(t, formula, "DELAY PROFILE over no or more than 5000 steps");
  if (time) take_in(t, formula.children[2], "how many parts DELAY PROFILE has");
  const std::string below =
      add_table(t, share, table->symbol->name + " (share below)", formula.span);
  syntax::DimDecl steps;
  steps.name = build.word(t.fresh("_" + scope.variable + " (step)"));
  for (double k = 1; k <= slats; ++k) steps.members.push_back(build.word(fmt::format("{}", k)));
  syntax::ValueDecl shares;
  shares.kind = syntax::ValueDecl::Kind::kLet;
  shares.name = build.word(t.fresh("_" + scope.variable + " (share)"));
  shares.dims.push_back({steps.name, {}});
  const ExprId place = build.call("position", {build.name(steps.name.text)});
  const auto below_at = [&](double from) {
    const ExprId moment =
        build.multiply(build.add(place, build.number(from)), build.name("time.step"));
    return build.call(below, {build.divide(moment, argument(2))});
  };
  const ExprId is_first = build.compare(place, syntax::CompareOp::kEqual, build.number(1));
  const ExprId is_last = build.compare(place, syntax::CompareOp::kEqual, build.number(slats));
  shares.value = build.subtract(build.choose(is_last, build.number(1), below_at(0.5)),
                                build.choose(is_first, build.number(0), below_at(-0.5)));
  const std::string name = shares.name.text;
  t.add({std::move(steps), {}, formula.span});
  t.add({std::move(shares), {}, formula.span});
  return build.call("vensim_delay_profile", {build.name(name), argument(1), argument(3)});
}

}  // namespace headrace::import::vensim
