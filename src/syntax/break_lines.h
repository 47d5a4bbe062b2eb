#pragma once

#include <string>

namespace headrace::syntax {

// Lines of printed text are no wider than this, where the language allows it.
constexpr size_t kWidest = 110;

// Model text in the formatter's layout, in which lines that are too wide are broken: as far out as
// possible, before an operator or after a comma. Reads as the same tree. format(result) == result.
// A text with syntax errors is returned unchanged.
std::string break_lines(const std::string& text);

}  // namespace headrace::syntax
