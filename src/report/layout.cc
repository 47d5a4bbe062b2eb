#include "report/layout.h"

#include <algorithm>

#include "text/utf8.h"

namespace headrace::report {
namespace {

constexpr size_t kGap = 2;
constexpr size_t kNarrowest = 12;  // a flexible column is never narrower

// The byte length of the first `count` code points.
size_t bytes_of(std::string_view text, size_t count) {
  size_t offset = 0;
  while (offset < text.size() && count-- > 0) offset += text::decode(text, offset).length;
  return offset;
}

std::vector<size_t> natural_widths(const Table& table) {
  std::vector<size_t> widths;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    size_t width = width_of(table.columns[c].head);
    for (const auto& row : table.rows) width = std::max(width, width_of(row[c]));
    widths.push_back(width);
  }
  return widths;
}

// Takes what is too much from the widest flexible column, again and again.
void fit(std::vector<size_t>& widths, const Table& table, size_t limit) {
  size_t total = widths.empty() ? 0 : kGap * (widths.size() - 1);
  for (size_t width : widths) total += width;
  for (; total > limit; --total) {
    size_t* widest = nullptr;
    for (size_t c = 0; c < widths.size(); ++c) {
      if (!table.columns[c].flexible || widths[c] <= kNarrowest) continue;
      if (!widest || widths[c] > *widest) widest = &widths[c];
    }
    if (!widest) return;
    --*widest;
  }
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string render_row(const std::vector<std::string>& cells, const Table& table,
                       const std::vector<size_t>& widths) {
  std::vector<std::vector<std::string>> wrapped;
  size_t height = 1;
  for (size_t c = 0; c < cells.size(); ++c) {
    wrapped.push_back(table.columns[c].flexible ? wrap(cells[c], widths[c])
                                                : std::vector{cells[c]});
    height = std::max(height, wrapped.back().size());
  }
  std::string out;
  for (size_t line = 0; line < height; ++line) {
    std::string text;
    for (size_t c = 0; c < cells.size(); ++c) {
      const std::string cell = line < wrapped[c].size() ? wrapped[c][line] : "";
      if (c > 0) text += std::string(kGap, ' ');
      text += table.columns[c].right ? pad_left(cell, widths[c]) : pad_right(cell, widths[c]);
    }
    out += trimmed(text) + "\n";
  }
  return out;
}

std::string render_plain(const Table& table) {
  std::string out;
  for (const auto& row : table.rows) {
    for (size_t c = 0; c < row.size(); ++c) out += (c > 0 ? "\t" : "") + row[c];
    out += '\n';
  }
  return out;
}

}  // namespace

size_t width_of(std::string_view text) { return text::count_code_points(text); }

std::string pad_right(std::string_view text, size_t width) {
  const size_t have = width_of(text);
  return std::string(text) + std::string(have < width ? width - have : 0, ' ');
}

std::string pad_left(std::string_view text, size_t width) {
  const size_t have = width_of(text);
  return std::string(have < width ? width - have : 0, ' ') + std::string(text);
}

std::string shorten(std::string_view text, size_t width) {
  if (width_of(text) <= width) return std::string(text);
  if (width < 8) return std::string(text.substr(0, bytes_of(text, width)));
  return trimmed(std::string(text.substr(0, bytes_of(text, width - 3)))) + "...";
}

std::vector<std::string> wrap(std::string_view text, size_t width) {
  const size_t first = std::min(text.find_first_not_of(' '), text.size());
  const std::string indent(std::min(first, width / 2), ' ');
  width = std::max<size_t>(width - indent.size(), 1);
  std::vector<std::string> lines;
  std::string line;
  for (size_t at = 0; at <= text.size();) {
    const size_t space = std::min(text.find(' ', at), text.size());
    std::string_view word = text.substr(at, space - at);
    at = space + 1;
    if (word.empty()) continue;
    const size_t used = line.empty() ? 0 : width_of(line) + 1;
    if (used > 0 && used + width_of(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    while (line.empty() && width_of(word) > width) {
      const size_t bytes = bytes_of(word, width);
      lines.emplace_back(word.substr(0, bytes));
      word.remove_prefix(bytes);
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty() || lines.empty()) lines.push_back(std::move(line));
  if (!indent.empty()) {
    for (std::string& each : lines) each.insert(0, indent);
  }
  return lines;
}

std::string ends(std::string_view left, std::string_view right, size_t width) {
  const size_t used = width_of(left) + width_of(right);
  if (right.empty()) return std::string(left) + "\n";
  if (used + kGap > width) {
    std::string out;
    for (const std::string& line : wrap(left, width)) out += line + "\n";
    return out + pad_left(shorten(right, width), width) + "\n";
  }
  return std::string(left) + std::string(width - used, ' ') + std::string(right) + "\n";
}

std::string render(const Table& table, const Look& look) {
  if (look.plain) return render_plain(table);
  std::vector<size_t> widths = natural_widths(table);
  fit(widths, table, look.width);
  std::vector<std::string> heads;
  bool any_head = false;
  for (const Column& column : table.columns) {
    heads.push_back(column.head);
    any_head = any_head || !column.head.empty();
  }
  std::string out = any_head ? render_row(heads, table, widths) : "";
  for (const auto& row : table.rows) out += render_row(row, table, widths);
  return out;
}

std::string render_markdown(const Table& table) {
  auto line = [](const std::vector<std::string>& cells) {
    std::string out = "|";
    for (const std::string& cell : cells) {
      out += ' ';
      for (char c : cell) out += c == '|' ? "\\|" : c == '\n' ? " " : std::string(1, c);
      out += " |";
    }
    return out + "\n";
  };
  std::vector<std::string> heads, rules;
  for (const Column& column : table.columns) {
    heads.push_back(column.head);
    rules.push_back(column.right ? "---:" : "---");
  }
  std::string out = line(heads) + line(rules);
  for (const auto& row : table.rows) out += line(row);
  return out;
}

}  // namespace headrace::report
