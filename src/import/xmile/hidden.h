#pragma once

// Elements that an index in scope hides: the language reads a name between brackets as an index
// first, and indexes are called as their dimensions are.

#include <algorithm>
#include <string_view>

#include "import/xmile/translation.h"

namespace headrace::import::xmile {

// Whether indexes that find an element have such names: `place 1`, `place 2.1`.
inline bool is_search(std::string_view element) {
  constexpr std::string_view kFirst = "place ";
  return element.starts_with(kFirst) && element.size() > kFirst.size() &&
         element[kFirst.size()] >= '0' && element[kFirst.size()] <= '9';
}

// Whether an index of what is defined, or of what finds an element, has this name.
inline bool is_index(const Scope& scope, std::string_view element) {
  if (scope.searching > 0 && is_search(element)) return true;
  return std::ranges::any_of(scope.bound,
                             [&](const auto& index) { return index.second == element; });
}

// The same where importers are about to bind indexes of their own.
inline bool is_hidden(const Scope& scope, std::string_view element) {
  return element == "ranked" || element == "rival" || is_search(element) ||
         is_index(scope, element);
}

}  // namespace headrace::import::xmile
