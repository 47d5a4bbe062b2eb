// What of files must be known while a model is read: the elements of ranges and the points of
// lookups. And calls beside equations of the same variable, which become variables of their own.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "import/encoding.h"
#include "import/names.h"
#include "import/vensim/translation.h"
#include "sheet/cells.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

using What = ExternalCall::What;
using K = Equation::Kind;

// ---------------------------------------------------------------- files

void tell(Translation& t, const Equation& equation, const syntax::Cells& cells,
          const base::Error& error) {
  const Kind kind = error.kind == base::Error::Kind::kNotFound ? Kind::kMissingFile
                    : error.kind == base::Error::Kind::kUsage  ? Kind::kOutsidePath
                                                               : Kind::kBadData;
  t.diagnostics
      .error(kind, cells.file.span,
             fmt::format("`{}`: {}", text::printable(cells.file.text), error.message))
      .labels.push_back({equation.name_span, fmt::format("`{}` needs it", shown(equation.name))});
}

// ---------------------------------------------------------------- ranges

std::string element_name(const sheet::Cell& cell) {
  if (cell.kind == sheet::Cell::Kind::kNumber) return fmt::format("{}", cell.number);
  return cell.kind == sheet::Cell::Kind::kText ? std::string(trimmed(to_utf8(cell.text)))
                                               : std::string();
}

// The last cell says a row, a column or both; what it does not say goes on to the end of the sheet.
sheet::Address last_cell(const sheet::View& view, const sheet::Spot& spot,
                         const std::string& text) {
  sheet::Address last = {view.sheet().rows, view.sheet().columns};  // one behind
  if (const auto address = sheet::parse_address(text))
    return {address->row + 1, address->column + 1};
  if (const auto column = sheet::parse_column(text)) last.column = *column + 1;
  uint32_t row = 0;
  for (const char c : text)
    row = c >= '0' && c <= '9' && row < 2'000'000 ? row * 10 + (c - '0') : 0;
  if (row > 0) last.row = row;
  if (text.empty() && spot.area) last = {spot.area->last.row + 1, spot.area->last.column + 1};
  return last;
}

void fill_range(Translation& t, Equation& equation, const ExternalCall& call) {
  const auto cells = cells_of(t, call);
  if (!cells) return;
  const auto view = open_cells(t, *cells);
  if (!view) return tell(t, equation, *cells, view.error());
  const auto spot = sheet::find_spot(*view, cells->first.text);
  if (!spot) return tell(t, equation, *cells, spot.error());
  const sheet::Address last = last_cell(*view, *spot, call.texts.size() > 3 ? call.texts[3] : "");
  const std::string prefix = call.texts.size() > 4 ? call.texts[4] : "";
  const auto& all = view->sheet().cells;  // across, then down
  auto at = std::ranges::lower_bound(all, spot->first, {},
                                     &std::pair<sheet::Address, sheet::Cell>::first);
  for (; at != all.end() && at->first.row < last.row; ++at) {
    if (at->first.column < spot->first.column || at->first.column >= last.column) continue;
    if (const std::string name = element_name(at->second); !name.empty())
      equation.items.push_back(prefix + name);
  }
  if (equation.items.empty())
    tell(t, equation, *cells,
         {base::Error::Kind::kInvalid,
          fmt::format("no names of elements stand from {} on", show(spot->first))});
}

// ---------------------------------------------------------------- elements of the left side

using Elements = std::vector<uint32_t>;

// All elements of the places in order, the last place fastest.
std::vector<Elements> elements_of(Translation& t, const std::vector<Place>& places) {
  std::vector<Elements> all{{}};
  for (const Place& place : places) {
    const auto bound = read_place(t, place);
    if (!bound) return {};
    std::vector<Elements> next;
    for (const Elements& start : all) {
      for (const uint32_t element : vensim::elements_of(t, *bound)) {
        next.push_back(start);
        next.back().push_back(element);
      }
      if (next.size() > 1'000'000) return {};
    }
    all = std::move(next);
  }
  return all;
}

bool is_excepted(Translation& t, const Equation& equation, const Elements& elements) {
  return std::ranges::any_of(equation.exceptions, [&](const std::vector<Place>& hole) {
    if (hole.size() != elements.size()) return false;
    for (size_t d = 0; d < hole.size(); ++d) {
      const auto bound = read_place(t, hole[d]);
      if (!bound) return false;
      const auto inside = vensim::elements_of(t, *bound);
      if (std::ranges::find(inside, elements[d]) == inside.end()) return false;
    }
    return true;
  });
}

// ---------------------------------------------------------------- lookups

void expand_lookups(Translation& t, Equation& equation, const ExternalCall& call) {
  const auto cells = cells_of(t, call);
  if (!cells) return;
  const std::vector<Elements> all = elements_of(t, equation.places);
  if (all.empty()) return;
  auto points = series_in(t, *cells, all.size());
  if (!points) {
    tell(t, equation, *cells, points.error());
  } else {
    for (size_t k = 0; k < all.size(); ++k) {
      if (is_excepted(t, equation, all[k])) continue;
      Equation made = equation;
      made.kind = K::kLookup;
      made.value = {};
      made.exceptions.clear();
      made.points = std::move((*points)[k]);
      for (size_t d = 0; d < made.places.size(); ++d)
        made.places[d].name = t.elements[all[k][d]].name;
      t.made.push_back(std::move(made));
    }
    equation.name.clear();  // those made stand for it
    return;
  }
  equation.kind = K::kLookup;  // so that what calls it is not told as well
  equation.points = {{0, 0}};
}

// ---------------------------------------------------------------- calls beside equations

bool is_plain(const Translation& t, const Equation& equation) {
  return equation.kind == K::kNumbers || equation.kind == K::kExternal ||
         (equation.kind == K::kValue && (literal(t, equation.value) || is_external(t, equation)));
}

// The call moves to a variable of its own, over the ranges of the left side; the values of a file
// of data over all that stands there, by which the file knows them.
void move_out(Translation& t, Equation& equation, size_t number) {
  Equation own = equation;
  own.name = fmt::format("_{} (from file{})", equation.name,
                         number > 1 ? " " + std::to_string(number) : std::string());
  own.internal = true;
  if (own.kind == K::kExternal)
    own.column = equation.name;
  else
    std::erase_if(own.places, [&](const Place& place) { return !find_range(t, place.name); });
  own.exceptions.clear();
  own.comment.clear();
  Formula reference;
  reference.kind = Formula::Kind::kName;
  reference.text = own.name;
  reference.quoted = true;
  reference.places = own.places;
  reference.span = equation.span;
  equation.value = t.formulas.add(std::move(reference));
  equation.kind = K::kValue;  // which reads the series as it is
  equation.data = false;
  equation.interpolation = Equation::Interpolation::kLinear;
  t.made.push_back(std::move(own));
}

}  // namespace

std::optional<double> external_number(const Translation& t, const ExternalCall& call) {
  if (call.what != What::kConstants) return std::nullopt;
  text::Diagnostics quiet;
  syntax::Tree tree;
  Translation own(t.document, t.options, t.sources, tree, quiet);
  const auto cells = cells_of(own, call);
  if (!cells) return std::nullopt;
  const auto view = open_cells(t, *cells);
  if (!view) return std::nullopt;
  const auto spot = sheet::find_spot(*view, cells->first.text);
  if (!spot) return std::nullopt;
  const auto values = sheet::read_block(*view, *spot, 1, 1, false);
  return values ? std::optional(values->front()) : std::nullopt;
}

void fill_ranges(Translation& t, Document& document) {
  for (Equation& equation : document.equations) {
    if (equation.kind != K::kRange || !equation.value.valid()) continue;
    const auto call = external_call(t, equation.value);
    if (call && call->what == What::kSubscript)
      fill_range(t, equation, *call);
    else
      t.unsupported["a range whose elements are not listed, nor read by GET DIRECT SUBSCRIPT"]
          .push_back(equation.span);
  }
}

void expand_external(Translation& t, Document& document) {
  std::set<std::string> calls, others;
  for (Equation& equation : document.equations) {
    if (equation.kind == K::kExternal) calls.insert(canonical(equation.name));
    if (equation.kind != K::kValue && equation.kind != K::kNumbers) continue;
    if (equation.kind == K::kValue) {
      const auto call = external_call(t, equation.value);
      if (call && call->what == What::kLookups) {
        expand_lookups(t, equation, *call);
        continue;
      }
    }
    if (is_external(t, equation)) calls.insert(canonical(equation.name));
    if (!is_plain(t, equation)) others.insert(canonical(equation.name));
  }
  std::map<std::string, size_t> moved;
  for (Equation& equation : document.equations) {
    const std::string name = canonical(equation.name);
    const bool from_file = equation.kind == K::kExternal || is_external(t, equation);
    if (from_file && calls.contains(name) && others.contains(name))
      move_out(t, equation, ++moved[name]);
  }
}

}  // namespace headrace::import::vensim
