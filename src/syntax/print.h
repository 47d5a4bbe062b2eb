#pragma once

// Pieces of printed text that the printers of expressions and of statements share.

#include <string>
#include <string_view>
#include <vector>

#include "syntax/syntax.h"

namespace headrace::syntax {

// How tightly an expression holds together, loosest first; the levels of the grammar.
enum class Level {
  kExpr,
  kOr,
  kAnd,
  kNot,
  kComparison,
  kRange,
  kSum,
  kProduct,
  kUnary,
  kPower,
  kPostfix,
  kPrimary
};

// The expression as it may stand where the grammar asks for `level`.
std::string print(const Tree& tree, ExprId expr, Level level);
// The first end of `low to high`: `x over 2024` would take the `to` for itself.
std::string print_before_to(const Tree& tree, ExprId expr);
// As it stands between two numbers: `<=`.
std::string_view spelling(CompareOp op);
std::string print_indexes(const std::vector<Index>& indexes);
// The shortest spelling that reads back as the same number.
std::string print_number(double value);
// A unit's name right after a number, where words such as `note` would go on with the sentence.
std::string print_unit_name(const std::string& name);
// Bare digits for numbered members, else as print_name.
std::string print_member(const std::string& name);

}  // namespace headrace::syntax
