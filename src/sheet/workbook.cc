#include "sheet/workbook.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace headrace::sheet {

namespace {

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::optional<uint32_t> parse_column(std::string_view text) {
  if (text.empty() || text.size() > 3) return std::nullopt;
  uint32_t column = 0;
  for (char c : text) {
    if (!is_letter(c)) return std::nullopt;
    column = column * 26 + static_cast<uint32_t>((c & ~0x20) - 'A') + 1;
  }
  if (column > kMaxColumns) return std::nullopt;
  return column - 1;
}

std::optional<Address> parse_address(std::string_view text) {
  if (text.starts_with('$')) text.remove_prefix(1);
  size_t letters = 0;
  while (letters < text.size() && is_letter(text[letters])) ++letters;
  const auto column = parse_column(text.substr(0, letters));
  text.remove_prefix(letters);
  if (text.starts_with('$')) text.remove_prefix(1);
  if (!column || text.empty() || !is_digit(text[0])) return std::nullopt;
  uint32_t row = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), row);
  if (error != std::errc() || end != text.data() + text.size() || row < 1 || row > kMaxRows)
    return std::nullopt;
  return Address{row - 1, *column};
}

std::string show(Address address) {
  std::string letters;
  for (uint32_t column = address.column + 1; column > 0; column = (column - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (column - 1) % 26));
  return fmt::format("{}{}", letters, address.row + 1);
}

const Cell* Sheet::at(Address address) const {
  const auto found = std::ranges::lower_bound(cells, address, {}, &std::pair<Address, Cell>::first);
  return found == cells.end() || found->first != address ? nullptr : &found->second;
}

const Sheet* Workbook::find_sheet(std::string_view name) const {
  const auto at = std::ranges::find_if(sheets, [&](const Sheet& s) { return same(s.name, name); });
  return at == sheets.end() ? nullptr : &*at;
}

const Workbook::Name* Workbook::find_name(std::string_view name,
                                          std::optional<uint32_t> sheet) const {
  const Name* found = nullptr;
  for (const Name& each : names) {
    if (!same(each.name, name)) continue;
    if (each.scope && sheet && each.scope == sheet) return &each;
    if (!found || (found->scope && !each.scope)) found = &each;
  }
  return found;
}

std::string to_csv(const Sheet& sheet) {
  std::string out;
  auto at = sheet.cells.begin();
  for (uint32_t row = 0; row < sheet.rows; ++row) {
    for (uint32_t column = 0; column < sheet.columns; ++column) {
      if (column > 0) out += ',';
      if (at == sheet.cells.end() || at->first != Address{row, column}) continue;
      const Cell& cell = (at++)->second;
      if (cell.kind == Cell::Kind::kNumber) {
        out += fmt::format("{}", cell.number);
        continue;
      }
      out += '"';
      for (char c : cell.text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
      out += '"';
    }
    out += '\n';
  }
  return out;
}

}  // namespace headrace::sheet
