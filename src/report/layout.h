#pragma once

// Text laid out on a terminal of a given width, counted in code points.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::report {

// How people see it.
struct Look {
  size_t width = 80;
  bool ascii = false;  // no block or box characters
  bool color = false;
  bool plain = false;  // one record a line, cells between tabs, no decoration
};

size_t width_of(std::string_view text);
std::string pad_right(std::string_view text, size_t width);
std::string pad_left(std::string_view text, size_t width);
// At most `width` wide; what is cut ends in `...` (or is cut hard when that has no room).
std::string shorten(std::string_view text, size_t width);
// Breaks at spaces; a word wider than the line is cut. Spaces at the start indent every line. At
// least one line.
std::vector<std::string> wrap(std::string_view text, size_t width);
// `left` and `right` at the two ends of one line; on two lines when they do not fit together.
std::string ends(std::string_view left, std::string_view right, size_t width);

struct Column {
  std::string head;
  bool right = false;     // numbers
  bool flexible = false;  // wraps when the table is too wide
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // as wide as the columns
};

// Columns two spaces apart, the head underlined; `plain` gives tab-separated lines. The flexible
// column takes what is left of the width and wraps.
std::string render(const Table& table, const Look& look);
// A pipe table of Markdown.
std::string render_markdown(const Table& table);

}  // namespace headrace::report
