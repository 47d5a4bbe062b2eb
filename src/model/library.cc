#include "model/context.h"
#include "model/resolve.h"
#include "syntax/syntax.h"

namespace headrace::model {

extern const char kLibraryText[];  // made from library.hr when the program is built

std::string_view library_text() { return kLibraryText; }

void add_library(text::SourceSet& sources, syntax::Tree& tree, text::Diagnostics& diagnostics) {
  const text::SourceId id = sources.add(std::string(kLibraryName), std::string(library_text()));
  syntax::parse(sources, id, tree, diagnostics);
}

}  // namespace headrace::model
