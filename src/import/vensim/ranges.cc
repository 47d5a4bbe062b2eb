// Ranges: families of those that share elements, mappings between them, and how both are written.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

constexpr int kDeepest = 200;               // ranges within ranges
constexpr size_t kMostListed = 10'000'000;  // elements of all ranges, and of their mappings

class Declaring {
 public:
  explicit Declaring(Translation& t) : t_(t) {}

  void run() {
    for (const Equation& equation : t_.document.equations) {
      if (equation.kind == Equation::Kind::kRange) declare(equation);
    }
    for (const Equation& equation : t_.document.equations) {
      if (equation.kind == Equation::Kind::kAlias) declare(equation);
    }
    for (size_t range = 0; range < t_.ranges.size(); ++range) fill(range);
    join_families();
    for (size_t range = 0; range < t_.ranges.size(); ++range) link_targets(range);
  }

 private:
  void declare(const Equation& equation) {
    const std::string name = canonical_of(equation.name);
    if (name.empty()) return;
    const auto [at, fresh] = t_.ranges_by_name.emplace(name, t_.ranges.size());
    if (!fresh) {
      t_.diagnostics
          .error(Kind::kDuplicateName, equation.name_span,
                 fmt::format("the range `{}` is defined twice", shown(equation.name)))
          .labels.push_back({t_.ranges[at->second].equation->name_span, "first here"});
      return;
    }
    t_.ranges.push_back({t_.fresh(equation.name), {}, {}, 0, {}, &equation});
    state_.push_back(0);
  }

  // Items that are ranges stand for their elements.
  void fill(size_t range) {
    if (state_[range] == 2) return;
    const Equation& equation = *t_.ranges[range].equation;
    if (state_[range] == 1) {
      t_.diagnostics.error(Kind::kCycle, equation.name_span,
                           fmt::format("the range `{}` is a part of itself", shown(equation.name)));
      return;
    }
    state_[range] = 1;
    std::vector<uint32_t> elements, listed;
    std::set<uint32_t> seen;
    const auto take = [&](uint32_t element) {
      listed.push_back(element);
      if (seen.insert(element).second) elements.push_back(element);
    };
    for (const std::string& item : equation.items) {
      const auto inner = t_.ranges_by_name.find(canonical_of(item));
      if (inner == t_.ranges_by_name.end()) {
        take(element(item, range));
      } else if (depth_ == kDeepest) {
        too_large(Kind::kTooDeep, equation.name_span,
                  fmt::format("ranges lie more than {} deep within each other", kDeepest));
      } else {
        ++depth_;
        fill(inner->second);
        --depth_;
        const auto& inside = t_.ranges[inner->second].listed;
        if (!count(inside.size(), equation.name_span)) break;
        for (const uint32_t element : inside) take(element);
      }
    }
    t_.ranges[range].elements = std::move(elements);
    t_.ranges[range].listed = std::move(listed);
    state_[range] = 2;
  }

  // Whether that many more elements may be listed.
  bool count(size_t more, Span span) {
    listed_ += std::min(more, kMostListed);
    if (listed_ <= kMostListed) return true;
    too_large(Kind::kTooLarge, span,
              fmt::format("ranges of ranges and mappings list more than {} elements in all",
                          kMostListed));
    return false;
  }

  void too_large(Kind kind, Span span, std::string message) {
    if (!told_) t_.diagnostics.error(kind, span, std::move(message));
    told_ = true;
  }

  uint32_t element(const std::string& name, size_t range) {
    const auto [at, fresh] = t_.elements_by_name.emplace(canonical_of(name), t_.elements.size());
    if (fresh) t_.elements.push_back({name, 0, 0, range});
    return static_cast<uint32_t>(at->second);
  }

  // Ranges that share an element belong together.
  void join_families() {
    std::vector<size_t> leader(t_.ranges.size());
    std::iota(leader.begin(), leader.end(), size_t{0});
    const auto find = [&](size_t at) {
      while (leader[at] != at) at = leader[at] = leader[leader[at]];
      return at;
    };
    std::vector<size_t> first(t_.elements.size(), t_.ranges.size());
    for (size_t range = 0; range < t_.ranges.size(); ++range) {
      for (const uint32_t element : t_.ranges[range].elements) {
        if (first[element] == t_.ranges.size()) first[element] = range;
        leader[find(range)] = find(first[element]);
      }
    }
    std::map<size_t, std::vector<size_t>> groups;
    for (size_t range = 0; range < t_.ranges.size(); ++range) groups[find(range)].push_back(range);
    std::vector<std::vector<size_t>> ordered;
    for (auto& [root, members] : groups) ordered.push_back(std::move(members));
    std::ranges::sort(ordered);
    for (const auto& members : ordered) make_family(members);
  }

  void make_family(const std::vector<size_t>& members) {
    std::vector<uint32_t> all;
    std::set<uint32_t> seen;
    size_t largest = members.front();
    for (const size_t range : members) {
      const size_t size = t_.ranges[range].elements.size();
      const size_t most = t_.ranges[largest].elements.size();
      if (size > most || (size == most && is_copy(largest) && !is_copy(range))) largest = range;
      for (const uint32_t element : t_.ranges[range].elements) {
        if (seen.insert(element).second) all.push_back(element);
      }
    }
    const size_t family = t_.families.size();
    for (const size_t range : members) t_.ranges[range].family = family;
    if (t_.ranges[largest].elements.size() != all.size()) {
      largest = t_.ranges.size();
      t_.ranges.push_back(
          {t_.fresh(t_.ranges[members.front()].name + " (all)"), all, all, family, {}, nullptr});
      state_.push_back(2);
    }
    t_.families.push_back({largest});
    const auto& root = t_.ranges[largest].elements;
    for (uint32_t place = 0; place < root.size(); ++place) {
      t_.elements[root[place]].family = family;
      t_.elements[root[place]].place = place;
    }
    remember(largest);  // rather than one of its copies
    for (const size_t range : members) remember(range);
  }

  // Whether a range is written as another one's name: `Source: Fuel`, `Source <-> Fuel`.
  bool is_copy(size_t range) const {
    const Equation& equation = *t_.ranges[range].equation;
    return equation.items.size() == 1 && find_range(t_, equation.items.front());
  }

  void remember(size_t range) {
    std::vector<uint32_t> sorted = t_.ranges[range].elements;
    std::ranges::sort(sorted, {}, [&](uint32_t element) { return t_.elements[element].place; });
    t_.ranges_by_elements.emplace(std::move(sorted), range);
  }

  // ------------------------------------------------------------ mappings

  // Items that are ranges map as a whole: each of their elements.
  void link_targets(size_t range) {
    if (!t_.ranges[range].equation) return;
    const Equation& equation = *t_.ranges[range].equation;
    for (const Mapping& mapping : equation.mappings) {
      const auto target = find_range(t_, mapping.target);
      if (!target) {
        t_.diagnostics.error(Kind::kUnknownDimension, mapping.span,
                             fmt::format("there is no range `{}`", shown(mapping.target)));
        continue;
      }
      Link link{*target, {}};
      if (mapping.items.empty())
        by_position(range, mapping, link);
      else
        by_items(range, equation, mapping, link);
      t_.ranges[range].links.push_back(std::move(link));
    }
  }

  void by_position(size_t range, const Mapping& mapping, Link& link) {
    const auto& from = t_.ranges[range].listed;
    const auto& to = t_.ranges[link.target].listed;
    if (from.size() != to.size()) {
      t_.diagnostics.error(
          Kind::kShapeMismatch, mapping.span,
          fmt::format("`{}` has {} elements and `{}` has {}, so they do not map one by one",
                      shown(t_.ranges[range].name), from.size(), shown(t_.ranges[link.target].name),
                      to.size()));
      return;
    }
    for (size_t k = 0; k < from.size(); ++k) link.pairs.emplace_back(from[k], to[k]);
  }

  void by_items(size_t range, const Equation& equation, const Mapping& mapping, Link& link) {
    // Against the items as they are written; if that does not fit, against the elements.
    std::vector<std::vector<uint32_t>> own;
    if (mapping.items.size() == equation.items.size()) {
      for (const std::string& item : equation.items) own.push_back(group(item));
    } else {
      for (const uint32_t element : t_.ranges[range].listed) own.push_back({element});
    }
    if (own.size() != mapping.items.size()) {
      t_.diagnostics.error(
          Kind::kShapeMismatch, mapping.span,
          fmt::format("`{}` has {} elements, and {} are mapped", shown(t_.ranges[range].name),
                      own.size(), mapping.items.size()));
      return;
    }
    for (size_t k = 0; k < own.size(); ++k) {
      std::vector<uint32_t> others;
      for (const std::string& item : mapping.items[k]) {
        const auto some = group(item);
        if (some.empty())
          t_.diagnostics.error(Kind::kUnknownMember, mapping.span,
                               fmt::format("`{}` is no element of `{}`", shown(item),
                                           shown(t_.ranges[link.target].name)));
        others.insert(others.end(), some.begin(), some.end());
      }
      const bool one_by_one = own[k].size() == others.size();
      if (!one_by_one && !count(own[k].size() * others.size(), mapping.span)) return;
      pair(own[k], others, link);
    }
  }

  // One by one when both are as many, else each with each.
  static void pair(const std::vector<uint32_t>& own, const std::vector<uint32_t>& others,
                   Link& link) {
    if (own.size() == others.size()) {
      for (size_t k = 0; k < own.size(); ++k) link.pairs.emplace_back(own[k], others[k]);
      return;
    }
    for (const uint32_t element : own) {
      for (const uint32_t other : others) link.pairs.emplace_back(element, other);
    }
  }

  std::vector<uint32_t> group(const std::string& item) const {
    if (const auto range = find_range(t_, item)) return t_.ranges[*range].elements;
    if (const auto element = find_element(t_, item)) return {static_cast<uint32_t>(*element)};
    return {};
  }

  Translation& t_;
  std::vector<int> state_;
  int depth_ = 0;
  size_t listed_ = 0;
  bool told_ = false;
};

// The elements of a range in ascending order, to look many up.
std::vector<uint32_t> sorted_elements(const Translation& t, size_t range) {
  std::vector<uint32_t> elements = t.ranges[range].elements;
  std::ranges::sort(elements);
  return elements;
}

std::optional<std::vector<std::pair<uint32_t, uint32_t>>> turned(
    const Translation& t, const std::vector<std::pair<uint32_t, uint32_t>>& pairs, size_t from,
    bool backwards) {
  std::vector<std::pair<uint32_t, uint32_t>> result;
  const std::vector<uint32_t> elements = sorted_elements(t, from);
  std::set<uint32_t> seen;
  for (const auto& [a, b] : pairs) {
    const uint32_t key = backwards ? b : a;
    if (!std::ranges::binary_search(elements, key) || !seen.insert(key).second) continue;
    result.emplace_back(key, backwards ? a : b);
  }
  if (seen.size() < t.ranges[from].elements.size()) return std::nullopt;
  return result;
}

}  // namespace

void declare_ranges(Translation& t) { Declaring(t).run(); }

std::optional<size_t> find_range(const Translation& t, std::string_view name) {
  const auto found = t.ranges_by_name.find(canonical_of(name));
  if (found == t.ranges_by_name.end()) return std::nullopt;
  return found->second;
}

std::optional<size_t> find_element(const Translation& t, std::string_view name) {
  const auto found = t.elements_by_name.find(canonical_of(name));
  if (found == t.elements_by_name.end()) return std::nullopt;
  return found->second;
}

size_t range_of(Translation& t, size_t family, std::vector<uint32_t> elements) {
  std::ranges::sort(elements, {}, [&](uint32_t element) { return t.elements[element].place; });
  const auto found = t.ranges_by_elements.find(elements);
  if (found != t.ranges_by_elements.end()) return found->second;
  const size_t range = t.ranges.size();
  const std::string name = t.ranges[t.families[family].root].name + " (part)";
  t.ranges.push_back({t.fresh(name), elements, elements, family, {}, nullptr});
  t.ranges_by_elements.emplace(std::move(elements), range);
  return range;
}

bool contains(const Translation& t, size_t range, size_t element) {
  if (t.elements[element].family != t.ranges[range].family) return false;
  const auto& all = t.ranges[range].elements;
  return std::ranges::find(all, static_cast<uint32_t>(element)) != all.end();
}

bool within(const Translation& t, size_t inner, size_t outer) {
  if (inner == outer) return true;
  if (t.ranges[inner].family != t.ranges[outer].family) return false;
  if (t.families[t.ranges[outer].family].root == outer) return true;
  return std::ranges::includes(sorted_elements(t, outer), sorted_elements(t, inner));
}

std::optional<std::vector<std::pair<uint32_t, uint32_t>>> link(const Translation& t, size_t from,
                                                               size_t to) {
  for (const Link& link : t.ranges[to].links) {  // `to -> from`, as Vensim means it
    if (link.target != from && !within(t, from, link.target)) continue;
    if (auto pairs = turned(t, link.pairs, from, true)) return pairs;
  }
  for (const Link& link : t.ranges[from].links) {
    if (link.target != to && !within(t, link.target, to)) continue;
    if (auto pairs = turned(t, link.pairs, from, false)) return pairs;
  }
  return std::nullopt;
}

std::string map_name(Translation& t, size_t from, size_t to,
                     const std::vector<std::pair<uint32_t, uint32_t>>& pairs, Span span) {
  const auto [at, fresh] = t.maps.emplace(std::pair(from, to), "");
  if (!fresh) return at->second;
  const Build build = t.build(span);
  at->second = t.fresh(fmt::format("{} of {}", t.ranges[to].name, t.ranges[from].name));
  syntax::MapDecl map{
      build.word(t.ranges[from].name), build.word(t.ranges[to].name), {}, build.word(at->second)};
  for (const auto& [a, b] : pairs)
    map.pairs.emplace_back(build.word(t.elements[a].name), build.word(t.elements[b].name));
  t.add({std::move(map), {}, span});
  return at->second;
}

std::string place_array(Translation& t, size_t range, Span span) {
  const auto [at, fresh] = t.place_arrays.emplace(range, "");
  if (!fresh) return at->second;
  const Build build = t.build(span);
  at->second = t.fresh(fmt::format("_place in {}", t.ranges[range].name));
  syntax::DataDecl data;
  data.name = build.word(at->second);
  data.dims.push_back({build.word(t.ranges[range].name), {}});
  for (size_t k = 0; k < t.ranges[range].elements.size(); ++k)
    data.values.push_back(static_cast<double>(k + 1));
  t.add({std::move(data), {}, span});
  return at->second;
}

void write_ranges(Translation& t) {
  for (size_t id = 0; id < t.ranges.size(); ++id) {
    const Range& range = t.ranges[id];
    const Span span = range.equation ? range.equation->span : Span{};
    if (range.elements.empty()) continue;
    const Build build = t.build(span);
    syntax::DimDecl decl;
    decl.name = build.word(range.name);
    const size_t root = t.families[range.family].root;
    if (root != id) decl.parent = build.word(t.ranges[root].name);
    for (const uint32_t element : range.elements)
      decl.members.push_back(build.word(t.elements[element].name));
    t.add({std::move(decl), range.equation ? range.equation->comment : std::string(), span});
  }
}

}  // namespace headrace::import::vensim
