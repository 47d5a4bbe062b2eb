// Lookups become tables. An arrayed one that is read at a fixed element has a table for it, one
// that is read along a range has its points in arrays: curves.cc.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

using syntax::ExprId;
using Beyond = syntax::TableDecl::Beyond;
using Pairs = std::vector<std::pair<uint32_t, uint32_t>>;  // of elements

// Ascending in x. Two points at one x are a jump: the first of them holds from the left, the last
// at x itself.
Points ascending(Points points) {
  std::ranges::stable_sort(points, {}, &std::pair<double, double>::first);
  Points result;
  for (size_t k = 0; k < points.size();) {
    size_t last = k;
    while (last + 1 < points.size() && points[last + 1].first == points[k].first) ++last;
    const double before = std::nextafter(points[k].first, -std::numeric_limits<double>::infinity());
    if (last > k && k > 0 && (result.empty() || result.back().first < before))
      result.emplace_back(before, points[k].second);
    result.push_back(points[last]);
    k = last + 1;
  }
  return result;
}

size_t element_count(const Translation& t, const Symbol& symbol) {
  size_t count = 1;
  for (const Axis& axis : symbol.axes) count *= t.ranges[axis.range].elements.size();
  return count;
}

// Calls visit(flat position) for each element that the box holds.
template <class Visit>
void for_each_element(const Translation& t, const Symbol& symbol, const Box& box, Visit&& visit) {
  std::vector<std::vector<size_t>> places(box.size());
  for (size_t d = 0; d < box.size(); ++d) {
    std::unordered_map<uint32_t, size_t> order;
    const auto& all = t.ranges[symbol.axes[d].range].elements;
    for (size_t k = 0; k < all.size(); ++k) order.emplace(all[k], k);
    for (const uint32_t element : box[d]) places[d].push_back(order.at(element));
    if (places[d].empty()) return;
  }
  std::vector<size_t> at(box.size(), 0);
  for (;;) {
    size_t flat = 0;
    for (size_t d = 0; d < box.size(); ++d)
      flat = flat * t.ranges[symbol.axes[d].range].elements.size() + places[d][at[d]];
    visit(flat);
    size_t d = box.size();
    while (d > 0 && ++at[d - 1] == places[d - 1].size()) at[--d] = 0;
    if (d == 0) return;
  }
}

// The nearest number beyond x on that side (+1 or -1) at which a slope of finite numbers stays one.
double just_beyond(double x, double side) {
  const double next = std::nextafter(x, side * std::numeric_limits<double>::infinity());
  return std::fabs(next - x) < 1e-280 ? x + side * 1e-280 : next;
}

// From each point on holds the y of the next.
Points forward(const Points& points) {
  Points result;
  for (size_t k = 0; k < points.size(); ++k) {
    const double x = k == 0 ? points[0].first : just_beyond(points[k - 1].first, 1);
    if (!result.empty() && result.back().first >= x) result.pop_back();
    result.emplace_back(x, points[k].second);
  }
  return result;
}

// x and y change places. Where the curve is level its first x counts, and just beyond that y it
// goes on from the last.
std::optional<Points> inverted(const Points& points) {
  const bool falls = !points.empty() && points.back().second < points.front().second;
  Points result;
  for (size_t first = 0, next = 0; first < points.size(); first = next) {
    const double y = points[first].second;
    while (next < points.size() && points[next].second == y) ++next;
    result.emplace_back(y, points[first].first);
    if (next - first > 1 && next < points.size())
      result.emplace_back(just_beyond(y, falls ? -1 : 1), points[next - 1].first);
  }
  if (falls) std::ranges::reverse(result);
  for (size_t k = 1; k < result.size(); ++k) {
    if (!(result[k - 1].first < result[k].first)) return std::nullopt;
  }
  return result;
}

// What holds from each point on until the next; 0 before the first.
Points stepped(const Points& points, Reading reading) {
  Points result{{-1e300, 0}};
  double area = 0;
  for (size_t k = 0; k < points.size(); ++k) {
    const auto [x, y] = points[k];
    const bool last = k + 1 == points.size();
    const double width = last ? 0 : points[k + 1].first - x;
    const double slope = last ? 0 : (points[k + 1].second - y) / width;
    if (reading == Reading::kSlopeBefore)
      result.emplace_back(std::nextafter(x, std::numeric_limits<double>::infinity()), slope);
    else if (reading == Reading::kSlope)
      result.emplace_back(x, slope);
    else if (reading == Reading::kLeft)
      result.emplace_back(x, x);
    else if (reading == Reading::kLower)
      result.emplace_back(x, last ? 0 : y);
    else
      result.emplace_back(x, area);
    area += last ? 0 : width * (y + points[k + 1].second) / 2;
  }
  return result;
}

Beyond beyond(Reading reading) {
  switch (reading) {
    case Reading::kHeld:
    case Reading::kInverted:
      return Beyond::kClamp;
    case Reading::kExtrapolated:
      return Beyond::kExtrapolate;
    case Reading::kBackward:
    case Reading::kForward:
    case Reading::kSlope:
    case Reading::kSlopeBefore:
    case Reading::kLeft:
    case Reading::kLower:
    case Reading::kArea:
      return Beyond::kStep;
  }
  return Beyond::kClamp;
}

// ---------------------------------------------------------------- which points an element has

// One equation for all elements: all have the same points.
bool is_shared(const Translation& t, const Symbol& symbol) {
  if (symbol.axes.empty()) return true;
  const Equation& first = *symbol.equations.front();
  return symbol.equations.size() == 1 && first.exceptions.empty() &&
         first.kind == Equation::Kind::kLookup &&
         std::ranges::all_of(first.places, [&](const Place& place) {
           return find_range(t, place.name).has_value();
         });
}

// The equation of each element, row by row; null for none.
const std::vector<const Equation*>& equations_of(Translation& t, const Symbol& symbol) {
  auto& result = t.lookups[&symbol].equations;
  if (!result.empty()) return result;
  result.resize(element_count(t, symbol));
  for (const Equation* equation : symbol.equations) {
    if (equation->kind != Equation::Kind::kLookup) continue;
    for (const Box& box : boxes_of(t, *equation))
      for_each_element(t, symbol, box, [&](size_t flat) { result[flat] = equation; });
  }
  return result;
}

std::string table_of(Translation& t, const Equation& equation, const std::string& name,
                     Reading reading) {
  std::string& table = t.tables[{&equation, reading}];
  if (table.empty())
    table =
        add_table(t, equation.points, name + suffix(reading), equation.span, reading, &equation);
  return table;
}

std::string shared_table(Translation& t, const Symbol& symbol, Reading reading) {
  // The table may have the name of the variable itself.
  if (reading == Reading::kHeld && !t.tables.contains({symbol.equations.back(), reading}))
    t.taken.erase(symbol.name);
  return table_of(t, *symbol.equations.back(), symbol.name, reading);
}

// The names of the element, with commas between them.
std::string label_of(const Translation& t, const Symbol& symbol, size_t flat) {
  std::string label;
  for (size_t d = symbol.axes.size(); d-- > 0;) {
    const auto& all = t.ranges[symbol.axes[d].range].elements;
    label = t.elements[all[flat % all.size()]].name + (label.empty() ? "" : ",") + label;
    flat /= all.size();
  }
  return label;
}

// The first few of them.
std::string listed(const std::vector<std::string>& names) {
  constexpr size_t kMost = 5;
  std::string list;
  for (size_t k = 0; k < names.size() && k < kMost; ++k)
    list += fmt::format("{}`{}`", k == 0 ? "" : ", ", shown(names[k]));
  if (names.size() > kMost) list += fmt::format(" and {} more", names.size() - kMost);
  return list;
}

std::string table_at(Translation& t, const Symbol& symbol, size_t flat, Span span,
                     Reading reading) {
  const Equation* equation = equations_of(t, symbol)[flat];
  const std::string label = label_of(t, symbol, flat);
  if (!equation) {
    t.diagnostics.error(
        Kind::kMissingElement, span,
        fmt::format("the lookup `{}` has no points for `{}`", shown(symbol.name), shown(label)));
    return {};
  }
  return table_of(t, *equation, fmt::format("{} ({})", symbol.name, label), reading);
}

// False after a diagnostic: the left side runs over elements that the lookup has not.
bool has_all(Translation& t, const Scope& scope, const NamedLookup& table,
             const std::vector<syntax::Index>& indexes, Span span) {
  const Symbol& symbol = *table.symbol;
  for (size_t d = 0; d < indexes.size(); ++d) {
    const auto bound = std::ranges::find_if(scope.bounds, [&](const Bound& one) {
      return one.is_range && one.index == indexes[d].name.text;
    });
    std::vector<uint32_t> wanted;
    const auto range = find_range(t, table.places[d].name);
    if (bound == scope.bounds.end()) {
      if (const auto element = find_element(t, indexes[d].name.text))
        wanted.push_back(static_cast<uint32_t>(*element));
    } else if (range && !indexes[d].map.text.empty()) {
      for (const auto& [from, to] : link(t, bound->id, *range).value_or(Pairs()))
        wanted.push_back(to);
    } else {
      wanted = t.ranges[bound->id].elements;
    }
    const auto& own = t.ranges[symbol.axes[d].range].elements;
    std::vector<std::string> missing;
    for (const uint32_t element : wanted) {
      if (std::ranges::find(own, element) == own.end()) missing.push_back(t.elements[element].name);
    }
    if (missing.empty()) continue;
    t.diagnostics
        .error(Kind::kMissingElement, span,
               fmt::format("the lookup `{}` has no points for {}", shown(symbol.name),
                           listed(missing)))
        .labels.push_back({symbol.equations.front()->name_span, "defined here"});
    return false;
  }
  return true;
}

std::string function_of(Translation& t, const Symbol& symbol, Reading reading) {
  if (const auto& known = t.lookups[&symbol].functions[reading]; !known.empty()) return known;
  std::vector<Points> points;
  std::vector<std::string> missing;
  for (const Equation* equation : equations_of(t, symbol)) {
    if (!equation) missing.push_back(label_of(t, symbol, points.size()));
    points.push_back(equation ? points_for(t, equation->points, reading, equation->span)
                              : Points());
    if (equation && points.back().empty()) return {};
  }
  if (!missing.empty() && reading == Reading::kHeld && !symbol.equations.front()->data)
    t.diagnostics.warning(Kind::kMissingElement, symbol.equations.front()->name_span,
                          fmt::format("the lookup `{}` has no points for {}, where it is :NA:",
                                      shown(symbol.name), listed(missing)));
  return t.lookups[&symbol].functions[reading] = write_curves(t, symbol, points, reading);
}

}  // namespace

std::optional<size_t> fixed_position(const Translation& t, const Symbol& symbol,
                                     const std::vector<syntax::Index>& indexes) {
  size_t flat = 0;
  for (size_t d = 0; d < indexes.size(); ++d) {
    const auto& all = t.ranges[symbol.axes[d].range].elements;
    const auto at = std::ranges::find_if(all, [&](uint32_t element) {
      return indexes[d].map.text.empty() && t.elements[element].name == indexes[d].name.text;
    });
    if (at == all.end()) return std::nullopt;
    flat = flat * all.size() + static_cast<size_t>(at - all.begin());
  }
  return flat;
}

ExprId flat_position(Translation& t, const Symbol& symbol,
                     const std::vector<syntax::Index>& indexes, Span span) {
  const Build build = t.build(span);
  if (const auto flat = fixed_position(t, symbol, indexes))
    return build.number(static_cast<double>(*flat));
  ExprId flat;
  for (size_t d = 0; d < indexes.size(); ++d) {
    const size_t range = symbol.axes[d].range;
    const ExprId place =
        build.subtract(build.element(place_array(t, range, span), {indexes[d]}), build.number(1));
    const auto size = static_cast<double>(t.ranges[range].elements.size());
    flat = flat.valid() ? build.add(build.multiply(flat, build.number(size)), place) : place;
  }
  return flat;
}

const char* suffix(Reading reading) {
  switch (reading) {
    case Reading::kHeld:
      return "";
    case Reading::kExtrapolated:
      return " (extrapolated)";
    case Reading::kBackward:
      return " (backward)";
    case Reading::kForward:
      return " (forward)";
    case Reading::kInverted:
      return " (inverted)";
    case Reading::kSlope:
      return " (slope)";
    case Reading::kSlopeBefore:
      return " (slope before)";
    case Reading::kLeft:
      return " (left)";
    case Reading::kLower:
      return " (lower)";
    case Reading::kArea:
      return " (area)";
  }
  return "";
}

Points points_for(Translation& t, const Points& points, Reading reading, Span span) {
  Points result = ascending(points);
  if (result.empty()) {
    t.diagnostics.error(Kind::kBadTable, span, "the lookup has no points");
  } else if (reading == Reading::kForward) {
    result = forward(result);
  } else if (reading >= Reading::kSlope) {
    result = stepped(result, reading);
  } else if (reading == Reading::kInverted) {
    if (auto turned = inverted(result)) return *turned;
    t.diagnostics.error(Kind::kBadTable, span,
                        "this lookup neither rises nor falls all the way, so LOOKUP INVERT has no "
                        "single answer");
  }
  return result;
}

// That of what the lookup gives. Other readings than its values have another.
std::optional<syntax::UnitExpr> unit_of(Translation& t, const Equation& lookup, Reading reading) {
  if (reading >= Reading::kInverted) return std::nullopt;
  return t.units.read(lookup.units, lookup.span);
}

std::string add_table(Translation& t, const Points& points, const std::string& wanted, Span span,
                      Reading reading, const Equation* equation) {
  const Build build = t.build(span);
  syntax::TableDecl decl;
  std::string name = t.fresh(wanted);
  decl.name = build.word(name);
  decl.input = build.word("x");
  decl.points = points_for(t, points, reading, span);
  decl.beyond = beyond(reading);
  if (equation) {
    decl.input_unit = t.units.read(equation->input_units, span);
    decl.unit = unit_of(t, *equation, reading);
  }
  const bool told = equation && reading == Reading::kHeld;
  if (!decl.points.empty()) t.add({std::move(decl), told ? equation->comment : "", span});
  return name;
}

void write_tables(Translation& t) {
  for (const std::string& name : t.order) {
    const Symbol& symbol = t.symbols.at(name);
    if (symbol.role != Symbol::Role::kTable || symbol.bad) continue;
    if (is_shared(t, symbol))
      shared_table(t, symbol, Reading::kHeld);
    else
      function_of(t, symbol, Reading::kHeld);
  }
}

ExprId call_table(Translation& t, const Scope& scope, const NamedLookup& table, ExprId input,
                  Span span, Reading reading) {
  const Build build = t.build(span);
  const Symbol& symbol = *table.symbol;
  if (symbol.bad) return build.bad();
  if (!table.position.empty()) {
    if (is_shared(t, symbol)) return build.call(shared_table(t, symbol, reading), {input});
    const std::string function = function_of(t, symbol, reading);
    return function.empty() ? build.bad()
                            : build.call(function, {input, build.name(table.position)});
  }
  const auto indexes = translate_places(t, scope, symbol, table.places, span);
  if (!indexes) return build.bad();
  if (is_shared(t, symbol)) return build.call(shared_table(t, symbol, reading), {input});
  if (!has_all(t, scope, table, *indexes, span)) return build.bad();
  if (const auto flat = fixed_position(t, symbol, *indexes)) {
    const std::string one = table_at(t, symbol, *flat, span, reading);
    return one.empty() ? build.bad() : build.call(one, {input});
  }
  const std::string function = function_of(t, symbol, reading);
  if (function.empty()) return build.bad();
  return build.call(function, {input, flat_position(t, symbol, *indexes, span)});
}

}  // namespace headrace::import::vensim
