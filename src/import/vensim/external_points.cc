// The points of data variables, known while a model is read, and lookups that hold them.

#include <fmt/format.h>

#include <algorithm>

#include "import/names.h"
#include "import/vensim/dates.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

using K = Equation::Kind;

size_t flat_of(const Translation& t, const Symbol& symbol, const std::vector<uint32_t>& elements) {
  size_t flat = 0;
  for (size_t d = 0; d < elements.size(); ++d) {
    const auto& all = t.ranges[symbol.axes[d].range].elements;
    flat =
        flat * all.size() + static_cast<size_t>(std::ranges::find(all, elements[d]) - all.begin());
  }
  return flat;
}

// The elements that one part is for, in the order of its series.
std::vector<std::vector<uint32_t>> elements_of_part(Translation& t, const Symbol& symbol,
                                                    const syntax::DataDecl::Part& part) {
  std::vector<std::vector<uint32_t>> all{{}};
  for (size_t d = 0; d < symbol.axes.size(); ++d) {
    std::vector<uint32_t> here;
    if (part.pattern.empty()) {
      here = t.ranges[symbol.axes[d].range].elements;
    } else if (const auto bound = read_place(t, {part.pattern[d].name.text, false, part.span})) {
      here = elements_of(t, *bound);
    }
    std::vector<std::vector<uint32_t>> next;
    for (const auto& start : all) {
      for (const uint32_t element : here) {
        next.push_back(start);
        next.back().push_back(element);
      }
    }
    all = std::move(next);
  }
  return all;
}

}  // namespace

const std::vector<Points>* series_of(Translation& t, const Symbol& symbol, Span span) {
  const auto [at, fresh] = t.series.emplace(&symbol, std::vector<Points>{});
  std::vector<Points>& series = at->second;
  if (!fresh) return series.empty() ? nullptr : &series;
  t.taken_in.emplace(symbol.name, "what is computed of its points");
  size_t size = 1;
  for (const Axis& axis : symbol.axes) size *= t.ranges[axis.range].elements.size();
  std::vector<Points> found(size);
  for (const syntax::DataDecl::Part& part : data_parts(t, symbol)) {
    const auto elements = elements_of_part(t, symbol, part);
    if (!part.cells || part.cells->along == syntax::Cells::Along::kNothing) continue;
    const auto points = series_in(t, *part.cells, elements.size());
    if (!points) {  // the statement itself is told of it
      t.diagnostics.error(
          Kind::kBadData, span,
          fmt::format("`{}`: {}", shown(part.cells->file.text), points.error().message));
      return nullptr;
    }
    for (size_t k = 0; k < elements.size(); ++k)
      found[flat_of(t, symbol, elements[k])] = (*points)[k];
  }
  series = std::move(found);
  return &series;
}

const Symbol& add_lookup(Translation& t, const std::string& name, const std::vector<Axis>& axes,
                         const std::vector<Points>& rows, const std::string& units, Span span) {
  Symbol& symbol = t.series_lookups.emplace_back();
  symbol.name = t.fresh(name);
  symbol.role = Symbol::Role::kTable;
  symbol.axes = axes;
  for (size_t flat = 0; flat < rows.size(); ++flat) {
    if (rows[flat].empty()) continue;
    Equation equation;
    equation.kind = K::kLookup;
    equation.name = symbol.name;
    equation.data = true;
    equation.units = units;
    equation.input_units = time_unit(t);
    equation.span = equation.name_span = span;
    equation.points = rows[flat];
    size_t rest = flat;
    for (size_t d = axes.size(); d-- > 0;) {
      const auto& all = t.ranges[axes[d].range].elements;
      equation.places.insert(equation.places.begin(),
                             {t.elements[all[rest % all.size()]].name, false, span});
      rest /= all.size();
    }
    t.series_equations.push_back(std::move(equation));
    symbol.equations.push_back(&t.series_equations.back());
  }
  return symbol;
}

const Symbol* cumulated(Translation& t, const Symbol& symbol, bool final, Span span) {
  const Symbol*& known = t.sums[{&symbol, final}];
  const std::vector<Points>* series = known ? nullptr : series_of(t, symbol, span);
  if (!series) return known;
  std::vector<Points> rows = *series;
  for (Points& row : rows) {
    std::ranges::stable_sort(row, {}, &std::pair<double, double>::first);
    for (size_t k = 1; k < row.size(); ++k) row[k].second += row[k - 1].second;
    if (final && !row.empty()) row = {row.back()};
  }
  const std::string name = t.fresh(symbol.name + (final ? " (sum)" : " (sums)"));
  Symbol& sums = t.symbols[canonical_of(name)];
  sums = symbol;
  sums.name = name;
  t.series.emplace(&sums, std::move(rows));
  return known = &sums;
}

const Symbol& points_lookup(Translation& t, const Symbol& symbol,
                            const std::vector<Points>& series) {
  const Symbol*& lookup = t.points_lookups[&symbol];
  std::string units;
  for (const Equation* equation : symbol.equations) {
    if (units.empty()) units = equation->units;
  }
  if (!lookup)
    lookup = &add_lookup(t, symbol.name + " (points)", symbol.axes, series, units,
                         symbol.equations.front()->name_span);
  return *lookup;
}

}  // namespace headrace::import::vensim
