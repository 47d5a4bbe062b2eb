#pragma once

// One equation of a Vensim model: words become an Equation.
//
// From tight to loose: brackets and calls, ^ (right-associative), unary + -, * /, + -,
// < <= > >= = <>, :NOT:, :AND:, :OR:.

#include <string>

#include "import/vensim/document.h"

namespace headrace::import::vensim {

// Nothing after a diagnostic. Counts the elements that numeric ranges make in `elements`.
std::optional<Equation> parse_equation(const text::SourceSet& sources, text::Span span,
                                       Formulas& formulas, size_t& elements,
                                       text::Diagnostics& diagnostics);
// `name(input, ... : output, ...)` after :MACRO:.
std::optional<Macro> parse_macro_head(const text::SourceSet& sources, text::Span span,
                                      text::Diagnostics& diagnostics);

}  // namespace headrace::import::vensim
