#pragma once

// The frame around what an equation of Vensim's text says: units, words, groups.

#include <optional>
#include <string>
#include <string_view>

#include "syntax/tree.h"

namespace headrace::exports {

// An equation, or a range, with its units and the comment. A comment that ends in `Range: [0,10,1]`
// tells the range of values, which stands with the units.
std::string vensim_equation(const std::string& text, const std::string& units = {},
                            const std::string& words = {});

// The heading of a group; a name that begins with a dot has no other in front.
std::string vensim_group(std::string_view name, std::string_view words);

std::string vensim_unit(const std::optional<syntax::UnitExpr>& unit);

// What a variable's statement says in words, in one line.
std::string vensim_words(const std::optional<std::string>& title, const std::string& doc,
                         const syntax::Provenance& provenance);

}  // namespace headrace::exports
