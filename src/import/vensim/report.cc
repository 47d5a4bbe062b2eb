// What nothing has, and what this version cannot say: one diagnostic each, with every place.

#include <fmt/format.h>

#include <algorithm>

#include "import/names.h"
#include "import/vensim/translation.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

namespace fs = std::filesystem;

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

// The series of the data files, as far as they go on a line.
std::string series_held(const Translation& t) {
  std::string list;
  for (const auto& [name, cells] : t.columns) {
    if (list.size() > 60) return fmt::format("there are {} and more", list);
    list += fmt::format("{}`{}`", list.empty() ? "" : ", ", shown(name));
  }
  return list.empty() ? "" : fmt::format("there {} {}", t.columns.size() == 1 ? "is" : "are", list);
}

void tell_without_data(Translation& t) {
  if (t.without_data.empty() || t.data_unread) return;
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
       files ? series_held(t) : "name it: --data FILE");
}

// What lies beside it under another name may be meant.
void tell_missing_files(Translation& t) {
  for (const auto& [file, places] : t.missing_files) {
    const fs::path path = t.options.folder / file;
    std::vector<std::string> names;
    std::error_code code;
    for (fs::directory_iterator at(path.parent_path().empty() ? "." : path.parent_path(), code),
         end;
         !code && at != end && names.size() < 1000; at.increment(code))
      names.push_back(at->path().filename().string());
    std::ranges::sort(names);
    const std::string near = text::nearest(path.filename().string(), names);
    tell(t, Kind::kMissingFile, places,
         fmt::format("there is no file `{}`, as seen from the model's folder",
                     text::printable(file)),
         near.empty() ? "" : fmt::format("did you mean `{}`?", text::printable(near)));
  }
}

}  // namespace

void report(Translation& t) {
  const auto tell_unknown = [&](Kind kind, const auto& all, std::string_view words, auto hint) {
    for (const auto& [name, entry] : by_name(all)) {
      // Why it is unknown is told.
      if (t.document.broken.contains(name) || t.document.cut_off) continue;
      tell(t, kind, entry.second, fmt::format("{} `{}`", words, shown(entry.first)),
           hint(t, entry.first));
    }
  };
  tell_unknown(Kind::kUnknownName, t.unknown_names, "nothing is called", hint_for_name);
  tell_unknown(Kind::kUnknownFunction, t.unknown_functions, "there is no function",
               hint_for_function);
  for (const auto& [key, entry] : by_name(t.unsupported))
    tell(t, Kind::kUnsupported, entry.second,
         fmt::format("this version does not read {}", entry.first));
  for (const auto& [what, places] : t.passed_over) {
    auto& note = t.diagnostics.warning(Kind::kPassedOver, places.front(), "passed over: " + what);
    for (size_t i = 1; i < places.size(); ++i) note.labels.push_back({places[i], "and here"});
  }
  tell_unfilled(t);
  tell_without_data(t);
  tell_missing_files(t);
}

}  // namespace headrace::import::vensim
