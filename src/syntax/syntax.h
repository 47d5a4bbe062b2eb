#pragma once

#include <string>
#include <vector>

#include "syntax/tree.h"
#include "text/diagnostic.h"

namespace headrace::syntax {

// Reads one source into `tree`, appending. Always returns; what cannot be read becomes Bad nodes
// and diagnostics, and reading goes on at the next statement.
void parse(const text::SourceSet& sources, text::SourceId source, Tree& tree,
           text::Diagnostics& diagnostics);

// Reads one expression, as `--set name=VALUE` needs it. The source must hold nothing else.
ExprId parse_expression(const text::SourceSet& sources, text::SourceId source, Tree& tree,
                        text::Diagnostics& diagnostics);

// The tree as text that parses back to an equal tree. Comments are not part of a tree; docs are.
std::string print(const Tree& tree);
std::string print(const Tree& tree, ExprId expr);
std::string print(const UnitExpr& unit);
// The name as it must be written: bare, or quoted when it is not a plain name or is reserved.
std::string print_name(const std::string& name);

// The structure for people and tests, one node a line (`--dump=tree`); tokens likewise.
std::string dump(const Tree& tree);
std::string dump_tokens(const text::SourceSet& sources, text::SourceId source,
                        text::Diagnostics& diagnostics);

// The text with our spacing and indentation; keeps comments, blank lines (at most one in a row) and
// line breaks. format(format(x)) == format(x). A text with syntax errors is returned unchanged.
std::string format(const text::SourceSet& sources, text::SourceId source,
                   text::Diagnostics& diagnostics);

}  // namespace headrace::syntax
