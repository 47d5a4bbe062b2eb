// The groups of a Vensim file as parts of the text.

#include <algorithm>
#include <set>

#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

// What the whole model needs, the variables of its clock among it, stands above all groups.
bool is_general(const syntax::Statement& statement) {
  if (const auto* value = std::get_if<syntax::ValueDecl>(&statement.node))
    return is_control(canonical_of(value->name.text));
  return std::holds_alternative<syntax::ModelDecl>(statement.node) ||
         std::holds_alternative<syntax::TimeDecl>(statement.node) ||
         std::holds_alternative<syntax::UnitDecl>(statement.node);
}

// The number of the group, from 1; 0 above all groups.
size_t group_at(const Translation& t, Span span) {
  if (span.begin == span.end) return 0;
  const auto& groups = t.document.groups;
  return static_cast<size_t>(std::ranges::upper_bound(groups, span.begin, {}, &Group::begin) -
                             groups.begin());
}

}  // namespace

void write_groups(Translation& t, size_t first, Layout& layout) {
  if (t.document.groups.empty()) return;
  struct Placed {
    size_t group = 0, begin = 0;
    syntax::StatementId statement;
  };
  std::vector<Placed> placed;
  std::set<size_t> moved_out;  // groups of the clock: not told when nothing is left
  for (size_t i = first; i < t.tree.top_level.size(); ++i) {
    const syntax::StatementId id = t.tree.top_level[i];
    const Span span = t.tree[id].span;
    const size_t group = group_at(t, span);
    const bool general = is_general(t.tree[id]);
    if (general) moved_out.insert(group);
    placed.push_back(general || group == 0 ? Placed{0, 0, id} : Placed{group, span.begin, id});
  }
  std::ranges::stable_sort(placed, {},
                           [](const Placed& one) { return std::pair(one.group, one.begin); });
  for (size_t k = 1; k <= t.document.groups.size(); ++k) {
    const auto next = std::ranges::lower_bound(placed, k, {}, &Placed::group);
    const bool empty = next == placed.end() || next->group != k;
    if (empty && moved_out.contains(k)) continue;
    const Group& group = t.document.groups[k - 1];
    layout.headings.push_back(
        {first + static_cast<size_t>(next - placed.begin()), group.title, group.text});
  }
  for (size_t i = 0; i < placed.size(); ++i) t.tree.top_level[first + i] = placed[i].statement;
}

}  // namespace headrace::import::vensim
