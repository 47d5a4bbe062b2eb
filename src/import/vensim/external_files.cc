// Data files that the user names beside a model (--data): series of variables without an equation.
// They come as other programs export them:
//
//   Time   a      b[x]        Time  0   1   2       a             a      0  1.5
//   0      1.5    3           a     1.5 2   2.5     0    1.5      a      1  2
//   1      2      4           b[x]  3   4   5       1    2        b  x   0  3
//
// down the columns, across the rows, as the .dat files of Vensim, and one value a line.

#include <fmt/format.h>

#include <algorithm>

#include "import/encoding.h"
#include "import/names.h"
#include "import/vensim/translation.h"
#include "sheet/cells.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

namespace fs = std::filesystem;
using sheet::Address;
using sheet::Cell;
using Along = syntax::Cells::Along;

constexpr uint32_t kNoRow = UINT32_MAX;

// Where the elements begin in `name[a, b]`: the last brackets, at the very end. Others, as in
// `cost [total] 1`, belong to the name, as does all that stands in quotes.
size_t elements_of(std::string_view text) {
  if (!text.ends_with(']')) return std::string_view::npos;
  const size_t quote = text.starts_with('"') ? text.rfind('"') : 0;
  const size_t open = text.rfind('[');
  return open != std::string_view::npos && open >= quote ? open : std::string_view::npos;
}

// `name[a, b]`, perhaps with the name of a run behind a colon, as a key.
std::string key_of(std::string text, const std::vector<std::string>& more = {}) {
  text = to_utf8(text);
  if (const size_t colon = text.rfind(" : "); colon != std::string::npos) text.resize(colon);
  text = trimmed(text);
  std::vector<std::string> elements;
  const size_t open = elements_of(text);
  if (open != std::string::npos) {
    std::string_view list = std::string_view(text).substr(open + 1, text.size() - open - 2);
    for (size_t comma = 0; comma != std::string_view::npos;) {
      comma = list.find(',');
      elements.emplace_back(list.substr(0, comma));
      if (comma != std::string_view::npos) list.remove_prefix(comma + 1);
    }
    text.resize(open);
  }
  elements.insert(elements.end(), more.begin(), more.end());
  const std::string whole = trimmed(text);
  std::string_view name = whole;
  if (name.size() > 1 && name.starts_with('"') && name.ends_with('"'))
    name = name.substr(1, name.size() - 2);
  return column_key(name, elements);
}

class Reader {
 public:
  Reader(Translation& t, const sheet::View& view, std::string file)
      : t_(t), sheet_(view.sheet()), file_(std::move(file)) {}

  void read() {
    const Cell* corner = sheet_.at({0, 0});
    const Cell* beside = sheet_.at({0, 1});
    if (!is_text(corner)) return;
    if (!beside) return down_in_blocks();
    if (is_long()) return value_a_line();
    if (is_text(beside)) return along_columns();
    along_rows();
  }

 private:
  static bool is_text(const Cell* cell) { return cell && cell->kind == Cell::Kind::kText; }
  static bool is_number(const Cell* cell) { return cell && cell->kind == Cell::Kind::kNumber; }

  // The first of several places of a name counts.
  void add(const std::string& key, Address first, std::optional<Address> last, Along along,
           std::string times) {
    syntax::Cells cells;
    cells.file = {file_, {}};
    cells.first = {sheet::show(first), {}};
    if (last) cells.last = syntax::Name{sheet::show(*last), {}};
    cells.along = along;
    cells.times = {std::move(times), {}};
    t_.columns.emplace(key, std::move(cells));
  }

  static std::string column_name(uint32_t column) {
    std::string name = sheet::show({0, column});
    name.pop_back();
    return name;
  }

  // A header without quotes, `x[a,b]`, has been cut at the comma; its values stand in one column.
  void along_columns() {
    uint32_t cut = 0;
    for (uint32_t column = 1; column < sheet_.columns; ++column) {
      const Cell* cell = sheet_.at({0, column});
      if (!is_text(cell)) continue;
      std::string name = cell->text;
      const uint32_t values = column - cut;
      while (is_open(name) && is_text(sheet_.at({0, column + 1}))) {
        name += "," + sheet_.at({0, ++column})->text;
        ++cut;
      }
      add(key_of(name), {1, values}, {}, Along::kColumn, "A");
    }
  }

  static bool is_open(const std::string& name) {
    const size_t open = name.rfind('[');
    return open != std::string::npos && name.find(']', open) == std::string::npos;
  }

  void along_rows() {
    for (uint32_t row = 1; row < sheet_.rows; ++row) {
      if (const Cell* cell = sheet_.at({row, 0}); is_text(cell))
        add(key_of(cell->text), {row, 1}, {}, Along::kRow, "1");
    }
  }

  void down_in_blocks() {
    for (uint32_t row = 0; row + 1 < sheet_.rows; ++row) {
      const Cell* cell = sheet_.at({row, 0});
      if (is_text(cell) && is_number(sheet_.at({row + 1, 0})))
        add(key_of(cell->text), {row + 1, 1}, {}, Along::kColumn, "A");
    }
  }

  // Texts and then two numbers, and nothing behind them: a variable with elements, a time, a value.
  struct Line {
    std::string key;
    uint32_t time = kNoRow;  // column
  };
  std::optional<Line> line(uint32_t row) const {
    std::vector<std::string> texts;
    uint32_t column = 0;
    for (; column < sheet_.columns && !is_number(sheet_.at({row, column})); ++column) {
      if (const Cell* cell = sheet_.at({row, column}); is_text(cell)) texts.push_back(cell->text);
    }
    if (texts.empty() || !is_number(sheet_.at({row, column + 1}))) return std::nullopt;
    for (uint32_t k = column + 2; k < sheet_.columns; ++k) {
      if (sheet_.at({row, k})) return std::nullopt;
    }
    return Line{key_of(texts.front(), {texts.begin() + 1, texts.end()}), column};
  }

  // Of the first lines under the header most are of this form, and a header does not say times.
  bool is_long() const {
    const Cell* corner = sheet_.at({0, 0});
    const bool times = is_text(corner) && canonical(corner->text).starts_with("time");
    const bool header = times || !line(0);
    if (header && is_number(sheet_.at({0, 1}))) return false;
    const uint32_t from = header ? 1 : 0;
    const uint32_t to = std::min(sheet_.rows, from + 20);
    uint32_t fits = 0;
    for (uint32_t row = from; row < to; ++row) fits += line(row).has_value();
    return to > from && 2 * fits > to - from;
  }

  void value_a_line() {
    for (uint32_t row = 0; row < sheet_.rows;) {
      const auto first = line(row);
      uint32_t end = row + 1;
      if (first) {
        for (; end < sheet_.rows; ++end) {
          const auto next = line(end);
          if (!next || next->key != first->key || next->time != first->time) break;
        }
        add(first->key, {row, first->time + 1}, Address{end - 1, first->time + 1}, Along::kColumn,
            column_name(first->time));
      }
      row = end;
    }
  }

  Translation& t_;
  const sheet::Sheet& sheet_;
  std::string file_;
};

// As spreadsheets of many countries export.
bool has_semicolons(const sheet::View& view) {
  const Cell* corner = view.sheet().at({0, 0});
  return corner && corner->kind == Cell::Kind::kText && corner->text.find(';') != std::string::npos;
}

// Beside or below the model its name is that; elsewhere the whole path.
std::string file_name(const Translation& t, const fs::path& file) {
  std::error_code code;
  const fs::path root =
      fs::weakly_canonical(t.options.folder.empty() ? fs::path(".") : t.options.folder, code);
  const fs::path path = fs::weakly_canonical(file, code);
  const auto [end, rest] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return end == root.end() ? path.lexically_relative(root).string() : path.string();
}

// Where the user names no file, one beside the model that is called after it, `model_data.csv`, or
// just `data.csv`, or what Vensim wrote of a run, `model.dat`, where data stand, too; which is
// told.
std::vector<fs::path> files_beside(Translation& t) {
  const auto external =
      std::ranges::find(t.document.equations, Equation::Kind::kExternal, &Equation::kind);
  if (external == t.document.equations.end() || !external->name_span.source.valid()) return {};
  const fs::path model = t.sources[external->name_span.source].path;
  std::error_code code;
  std::vector<std::string> names;
  for (const std::string& stem : {model.stem().string() + "_data", std::string("data")}) {
    for (const char* ending : {".dat", ".csv", ".tab", ".tsv", ".xlsx"})
      names.push_back(stem + ending);
  }
  names.push_back(model.stem().string() + ".dat");
  for (const std::string& name : names) {
    const fs::path file = t.options.folder / name;
    if (model.empty() || !fs::is_regular_file(file, code)) continue;
    t.diagnostics
        .warning(Kind::kMissingFile, external->name_span,
                 fmt::format("`{}` has no equation: values come from `{}` beside the model",
                             text::printable(external->name), text::printable(name)))
        .hint = "--data FILE names another";
    return {file};
  }
  return {};
}

}  // namespace

std::string column_key(std::string_view name, const std::vector<std::string>& elements) {
  std::string key = canonical(name);
  for (size_t k = 0; k < elements.size(); ++k)
    key += (k == 0 ? "[" : ",") + canonical(trimmed(elements[k]));
  return key;
}

void read_data_files(Translation& t) {
  const auto& named = t.options.data_files;
  for (const fs::path& path : named.empty() ? files_beside(t) : named) {
    syntax::Cells cells;
    cells.file = {file_name(t, path), {}};
    const auto view = open_cells(t, cells);
    if (!view) {
      t.diagnostics.error(
          view.error().kind == base::Error::Kind::kNotFound ? Kind::kMissingFile : Kind::kBadData,
          {}, fmt::format("cannot read `{}`: {}", path.string(), view.error().message));
      t.data_unread = true;
      continue;
    }
    const size_t before = t.columns.size();
    Reader(t, *view, cells.file.text).read();
    if (t.columns.size() == before)
      t.diagnostics
          .warning(Kind::kBadData, {},
                   fmt::format("`{}` holds no series of a new name", path.string()))
          .hint = has_semicolons(*view)
                      ? "its columns stand apart by semicolons: save it with commas (and points in "
                        "numbers) or with tabs"
                      : "its first row or column holds the times, the other the names of variables";
  }
}

}  // namespace headrace::import::vensim
