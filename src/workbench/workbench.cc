#include "workbench/workbench.h"

#include <fmt/format.h>

#include <algorithm>

#include "ir/lower.h"
#include "model/resolve.h"
#include "study/calibration/posterior.h"
#include "text/utf8.h"

namespace headrace::workbench {

std::optional<model::Model> resolve(Project& project, const Variant& variant,
                                    text::Diagnostics& found) {
  found = project.diagnostics;
  model::ResolveOptions options;
  options.folder = project.folder;
  options.data_root = project.data_root;
  options.scenarios = variant.scenarios;
  options.overlays = variant.overlays;
  options.data_files = project.data_files;
  options.books = project.books;
  for (const syntax::OverlayEntry& entry : variant.overlays) {
    const auto settled = project.layout.taken_in.find(entry.name.text);
    if (settled == project.layout.taken_in.end()) continue;
    found
        .warning(
            text::Kind::kPassedOver, entry.name.span,
            fmt::format("`{}` settled {} as the file was read: that does not follow",
                        text::printable(project.sources.text(entry.name.span)), settled->second))
        .hint = "change it in the file of the model";
  }
  model::Model model = model::resolve(project.tree, project.sources, options, found);
  if (found.has_errors()) return std::nullopt;
  return model;
}

Compiled compile(model::Model model, const std::vector<model::VarId>& outputs) {
  Compiled compiled;
  compiled.program = std::make_shared<const ir::Program>(ir::lower(model, {.outputs = outputs}));
  compiled.model = std::move(model);
  return compiled;
}

bool is_uncertain(const model::Model& model) {
  return !model.inputs.empty() ||
         std::any_of(model.variables.begin(), model.variables.end(),
                     [](const auto& variable) { return variable.kind == model::VarKind::kNoise; });
}

base::Result<std::optional<run::RunResult>> run(const Compiled& compiled,
                                                const RunSettings& settings) {
  run::RunOptions options = settings.options;
  if (!is_uncertain(compiled.model)) options.draws = 0;
  auto kernels =
      choose_kernels(compiled.program, {.backend = settings.backend,
                                        .draws = std::max<uint64_t>(options.draws, 1),
                                        .threads = options.threads,
                                        .abandon_compilation = settings.abandon_compilation});
  if (!kernels) return std::unexpected(kernels.error());
  options.traced_program = [&compiled] {
    std::vector<model::VarId> outputs;
    for (const ir::Output& output : compiled.program->outputs) outputs.push_back(output.variable);
    const auto all = ir::needed_variables(compiled.model, {.outputs = outputs});
    return ir::lower(compiled.model, {.outputs = all});
  };
  study::Columns given;
  if (settings.posterior && options.draws > 0) {
    given = study::posterior_inputs(*settings.posterior, compiled.model, options);
    options.given = given;
  }
  return run::run(compiled.model, *compiled.program, **kernels, options);
}

}  // namespace headrace::workbench
