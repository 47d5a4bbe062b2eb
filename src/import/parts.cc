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

namespace {

// 0 to 3: the model, its clock, its units, all else.
size_t rank(const syntax::Statement& statement) {
  if (std::holds_alternative<syntax::ModelDecl>(statement.node)) return 0;
  if (std::holds_alternative<syntax::TimeDecl>(statement.node)) return 1;
  if (std::holds_alternative<syntax::UnitDecl>(statement.node)) return 2;
  return 3;
}

}  // namespace

void put_settings_first(syntax::Tree& tree, size_t first, Layout& layout) {
  std::vector<std::vector<syntax::StatementId>> ranked(4);
  std::vector<size_t> others_before;  // how many statements of the last rank stand before each
  syntax::UnitDecl* base = nullptr;
  for (size_t i = first; i < tree.top_level.size(); ++i) {
    syntax::Statement& statement = tree.statements[tree.top_level[i].index];
    others_before.push_back(ranked[3].size());
    auto* unit = std::get_if<syntax::UnitDecl>(&statement.node);
    if (unit && !unit->definition && base) {
      base->names.insert(base->names.end(), unit->names.begin(), unit->names.end());
      continue;
    }
    if (unit && !unit->definition) base = unit;
    ranked[rank(statement)].push_back(tree.top_level[i]);
  }
  others_before.push_back(ranked[3].size());
  const size_t settings = ranked[0].size() + ranked[1].size() + ranked[2].size();
  for (Heading& part : layout.headings)
    part.statement = first + settings + others_before[part.statement - first];
  tree.top_level.resize(first);
  for (const auto& statements : ranked)
    tree.top_level.insert(tree.top_level.end(), statements.begin(), statements.end());
}

}  // namespace headrace::import
