// Variables whose values are numbers, in the text and in files, become `data` statements.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "import/names.h"
#include "import/vensim/translation.h"
#include "sheet/cells.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

using K = Equation::Kind;
using Part = syntax::DataDecl::Part;
using Interpolation = syntax::DataDecl::Interpolation;

Interpolation interpolation_of(const Equation& equation) {
  switch (equation.interpolation) {
    case Equation::Interpolation::kLinear:
      return Interpolation::kLinear;
    case Equation::Interpolation::kForward:
      return Interpolation::kForward;
    case Equation::Interpolation::kBackward:
      return Interpolation::kStep;
    case Equation::Interpolation::kRaw:
      return Interpolation::kRaw;
  }
  return Interpolation::kLinear;
}

// The left side as brackets, in which ranges keep the order of their elements.
std::vector<syntax::Index> pattern(Translation& t, const Equation& equation) {
  std::vector<syntax::Index> indexes;
  for (const Place& place : equation.places) {
    const auto bound = read_place(t, place);
    if (!bound) continue;
    indexes.push_back(
        t.build(place.span)
            .index(bound->is_range ? t.ranges[bound->id].name : t.elements[bound->id].name));
  }
  return indexes;
}

bool is_whole(const Translation& t, const Symbol& symbol) {
  if (symbol.equations.size() != 1) return false;
  const Equation& equation = *symbol.equations.front();
  if (!equation.exceptions.empty()) return false;
  for (size_t d = 0; d < symbol.axes.size(); ++d) {
    const auto range = find_range(t, equation.places[d].name);
    if (!range || *range != symbol.axes[d].range) return false;
  }
  return true;
}

// ---------------------------------------------------------------- data files

// All elements of the left side, the last place fastest.
std::vector<std::vector<uint32_t>> elements(Translation& t, const Equation& equation) {
  std::vector<std::vector<uint32_t>> all{{}};
  for (const Place& place : equation.places) {
    const auto bound = read_place(t, place);
    if (!bound) return {};
    std::vector<std::vector<uint32_t>> next;
    for (const auto& start : all) {
      for (const uint32_t element : elements_of(t, *bound)) {
        next.push_back(start);
        next.back().push_back(element);
      }
    }
    all = std::move(next);
  }
  return all;
}

// Whether `next` stands right behind `cells`, away from the direction of time.
bool follows(const syntax::Cells& cells, const syntax::Cells& next, size_t by) {
  const auto first = sheet::parse_address(cells.first.text);
  const auto other = sheet::parse_address(next.first.text);
  if (!first || !other || cells.last || next.last || cells.file.text != next.file.text ||
      cells.along != next.along || cells.times.text != next.times.text)
    return false;
  const auto step = static_cast<uint32_t>(by);
  return cells.along == syntax::Cells::Along::kColumn
             ? *other == sheet::Address{first->row, first->column + step}
             : *other == sheet::Address{first->row + step, first->column};
}

// A name that ends with brackets as its header reads without its quotes: like one with elements.
std::string bracketed_key(const std::string& name) {
  const size_t open = name.rfind('[');
  if (!name.ends_with(']') || open == std::string::npos) return column_key(name, {});
  return column_key(name.substr(0, open), {name.substr(open + 1, name.size() - open - 2)});
}

// The series of a variable without an equation: one part when they stand side by side in the order
// of the elements, else one for each. Elements that no file holds are :NA:, as Vensim has it.
std::vector<Part> file_parts(Translation& t, const Symbol& symbol, const Equation& equation,
                             bool whole) {
  const std::string& name = equation.column.empty() ? equation.name : equation.column;
  std::vector<Part> parts, missing;
  std::string first_missing;
  for (const auto& place : elements(t, equation)) {
    std::vector<std::string> names;
    Part part;
    part.span = equation.span;
    part.interpolation = interpolation_of(equation);
    for (const uint32_t element : place) {
      names.push_back(t.elements[element].name);
      part.pattern.push_back(t.build(equation.span).index(names.back()));
    }
    auto column = t.columns.find(column_key(name, names));
    if (column == t.columns.end() && names.empty()) column = t.columns.find(bracketed_key(name));
    if (column == t.columns.end()) {
      if (missing.empty()) first_missing = fmt::format("{}", fmt::join(names, ","));
      part.values = {kMissingValue};
      missing.push_back(std::move(part));
      continue;
    }
    part.cells = column->second;
    part.cells->file.span = part.cells->first.span = part.cells->times.span = equation.span;
    parts.push_back(std::move(part));
  }
  if (parts.empty()) {
    t.without_data.emplace_back(equation.name_span, equation.column.empty() ? symbol.name : name);
    return {};
  }
  if (!missing.empty()) {
    t.diagnostics.warning(
        Kind::kMissingElement, equation.name_span,
        fmt::format("no data file holds `{}[{}]`{}, so that it is :NA: throughout",
                    text::printable(equation.column.empty() ? symbol.name : name), first_missing,
                    missing.size() > 1 ? fmt::format(" and {} more", missing.size() - 1) : ""));
    parts.insert(parts.end(), missing.begin(), missing.end());
    return parts;
  }
  bool side_by_side = true;
  for (size_t k = 1; k < parts.size() && side_by_side; ++k)
    side_by_side = follows(*parts[0].cells, *parts[k].cells, k);
  if (!side_by_side) return parts;
  parts.resize(1);
  parts[0].pattern = whole ? std::vector<syntax::Index>{} : pattern(t, equation);
  return parts;
}

}  // namespace

bool is_data(const Translation& t, const Symbol& symbol) {
  if (symbol.role == Symbol::Role::kExternal) return true;
  if (symbol.role != Symbol::Role::kValue) return false;
  bool any = false;
  for (const Equation* equation : symbol.equations) {
    const bool external = is_external(t, *equation);
    any = any || external;
    if (!external && equation->kind != K::kNumbers &&
        !(equation->kind == K::kValue && literal(t, equation->value)))
      return false;
  }
  return any;
}

const std::vector<Part>& data_parts(Translation& t, const Symbol& symbol) {
  const auto [known, fresh] = t.data_parts.try_emplace(&symbol);
  std::vector<Part>& parts = known->second;
  if (!fresh) return parts;
  const bool whole = is_whole(t, symbol);
  for (const Equation* equation : symbol.equations) {
    if (equation->kind == K::kExternal) {
      for (Part& part : file_parts(t, symbol, *equation, whole)) parts.push_back(std::move(part));
      continue;
    }
    Part part;
    part.span = equation->span;
    if (!whole) part.pattern = pattern(t, *equation);
    if (equation->kind == K::kNumbers) {
      part.values = equation->numbers;
    } else if (const auto number = literal(t, equation->value)) {
      part.values = {*number};
    } else {
      const auto call = external_call(t, equation->value);
      if (!call)
        t.diagnostics.error(Kind::kUnsupported, equation->span,
                            fmt::format("`{}` takes some values from a data file and computes "
                                        "others",
                                        text::printable(symbol.name)));
      part.cells = call ? cells_of(t, *call) : std::nullopt;
      if (!part.cells) part.values = {kMissingValue};
      part.interpolation = interpolation_of(*equation);
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace headrace::import::vensim
