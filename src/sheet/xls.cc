// The older workbooks of Excel 97 to 2003, through libfreexl.

#include <fmt/format.h>
#include <freexl.h>

#include <algorithm>
#include <fstream>
#include <memory>

#include "sheet/workbook.h"

namespace headrace::sheet {

namespace {

using base::Error;

std::unexpected<Error> fail(std::string message) {
  return base::fail(Error::Kind::kInvalid, std::move(message));
}

struct Close {
  void operator()(const void* book) const { freexl_close(book); }
};
using Handle = std::unique_ptr<const void, Close>;

std::optional<Cell> cell_of(const FreeXL_CellValue& value) {
  switch (value.type) {
    case FREEXL_CELL_INT:
      return Cell{Cell::Kind::kNumber, static_cast<double>(value.value.int_value), ""};
    case FREEXL_CELL_DOUBLE:
      return Cell{Cell::Kind::kNumber, value.value.double_value, ""};
    case FREEXL_CELL_TEXT:
    case FREEXL_CELL_SST_TEXT:
    case FREEXL_CELL_DATE:
    case FREEXL_CELL_DATETIME:
    case FREEXL_CELL_TIME:
      if (!value.value.text_value || !*value.value.text_value) return std::nullopt;
      return Cell{Cell::Kind::kText, 0, value.value.text_value};
    default:
      return std::nullopt;
  }
}

base::Result<Sheet> read_sheet(const void* book, unsigned short number, uint64_t& left) {
  const char* name = nullptr;
  unsigned int rows = 0;
  unsigned short columns = 0;
  if (freexl_get_worksheet_name(book, number, &name) != FREEXL_OK ||
      freexl_select_active_worksheet(book, number) != FREEXL_OK ||
      freexl_worksheet_dimensions(book, &rows, &columns) != FREEXL_OK)
    return fail(fmt::format("its sheet {} is damaged", number + 1));
  Sheet sheet{name ? name : "", {}, 0, 0};
  for (uint32_t row = 0; row < rows; ++row) {
    for (unsigned short column = 0; column < columns; ++column) {
      FreeXL_CellValue value;
      if (freexl_get_cell_value(book, row, column, &value) != FREEXL_OK) continue;
      auto cell = cell_of(value);
      if (!cell) continue;
      if (left-- == 0) return fail("it has too many cells");
      sheet.rows = row + 1;
      sheet.columns = std::max<uint32_t>(sheet.columns, column + 1u);
      sheet.cells.emplace_back(Address{row, column}, std::move(*cell));
    }
  }
  return sheet;
}

}  // namespace

base::Result<Workbook> read_xls(const std::filesystem::path& path, const Limits& limits) {
  std::error_code code;
  const auto bytes = std::filesystem::file_size(path, code);
  if (code) return base::fail(Error::Kind::kIo, "cannot read it");
  if (bytes > limits.file_bytes)
    return fail(fmt::format("it is larger than {} MiB", limits.file_bytes >> 20));
  const void* opened = nullptr;
  const int status = freexl_open(path.c_str(), &opened);
  const Handle book(opened);
  if (status != FREEXL_OK) return fail("it is not an .xls workbook, or damaged");
  unsigned int password = 0, count = 0;
  if (freexl_get_info(book.get(), FREEXL_BIFF_PASSWORD, &password) == FREEXL_OK &&
      password == FREEXL_BIFF_OBFUSCATED)
    return fail("it is behind a password");
  if (freexl_get_info(book.get(), FREEXL_BIFF_SHEET_COUNT, &count) != FREEXL_OK || count == 0)
    return fail("it has no sheets");
  Workbook workbook;
  uint64_t left = limits.cells;
  for (unsigned int k = 0; k < std::min(count, 1000u); ++k) {
    auto sheet = read_sheet(book.get(), static_cast<unsigned short>(k), left);
    if (!sheet) return std::unexpected(sheet.error());
    workbook.sheets.push_back(std::move(*sheet));
  }
  return workbook;
}

base::Result<Workbook> read_workbook(const std::filesystem::path& path, const Limits& limits) {
  std::ifstream file(path, std::ios::binary);
  unsigned char head[4] = {};
  if (!file) return base::fail(Error::Kind::kIo, "cannot read it");
  file.read(reinterpret_cast<char*>(head), sizeof head);
  const bool old = head[0] == 0xd0 && head[1] == 0xcf && head[2] == 0x11 && head[3] == 0xe0;
  return old ? read_xls(path, limits) : read_xlsx(path, limits);
}

}  // namespace headrace::sheet
