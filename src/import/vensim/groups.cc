// The groups of a Vensim file as parts of the text.

#include <algorithm>

#include "import/parts.h"
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
  std::vector<Part> parts;
  for (const Group& group : t.document.groups) parts.push_back({group.title, group.text});
  std::vector<PlaceInPart> places;
  for (size_t i = first; i < t.tree.top_level.size(); ++i) {
    const syntax::Statement& statement = t.tree[t.tree.top_level[i]];
    const size_t group = group_at(t, statement.span);
    const bool general = is_general(statement);
    // A group of the clock is not told when nothing else is in it.
    if (general && group > 0) parts[group - 1].told = false;
    places.push_back(general || group == 0 ? PlaceInPart{}
                                           : PlaceInPart{group, statement.span.begin});
  }
  import::write_parts(t.tree, first, parts, places, layout);
}

}  // namespace headrace::import::vensim
