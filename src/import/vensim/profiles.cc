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

// DELAY CONVEYOR(input, time, leak, profile, what is on it, in how long that comes off): a belt
// for what comes in, and for what is there at the start the share of the profile that lies in the
// step. The belt's length is a number of the model.
ExprId translate_conveyor(Translation& t, const Scope& scope, const Formula& formula) {
  const Build build = t.build(formula.span);
  const auto argument = [&](size_t k) { return translate(t, scope, formula.children[k]); };
  const auto table = wanted_lookup(t, scope, formula, formula.children[3]);
  if (!table) return build.bad();
  const auto points = points_of(*table);
  Points share = points ? shares_below(*points) : Points();
  if (share.empty()) return not_read(t, formula, "DELAY CONVEYOR with such a profile");
  const double first = share.front().first, width = share.back().first - first;
  for (auto& [x, y] : share) x = (x - first) / width;
  const auto step = scope.locals ? std::nullopt : constant_value(t, "time_step");
  const auto time = step ? constant_value(t, formula.children[1]) : std::nullopt;
  if (!time || !(*step > 0))
    return not_read(t, formula, "DELAY CONVEYOR whose time is no constant");
  const double slats = std::max(1.0, std::round(*time / *step));
  if (slats > kMostSlats) return not_read(t, formula, "DELAY CONVEYOR of more than 5000 steps");
  const bool leaks = constant_value(t, formula.children[2]) != 0;
  if (leaks)
    take_in(t, formula.children[1], "the length of the belt of DELAY CONVEYOR");
  else
    take_in(t, formula.children[2], "that DELAY CONVEYOR does not leak");
  const ExprId come =
      leaks ? build.call("vensim_delay_conveyor", {argument(0), argument(2), build.number(slats)})
            : build.call("delay_fixed", {argument(0), argument(1), build.number(0)});
  const std::string table_name =
      add_table(t, share, table->symbol->name + " (share)", formula.span);
  const auto share_at = [&](ExprId moment) {
    const ExprId since = build.subtract(moment, build.name("time.start"));
    return build.call(table_name, {build.divide(since, argument(5))});
  };
  const ExprId next = build.add(build.name("time"), build.name("time.step"));
  const ExprId part = build.subtract(share_at(next), share_at(build.name("time")));
  const ExprId there = build.divide(build.multiply(argument(4), part), build.name("time.step"));
  return build.add(come, build.multiply(there, build.call("vensim_left", {argument(2)})));
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
  if (scope.locals || constant_value(t, formula.children[4]) != 0)
    return not_read(t, formula, "DELAY PROFILE that begins with a growth");
  const auto step = constant_value(t, "time_step"), time = constant_value(t, formula.children[2]);
  if (!time || !step || !(*step > 0) || !(*time > 0))
    return not_read(t, formula, "DELAY PROFILE whose time is no constant");
  const double slats = std::max(1.0, std::floor(share.back().first * *time / *step + 0.5));
  if (!(slats <= kMostSlats))
    return not_read(t, formula, "DELAY PROFILE over more than 5000 steps");
  take_in(t, formula.children[2], "how many parts DELAY PROFILE has");
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
