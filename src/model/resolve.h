#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "model/model.h"
#include "syntax/tree.h"
#include "text/diagnostic.h"

namespace headrace::sheet {
class Books;
}

namespace headrace::model {

struct ResolveOptions {
  std::filesystem::path folder;                   // where names of data files begin
  std::filesystem::path data_root;                // they lie in or below it; empty: `folder`
  std::vector<std::string> scenarios;             // applied in this order
  std::vector<syntax::OverlayEntry> overlays;     // `--set`, applied last; exprs in the same tree
  std::vector<std::filesystem::path> data_files;  // lie elsewhere, and the user named them
  std::shared_ptr<sheet::Books> books;            // workbooks read before; may be null
};

// Gives the tree its meaning: resolves names, puts functions in place, infers and checks types,
// shapes and units, reads data files, fits distributions, applies scenarios, and orders the
// evaluation. All faults of the text end up in `diagnostics`; when there are errors the model is
// only good for being printed. Unknown scenario names are errors with the nearest names.
Model resolve(const syntax::Tree& tree, text::SourceSet& sources, const ResolveOptions& options,
              text::Diagnostics& diagnostics);

// Adds the standard library's text to `sources` and `tree`.
void add_library(text::SourceSet& sources, syntax::Tree& tree, text::Diagnostics& diagnostics);
std::string_view library_text();

// The model for people and tests (`--dump=model`), and its invariants (CHECKs).
std::string dump(const Model& model);
void verify(const Model& model);

}  // namespace headrace::model
