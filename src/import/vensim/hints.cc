// What is likely meant by a name or a function that nothing has.

#include "import/hints.h"

#include <fmt/format.h>

#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

std::string capitals(std::string_view canonical_name) {
  std::string text(canonical_name);
  for (char& c : text) {
    if (c == '_') c = ' ';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return text;
}

KnownNames names_of(const Translation& t) {
  KnownNames names;
  for (const auto& [name, symbol] : t.symbols) names.emplace(name, symbol.name);
  for (const Range& range : t.ranges) names.emplace(canonical_of(range.name), range.name);
  for (const Element& element : t.elements) names.emplace(canonical_of(element.name), element.name);
  return names;
}

}  // namespace

std::string hint_for_name(const Translation& t, const std::string& name) {
  const std::string wanted = canonical_of(name);
  for (const char* word : {"and", "or", "not"}) {
    if (wanted.find(fmt::format("_{}_", word)) != std::string::npos)
      return fmt::format("a condition has `:{}:`", capitals(word));
  }
  const KnownNames known = names_of(t);
  const std::string hint = sign_between(wanted, known);
  return hint.empty() ? did_you_mean(wanted, known) : hint;
}

std::string hint_for_function(const Translation& t, const std::string& name) {
  KnownNames known;
  for (const std::string_view function : function_names())
    known.emplace(function, capitals(function));
  for (const auto& [macro, head] : t.macros) known.emplace(macro, head->name);
  const std::string hint = did_you_mean(canonical_of(name), known);
  return hint.empty() ? "a macro stands in the same file, from `:MACRO:` to `:END OF MACRO:`"
                      : hint;
}

}  // namespace headrace::import::vensim
