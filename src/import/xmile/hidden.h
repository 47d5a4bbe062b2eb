#pragma once

// Elements that an index in scope hides: the language reads a name between brackets as an index
// first, and indexes are called as their dimensions are.

#include <algorithm>
#include <string_view>

#include "import/xmile/translation.h"

namespace headrace::import::xmile {

inline bool is_hidden(const Scope& scope, std::string_view element) {
  // Those that importers bind themselves.
  if (element == "one" || element == "other" || element.starts_with("place")) return true;
  return std::ranges::any_of(scope.bound,
                             [&](const auto& index) { return index.second == element; });
}

}  // namespace headrace::import::xmile
