#include "import/xmile/import.h"

#include <map>

#include "import/names.h"
#include "import/parts.h"
#include "import/xmile/translation.h"
#include "text/utf8.h"

namespace headrace::import::xmile {
namespace {

std::string model_name(const text::Source& source, const File& file) {
  if (!file.name.empty()) return display(file.name);
  const std::string stem = source.path.stem().string();
  if (!stem.empty() && text::find_invalid_utf8(stem) == std::string_view::npos) return stem;
  return "model";
}

void write_model(Translation& t, const std::string& name, Span span) {
  syntax::ModelDecl decl;
  decl.name = {name, span};
  decl.loose_units = true;
  t.add({std::move(decl), {}, span});
}

// The groups of the models as parts of the text: what comes of a variable has its place in the
// file.
void write_groups(Translation& t, size_t first, Layout& layout) {
  std::vector<Part> parts;
  std::map<std::pair<uint32_t, size_t>, size_t> part_of;  // source and place -> number
  for (const Model& model : t.file.models) {
    std::map<std::string, size_t> numbers;
    for (const Group& group : model.groups) {
      parts.push_back({group.name, group.doc});
      for (const std::string& name : group.variables)
        numbers.emplace(canonical(name), parts.size());
    }
    for (const Variable& variable : model.variables) {
      const auto found = numbers.find(canonical(variable.name));
      if (found != numbers.end())
        part_of[{variable.span.source.index, variable.span.begin}] = found->second;
    }
  }
  if (parts.empty()) return;
  // Of the headings by form those of modules stay, behind the groups.
  std::vector<size_t> module_of(t.tree.top_level.size(), 0);
  for (size_t h = 0; h < layout.headings.size(); ++h) {
    const bool last = h + 1 == layout.headings.size();
    const size_t end = last ? t.tree.top_level.size() : layout.headings[h + 1].statement;
    if (is_given_title(layout.headings[h].title)) continue;
    parts.push_back({layout.headings[h].title, layout.headings[h].text});
    std::fill(module_of.begin() + static_cast<std::ptrdiff_t>(layout.headings[h].statement),
              module_of.begin() + static_cast<std::ptrdiff_t>(end), parts.size());
  }
  layout.headings.clear();
  std::vector<PlaceInPart> places;
  for (size_t i = first; i < t.tree.top_level.size(); ++i) {
    const syntax::Statement& statement = t.tree[t.tree.top_level[i]];
    const bool general = std::holds_alternative<syntax::UnitDecl>(statement.node);
    const text::Span span = statement.span;
    const auto found = general ? part_of.end() : part_of.find({span.source.index, span.begin});
    const size_t module = general ? 0 : module_of[i];
    const size_t part = found == part_of.end() ? module : found->second;
    places.push_back(part == 0 ? PlaceInPart{} : PlaceInPart{part, i});
  }
  write_parts(t.tree, first, parts, places, layout);
}

}  // namespace

void import(text::SourceSet& sources, text::SourceId source, const ImportOptions& options,
            syntax::Tree& tree, Layout& layout, text::Diagnostics& diagnostics) {
  File file = read(sources, source, diagnostics);
  if (diagnostics.has_errors()) return;
  gather_files(file, sources, source, options, diagnostics);
  if (diagnostics.has_errors()) return;
  Translation t(file, sources, tree, layout, diagnostics);
  const size_t first = tree.top_level.size();
  write_model(t, model_name(sources[source], file), {source, 0, 0});
  declare_dims(t);
  declare_symbols(t);
  if (t.instances.empty()) return;
  find_devices(t);
  find_limits(t);
  write_time(t);
  for (const Unit& unit : file.units) t.units.declare(unit.name, unit.equation, unit.aliases);
  write_variables(t);
  write_macros(t);
  report_unknown(t);
  write_groups(t, first, layout);
  put_settings_first(tree, first, layout);
}

}  // namespace headrace::import::xmile
