#pragma once

// Expressions of the language as MathML, for people who read equations rather than code.

#include <string>

#include "syntax/tree.h"

namespace headrace::server {

// One <math> element without attributes that need a script or a style.
std::string mathml(const syntax::Tree& tree, syntax::ExprId expr);

}  // namespace headrace::server
