#pragma once

#include <string>
#include <string_view>

namespace headrace::text {

// Text as it stands between tags or in quotes of XML, SVG, MathML and HTML. Control characters that
// XML does not have become spaces.
std::string escape_markup(std::string_view text);

}  // namespace headrace::text
