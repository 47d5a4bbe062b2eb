#include "import/remarks.h"

#include "import/names.h"

namespace headrace::import {
namespace {

// Calls take(part, is_remark) for each part of the equation; the braces belong to no part.
template <class Take>
void for_each_part(std::string_view equation, Take&& take) {
  size_t begin = 0;
  int depth = 0;
  bool quoted = false;
  for (size_t at = 0; at < equation.size(); ++at) {
    const char c = equation[at];
    if (c == '"' && depth == 0) quoted = !quoted;
    if (quoted || (c != '{' && c != '}') || (c == '}' && depth == 0)) continue;
    const bool outermost = c == '{' ? depth == 0 : depth == 1;
    if (outermost) {
      take(equation.substr(begin, at - begin), depth > 0);
      begin = at + 1;
    }
    depth += c == '{' ? 1 : -1;
  }
  if (depth == 0) take(equation.substr(begin), false);
}

}  // namespace

std::string remarks_in(std::string_view equation) {
  std::string remarks;
  for_each_part(equation, [&](std::string_view part, bool is_remark) {
    const std::string text = display(trimmed(part));
    if (is_remark && !text.empty()) remarks += (remarks.empty() ? "" : "\n") + text;
  });
  return remarks;
}

std::string without_remarks(std::string_view equation) {
  std::string text;
  for_each_part(equation, [&](std::string_view part, bool is_remark) {
    if (!is_remark) text += part;
  });
  return text;
}

std::string with_remarks(std::string doc, std::string_view equation) {
  if (equation.find('{') == std::string_view::npos) return doc;
  const std::string remarks = remarks_in(equation);
  if (remarks.empty()) return doc;
  return doc.empty() ? remarks : doc + "\n" + remarks;
}

}  // namespace headrace::import
