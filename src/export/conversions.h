#pragma once

#include <vector>

#include "syntax/tree.h"

namespace headrace::exports {

// Where a model turns a value into another unit of its kind: what stands there is multiplied.
struct Conversion {
  text::Span span;
  double factor = 1;
};

struct Converted {
  syntax::Tree tree;
  std::vector<text::Span> left;  // conversions that could not be written
};

// The tree of a model, whose first `own` statements are the user's, with the factors written out:
// the other tools convert nothing. `made * 1 month` in a model of years becomes `made * 1` times a
// twelfth. A flow in another unit than its stock becomes a part of the stock's net rate.
Converted with_conversions(syntax::Tree tree, size_t own,
                           const std::vector<Conversion>& conversions);

}  // namespace headrace::exports
