#pragma once

// Elements that an index in scope hides: the language reads a name between brackets as an index
// first, and indexes are called as their dimensions are.

#include <algorithm>
#include <string_view>

#include "import/xmile/translation.h"

namespace headrace::import::xmile {

// Whether an index of what is defined, or of what finds an element, has this name.
inline bool is_index(const Scope& scope, std::string_view element) {
  if (scope.searching > 0 && element.starts_with("place")) return true;
  return std::ranges::any_of(scope.bound,
                             [&](const auto& index) { return index.second == element; });
}

// The same where importers are about to bind indexes of their own.
inline bool is_hidden(const Scope& scope, std::string_view element) {
  return element == "one" || element == "other" || element.starts_with("place") ||
         is_index(scope, element);
}

}  // namespace headrace::import::xmile
