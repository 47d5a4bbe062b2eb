#pragma once

// XMILE, the format of Stella and other tools, as our syntax tree.
//
//   XML --read--> File (structs, equations as text) --translate--> Tree
//
// Names, units and documentation are kept. What the language cannot say is an error that names it
// and every place where it stands; what is passed over although it carries meaning is a warning.
// The source must be UTF-8 (see import/encoding.h); limits stand at `read` and `parse`.

#include <string>
#include <vector>

#include "import/layout.h"
#include "import/options.h"
#include "syntax/tree.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace headrace::import::xmile {

// Other files of the model are added to `sources`. Appends the model's statements to `tree`, and
// what else it says to `layout`. Faults are in `diagnostics`; the tree is good whatever they are.
void import(text::SourceSet& sources, text::SourceId source, const ImportOptions& options,
            syntax::Tree& tree, Layout& layout, text::Diagnostics& diagnostics);

}  // namespace headrace::import::xmile
