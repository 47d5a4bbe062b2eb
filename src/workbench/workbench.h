#pragma once

// The one door: open, resolve, compile, run. Each phase takes what the one before gave.
//
//   auto project = open("models/race");                 // text
//   auto model = resolve(*project, variant, found);     // meaning
//   Compiled compiled = compile(std::move(*model), {outputs});
//   auto result = run(compiled, settings);              // numbers
//
// Values are independent of each other, so several models live side by side in one process.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ir/program.h"
#include "model/model.h"
#include "run/run.h"
#include "text/diagnostic.h"
#include "workbench/backend.h"
#include "workbench/names.h"
#include "workbench/project.h"

namespace headrace::study {
struct Posterior;
}

namespace headrace::workbench {

// Which version of a model: scenarios in the order of their application, then single values.
struct Variant {
  std::vector<std::string> scenarios;
  std::vector<syntax::OverlayEntry> overlays;
};

// The meaning of the project's text. Nothing when it has errors; they are in `found`, together
// with what reading had found.
std::optional<model::Model> resolve(Project& project, const Variant& variant,
                                    text::Diagnostics& found);

struct Compiled {
  model::Model model;
  std::shared_ptr<const ir::Program> program;
};

// Cannot fail: the model has no errors.
Compiled compile(model::Model model, const std::vector<model::VarId>& outputs);

struct RunSettings {
  run::RunOptions options;
  Backend backend = Backend::kAuto;
  bool abandon_compilation = false;  // see KernelOptions
  // When there: the inputs it knows take its joint draws, see study/calibration/posterior.h.
  std::shared_ptr<const study::Posterior> posterior;
};

// Whether different draws can differ: the model has distributions or noise.
bool is_uncertain(const model::Model& model);

// Runs. A model without uncertainty makes one run, whatever the number of draws. An empty optional
// when `stop` was set.
base::Result<std::optional<run::RunResult>> run(const Compiled& compiled,
                                                const RunSettings& settings);

}  // namespace headrace::workbench
