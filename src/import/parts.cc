#include "import/parts.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace headrace::import {

bool is_given_title(const std::string& title) {
  return title == kTablesTitle || title == kVariablesTitle || title == kMacrosTitle;
}

void write_parts(syntax::Tree& tree, size_t first, const std::vector<Part>& parts,
                 const std::vector<PlaceInPart>& places, Layout& layout) {
  std::vector<size_t> order(places.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {},
                           [&](size_t i) { return std::pair(places[i].part, places[i].place); });
  for (size_t k = 1; k <= parts.size(); ++k) {
    const auto next =
        std::ranges::lower_bound(order, k, {}, [&](size_t i) { return places[i].part; });
    const bool empty = next == order.end() || places[*next].part != k;
    if (empty && !parts[k - 1].told) continue;
    layout.headings.push_back(
        {first + static_cast<size_t>(next - order.begin()), parts[k - 1].title, parts[k - 1].text});
  }
  const std::vector<syntax::StatementId> before(
      tree.top_level.begin() + static_cast<std::ptrdiff_t>(first), tree.top_level.end());
  for (size_t i = 0; i < order.size(); ++i) tree.top_level[first + i] = before[order[i]];
}

}  // namespace headrace::import
