#pragma once

#include <cstddef>

#include "export/writer.h"
#include "syntax/tree.h"
#include "text/diagnostic.h"

namespace headrace::exports {

// The tree with functions of scalars in place of those with arrays inside: macros of the other
// tools hold no arrays. A call that says how large the arrays are gets a function for that size,
// behind the statements that the tree has; other calls, and functions that the other tool has
// itself, stay as they are. A size that hangs on named inputs is told: it no longer follows them.
syntax::Tree unrolled(syntax::Tree tree, size_t own, Dialect dialect,
                      text::Diagnostics& diagnostics);

}  // namespace headrace::exports
