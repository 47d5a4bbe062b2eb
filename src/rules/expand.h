#pragma once

// Rules as functions of a model. Each rule becomes a function of the facts it reads, each group a
// function of one; `Enum.CODE` in an equation becomes the place of the code. Dates become dated
// values, so that they count within a step as all dates do.

#include "rules/book.h"

namespace headrace::rules {

void expand(const Book& book, syntax::Tree& tree, text::Diagnostics& diagnostics);

}  // namespace headrace::rules
