#include "workbench/register.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "text/csv.h"

namespace headrace::workbench {
namespace {

std::optional<double> number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A middle alone is a point; an end that is missing beside a middle is the middle.
report::RegisterRow read_row(const text::CsvTable& table, size_t row) {
  const auto cell = [&](const char* name) {
    const auto column = table.column(name);
    return column ? table.rows[row][*column] : std::string();
  };
  report::RegisterRow out{cell("id"), cell("title"), cell("question"), cell("unit"), cell("date")};
  const auto low = number(cell("low")), mid = number(cell("mid")), high = number(cell("high"));
  out.low = low ? *low : mid ? *mid : -INFINITY;
  out.high = high ? *high : mid ? *mid : INFINITY;
  out.has_value = low || mid || high;
  return out;
}

bool told(const syntax::Provenance& provenance) {
  return !provenance.sources.empty() || provenance.assumed;
}

// A number, or one with a sign, that is neither 0 nor 1.
bool is_figure(const syntax::Tree& tree, syntax::ExprId id) {
  if (!id.valid()) return false;
  const auto* unary = std::get_if<syntax::Unary>(&tree[id].node);
  const auto* literal = std::get_if<syntax::Number>(&tree[unary ? unary->operand : id].node);
  return literal && literal->value != 0 && literal->value != 1;
}

class Finder {
 public:
  explicit Finder(const Project& project) : project_(project) {}

  void read(const syntax::ValueDecl& value) {
    using Kind = syntax::ValueDecl::Kind;
    if (value.kind != Kind::kLet && value.kind != Kind::kFlow) return;
    look(value.name, value.value, told(value.provenance));
    read(value.name, value.clauses, told(value.provenance));
  }
  void read(const syntax::StockDecl& stock) {
    look(stock.name, stock.initial, told(stock.provenance));
    read(stock.name, stock.clauses, told(stock.provenance));
  }
  void read(const syntax::TableDecl& table) {
    if (!told(table.provenance)) add(table.name, table.name.span);
  }
  template <class Other>
  void read(const Other&) {}

  std::vector<report::UntoldNumber> found;

 private:
  void read(const syntax::Name& name, const std::vector<syntax::Clause>& clauses, bool all_told) {
    for (const syntax::Clause& clause : clauses)
      look(name, clause.value, all_told || told(clause.provenance) || clause.cite);
  }
  void look(const syntax::Name& name, std::optional<syntax::ExprId> value, bool is_told) {
    if (!is_told && value && is_figure(project_.tree, *value))
      add(name, project_.tree[*value].span);
  }
  void add(const syntax::Name& name, text::Span span) {
    const text::Source& source = project_.sources[span.source];
    found.push_back(
        {name.text, fmt::format("{}:{}", source.name, source.position(span.begin).line)});
  }

  const Project& project_;
};

bool is_own(const Project& project, text::Span span) {
  return std::find(project.files.begin(), project.files.end(), span.source) != project.files.end();
}

}  // namespace

std::vector<report::RegisterRow> read_register(Project& project) {
  std::vector<report::RegisterRow> rows;
  text::Diagnostics ignored;
  for (syntax::StatementId id : project.tree.top_level) {
    const auto* source = std::get_if<syntax::SourceDecl>(&project.tree[id].node);
    if (!source) continue;
    if (source->name)
      rows.push_back(
          {source->name->text, source->title.value_or(""), "", "", source->date.value_or("")});
    if (!source->file) continue;
    const auto file = project.sources.load(project.folder / source->file->text);
    const auto table = file ? text::read_csv(project.sources, *file, ignored) : std::nullopt;
    for (size_t row = 0; table && row < table->rows.size(); ++row)
      rows.push_back(read_row(*table, row));
  }
  return rows;
}

std::vector<report::UntoldNumber> untold_numbers(const Project& project) {
  Finder finder(project);
  for (syntax::StatementId id : project.tree.top_level) {
    const syntax::Statement& statement = project.tree[id];
    if (!is_own(project, statement.span)) continue;
    std::visit([&finder](const auto& decl) { finder.read(decl); }, statement.node);
  }
  return std::move(finder.found);
}

}  // namespace headrace::workbench
