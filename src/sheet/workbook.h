#pragma once

// Spreadsheets as grids of cells: .xlsx files, and CSV text without a header.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace headrace::sheet {

// What hostile files meet.
struct Limits {
  uint64_t file_bytes = uint64_t{64} << 20;
  uint64_t part_bytes = uint64_t{128} << 20;  // of one part, unpacked
  uint64_t all_bytes = uint64_t{512} << 20;   // of all parts that are read
  uint64_t ratio = 1000;                      // unpacked to packed, of parts above a megabyte
  uint64_t cells = 4'000'000;                 // with content, of a workbook
};

inline constexpr uint32_t kMaxRows = 1'048'576, kMaxColumns = 16'384;

// Rows and columns count from 0.
struct Address {
  uint32_t row = 0, column = 0;
  bool operator==(const Address&) const = default;
  auto operator<=>(const Address&) const = default;
};
struct Area {
  Address first, last;  // both included
};

// "B2" (also "$B$2"); nothing for other texts. And back.
std::optional<Address> parse_address(std::string_view text);
std::string show(Address address);
// "AB" as a column; nothing for other texts.
std::optional<uint32_t> parse_column(std::string_view text);

struct Cell {
  enum class Kind { kNumber, kText, kError };
  Kind kind = Kind::kNumber;
  double number = 0;  // dates as the days that the file holds, true and false as 1 and 0
  std::string text;   // kText; kError: as shown, "#N/A"
};

struct Sheet {
  std::string name;
  std::vector<std::pair<Address, Cell>> cells;  // those with content, row by row
  uint32_t rows = 0, columns = 0;

  const Cell* at(Address address) const;  // null: empty
};

struct Workbook {
  std::vector<Sheet> sheets;
  struct Name {
    std::string name;
    uint32_t sheet = 0;
    Area area;
    std::optional<uint32_t> scope = {};  // the sheet whose formulas alone see it
  };
  std::vector<Name> names;  // those that mean an area of one sheet

  // Names are compared without regard to case, as spreadsheets do. A name of the sheet in front of
  // one of the whole workbook.
  const Sheet* find_sheet(std::string_view name) const;
  const Name* find_name(std::string_view name, std::optional<uint32_t> sheet = {}) const;
};

// Reads an .xlsx file, or an .xls one; which of them it is, its first bytes say.
base::Result<Workbook> read_workbook(const std::filesystem::path& path, const Limits& limits = {});
base::Result<Workbook> read_xlsx(const std::filesystem::path& path, const Limits& limits = {});
// The older format (BIFF, Excel 97 to 2003), without its defined names.
base::Result<Workbook> read_xls(const std::filesystem::path& path, const Limits& limits = {});

// One sheet of CSV text; quotes as in RFC 4180, cells that are numbers become numbers.
base::Result<Sheet> read_delimited(std::string_view text, char delimiter,
                                   const Limits& limits = {});

// The sheet as CSV text, one line a row, empty rows too, as far as anything stands.
std::string to_csv(const Sheet& sheet);

}  // namespace headrace::sheet
