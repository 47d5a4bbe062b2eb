#include "sheet/books.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace headrace::sheet {

namespace {

namespace fs = std::filesystem;
using base::Error;

std::string extension(const fs::path& path) {
  std::string text = path.extension().string();
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

base::Result<Workbook> read_text(const fs::path& path, char delimiter, const Limits& limits) {
  std::error_code code;
  if (fs::file_size(path, code) > limits.file_bytes || code)
    return base::fail(Error::Kind::kInvalid,
                      fmt::format("it is larger than {} MiB", limits.file_bytes >> 20));
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad() || !file.is_open()) return base::fail(Error::Kind::kIo, "cannot read it");
  auto sheet = read_delimited(text, delimiter, limits);
  if (!sheet) return std::unexpected(sheet.error());
  Workbook book;
  book.sheets.push_back(std::move(*sheet));
  return book;
}

base::Result<std::shared_ptr<const Workbook>> read(const fs::path& path, char delimiter,
                                                   const Limits& limits) {
  auto book = is_workbook(path) ? read_workbook(path, limits) : read_text(path, delimiter, limits);
  if (!book) return std::unexpected(book.error());
  return std::make_shared<const Workbook>(std::move(*book));
}

std::string list_of_sheets(const Workbook& book) {
  std::string list;
  for (const Sheet& sheet : book.sheets) list += (list.empty() ? "" : ", ") + sheet.name;
  return list;
}

}  // namespace

bool is_workbook(const fs::path& path) {
  const std::string end = extension(path);
  return end == ".xlsx" || end == ".xlsm" || end == ".xls";
}

fs::path data_root(const fs::path& folder) {
  std::error_code code;
  const fs::path start = fs::weakly_canonical(folder.empty() ? fs::path(".") : folder, code);
  if (code) return folder;
  for (fs::path at = start;; at = at.parent_path()) {
    for (const char* mark : {".git", ".hg", ".svn"}) {
      if (fs::exists(at / mark, code)) return at;
    }
    if (!at.has_relative_path()) return start;
  }
}

bool is_within(const fs::path& folder, const fs::path& file) {
  std::error_code code;
  const fs::path root = fs::weakly_canonical(folder.empty() ? fs::path(".") : folder, code);
  if (code) return false;
  const fs::path path = fs::weakly_canonical(file, code);
  if (code) return false;
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

char usual_delimiter(const fs::path& path) { return extension(path) == ".csv" ? ',' : '\t'; }

base::Result<View> Books::open(const fs::path& path, std::string_view tab, char delimiter,
                               const Limits& limits) {
  std::error_code code;
  if (!fs::is_regular_file(path, code))
    return base::fail(Error::Kind::kNotFound, "there is no such file");
  const auto written = fs::last_write_time(path, code);
  const auto bytes = fs::file_size(path, code);
  const auto key = std::pair(path, is_workbook(path) ? '\0' : delimiter);
  auto at = known_.find(key);
  if (at == known_.end() || at->second.written != written || at->second.bytes != bytes)
    at = known_.insert_or_assign(key, Known{written, bytes, read(path, delimiter, limits)}).first;
  const auto& book = at->second.book;
  if (!book) return std::unexpected(book.error());
  if (tab.empty() || !is_workbook(path)) return View{*book, 0};
  const Sheet* sheet = (*book)->find_sheet(tab);
  if (!sheet)
    return base::fail(Error::Kind::kInvalid, fmt::format("it has no sheet `{}`; its sheets are {}",
                                                         tab, list_of_sheets(**book)));
  return View{*book, static_cast<uint32_t>(sheet - (*book)->sheets.data())};
}

}  // namespace headrace::sheet
