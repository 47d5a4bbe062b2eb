#pragma once

// The parts into which the author of a foreign model divided it, as parts of the text.

#include <string>
#include <vector>

#include "import/layout.h"
#include "syntax/tree.h"

namespace headrace::import {

// The titles that a reader gives by the form of statements, where the author has said nothing.
inline constexpr const char* kTablesTitle = "Graphical functions";
inline constexpr const char* kVariablesTitle = "Stocks, flows and other variables";
inline constexpr const char* kMacrosTitle = "Macros";
bool is_given_title(const std::string& title);

struct Part {
  std::string title;
  std::string text;  // what the author says about it
  bool told = true;  // with a heading also when nothing is in it
};

// Where a statement belongs: the number of its part from 1, 0 above all parts, and its place among
// those of the part.
struct PlaceInPart {
  size_t part = 0, place = 0;
};

// Puts the top-level statements from `first` on into the order of their parts, and the parts'
// headings into the layout. `places` has one for each of those statements.
void write_parts(syntax::Tree& tree, size_t first, const std::vector<Part>& parts,
                 const std::vector<PlaceInPart>& places, Layout& layout);

// Puts the name of the model, its clock and its units, base units in one statement, before what
// else stands from `first` on.
void put_settings_first(syntax::Tree& tree, size_t first, Layout& layout);

}  // namespace headrace::import
