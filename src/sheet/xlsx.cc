// An .xlsx file is a ZIP archive of XML parts (ECMA-376, part 1):
//
//   xl/workbook.xml              the sheets, each with a relation id, and the defined names
//   xl/_rels/workbook.xml.rels   which part a relation id means
//   xl/sharedStrings.xml         texts that cells name by number
//   xl/worksheets/sheet1.xml     rows of cells: <c r="B2" t="s"><v>0</v></c>
//
// Cells hold the values that the file was saved with; formulas are not computed. Nothing is read
// from the archive but these parts, and each is measured before it is unpacked.

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <memory>
#include <pugixml.hpp>

#include "sheet/workbook.h"

namespace headrace::sheet {

namespace {

using base::Error;

struct Close {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

class Reader {
 public:
  Reader(const std::filesystem::path& path, const Limits& limits) : path_(path), limits_(limits) {}

  base::Result<Workbook> read() {
    if (auto problem = open()) return std::unexpected(*problem);
    if (!load("xl/workbook.xml", true) || !read_relations() || !read_sheets_of_book() ||
        !read_texts() || !read_cells())
      return std::unexpected(error_);
    return std::move(book_);
  }

 private:
  struct NameText {
    std::string name, text;
    std::optional<uint32_t> scope;
  };

  bool fail(std::string message) {
    error_ = {Error::Kind::kInvalid, std::move(message)};
    return false;
  }

  std::optional<Error> open() {
    std::ifstream file(path_, std::ios::binary);
    unsigned char head[8] = {};
    if (!file) return Error{Error::Kind::kIo, "cannot read it"};
    file.read(reinterpret_cast<char*>(head), sizeof head);
    if (head[0] == 0xd0 && head[1] == 0xcf && head[2] == 0x11 && head[3] == 0xe0)
      return Error{Error::Kind::kInvalid,
                   "this is an .xlsx workbook behind a password, or an older .xls one"};
    std::error_code code;
    if (std::filesystem::file_size(path_, code) > limits_.file_bytes)
      return Error{Error::Kind::kInvalid,
                   fmt::format("it is larger than {} MiB", limits_.file_bytes >> 20)};
    int problem = 0;
    archive_.reset(zip_open(path_.c_str(), ZIP_RDONLY, &problem));
    if (!archive_) return Error{Error::Kind::kInvalid, "it is not an .xlsx workbook, or damaged"};
    return std::nullopt;
  }

  // Unpacks and parses a part into xml_; a missing one is fine unless it is needed.
  bool load(const std::string& part, bool needed) {
    xml_.reset();
    zip_stat_t facts;
    if (zip_stat(archive_.get(), part.c_str(), 0, &facts) != 0)
      return needed ? fail(fmt::format("it has no part `{}`, so it is no .xlsx workbook", part))
                    : true;
    constexpr uint64_t kSmall = 1 << 20;
    all_bytes_ += facts.size;
    if (facts.size > limits_.part_bytes || all_bytes_ > limits_.all_bytes)
      return fail(fmt::format("its part `{}` unpacks to {} MiB, more than is read", part,
                              facts.size >> 20));
    if (facts.size > kSmall && facts.size / std::max<uint64_t>(facts.comp_size, 1) > limits_.ratio)
      return fail(fmt::format("its part `{}` is packed beyond {} to 1", part, limits_.ratio));
    const std::unique_ptr<zip_file_t, CloseFile> file(
        zip_fopen_index(archive_.get(), facts.index, 0));
    if (!file) return fail(fmt::format("its part `{}` cannot be unpacked", part));
    std::string text(facts.size, '\0');
    uint64_t got = 0;
    while (got < facts.size) {
      const zip_int64_t n = zip_fread(file.get(), text.data() + got, facts.size - got);
      if (n <= 0) return fail(fmt::format("its part `{}` is cut off or damaged", part));
      got += static_cast<uint64_t>(n);
    }
    char beyond = 0;  // at the end the checksum is compared
    if (zip_fread(file.get(), &beyond, 1) != 0)
      return fail(fmt::format("its part `{}` is cut off or damaged", part));
    const auto parsed = xml_.load_buffer(text.data(), text.size(),
                                         pugi::parse_default | pugi::parse_ws_pcdata_single);
    if (!parsed)
      return fail(
          fmt::format("its part `{}` is not well-formed XML: {}", part, parsed.description()));
    return true;
  }

  // The name of an element without its prefix: some programs write <x:row>.
  static std::string_view local(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    const size_t colon = name.find(':');
    return colon == name.npos ? name : name.substr(colon + 1);
  }
  static pugi::xml_node child(const pugi::xml_node& node, std::string_view name) {
    for (pugi::xml_node each : node.children()) {
      if (local(each) == name) return each;
    }
    return {};
  }

  bool read_relations() {
    const pugi::xml_node root = xml_.document_element();
    for (pugi::xml_node sheet : child(root, "sheets").children()) {
      std::string relation;
      for (pugi::xml_attribute a : sheet.attributes()) {
        if (std::string_view(a.name()).ends_with(":id")) relation = a.value();
      }
      pending_.push_back({sheet.attribute("name").value(), relation, ""});
    }
    for (pugi::xml_node name : child(root, "definedNames").children()) {
      NameText text{name.attribute("name").value(), name.text().get(), {}};
      if (const auto scope = name.attribute("localSheetId")) text.scope = scope.as_uint();
      name_texts_.push_back(std::move(text));
    }
    if (pending_.empty()) return fail("it has no sheets");
    return load("xl/_rels/workbook.xml.rels", true);
  }

  bool read_sheets_of_book() {
    std::map<std::string_view, std::string_view> targets;
    for (pugi::xml_node relation : xml_.document_element().children())
      targets[relation.attribute("Id").value()] = relation.attribute("Target").value();
    for (Pending& sheet : pending_) {
      const auto found = targets.find(sheet.relation);
      if (found == targets.end()) continue;
      const std::string target(found->second);
      sheet.part = target.starts_with('/') ? target.substr(1) : "xl/" + target;
    }
    return true;
  }

  // <si> holds one <t>, or runs <r> of text with a format each; <rPh> is a reading aid.
  static std::string text_of(const pugi::xml_node& item) {
    std::string text;
    for (pugi::xml_node part : item.children()) {
      if (local(part) == "t") text += part.text().get();
      if (local(part) == "r") text += child(part, "t").text().get();
    }
    return text;
  }

  bool read_texts() {
    if (!load("xl/sharedStrings.xml", false)) return false;
    for (pugi::xml_node item : xml_.document_element().children()) {
      if (texts_.size() >= limits_.cells) return fail("it has too many texts");
      texts_.push_back(text_of(item));
    }
    return true;
  }

  bool read_cells() {
    for (const Pending& sheet : pending_) {
      book_.sheets.push_back({sheet.name, {}, 0, 0});
      if (sheet.part.find("worksheets/") == std::string::npos) continue;  // a chart
      if (!load(sheet.part, true) || !read_sheet(book_.sheets.back())) return false;
    }
    for (const NameText& name : name_texts_) add_name(name);
    return true;
  }

  bool read_sheet(Sheet& sheet) {
    if (!read_rows(sheet)) return false;
    // Rows and cells ascend in what spreadsheets write; of a cell that stands twice the last
    // counts.
    auto& cells = sheet.cells;
    std::ranges::stable_sort(cells, {}, &std::pair<Address, Cell>::first);
    const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
    cells.erase(cells.begin(), std::unique(cells.rbegin(), cells.rend(), same).base());
    return true;
  }

  bool read_rows(Sheet& sheet) {
    Address at;
    for (pugi::xml_node row : child(xml_.document_element(), "sheetData").children()) {
      if (const unsigned number = row.attribute("r").as_uint()) at.row = number - 1;
      at.column = 0;
      for (pugi::xml_node cell : row.children()) {
        if (const char* r = cell.attribute("r").value(); *r) {
          const auto address = parse_address(r);
          if (!address) return fail(fmt::format("sheet `{}` has a cell `{}`", sheet.name, r));
          at = *address;
        }
        if (at.row >= kMaxRows || at.column >= kMaxColumns)
          return fail(fmt::format("sheet `{}` is larger than a sheet can be", sheet.name));
        if (!take(sheet, at, cell)) return false;
        ++at.column;
      }
      ++at.row;
    }
    return true;
  }

  bool take(Sheet& sheet, Address at, const pugi::xml_node& node) {
    const std::string_view type = node.attribute("t").value();
    const std::string_view value = child(node, "v").text().get();
    Cell cell;
    if (type == "s" || type == "inlineStr" || type == "str") {
      cell.kind = Cell::Kind::kText;
      if (type == "s") {
        size_t index = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), index);
        if (error != std::errc() || end != value.data() + value.size() || index >= texts_.size())
          return fail(fmt::format("cell {} of sheet `{}` names a text that is not there", show(at),
                                  sheet.name));
        cell.text = texts_[index];
      } else {
        cell.text = type == "str" ? std::string(value) : text_of(child(node, "is"));
      }
      if (cell.text.empty()) return true;
    } else if (type == "e") {
      cell = {Cell::Kind::kError, 0, std::string(value)};
    } else if (value.empty()) {
      return true;
    } else {
      const auto [end, error] =
          std::from_chars(value.data(), value.data() + value.size(), cell.number);
      if (type == "d" || error != std::errc() || end != value.data() + value.size() ||
          !std::isfinite(cell.number))
        cell = {Cell::Kind::kText, 0, std::string(value)};
    }
    if (++cells_ > limits_.cells)
      return fail(fmt::format("it has more than {} cells", limits_.cells));
    text_bytes_ += cell.text.size();  // one text may stand in many cells
    if (text_bytes_ > limits_.all_bytes)
      return fail(fmt::format("its cells hold more than {} MiB of text", limits_.all_bytes >> 20));
    sheet.rows = std::max(sheet.rows, at.row + 1);
    sheet.columns = std::max(sheet.columns, at.column + 1);
    sheet.cells.emplace_back(at, std::move(cell));
    return true;
  }

  // Sheet1!$A$1:$B$2, 'My sheet'!$A$1; formulas and several areas are no area.
  void add_name(const NameText& name) {
    const std::string_view text = name.text;
    const size_t mark = text.rfind('!');
    if (mark == text.npos) return;
    std::string sheet(text.substr(0, mark));
    if (sheet.size() >= 2 && sheet.front() == '\'' && sheet.back() == '\'') {
      std::string plain;
      for (size_t i = 1; i + 1 < sheet.size(); ++i) {
        plain += sheet[i];
        if (sheet[i] == '\'') ++i;
      }
      sheet = plain;
    }
    std::string_view area = text.substr(mark + 1);
    const size_t colon = area.find(':');
    const auto first = parse_address(area.substr(0, colon));
    const auto last = colon == area.npos ? first : parse_address(area.substr(colon + 1));
    const Sheet* found = book_.find_sheet(sheet);
    if (!first || !last || !found) return;
    book_.names.push_back({name.name,
                           static_cast<uint32_t>(found - book_.sheets.data()),
                           {*first, *last},
                           name.scope});
  }

  struct Pending {
    std::string name, relation, part;
  };

  const std::filesystem::path& path_;
  const Limits& limits_;
  std::unique_ptr<zip_t, Close> archive_;
  pugi::xml_document xml_;
  std::vector<Pending> pending_;
  std::vector<NameText> name_texts_;
  std::vector<std::string> texts_;
  Workbook book_;
  Error error_;
  uint64_t all_bytes_ = 0, cells_ = 0, text_bytes_ = 0;
};

}  // namespace

base::Result<Workbook> read_xlsx(const std::filesystem::path& path, const Limits& limits) {
  return Reader(path, limits).read();
}

}  // namespace headrace::sheet
