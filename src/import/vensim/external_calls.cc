// Calls that read files: GET XLS DATA('file', 'tab', 'time row or column', 'first cell') and its
// kin. What they say becomes `from "file#tab" cells B2 at row 1` of the tree.

#include <fmt/format.h>

#include <algorithm>

#include "import/names.h"
#include "import/vensim/translation.h"
#include "sheet/cells.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

namespace fs = std::filesystem;
using What = ExternalCall::What;
using F = Formula::Kind;

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

struct Named {
  std::string_view name;
  What what;
  size_t least, most;  // arguments
  std::string_view arguments;
};
constexpr Named kCalls[] = {
    {"data", What::kData, 4, 4, "'file', 'tab', 'time row or column', 'first cell'"},
    {"constants", What::kConstants, 3, 3, "'file', 'tab', 'first cell'"},
    {"lookups", What::kLookups, 4, 4, "'file', 'tab', 'row or column of x', 'first cell'"},
    {"subscript", What::kSubscript, 3, 5, "'file', 'tab', 'first cell', 'last cell', 'prefix'"}};

const Named* named_call(const Formula& formula) {
  if (formula.kind != F::kCall || formula.quoted) return nullptr;
  std::string_view kind;
  const std::string name = canonical(formula.text);
  for (const std::string_view start : {"get_direct_", "get_xls_", "get_123_"}) {
    if (name.starts_with(start)) kind = std::string_view(name).substr(start.size());
  }
  const auto* known = std::ranges::find(kCalls, kind, &Named::name);
  return known == std::end(kCalls) ? nullptr : known;
}

// A text, or a variable that is one.
std::optional<std::string> text_of(const Translation& t, FormulaId id) {
  const Formula& formula = t.formulas[id];
  if (formula.kind == F::kString) return formula.text;
  if (formula.kind == F::kBad) return std::string();  // left out
  if (formula.kind != F::kName || !formula.places.empty()) return std::nullopt;
  const std::string wanted = canonical(formula.text);
  for (const Equation& equation : t.document.equations) {
    if (equation.kind == Equation::Kind::kString && !equation.items.empty() &&
        canonical(equation.name) == wanted)
      return equation.items.front();
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- files

// `?tag` is the file that the settings name so; one that they do not know may be a path itself.
std::string untagged(const Translation& t, const std::string& file) {
  if (!file.starts_with('?')) return file;
  for (const auto& [tag, path] : t.document.settings.files) {
    if (lower(tag) == lower(file)) return path;
  }
  return file.find_first_of("/\\.") == std::string::npos ? file : file.substr(1);
}

// What is called `name` in the folder, without regard to case; `name` itself where nothing is.
std::string entry_of(const fs::path& folder, const std::string& name) {
  std::error_code code;
  if (fs::exists(folder / name, code)) return name;
  for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
    const std::string entry = at->path().filename().string();
    if (lower(entry) == lower(name)) return entry;
  }
  return name;
}

// A name as it is spelled on the disk: other systems do not tell small letters from capitals.
std::string spelled(const Translation& t, const std::string& name) {
  fs::path found;
  for (const fs::path& part : fs::path(name))
    found /= entry_of(t.options.folder / found, part.string());
  return found.string();
}

// The file of this name, or a newer one in its place; nothing where there is none.
std::optional<std::string> there(const Translation& t, const std::string& name) {
  std::error_code code;
  const auto is_file = [&](const std::string& file) {
    return !file.empty() && fs::is_regular_file(t.options.folder / file, code);
  };
  const std::string found = spelled(t, name);
  if (is_file(found)) return found;
  if (fs::path(name).extension() != ".xls") return std::nullopt;
  const std::string newer = spelled(t, name + "x");
  return is_file(newer) ? std::optional(newer) : std::nullopt;
}

// Of a path on the machine of somebody else, `Z:/dev/model/data/x.xlsx`: x.xlsx beside the model,
// what the tag `?../data/x.xlsx` says itself, or the longest end of the path that lies in a folder
// that the model may read, `../data/x.xlsx`.
std::optional<std::string> from_elsewhere(const Translation& t, const std::string& file,
                                          const std::string& tag) {
  if (auto beside = there(t, file.substr(file.rfind('/') + 1))) return beside;
  if (tag.find('/') != std::string::npos) {
    if (auto named = there(t, tag)) return named;
  }
  const fs::path root = t.options.data_root.empty() ? t.options.folder : t.options.data_root;
  std::string up;
  for (int level = 0; level < 16 && sheet::is_within(root, t.options.folder / up); ++level) {
    for (size_t slash = file.find('/'); slash != std::string::npos;
         slash = file.find('/', slash + 1)) {
      if (auto found = there(t, up + file.substr(slash + 1))) return found;
    }
    up += "../";
  }
  return std::nullopt;
}

// The file that a call names, perhaps by a tag. Other systems write paths with backslashes.
std::string on_disk(const Translation& t, std::string file, std::string tag) {
  std::ranges::replace(file, '\\', '/');
  std::ranges::replace(tag, '\\', '/');
  if (file.starts_with('/') || (file.size() > 1 && file[1] == ':')) {
    if (auto found = from_elsewhere(t, file, tag)) return *found;
    file = file.substr(file.rfind('/') + 1);
  }
  return there(t, file).value_or(spelled(t, file));
}

// Not there, where the model may read.
bool is_missing(const Translation& t, const std::string& file) {
  std::error_code code;
  const fs::path path = fs::weakly_canonical(t.options.folder / file, code);
  const fs::path root = t.options.data_root.empty() ? t.options.folder : t.options.data_root;
  return !code && !fs::exists(path, code) &&
         sheet::is_within(fs::weakly_canonical(root.empty() ? fs::path(".") : root, code), path);
}

std::string trimmed_text(const std::string& text) { return std::string(trimmed(text)); }

bool is_all(const std::string& text, bool (*is)(char)) {
  return !text.empty() && std::ranges::all_of(text, is);
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string upper_address(std::string text) {
  if (!sheet::parse_address(text) && !sheet::parse_column(text)) return text;
  std::erase(text, '$');
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return text;
}

// Whether the workbook defines the name, which then comes before a column that is called so.
bool is_defined(const Translation& t, const syntax::Cells& cells, const std::string& name) {
  if (!sheet::is_workbook(cells.file.text.substr(0, cells.file.text.find('#')))) return false;
  const auto view = open_cells(t, cells);
  return view && view->book->find_name(name, view->number);
}

void set_times(const Translation& t, syntax::Cells& cells, const std::string& times, Span span) {
  using Along = syntax::Cells::Along;
  const bool column = sheet::parse_column(times) && !is_defined(t, cells, times);
  cells.along = is_all(times, is_digit) ? Along::kRow : column ? Along::kColumn : Along::kCells;
  cells.times = {cells.along == Along::kColumn ? upper_address(times) : times, span};
}

}  // namespace

std::optional<ExternalCall> external_call(const Translation& t, FormulaId id) {
  if (!id.valid()) return std::nullopt;
  const Formula& formula = t.formulas[id];
  const Named* known = named_call(formula);
  if (!known || formula.children.size() < known->least || formula.children.size() > known->most)
    return std::nullopt;
  const bool direct = canonical(formula.text).starts_with("get_direct_");
  ExternalCall call{known->what, direct, {}, formula.span};
  for (const FormulaId child : formula.children) {
    auto text = text_of(t, child);
    if (!text) return std::nullopt;
    call.texts.push_back(trimmed_text(*text));
  }
  return call;
}

std::optional<std::string> wrong_arguments(const Translation& t, const Formula& call) {
  const Named* known = named_call(call);
  if (!known || canonical(call.text).starts_with("get_123_")) return std::nullopt;
  const size_t count = call.children.size();
  const bool texts = std::ranges::all_of(
      call.children, [&](FormulaId child) { return text_of(t, child).has_value(); });
  if (count >= known->least && count <= known->most && texts) return std::nullopt;
  return fmt::format("`{}` wants texts in single quotes: {}", shown(call.text), known->arguments);
}

bool is_external(const Translation& t, const Equation& equation) {
  if (equation.kind != Equation::Kind::kValue) return false;
  const auto call = external_call(t, equation.value);
  return call && (call->what == What::kConstants || call->what == What::kData);
}

std::optional<syntax::Cells> cells_of(Translation& t, const ExternalCall& call) {
  syntax::Cells cells;
  const std::string file = untagged(t, call.texts[0]);
  if (file.starts_with('?') || file.empty()) {
    t.diagnostics
        .error(Kind::kMissingFile, call.span,
               fmt::format("nothing says which file `{}` is", text::printable(call.texts[0])))
        .hint = "the settings of a Vensim model name it in a line such as `30:?data=data.xlsx`";
    return std::nullopt;
  }
  std::string found =
      on_disk(t, file, call.texts[0].substr(call.texts[0].starts_with('?') ? 1 : 0));
  const std::string& tab = call.texts[1];
  if (sheet::is_workbook(found)) {
    if (!tab.empty()) found += "#" + tab;
  } else if (tab.size() == 1 && tab[0] != sheet::usual_delimiter(found)) {
    cells.delimiter = tab;
  }
  // Tables and ranges tell it themselves.
  const bool told = call.what == What::kLookups || call.what == What::kSubscript;
  if (!told && is_missing(t, found.substr(0, found.find('#')))) {
    t.missing_files[found.substr(0, found.find('#'))].push_back(call.span);
    return std::nullopt;
  }
  cells.file = {found, call.span};
  std::string cell = call.texts[call.what == What::kSubscript ? 2 : call.texts.size() - 1];
  cells.transposed = cell.ends_with('*');
  if (cells.transposed) cell = trimmed_text(cell.substr(0, cell.size() - 1));
  cells.first = {upper_address(cell), call.span};
  if (call.what == What::kData || call.what == What::kLookups) {
    set_times(t, cells, call.texts[2], call.span);
    cells.gaps = !call.direct && cells.along != syntax::Cells::Along::kCells;
  }
  return cells;
}

base::Result<sheet::View> open_cells(const Translation& t, const syntax::Cells& cells) {
  const size_t mark = cells.file.text.find('#');
  const bool is_book = sheet::is_workbook(cells.file.text.substr(0, mark));
  const std::string file = is_book ? cells.file.text.substr(0, mark) : cells.file.text;
  const std::string tab =
      is_book && mark != std::string::npos ? cells.file.text.substr(mark + 1) : std::string();
  std::error_code code;
  const fs::path root =
      fs::weakly_canonical(t.options.folder.empty() ? fs::path(".") : t.options.folder, code);
  const fs::path path = fs::weakly_canonical(root / file, code);
  const fs::path& most = t.options.data_root;
  const bool inside =
      sheet::is_within(root, path) || (!most.empty() && sheet::is_within(most, path));
  const bool named = std::ranges::any_of(t.options.data_files, [&](const fs::path& each) {
    return fs::weakly_canonical(each, code) == path;
  });
  if (code || (!inside && !named))
    return base::fail(base::Error::Kind::kUsage,
                      "it does not lie beside or below the model, nor in its repository");
  const char delimiter = cells.delimiter ? cells.delimiter->front() : sheet::usual_delimiter(path);
  sheet::Books own;
  return (t.options.books ? *t.options.books : own).open(path, tab, delimiter);
}

base::Result<std::vector<Points>> series_in(const Translation& t, const syntax::Cells& cells,
                                            size_t count) {
  using Along = syntax::Cells::Along;
  const auto view = open_cells(t, cells);
  if (!view) return std::unexpected(view.error());
  const auto spot = sheet::find_spot(*view, cells.first.text, cells.last ? cells.last->text : "");
  if (!spot) return std::unexpected(spot.error());
  auto axis = cells.along == Along::kRow      ? sheet::row_axis(cells.times.text)
              : cells.along == Along::kColumn ? sheet::column_axis(cells.times.text)
                                              : sheet::area_axis(*view, cells.times.text);
  if (!axis) return std::unexpected(axis.error());
  axis->gaps = cells.gaps;
  return sheet::read_series(*view, *spot, *axis, count);
}

}  // namespace headrace::import::vensim
