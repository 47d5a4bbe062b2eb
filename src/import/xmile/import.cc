#include "import/xmile/import.h"

#include "import/names.h"
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

}  // namespace

void import(text::SourceSet& sources, text::SourceId source, const ImportOptions& options,
            syntax::Tree& tree, Layout& layout, text::Diagnostics& diagnostics) {
  File file = read(sources, source, diagnostics);
  if (diagnostics.has_errors()) return;
  gather_files(file, sources, source, options, diagnostics);
  if (diagnostics.has_errors()) return;
  Translation t(file, sources, tree, layout, diagnostics);
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
}

}  // namespace headrace::import::xmile
