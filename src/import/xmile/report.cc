// What nothing has, and what is not written yet: one diagnostic each, with every place.

#include <fmt/format.h>

#include <algorithm>

#include "import/hints.h"
#include "import/names.h"
#include "import/xmile/translation.h"

namespace headrace::import::xmile {
namespace {

void tell(Translation& t, Kind kind, const std::vector<Span>& places, std::string message,
          std::string hint = {}) {
  auto& diagnostic = t.diagnostics.error(kind, places.front(), std::move(message));
  diagnostic.hint = std::move(hint);
  for (size_t i = 1; i < places.size(); ++i) diagnostic.labels.push_back({places[i], "and here"});
}

KnownNames names_of(const Translation& t) {
  KnownNames names;
  for (const auto& [name, symbol] : t.symbols) names.emplace(name, symbol.name);
  for (const Dim& dim : t.dims) {
    names.emplace(canonical(dim.name), dim.name);
    for (const std::string& element : dim.elements) names.emplace(canonical(element), element);
  }
  return names;
}

KnownNames functions_of(const Translation& t) {
  KnownNames names;
  for (const std::string_view function : function_names()) {
    std::string capitals(function);
    for (char& c : capitals) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    names.emplace(function, capitals);
  }
  for (const auto& [macro, head] : t.macros) names.emplace(macro, head->name);
  return names;
}

// As it is spelled where it stands first.
std::string spelled(const Translation& t, const std::string& name, Span place) {
  const std::string text = display(identifier(t.sources.text(place)));
  return canonical(text) == name ? text : name;
}

void tell_unknown(Translation& t) {
  if (!t.unknown_names.empty()) {
    const KnownNames known = names_of(t);
    for (const auto& [name, places] : t.unknown_names) {
      const std::string sign = sign_between(name, known);
      tell(t, Kind::kUnknownName, places,
           fmt::format("nothing is called `{}`", shown(spelled(t, name, places.front()))),
           sign.empty() ? did_you_mean(name, known) : sign);
    }
  }
  if (t.unknown_functions.empty()) return;
  const KnownNames known = functions_of(t);
  for (const auto& [name, places] : t.unknown_functions)
    tell(t, Kind::kUnknownFunction, places, fmt::format("there is no function `{}`", shown(name)),
         did_you_mean(canonical(name), known));
}

}  // namespace

void report_unknown(Translation& t) {
  tell_unknown(t);
  if (t.unfilled.empty()) return;
  std::vector<Span> places;
  std::vector<std::string> names;
  for (const auto& [span, name] : t.unfilled) {
    places.push_back(span);
    const auto symbol = t.symbols.find(name);
    const std::string called = symbol == t.symbols.end() ? name : symbol->second.name;
    if (std::ranges::find(names, called) == names.end()) names.push_back(called);
  }
  std::string list;
  for (const std::string& name : names)
    list += fmt::format("{}`{}`", list.empty() ? "" : ", ", shown(name));
  tell(t, Kind::kUnfilledEquation, places,
       fmt::format("no equation has been written for {}", list));
}

}  // namespace headrace::import::xmile
