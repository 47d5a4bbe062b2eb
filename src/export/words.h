#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "syntax/tree.h"

namespace headrace::exports {

// What a statement says in words: its title, its comment and where its numbers are from, with
// `between` them.
std::string words_of(const std::optional<std::string>& title, const std::string& doc,
                     const syntax::Provenance& provenance, std::string_view between);

}  // namespace headrace::exports
