// Any bytes as the text of a model: read, printed, formatted, given their meaning.

#include <cstdint>
#include <string>

#include "base/check.h"
#include "model/resolve.h"
#include "syntax/syntax.h"
#include "text/diagnostic.h"

using namespace headrace;

// The text may read no files: the folder is empty.
static model::ResolveOptions options() {
  model::ResolveOptions options;
  options.folder = "/nowhere";
  return options;
}

// The library of the language, read once: to read it for each text would take most of the time.
struct Library {
  text::SourceSet sources;
  syntax::Tree tree;
  text::Diagnostics diagnostics;
  Library() { model::add_library(sources, tree, diagnostics); }
};

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  text::SourceSet sources;
  text::Diagnostics diagnostics;
  syntax::Tree tree;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto source = sources.add("any.hr", text);
  syntax::parse(sources, source, tree, diagnostics);
  text::Diagnostics of_format;
  const std::string formatted = syntax::format(sources, source, of_format);
  if (!diagnostics.has_errors()) {
    const auto again = sources.add("again.hr", formatted);
    text::Diagnostics none;
    CHECK(syntax::format(sources, again, none) == formatted);
    const auto printed = sources.add("printed.hr", syntax::print(tree));
    syntax::Tree second;
    syntax::parse(sources, printed, second, none);
    CHECK(!none.has_errors());
  }
  static const Library kLibrary;
  Library whole = kLibrary;
  const auto beside = whole.sources.add("any.hr", text);
  syntax::parse(whole.sources, beside, whole.tree, whole.diagnostics);
  const model::Model model =
      model::resolve(whole.tree, whole.sources, options(), whole.diagnostics);
  if (!whole.diagnostics.has_errors()) model::verify(model);
  return 0;
}
