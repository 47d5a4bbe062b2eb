// Dimensions, sub-ranges, maps, and how an index of one finds its place in another.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "model/context.h"

namespace headrace::model {
namespace {

const syntax::DimDecl* dim_decl(const Context& context, StatementId id) {
  return std::get_if<syntax::DimDecl>(&context.tree[id].node);
}

std::vector<syntax::Name> file_members(Context& context, const syntax::DimDecl& decl) {
  std::vector<syntax::Name> members;
  const text::CsvTable* table = open_csv(context, *decl.file);
  if (!table) return members;
  const auto column = table->column(decl.column->text);
  if (!column) {
    auto& diagnostic =
        context.error(Kind::kBadData, decl.column->span,
                      fmt::format("`{}` has no column `{}`", decl.file->text, decl.column->text));
    if (auto near = suggest(context, decl.column->text, table->header); !near.empty())
      diagnostic.hint = fmt::format("did you mean `{}`?", near);
    return members;
  }
  for (size_t row = 0; row < table->rows.size(); ++row)
    members.push_back({table->rows[row][*column], table->span(row, *column)});
  return members;
}

void add_members(Context& context, Dimension& dimension, const std::vector<syntax::Name>& members) {
  std::unordered_map<std::string, Span> seen;
  for (const syntax::Name& member : members) {
    if (dimension.members.size() >= kMaxMembers) {
      context.error(Kind::kTooLarge, dimension.span,
                    fmt::format("a dimension has at most {} members", kMaxMembers));
      return;
    }
    auto [at, fresh] = seen.emplace(member.text, member.span);
    if (!fresh) {
      context
          .error(Kind::kDuplicateName, member.span,
                 fmt::format("`{}` is a member of `{}` already", member.text, dimension.name))
          .labels.push_back({at->second, "first here"});
      continue;
    }
    dimension.members.push_back(member.text);
  }
}

// A sub-range of a sub-range lies in the same root.
void place_in_parent(Context& context, DimId id, const syntax::DimDecl& decl,
                     const std::vector<syntax::Name>& members) {
  Dimension& dimension = context.model.dimensions[id.index];
  const auto found = context.symbols.find(decl.parent->text);
  if (found == context.symbols.end() || found->second.kind != Symbol::Kind::kDimension) {
    context.error(Kind::kUnknownDimension, decl.parent->span,
                  fmt::format("there is no dimension `{}`", decl.parent->text));
    return;
  }
  const Dimension& parent = context.model[DimId(found->second.id)];
  dimension.root = parent.root;
  dimension.in_root.clear();
  std::vector<std::string> kept;
  std::unordered_map<std::string_view, size_t> places;
  for (size_t k = 0; k < parent.members.size(); ++k) places.emplace(parent.members[k], k);
  for (const std::string& member : dimension.members) {
    if (auto place = places.find(member); place != places.end()) {
      dimension.in_root.push_back(parent.in_root[place->second]);
      kept.push_back(member);
      continue;
    }
    const auto at = std::find_if(members.begin(), members.end(),
                                 [&](const syntax::Name& name) { return name.text == member; });
    auto& diagnostic =
        context.error(Kind::kUnknownMember, at->span,
                      fmt::format("`{}` is not a member of `{}`", member, parent.name));
    diagnostic.labels.push_back({parent.span, "declared here"});
    if (auto near = suggest(context, member, parent.members); !near.empty())
      diagnostic.hint = fmt::format("did you mean `{}`?", near);
  }
  dimension.members = std::move(kept);
}

// Parents before their sub-ranges; a circle of them is told once.
void define(Context& context, DimId id, std::vector<int>& state,
            const std::vector<StatementId>& statements) {
  std::vector<uint32_t> chain;
  for (DimId at = id;;) {
    if (state[at.index] == 2) break;
    if (state[at.index] == 1) {
      context.error(Kind::kCycle, context.model[at].span,
                    fmt::format("`{}` is a sub-range of itself", context.model[at].name));
      break;
    }
    state[at.index] = 1;
    chain.push_back(at.index);
    const auto& parent = dim_decl(context, statements[at.index])->parent;
    if (!parent) break;
    const auto found = context.symbols.find(parent->text);
    if (found == context.symbols.end() || found->second.kind != Symbol::Kind::kDimension) break;
    at = DimId(found->second.id);
  }
  for (size_t i = chain.size(); i-- > 0;) {
    const DimId at{chain[i]};
    state[at.index] = 2;
    const syntax::DimDecl& decl = *dim_decl(context, statements[at.index]);
    std::vector<syntax::Name> members = decl.members;
    if (decl.file) {
      members = file_members(context, decl);
      context.dim_files[at.index] = {decl.file->text, decl.column->text};
    }
    Dimension& dimension = context.model.dimensions[at.index];
    add_members(context, dimension, members);
    dimension.in_root.resize(dimension.members.size());
    for (uint32_t k = 0; k < dimension.in_root.size(); ++k) dimension.in_root[k] = k;
    if (decl.parent) place_in_parent(context, at, decl, members);
    if (dimension.members.empty() && !context.diagnostics.has_errors())
      context.error(Kind::kBadStatement, decl.name.span,
                    fmt::format("`{}` has no members", decl.name.text));
  }
}

const Dimension* map_side(Context& context, const syntax::Name& name, DimId& id) {
  const auto found = context.symbols.find(name.text);
  if (found == context.symbols.end() || found->second.kind != Symbol::Kind::kDimension) {
    context.error(Kind::kUnknownDimension, name.span,
                  fmt::format("there is no dimension `{}`", name.text));
    return nullptr;
  }
  id = DimId(found->second.id);
  return &context.model[id];
}

void unknown_member(Context& context, const syntax::Name& name, DimId dimension) {
  const Dimension& dim = context.model[dimension];
  auto& diagnostic =
      context.error(Kind::kUnknownMember, name.span,
                    fmt::format("`{}` is not a member of `{}`", name.text, dim.name));
  diagnostic.labels.push_back({dim.span, "declared here"});
  if (auto near = suggest(context, name.text, dim.members); !near.empty())
    diagnostic.hint = fmt::format("did you mean `{}`?", near);
}

}  // namespace

void declare_dimensions(Context& context) {
  std::vector<StatementId> statements;
  for (StatementId id : context.tree.top_level) {
    const syntax::DimDecl* decl = dim_decl(context, id);
    if (!decl) continue;
    const auto found = context.symbols.find(decl->name.text);
    const bool own = found != context.symbols.end() && found->second.statement == id;
    if (!own) continue;  // a duplicate, told already
    const DimId dim(context.model.dimensions.size());
    found->second.id = dim.index;
    context.model.dimensions.push_back({decl->name.text, {}, dim, {}, decl->name.span});
    statements.push_back(id);
  }
  std::vector<int> state(statements.size(), 0);
  for (size_t i = 0; i < statements.size(); ++i) define(context, DimId(i), state, statements);
}

void declare_maps(Context& context) {
  for (StatementId id : context.tree.top_level) {
    const auto* decl = std::get_if<syntax::MapDecl>(&context.tree[id].node);
    if (!decl) continue;
    DimId from, to;
    if (!map_side(context, decl->from, from) || !map_side(context, decl->to, to)) continue;
    const Dimension& source = context.model[from];
    MapTable map{source.root, to, {}, context.tree[id].span};
    map.to_position.assign(context.model[source.root].members.size(), -1);
    for (const auto& [member, target] : decl->pairs) {
      const auto place = find_member(context, from, member.text);
      const auto goal = find_member(context, to, target.text);
      if (!place) unknown_member(context, member, from);
      if (!goal) unknown_member(context, target, to);
      if (!place || !goal) continue;
      int32_t& entry = map.to_position[source.in_root[*place]];
      if (entry >= 0)
        context.error(Kind::kOverlap, member.span,
                      fmt::format("`{}` is mapped twice", member.text));
      entry = static_cast<int32_t>(*goal);
    }
    if (decl->name) {
      map.named = true;
      if (!context.maps_by_name.emplace(decl->name->text, context.maps.size()).second)
        context.error(Kind::kDuplicateName, decl->name->span,
                      fmt::format("there are two maps called `{}`", decl->name->text));
    }
    context.maps.push_back(std::move(map));
  }
}

std::optional<DimId> find_dimension(Context& context, const Env& env, const syntax::Name& name) {
  for (auto scope = env.scope; scope; scope = nullptr) {
    if (auto found = scope->dims.find(name.text); found != scope->dims.end()) return found->second;
  }
  const auto found = context.symbols.find(name.text);
  if (found != context.symbols.end() && found->second.kind == Symbol::Kind::kDimension)
    return DimId(found->second.id);
  auto& diagnostic = context.error(Kind::kUnknownDimension, name.span,
                                   fmt::format("there is no dimension `{}`", name.text));
  std::vector<std::string> names;
  for (const Dimension& dimension : context.model.dimensions) names.push_back(dimension.name);
  if (auto near = suggest(context, name.text, names); !near.empty())
    diagnostic.hint = fmt::format("did you mean `{}`?", near);
  return std::nullopt;
}

std::optional<uint32_t> find_member(const Context& context, DimId dimension,
                                    std::string_view name) {
  constexpr size_t kFew = 32;
  const auto& members = context.model[dimension].members;
  if (members.size() <= kFew) {
    const auto at = std::find(members.begin(), members.end(), name);
    if (at == members.end()) return std::nullopt;
    return static_cast<uint32_t>(at - members.begin());
  }
  auto& places = context.member_places[dimension.index];
  for (size_t i = places.size(); i < members.size(); ++i)
    places.emplace(members[i], static_cast<uint32_t>(i));
  const auto at = places.find(std::string(name));
  if (at == places.end()) return std::nullopt;
  return at->second;
}

std::string member_list(const Context& context, DimId dimension) {
  const auto& members = context.model[dimension].members;
  constexpr size_t kShown = 8;
  const size_t count = std::min(members.size(), kShown);
  std::string list = fmt::format("{}", fmt::join(members.begin(), members.begin() + count, ", "));
  return members.size() > kShown ? list + ", ..." : list;
}

size_t element_count(const Context& context, const std::vector<DimId>& dims) {
  size_t count = 1;
  for (DimId dim : dims) {
    count *= context.model[dim].members.size();
    if (count > kMaxElements) return kMaxElements + 1;
  }
  return count;
}

std::string dims_text(const Context& context, const std::vector<DimId>& dims) {
  std::vector<std::string> names;
  for (DimId dim : dims) names.push_back(context.model[dim].name);
  return fmt::format("[{}]", fmt::join(names, ", "));
}

namespace {

// Where a member of one dimension lies in another: by the root they share, or through a map.
std::optional<std::vector<int32_t>> places(const Context& context, DimId from, DimId to) {
  const Dimension& source = context.model[from];
  const Dimension& target = context.model[to];
  std::vector<int32_t> result(source.members.size(), -1);
  if (source.root == target.root) {
    std::unordered_map<uint32_t, int32_t> in_target;
    for (uint32_t k = 0; k < target.in_root.size(); ++k)
      in_target.emplace(target.in_root[k], static_cast<int32_t>(k));
    for (size_t k = 0; k < result.size(); ++k) {
      if (auto at = in_target.find(source.in_root[k]); at != in_target.end())
        result[k] = at->second;
    }
    return result;
  }
  for (const MapTable& map : context.maps) {
    if (map.named || map.from != source.root || context.model[map.to].root != target.root) continue;
    const auto onward = places(context, map.to, to);
    for (size_t k = 0; k < result.size(); ++k) {
      const int32_t middle = map.to_position[source.in_root[k]];
      if (middle >= 0) result[k] = (*onward)[middle];
    }
    return result;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Subscript> connect(Context& context, const BoundIndex& bound, DimId dimension,
                                 bool& lacks_members) {
  lacks_members = false;
  const bool same = bound.dimension == dimension;
  std::optional<std::vector<int32_t>> table;
  if (!same) {
    table = places(context, bound.dimension, dimension);
    if (!table) return std::nullopt;
  }
  if (!bound.index.valid()) {
    const int32_t place = same ? static_cast<int32_t>(bound.position) : (*table)[bound.position];
    lacks_members = place < 0;
    return Subscript{{}, static_cast<uint32_t>(std::max(place, 0)), {}};
  }
  const Index& index = context.model[bound.index];
  std::vector<int32_t> map(index.positions.size());
  for (size_t k = 0; k < map.size(); ++k) {
    const uint32_t position = index.positions[k];
    map[k] = same ? static_cast<int32_t>(position) : (*table)[position];
    lacks_members |= map[k] < 0;
  }
  bool identity = map.size() == context.model[dimension].members.size();
  for (size_t k = 0; identity && k < map.size(); ++k) identity = map[k] == static_cast<int32_t>(k);
  if (identity) map.clear();
  return Subscript{bound.index, 0, std::move(map)};
}

std::optional<Subscript> connect_through(Context& context, const MapTable& map,
                                         const BoundIndex& bound, DimId dimension,
                                         bool& lacks_members) {
  lacks_members = false;
  const auto inward = places(context, bound.dimension, map.from);
  const auto outward = places(context, map.to, dimension);
  if (!inward || !outward) return std::nullopt;
  const auto place = [&](uint32_t position) {
    const int32_t from = (*inward)[position];
    const int32_t middle = from < 0 ? -1 : map.to_position[from];
    const int32_t found = middle < 0 ? -1 : (*outward)[middle];
    lacks_members |= found < 0;
    return found;
  };
  if (!bound.index.valid())
    return Subscript{{}, static_cast<uint32_t>(std::max(place(bound.position), 0)), {}};
  Subscript result{bound.index, 0, {}};
  for (const uint32_t position : context.model[bound.index].positions)
    result.map.push_back(place(position));
  return result;
}

namespace {

std::string index_text(const syntax::Index& place) {
  return place.kind == syntax::Index::Kind::kNumber ? std::to_string(place.number)
                                                    : place.name.text;
}

// One place of a pattern: a member, the dimension, or a sub-range of it.
std::optional<std::vector<uint32_t>> match_place(Context& context, const Env& env,
                                                 const syntax::Index& place, DimId dimension) {
  const Dimension& dim = context.model[dimension];
  std::vector<uint32_t> positions;
  const std::string text = index_text(place);
  if (place.kind == syntax::Index::Kind::kStar) {
    for (uint32_t k = 0; k < dim.members.size(); ++k) positions.push_back(k);
    return positions;
  }
  if (place.kind == syntax::Index::Kind::kName && place.number != 0) {
    context.error(Kind::kUnknownMember, place.span,
                  "a pattern names a member, a dimension or a sub-range");
    return std::nullopt;
  }
  if (auto member = find_member(context, dimension, text)) return std::vector<uint32_t>{*member};
  std::optional<DimId> range;
  if (env.scope) {
    if (auto at = env.scope->dims.find(text); at != env.scope->dims.end()) range = at->second;
  }
  const auto found = context.symbols.find(text);
  if (!range && found != context.symbols.end() && found->second.kind == Symbol::Kind::kDimension)
    range = DimId(found->second.id);
  if (range && context.model[*range].root == dim.root) {
    const auto table = places(context, *range, dimension);
    for (int32_t place_in_dim : *table) {
      if (place_in_dim >= 0) positions.push_back(static_cast<uint32_t>(place_in_dim));
    }
    std::sort(positions.begin(), positions.end());
    return positions;
  }
  auto& diagnostic = context.error(Kind::kUnknownMember, place.span,
                                   fmt::format("`{}` is not a member of `{}`", text, dim.name));
  diagnostic.labels.push_back({dim.span, "members: " + member_list(context, dimension)});
  if (auto near = suggest(context, text, dim.members); !near.empty())
    diagnostic.hint = fmt::format("did you mean `{}`?", near);
  return std::nullopt;
}

}  // namespace

std::optional<std::vector<std::vector<uint32_t>>> match_pattern(
    Context& context, const Env& env, const std::vector<syntax::Index>& pattern,
    const std::vector<DimId>& dims, Span span) {
  std::vector<std::vector<uint32_t>> positions;
  if (pattern.empty()) {
    for (DimId dim : dims) {
      auto& all = positions.emplace_back(context.model[dim].members.size());
      for (uint32_t k = 0; k < all.size(); ++k) all[k] = k;
    }
    return positions;
  }
  if (pattern.size() != dims.size()) {
    context.error(
        Kind::kShapeMismatch, span,
        dims.empty()
            ? std::string("a value without dimensions takes no brackets")
            : fmt::format("{} place{} in the brackets, but the dimensions are {}", pattern.size(),
                          pattern.size() == 1 ? "" : "s", dims_text(context, dims)));
    return std::nullopt;
  }
  bool fine = true;
  for (size_t i = 0; i < dims.size(); ++i) {
    auto place = match_place(context, env, pattern[i], dims[i]);
    if (!place)
      fine = false;
    else
      positions.push_back(std::move(*place));
  }
  if (!fine) return std::nullopt;
  return positions;
}

bool resolve_dims(Context& context, const Env& env, const std::vector<syntax::DimensionUse>& uses,
                  std::vector<DimId>& dims, std::vector<std::string>& index_names) {
  bool fine = true;
  std::unordered_set<std::string> names;
  for (const syntax::DimensionUse& use : uses) {
    const auto dim = find_dimension(context, env, use.dimension);
    if (!dim) {
      fine = false;
      continue;
    }
    const syntax::Name& name = use.index ? *use.index : use.dimension;
    if (!names.insert(name.text).second) {
      context
          .error(Kind::kDuplicateName, name.span,
                 fmt::format("two indexes are called `{}`", name.text))
          .hint = fmt::format("name them: `[a in {0}, b in {0}]`", use.dimension.text);
      fine = false;
      continue;
    }
    dims.push_back(*dim);
    index_names.push_back(name.text);
  }
  if (fine && element_count(context, dims) > kMaxElements) {
    context.error(Kind::kTooLarge, uses.front().dimension.span,
                  fmt::format("an array has at most {} elements", kMaxElements));
    fine = false;
  }
  return fine;
}

}  // namespace headrace::model
