#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "sheet/workbook.h"

namespace headrace::sheet {

namespace {

// A number as a whole cell, spaces around it aside.
std::optional<double> number(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

base::Result<Sheet> read_delimited(std::string_view text, char delimiter, const Limits& limits) {
  using base::Error;
  Sheet sheet;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Address at;
  size_t i = 0;
  while (i < text.size()) {
    std::string cell;
    bool quoted = false;
    if (text[i] == '"') {
      quoted = true;
      for (++i; i < text.size(); ++i) {
        if (text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"')
          ++i;
        else if (text[i] == '"')
          break;
        cell += text[i];
      }
      if (i == text.size())
        return base::fail(Error::Kind::kInvalid,
                          fmt::format("the quote in cell {} never closes", show(at)));
      ++i;
    }
    while (i < text.size() && text[i] != delimiter && text[i] != '\n') cell += text[i++];
    const bool ends = i == text.size() || text[i] == '\n';
    if (ends && cell.ends_with('\r')) cell.pop_back();
    if (at.row >= kMaxRows || at.column >= kMaxColumns || sheet.cells.size() >= limits.cells)
      return base::fail(Error::Kind::kInvalid,
                        fmt::format("cell {} is beyond what a sheet may hold", show(at)));
    if (!cell.empty()) {
      const auto value = quoted ? std::nullopt : number(cell);
      sheet.rows = at.row + 1;
      sheet.columns = std::max(sheet.columns, at.column + 1);
      sheet.cells.emplace_back(at, value ? Cell{Cell::Kind::kNumber, *value, ""}
                                         : Cell{Cell::Kind::kText, 0, std::move(cell)});
    }
    ++i;
    at = ends ? Address{at.row + 1, 0} : Address{at.row, at.column + 1};
  }
  return sheet;
}

}  // namespace headrace::sheet
