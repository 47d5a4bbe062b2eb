// Which elements an equation is for.
//
//   x[region, product] :EXCEPT: [north, product], [region, tea] = ...
//
//                tea   milk  ...        The hole [north, product] leaves the other regions, and
//        north    .     .               the hole [region, tea] takes the first column off that:
//        south    .     =               one box {south, ...} x {milk, ...}.
//        ...      .     =

#include <fmt/format.h>

#include <algorithm>

#include "import/vensim/translation.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

constexpr size_t kMostBoxes = 20'000;

std::optional<Box> box_of(Translation& t, const std::vector<Place>& places) {
  Box box;
  for (const Place& place : places) {
    const auto bound = read_place(t, place);
    if (!bound) return std::nullopt;
    box.push_back(elements_of(t, *bound));
  }
  return box;
}

}  // namespace

// Takes the hole out place by place: what lies beside it in this place goes as it is, and what
// lies within it is looked at in the next.
std::vector<Box> without(const std::vector<Box>& boxes, const Box& hole) {
  std::vector<Box> result;
  for (Box box : boxes) {
    if (box.size() != hole.size()) {
      result.push_back(std::move(box));
      continue;
    }
    std::vector<Box> beside;
    bool meets = true;
    for (size_t d = 0; d < box.size() && meets; ++d) {
      std::vector<uint32_t> in, out;
      for (const uint32_t element : box[d])
        (std::ranges::find(hole[d], element) == hole[d].end() ? out : in).push_back(element);
      if (!out.empty()) {
        Box rest = box;
        rest[d] = out;
        beside.push_back(std::move(rest));
      }
      meets = !in.empty();
      box[d] = std::move(in);
    }
    result.insert(result.end(), beside.begin(), beside.end());
  }
  return result;
}

std::vector<Box> boxes_of(Translation& t, const Equation& equation) {
  const auto whole = box_of(t, equation.places);
  if (!whole) return {};
  std::vector<Box> boxes{*whole};
  for (const auto& exception : equation.exceptions) {
    const auto hole = box_of(t, exception);
    if (!hole) continue;
    if (hole->size() != whole->size()) {
      t.diagnostics.error(Kind::kShapeMismatch, exception.front().span,
                          fmt::format("the exception has {} places and `{}` has {}", hole->size(),
                                      text::printable(equation.name), whole->size()));
      continue;
    }
    boxes = without(boxes, *hole);
    if (boxes.size() > kMostBoxes) {
      t.diagnostics.error(Kind::kTooLarge, equation.span,
                          "the exceptions leave too many pieces of this variable");
      return {};
    }
  }
  return boxes;
}

std::vector<syntax::Index> pattern_of(Translation& t, const Symbol& symbol, const Box& box,
                                      Span span) {
  const Build build = t.build(span);
  std::vector<syntax::Index> pattern;
  for (size_t d = 0; d < box.size(); ++d) {
    if (box[d].size() == 1)
      pattern.push_back(build.index(t.elements[box[d].front()].name));
    else
      pattern.push_back(build.index(t.ranges[range_of(t, symbol.axes[d].family, box[d])].name));
  }
  return pattern;
}

Scope scope_of(Translation& t, const Symbol& symbol, const Equation& equation) {
  Scope scope;
  scope.variable = symbol.name;
  for (size_t d = 0; d < equation.places.size() && d < symbol.axes.size(); ++d) {
    auto bound = read_place(t, equation.places[d]);
    if (!bound) continue;
    if (bound->is_range) bound->index = symbol.axes[d].index;
    scope.bounds.push_back(std::move(*bound));
  }
  return scope;
}

}  // namespace headrace::import::vensim
