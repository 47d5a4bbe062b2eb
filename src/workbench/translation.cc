#include "workbench/translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "export/model_text.h"
#include "export/writer.h"
#include "import/parts.h"

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

// Where the variables stand: as the file says, or the layout beside it; and the parts of the text.
static import::Layout layout_of(const Project& project) {
  import::Layout layout = project.layout;
  if (layout.places.empty() && project.files.size() == 1) {
    std::ifstream in(layout_path(project.sources[project.files[0]].path), std::ios::binary);
    std::string text;
    if (in) text.assign(std::istreambuf_iterator<char>(in), {});
    layout.places = exports::read_layout_json(text).places;
  }
  if (is_model_text(project))
    layout.headings = exports::read_headings(project.tree, project.own_statements, project.sources);
  // A title that a reader gave is none of the author's; behind a part of his it ends that part.
  bool any = false;
  std::erase_if(layout.headings, [&](const import::Heading& part) {
    const bool ends = any && part.title == import::kVariablesTitle;
    if (import::is_given_title(part.title) && !ends) return true;
    return any = true, false;
  });
  return layout;
}

std::vector<import::Place> places_of(const Project& project) { return layout_of(project).places; }

// ---------------------------------------------------------------- data from files

// A series as model/data.cc makes it: a table that is looked up at the time of the step, a little
// before or behind it where values hold; or a number that stays.
static std::optional<exports::Series> series_of(const model::Model& model, model::ExprId id) {
  if (const auto* number = std::get_if<model::Constant>(&model[id].node))
    return exports::Series{{{0, number->value}}};
  const auto* lookup = std::get_if<model::Lookup>(&model[id].node);
  if (!lookup) return std::nullopt;
  const model::Table& table = model[lookup->table];
  exports::Series series;
  series.holds = table.beyond == model::Table::Beyond::kStep;
  for (size_t k = 0; k < table.x.size(); ++k) series.points.emplace_back(table.x[k], table.y[k]);
  const auto* sum = std::get_if<model::Apply>(&model[lookup->input].node);
  const auto* shift = sum && sum->op == model::Op::kAdd && sum->arguments.size() == 2
                          ? std::get_if<model::Constant>(&model[sum->arguments[1]].node)
                          : nullptr;
  const model::ExprId time = shift ? sum->arguments[0] : lookup->input;
  if (!std::holds_alternative<model::StepTime>(model[time].node)) return std::nullopt;
  if (shift) series.shift = shift->value / model.clock.step;
  return series;
}

static std::optional<std::vector<exports::Series>> elements_of(const model::Model& model,
                                                               const model::Variable& variable) {
  std::vector<exports::Series> all(variable.size(model));
  for (const model::Piece& piece : variable.pieces) {
    size_t flat = 0;
    for (size_t d = 0; d < piece.indexes.size(); ++d) {
      const model::Index& index = model[piece.indexes[d]];
      if (index.positions.size() != 1) return std::nullopt;
      flat = flat * model[variable.dims[d]].members.size() + index.positions[0];
    }
    auto series = series_of(model, piece.value);
    if (!series || flat >= all.size()) return std::nullopt;
    all[flat] = std::move(*series);
  }
  return all;
}

static exports::ReadData read_data(const Project& project, const model::Model& model) {
  exports::ReadData read;
  for (const model::Dimension& dim : model.dimensions) read.members[dim.name] = dim.members;
  for (const syntax::StatementId id : project.tree.top_level) {
    const auto* data = std::get_if<syntax::DataDecl>(&project.tree[id].node);
    const auto found = data && data->values.empty() ? model.find(data->name.text) : std::nullopt;
    if (!found) continue;
    const model::Variable& variable = model[*found];
    if (variable.kind == model::VarKind::kData) {
      read.numbers[data->name.text] = variable.values;
    } else if (auto series = elements_of(model, variable)) {
      read.series[data->name.text] = std::move(*series);
    }
  }
  for (const model::Input& input : model.inputs) {
    const model::Variable& variable = model[input.variable];
    exports::Median median{{}, input.distribution.quantile(0.5)};
    size_t flat = input.element;
    for (size_t d = variable.dims.size(); d-- > 0;) {
      const auto& members = model[variable.dims[d]].members;
      median.element.insert(median.element.begin(), members[flat % members.size()]);
      flat /= members.size();
    }
    read.medians[variable.name].push_back(std::move(median));
  }
  for (const model::Conversion& conversion : model.conversions)
    read.conversions.push_back({conversion.span, conversion.factor});
  return read;
}

std::string to_xmile(const Project& project, const model::Model& model, bool lossy,
                     text::Diagnostics& diagnostics) {
  return exports::write_xmile(project.tree, project.own_statements, layout_of(project),
                              read_data(project, model), lossy, diagnostics);
}

std::string to_vensim(const Project& project, const model::Model& model, bool lossy,
                      text::Diagnostics& diagnostics) {
  return exports::write_vensim(project.tree, project.own_statements, layout_of(project),
                               read_data(project, model), lossy, diagnostics);
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
