// Lookups become tables: one for each element of an arrayed one, and a function that chooses.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "import/vensim/translation.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

using syntax::CompareOp;
using syntax::ExprId;
using Beyond = syntax::TableDecl::Beyond;

std::string shown(std::string_view name) { return text::printable(name.substr(0, 200)); }

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

// Calls visit(flat position, elements) for each element that the boxes hold.
template <class Visit>
void for_each_element(const Translation& t, const Symbol& symbol, const Box& box, Visit&& visit) {
  std::vector<size_t> at(box.size(), 0);
  for (const auto& places : box) {
    if (places.empty()) return;
  }
  for (;;) {
    size_t flat = 0;
    std::vector<uint32_t> elements;
    for (size_t d = 0; d < box.size(); ++d) {
      const auto& all = t.ranges[symbol.axes[d].range].elements;
      const uint32_t element = box[d][at[d]];
      flat = flat * all.size() + static_cast<size_t>(std::ranges::find(all, element) - all.begin());
      elements.push_back(element);
    }
    visit(flat, elements);
    size_t d = box.size();
    while (d > 0 && ++at[d - 1] == box[d - 1].size()) at[--d] = 0;
    if (d == 0) return;
  }
}

std::string element_label(const Translation& t, const std::vector<uint32_t>& elements) {
  std::string label;
  for (const uint32_t element : elements)
    label += (label.empty() ? "" : ",") + t.elements[element].name;
  return label;
}

const char* suffix(Beyond beyond) {
  switch (beyond) {
    case Beyond::kClamp:
      return "";
    case Beyond::kExtrapolate:
      return " (extrapolated)";
    case Beyond::kStep:
      return " (backward)";
  }
  return "";
}

// A sum of choices, one for each table, as a tree of little height.
ExprId choice(const Tables& tables, const Build& build) {
  std::vector<ExprId> terms;
  for (size_t k = 0; k < tables.names.size(); ++k) {
    const ExprId here =
        build.compare(build.name("k"), CompareOp::kEqual, build.number(static_cast<double>(k)));
    const ExprId value = tables.names[k].empty() ? build.number(kMissingValue)
                                                 : build.call(tables.names[k], {build.name("x")});
    terms.push_back(build.choose(here, value, build.number(0)));
  }
  while (terms.size() > 1) {
    std::vector<ExprId> next;
    for (size_t k = 0; k + 1 < terms.size(); k += 2)
      next.push_back(build.add(terms[k], terms[k + 1]));
    if (terms.size() % 2) next.push_back(terms.back());
    terms = std::move(next);
  }
  return terms.empty() ? build.number(0) : terms.front();
}

Tables& tables_of(Translation& t, const Symbol& symbol, Beyond beyond) {
  const auto key = std::pair(&symbol, static_cast<int>(beyond));
  if (const auto known = t.tables.find(key); known != t.tables.end()) return known->second;
  Tables& tables = t.tables[key];
  const bool own = beyond == Beyond::kClamp;
  if (symbol.axes.empty()) {
    const Equation& equation = *symbol.equations.back();
    if (own) t.taken.erase(symbol.name);
    tables.names.push_back(
        add_table(t, equation.points, symbol.name + suffix(beyond), equation.span, beyond));
    return tables;
  }
  tables.names.resize(element_count(t, symbol));
  for (const Equation* equation : symbol.equations) {
    if (equation->kind != Equation::Kind::kLookup) continue;
    std::string shared;  // one equation for several elements has one table
    for (const Box& box : boxes_of(t, *equation)) {
      for_each_element(t, symbol, box, [&](size_t flat, const std::vector<uint32_t>& elements) {
        if (shared.empty())
          shared = add_table(
              t, equation->points,
              fmt::format("{} ({}){}", symbol.name, element_label(t, elements), suffix(beyond)),
              equation->span, beyond);
        tables.names[flat] = shared;
      });
    }
  }
  return tables;
}

std::string selector_of(Translation& t, const Symbol& symbol, Beyond beyond) {
  Tables& tables = tables_of(t, symbol, beyond);
  if (!tables.selector.empty()) return tables.selector;
  const Build build = t.build(symbol.equations.front()->span);
  tables.selector = t.fresh(symbol.name + suffix(beyond) + " (of an element)");
  syntax::FunctionDecl decl;
  decl.name = build.word(tables.selector);
  decl.parameters.push_back({build.word("x"), {}, {}, {}});
  decl.parameters.push_back({build.word("k"), {}, {}, {}});
  decl.result = choice(tables, build);
  t.add({std::move(decl), {}, symbol.equations.front()->span});
  return tables.selector;
}

// The flat position that the brackets name when all are elements.
std::optional<size_t> fixed_position(Translation& t, const Symbol& symbol,
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

}  // namespace

std::string add_table(Translation& t, const Points& points, const std::string& wanted, Span span,
                      Beyond beyond) {
  const Build build = t.build(span);
  syntax::TableDecl decl;
  std::string name = t.fresh(wanted);
  decl.name = build.word(name);
  decl.input = build.word("x");
  decl.points = ascending(points);
  decl.beyond = beyond;
  if (decl.points.empty())
    t.diagnostics.error(Kind::kBadTable, span, "the lookup has no points");
  else
    t.add({std::move(decl), {}, span});
  return name;
}

void write_tables(Translation& t) {
  for (const std::string& name : t.order) {
    const Symbol& symbol = t.symbols.at(name);
    if (symbol.role == Symbol::Role::kTable && !symbol.bad) tables_of(t, symbol, Beyond::kClamp);
  }
}

ExprId call_table(Translation& t, const Scope& scope, const Symbol& symbol,
                  const std::vector<Place>& places, ExprId input, Span span, Beyond beyond) {
  const Build build = t.build(span);
  if (symbol.bad) return build.bad();
  auto indexes = translate_places(t, scope, symbol, places, span);
  if (!indexes) return build.bad();
  if (symbol.axes.empty()) return build.call(tables_of(t, symbol, beyond).names.front(), {input});
  if (const auto flat = fixed_position(t, symbol, *indexes)) {
    const std::string& table = tables_of(t, symbol, beyond).names[*flat];
    if (!table.empty()) return build.call(table, {input});
    t.diagnostics.error(Kind::kMissingElement, span,
                        fmt::format("`{}` has no points for this element", shown(symbol.name)));
    return build.bad();
  }
  ExprId flat;
  for (size_t d = 0; d < indexes->size(); ++d) {
    const size_t range = symbol.axes[d].range;
    const ExprId place = build.subtract(build.element(place_array(t, range, span), {(*indexes)[d]}),
                                        build.number(1));
    const auto size = static_cast<double>(t.ranges[range].elements.size());
    flat = flat.valid() ? build.add(build.multiply(flat, build.number(size)), place) : place;
  }
  return build.call(selector_of(t, symbol, beyond), {input, flat});
}

}  // namespace headrace::import::vensim
