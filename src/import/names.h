#pragma once

// Names as XMILE and Vensim compare them: letters without case, spaces and underscores alike.

#include <string>
#include <string_view>

namespace headrace::import {

// The form by which two spellings of one name are equal: small letters, one `_` for each run of
// spaces, no-break spaces, line breaks and underscores, none at the ends. `Birth  Rate`,
// `birth_rate` and `Birth\nRate` (a literal backslash and n) are one name.
std::string canonical(std::string_view name);

// The name as people read it: line breaks become single spaces, the rest stays.
std::string display(std::string_view name);

std::string trimmed(std::string_view text);
bool same_word(std::string_view a, std::string_view b);  // ASCII letters without case

}  // namespace headrace::import
