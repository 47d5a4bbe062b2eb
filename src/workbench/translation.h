#pragma once

// Models of other tools as model text.

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "import/layout.h"
#include "model/model.h"
#include "workbench/project.h"

namespace headrace::workbench {

// Whether all of the project's files are text of the language itself.
bool is_model_text(const Project& project);

struct Imported {
  std::string text;    // of the model, with headings
  std::string layout;  // places on the diagram, JSON; "" when there are none
};

// The project must have no errors.
Imported to_model_text(const Project& project);

// The project's model, resolved, as an XMILE file. Faults are in `diagnostics`: errors for what
// numbers hang on, unless `lossy`; warnings for what else has no word there. Places come from the
// layout beside the model.
std::string to_xmile(const Project& project, const model::Model& model, bool lossy,
                     text::Diagnostics& diagnostics);
// The same as Vensim's text.
std::string to_vensim(const Project& project, const model::Model& model, bool lossy,
                      text::Diagnostics& diagnostics);

// Where the variables stand on the model's own diagram, if it has one: as the file says, or the
// layout beside it.
std::vector<import::Place> places_of(const Project& project);

// The files that the model's data statements read, as they name them.
std::set<std::string> data_files_of(const Project& project);

// Where the places of a model file lie: beside it, `bank.layout.json` for `bank.hr`.
std::filesystem::path layout_path(const std::filesystem::path& model);

// What the import of a model comes to, for people.
std::string describe(const Project& project, const model::Model& model, const Imported& imported);

}  // namespace headrace::workbench
