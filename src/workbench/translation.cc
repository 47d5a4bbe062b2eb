#include "workbench/translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "export/model_text.h"
#include "export/writer.h"

namespace headrace::workbench {

bool is_model_text(const Project& project) {
  return std::ranges::all_of(project.files, [&](text::SourceId file) {
    return project.sources[file].path.extension() == ".hr";
  });
}

Imported to_model_text(const Project& project) {
  return {exports::to_model_text(project.tree, project.own_statements, project.layout),
          project.layout.places.empty() ? "" : exports::to_layout_json(project.layout)};
}

// Where the variables stand: as the file says, or the layout beside it.
static import::Layout places_of(const Project& project) {
  if (!project.layout.places.empty() || project.files.size() != 1) return project.layout;
  std::ifstream in(layout_path(project.sources[project.files[0]].path), std::ios::binary);
  std::string text;
  if (in) text.assign(std::istreambuf_iterator<char>(in), {});
  return exports::read_layout_json(text);
}

std::string to_xmile(const Project& project, bool lossy, text::Diagnostics& diagnostics) {
  return exports::write_xmile(project.tree, project.own_statements, places_of(project), lossy,
                              diagnostics);
}

std::string to_vensim(const Project& project, bool lossy, text::Diagnostics& diagnostics) {
  return exports::write_vensim(project.tree, project.own_statements, places_of(project), lossy,
                               diagnostics);
}

std::set<std::string> data_files_of(const Project& project) {
  std::set<std::string> files;
  for (const syntax::StatementId id : project.tree.top_level) {
    const auto* data = std::get_if<syntax::DataDecl>(&project.tree[id].node);
    if (!data) continue;
    if (!data->file.text.empty()) files.insert(data->file.text);
    for (const auto& part : data->parts) {
      if (part.cells)
        files.insert(part.cells->file.text.substr(0, part.cells->file.text.find('#')));
    }
  }
  return files;
}

std::filesystem::path layout_path(const std::filesystem::path& model) {
  return std::filesystem::path(model).replace_extension(".layout.json");
}

std::string describe(const Project& project, const model::Model& model, const Imported& imported) {
  const auto count = [&](auto... kinds) {
    return std::ranges::count_if(model.variables, [&](const model::Variable& variable) {
      return !variable.made && ((variable.kind == kinds) || ...);
    });
  };
  const auto lines = std::ranges::count(imported.text, '\n');
  using model::VarKind;
  return fmt::format(
      "model      {}\nstocks     {}\nflows      {}\nothers     {}\nfunctions  {}\nplaces     {}\n"
      "text       {} lines\n",
      project.name(), count(VarKind::kStock), count(VarKind::kFlow),
      count(VarKind::kLet, VarKind::kParam, VarKind::kData),
      std::count_if(project.tree.top_level.begin(),
                    project.tree.top_level.begin() + static_cast<ptrdiff_t>(project.own_statements),
                    [&](syntax::StatementId id) {
                      return std::holds_alternative<syntax::FunctionDecl>(project.tree[id].node);
                    }),
      project.layout.places.size(), lines);
}

}  // namespace headrace::workbench
