#pragma once

// One equation of a Vensim model: words become an Equation.
//
// From tight to loose: brackets and calls, ^ (right-associative), unary + -, * /, + -,
// < <= > >= = <>, :NOT:, :AND:, :OR:.

#include <string>

#include "import/vensim/document.h"

namespace headrace::import::vensim {

// What the ranges of a model list, all together.
struct Listed {
  size_t elements = 0;
  size_t bytes = 0;  // of the names that numeric ranges make
};

// Nothing after a diagnostic. Adds to `listed` what a range lists.
std::optional<Equation> parse_equation(const text::SourceSet& sources, text::Span span,
                                       Formulas& formulas, Listed& listed,
                                       text::Diagnostics& diagnostics);
// `name(input, ... : output, ...)` after :MACRO:.
std::optional<Macro> parse_macro_head(const text::SourceSet& sources, text::Span span,
                                      text::Diagnostics& diagnostics);

}  // namespace headrace::import::vensim
