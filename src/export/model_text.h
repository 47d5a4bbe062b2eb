#pragma once

// A tree as model text for people, and the places of its variables as the file beside it.

#include <string>
#include <vector>

#include "import/layout.h"
#include "syntax/tree.h"
#include "text/source.h"

namespace headrace::exports {

// The first `count` top-level statements as text that reads back as the same tree: a heading above
// each part, long lines broken where the language allows it.
std::string to_model_text(const syntax::Tree& tree, size_t count, const import::Layout& layout);

// The headings that stand so in model text: lines of `#` with an empty line behind them, between
// the first `count` statements and below the first of their file. The first line is the title.
std::vector<import::Heading> read_headings(const syntax::Tree& tree, size_t count,
                                           const text::SourceSet& sources);

// {"schema": "headrace.layout.1", "variables": {"name": {"x": ..., "y": ..., "view": ...}}}
std::string to_layout_json(const import::Layout& layout);

// Reads that back; nothing for text of another kind.
import::Layout read_layout_json(const std::string& text);

}  // namespace headrace::exports
