#include "answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "report/run_report.h"
#include "workbench/workbench.h"

namespace headrace::race {
namespace {

std::string name_of(size_t index) { return fmt::format("asked_{}", index); }

}  // namespace

base::Result<std::unique_ptr<workbench::Project>> open_with(
    const std::string& model, const std::vector<std::string>& expressions) {
  auto project = workbench::open(model);
  if (!project) return project;
  std::string text;
  for (size_t i = 0; i < expressions.size(); ++i)
    text += fmt::format("measure {} = {}\n", name_of(i), expressions[i]);
  workbench::add_statements(**project, "questions", text);
  return project;
}

base::Result<Answers> answer(workbench::Project& project, size_t expressions,
                             const std::string& scenario, uint64_t draws) {
  text::Diagnostics found;
  workbench::Variant variant;
  if (!scenario.empty()) variant.scenarios = {scenario};
  auto model = workbench::resolve(project, variant, found);
  if (!model)
    return base::fail(base::Error::Kind::kInvalid, text::render(found, project.sources, false));
  const workbench::Compiled compiled = workbench::compile(std::move(*model), {});
  workbench::RunSettings settings;
  settings.options.draws = draws;
  const auto result = workbench::run(compiled, settings);
  if (!result) return std::unexpected(result.error());
  std::map<std::string, size_t> places;
  for (size_t i = 0; i < compiled.model.measures.size(); ++i)
    places[compiled.model.measures[i].name] = i;
  Answers answers;
  for (size_t i = 0; i < expressions; ++i)
    answers.push_back((*result)->measures[places.at(name_of(i))].values);
  return answers;
}

report::Spread spread_of(const std::vector<double>& values) { return report::spread_of(values); }

const std::string& Rows::at(size_t row, const std::string& column) const {
  return table.rows[row][*table.column(column)];
}

base::Result<Rows> read_rows(const std::string& path, const std::vector<std::string>& columns) {
  text::SourceSet sources;
  const auto source = sources.load(path);
  if (!source) return std::unexpected(source.error());
  text::Diagnostics diagnostics;
  auto table = text::read_csv(sources, *source, diagnostics);
  if (!table)
    return base::fail(base::Error::Kind::kInvalid, text::render(diagnostics, sources, false));
  for (const std::string& column : columns) {
    if (!table->column(column))
      return base::fail(base::Error::Kind::kInvalid,
                        fmt::format("{} has no column '{}'", path, column));
  }
  return Rows{std::move(*table)};
}

base::Result<std::vector<std::string>> register_ids(const std::string& model) {
  const auto project = workbench::open(model);
  if (!project) return std::unexpected(project.error());
  std::vector<std::string> ids;
  for (const syntax::StatementId id : (*project)->tree.top_level) {
    const auto* source = std::get_if<syntax::SourceDecl>(&(*project)->tree[id].node);
    if (!source) continue;
    if (source->name) ids.push_back(source->name->text);
    if (!source->file) continue;
    const auto rows = read_rows(((*project)->folder / source->file->text).string(), {"id"});
    if (!rows) return std::unexpected(rows.error());
    for (size_t i = 0; i < rows->size(); ++i) ids.push_back(rows->at(i, "id"));
  }
  return ids;
}

}  // namespace headrace::race
