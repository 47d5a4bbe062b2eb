// What nothing has, and what this version cannot say: one diagnostic each, with every place.

#include <fmt/format.h>

#include <algorithm>

#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

void tell(Translation& t, Kind kind, const std::vector<Span>& places, std::string message,
          std::string hint = {}) {
  auto& diagnostic = t.diagnostics.error(kind, places.front(), std::move(message));
  diagnostic.hint = std::move(hint);
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

void tell_without_data(Translation& t) {
  if (t.without_data.empty()) return;
  std::vector<Span> places;
  std::string list;
  std::set<uint32_t> told;
  for (const auto& [span, name] : t.without_data) {
    if (!told.insert(span.begin).second) continue;
    places.push_back(span);
    if (places.size() <= 20) list += fmt::format("{}`{}`", list.empty() ? "" : ", ", shown(name));
  }
  if (places.size() > 20) list += fmt::format(" and {} more", places.size() - 20);
  const bool files = !t.options.data_files.empty();
  tell(t, Kind::kMissingFile, places,
       files ? fmt::format("no data file holds {}", list)
             : fmt::format("{} {} no equation: a file of data holds the values", list,
                           places.size() == 1 ? "has" : "have"),
       files ? "" : "name it: --data FILE");
}

}  // namespace

void report(Translation& t) {
  const auto tell_unknown = [&](Kind kind, const auto& all, std::string_view words) {
    for (const auto& [name, entry] : by_name(all)) {
      if (t.document.broken.contains(name)) continue;  // why it is unknown is told
      tell(t, kind, entry.second, fmt::format("{} `{}`", words, shown(entry.first)));
    }
  };
  tell_unknown(Kind::kUnknownName, t.unknown_names, "nothing is called");
  tell_unknown(Kind::kUnknownFunction, t.unknown_functions, "there is no function");
  for (const auto& [key, entry] : by_name(t.unsupported))
    tell(t, Kind::kUnsupported, entry.second,
         fmt::format("this version does not read {}", entry.first));
  for (const auto& [what, places] : t.passed_over) {
    auto& note = t.diagnostics.warning(Kind::kPassedOver, places.front(), "passed over: " + what);
    for (size_t i = 1; i < places.size(); ++i) note.labels.push_back({places[i], "and here"});
  }
  tell_unfilled(t);
  tell_without_data(t);
}

}  // namespace headrace::import::vensim
