#include "import/vensim/import.h"

#include <algorithm>

#include "import/parts.h"
#include "import/vensim/translation.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

void write_model(Translation& t, const text::Source& source, Span span) {
  const std::string stem = source.path.stem().string();
  const bool fine = !stem.empty() && text::find_invalid_utf8(stem) == std::string_view::npos;
  syntax::ModelDecl decl;
  decl.name = {fine ? stem : "model", span};
  decl.loose_units = true;
  t.add({std::move(decl), {}, span});
}

void declare_units(Translation& t) {
  for (const auto& words : t.document.settings.equal_units) {
    if (words.empty()) continue;
    t.units.declare(words.front(), "", {words.begin() + 1, words.end()});
  }
}

// Above the variables; in a file with groups each has its place among them.
void write_ranges_first(Translation& t, size_t first) {
  const auto begin = static_cast<std::ptrdiff_t>(t.tree.top_level.size());
  write_ranges(t);
  auto& all = t.tree.top_level;
  std::rotate(all.begin() + static_cast<std::ptrdiff_t>(first), all.begin() + begin, all.end());
}

// Numbers that were asked for in place of equations without elements.
void replace_numbers(Document& document, const std::map<std::string, double>& numbers) {
  std::map<std::string, double> wanted;
  for (const auto& [name, value] : numbers) wanted[canonical_of(name)] = value;
  for (const Equation& equation : document.equations) {
    const auto found = wanted.find(canonical_of(equation.name));
    if (found == wanted.end() || equation.kind != Equation::Kind::kValue ||
        !equation.places.empty() || !equation.value.valid())
      continue;
    Formula number;
    number.kind = Formula::Kind::kNumber;
    number.value = found->second;
    number.span = document.formulas[equation.value].span;
    document.formulas.nodes[equation.value.index] = number;
  }
}

}  // namespace

void import(const text::SourceSet& sources, text::SourceId source, const ImportOptions& options,
            syntax::Tree& tree, Layout& layout, text::Diagnostics& diagnostics) {
  Document document = read(sources, source, diagnostics);
  replace_numbers(document, options.numbers);
  Translation t(document, options, sources, tree, diagnostics);
  const size_t first = tree.top_level.size();
  write_model(t, sources[source], {source, 0, 0});
  declare_units(t);
  fill_ranges(t, document);
  declare_ranges(t);
  read_data_files(t);
  expand_external(t, document);
  declare_symbols(t);
  name_macros(t);
  write_control(t);
  write_tables(t);
  write_variables(t);
  write_checks(t);
  write_macros(t);
  write_ranges_first(t, first);
  write_groups(t, first, layout);
  put_settings_first(tree, first, layout);
  report(t);
  read_sketch(t, sources[source].text, layout);
  layout.taken_in = std::move(t.taken_in);
}

}  // namespace headrace::import::vensim
