// What nothing has, and what this version cannot say: one diagnostic each, with every place.

#include <fmt/format.h>

#include <algorithm>

#include "import/vensim/translation.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

std::string shown(std::string_view name) { return text::printable(name.substr(0, 200)); }

void tell(Translation& t, Kind kind, const std::vector<Span>& places, std::string message) {
  auto& diagnostic = t.diagnostics.error(kind, places.front(), std::move(message));
  for (size_t i = 1; i < places.size(); ++i) diagnostic.labels.push_back({places[i], "and here"});
}

// Spellings of one name together.
std::map<std::string, std::pair<std::string, std::vector<Span>>> by_name(
    const std::map<std::string, std::vector<Span>>& all) {
  std::map<std::string, std::pair<std::string, std::vector<Span>>> result;
  for (const auto& [name, places] : all) {
    auto& entry = result[canonical_of(name)];
    if (entry.first.empty()) entry.first = name;
    entry.second.insert(entry.second.end(), places.begin(), places.end());
  }
  return result;
}

void tell_unfilled(Translation& t) {
  if (t.unfilled.empty()) return;
  std::vector<Span> places;
  std::string list;
  std::set<std::string> named;
  for (const auto& [span, name] : t.unfilled) {
    places.push_back(span);
    if (named.insert(name).second)
      list += fmt::format("{}`{}`", list.empty() ? "" : ", ", shown(name));
  }
  tell(t, Kind::kUnfilledEquation, places,
       fmt::format("no equation has been written for {}", list));
}

}  // namespace

void report(Translation& t) {
  for (const auto& [key, entry] : by_name(t.unknown_names))
    tell(t, Kind::kUnknownName, entry.second,
         fmt::format("nothing is called `{}`", shown(entry.first)));
  for (const auto& [key, entry] : by_name(t.unknown_functions))
    tell(t, Kind::kUnknownFunction, entry.second,
         fmt::format("there is no function `{}`", shown(entry.first)));
  for (const auto& [key, entry] : by_name(t.unsupported))
    tell(t, Kind::kUnsupported, entry.second,
         fmt::format("this version does not read {}", entry.first));
  for (const auto& [what, places] : t.passed_over) {
    auto& note = t.diagnostics.warning(Kind::kPassedOver, places.front(), "passed over: " + what);
    for (size_t i = 1; i < places.size(); ++i) note.labels.push_back({places[i], "and here"});
  }
  tell_unfilled(t);
}

}  // namespace headrace::import::vensim
