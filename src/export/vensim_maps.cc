// A map finds a member of one range for each of another. It stands with the range whose members are
// found, when every one of them is:
//
//   fuel: coal, gas -> (plant: "plants that burn coal", turbine)
//
// Where some are not found for anything, it stands with the other range. Two maps there and back
// are one mapping in Vensim: with several plants of one fuel, the fuel's plant is the first.
//
//   plant: kiln, boiler, turbine -> (fuel: coal, coal, gas)

#include "export/vensim_maps.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "text/utf8.h"

namespace headrace::exports {

using syntax::DimDecl;
using syntax::MapDecl;

std::vector<std::string> VensimMaps::links(const DimDecl& dim, std::vector<std::string>& helpers) {
  if (!shared_out_) share_out();
  std::vector<std::string> links;
  std::set<std::string> seen;
  for (const MapDecl* map : inward_[dim.name.text]) {
    if (!seen.insert(map->from.text).second) {
      writer_.cannot(map->from.span, "a second map between two dimensions");
      continue;
    }
    if (auto link = inward(dim, *map, helpers)) links.push_back(*link);
  }
  for (const MapDecl* map : onward_[dim.name.text]) links.push_back(onward(dim, *map));
  return links;
}

void VensimMaps::share_out() {
  shared_out_ = true;
  std::vector<const MapDecl*> maps;
  for (const syntax::Statement* statement : writer_.own()) {
    if (const auto* map = std::get_if<MapDecl>(&statement->node)) maps.push_back(map);
  }
  std::vector<const MapDecl*> wholes;
  std::ranges::copy_if(maps, std::back_inserter(wholes),
                       [&](const MapDecl* map) { return !is_part(*map, maps); });
  maps = std::move(wholes);
  for (const MapDecl* map : maps) {
    const auto back = std::ranges::find_if(maps, [&](const MapDecl* other) {
      return other->from.text == map->to.text && other->to.text == map->from.text;
    });
    if (back == maps.end()) {
      (leaves_out(*map) ? onward_[map->from.text] : inward_[map->to.text]).push_back(map);
    } else if (leaves_out(**back) && is_said_by(*map, **back)) {
      onward_[map->from.text].push_back(map);
    } else if (!leaves_out(*map) || !is_said_by(**back, *map)) {
      inward_[map->to.text].push_back(map);
    }
  }
}

// Whether another map says the same of a range that holds this one's: Vensim reads it there.
bool VensimMaps::is_part(const MapDecl& map, const std::vector<const MapDecl*>& maps) const {
  const auto says_all = [&](const MapDecl& whole) {
    return std::ranges::all_of(map.pairs, [&](const auto& pair) {
      return std::ranges::any_of(whole.pairs, [&](const auto& other) {
        return other.first.text == pair.first.text && other.second.text == pair.second.text;
      });
    });
  };
  const DimDecl* from = writer_.dimension(map.from.text);
  for (; from && from->parent; from = writer_.dimension(from->parent->text)) {
    for (const MapDecl* whole : maps) {
      if (whole->to.text == map.to.text && whole->from.text == from->parent->text &&
          says_all(*whole))
        return true;
    }
  }
  return false;
}

// Whether some members of the range that a map leads to are found for nothing.
bool VensimMaps::leaves_out(const MapDecl& map) const {
  const DimDecl* to = writer_.dimension(map.to.text);
  std::set<std::string> found;
  for (const auto& [a, b] : map.pairs) found.insert(b.text);
  return to && found.size() < to->members.size();
}

// Whether each member stands for the first one that leads to it on the way back.
bool VensimMaps::is_said_by(const MapDecl& back, const MapDecl& map) const {
  const DimDecl* from = writer_.dimension(back.from.text);
  if (!from || leaves_out(back)) return false;
  std::map<std::string, std::string> led, first;
  for (const auto& [a, b] : back.pairs) led.emplace(a.text, b.text);
  for (const syntax::Name& member : from->members) {
    const auto at = led.find(member.text);
    if (at == led.end()) return false;
    first.emplace(at->second, member.text);
  }
  return std::ranges::all_of(map.pairs, [&](const auto& pair) {
    const auto at = first.find(pair.first.text);
    return at != first.end() && at->second == pair.second.text;
  });
}

std::string VensimMaps::space_of(const std::string& dim) const {
  const DimDecl* decl = writer_.dimension(dim);
  return decl && decl->parent ? decl->parent->text : dim;
}

// `(to: what is found for each member)`.
std::string VensimMaps::onward(const DimDecl& from, const MapDecl& map) const {
  const std::string space = space_of(map.to.text);
  std::vector<std::string> items;
  for (const syntax::Name& member : from.members) {
    const auto pair = std::ranges::find(map.pairs, member.text,
                                        [](const auto& other) { return other.first.text; });
    if (pair != map.pairs.end()) items.push_back(writer_.member(space, pair->second.text));
  }
  return fmt::format("({}: {})", writer_.spelled(map.to.text), fmt::join(items, ", "));
}

// `(from: what each member stands for)`; several stand together as a range of their own.
std::optional<std::string> VensimMaps::inward(const DimDecl& to, const MapDecl& map,
                                              std::vector<std::string>& helpers) {
  const std::string space = space_of(map.from.text);
  std::vector<std::string> items;
  for (const syntax::Name& member : to.members) {
    std::vector<std::string> others;
    for (const auto& [a, b] : map.pairs) {
      if (b.text == member.text) others.push_back(writer_.member(space, a.text));
    }
    if (others.empty()) {
      writer_.cannot(map.from.span, fmt::format("a map to which `{}` does not belong",
                                                text::printable(member.text)));
      return std::nullopt;
    }
    if (others.size() == 1) {
      items.push_back(others.front());
      continue;
    }
    const std::string name =
        fmt::format("\"{} of {}\"", writer_.bare(map.from.text), writer_.bare(member.text));
    helpers.push_back(fmt::format("{}:\n\t{}", name, fmt::join(others, ", ")));
    items.push_back(name);
  }
  return fmt::format("({}: {})", writer_.spelled(map.from.text), fmt::join(items, ", "));
}

}  // namespace headrace::exports
