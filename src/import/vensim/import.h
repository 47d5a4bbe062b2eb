#pragma once

// Vensim's text format, .mdl, as our syntax tree.
//
//   text --read--> Document (equations as small trees) --translate--> Tree
//
// Names, units and comments are kept. What the language cannot say is an error that names it and
// every place where it stands; what is passed over although it carries meaning is a warning. The
// source must be UTF-8 (see import/encoding.h); limits stand at `read`.

#include "import/layout.h"
#include "import/options.h"
#include "syntax/tree.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace headrace::import::vensim {

// Appends the model's statements to `tree`, and where variables stand on the diagram to `layout`.
// Faults are in `diagnostics`; the tree is good whatever they are.
void import(const text::SourceSet& sources, text::SourceId source, const ImportOptions& options,
            syntax::Tree& tree, Layout& layout, text::Diagnostics& diagnostics);

}  // namespace headrace::import::vensim
