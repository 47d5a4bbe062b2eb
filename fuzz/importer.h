#pragma once

// An importer given any bytes: it refuses them with a reason, or gives text of the language.

#include <cstdint>
#include <string>

#include "base/check.h"
#include "import/encoding.h"
#include "import/layout.h"
#include "import/options.h"
#include "syntax/syntax.h"

template <class Importer>
int read_or_refuse(Importer importer, const uint8_t* data, size_t size) {
  using namespace headrace;
  text::SourceSet sources;
  text::Diagnostics diagnostics;
  syntax::Tree tree;
  import::Layout layout;
  import::ImportOptions options;
  options.folder = "/nowhere";  // no other files
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto source = sources.add("any", import::to_utf8(bytes), "/nowhere/any");
  importer(sources, source, options, tree, layout, diagnostics);
  const std::string printed = syntax::print(tree);
  if (diagnostics.has_errors()) return 0;
  CHECK(!tree.top_level.empty());
  const auto again = sources.add("again.hr", printed);
  syntax::Tree second;
  syntax::parse(sources, again, second, diagnostics);
  CHECK(!diagnostics.has_errors());
  return 0;
}
