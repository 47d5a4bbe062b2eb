#pragma once

// Units as models of other tools write them: `Degrees Fahrenheit`, `people/(year*km^2)`,
// `$ per unit`. Names are compared as variables are; those that nobody has declared become base
// units.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "syntax/tree.h"
#include "text/diagnostic.h"

namespace headrace::import {

// The units of one model, which it may also declare while it reads.
class Units {
 public:
  Units(syntax::Tree& tree, text::Diagnostics& diagnostics)
      : tree_(tree), diagnostics_(diagnostics) {}

  // Nothing for an empty text; a warning when it cannot be read.
  std::optional<syntax::UnitExpr> read(const std::string& text, text::Span span);
  // The text as a single unit, for the clock.
  std::optional<syntax::Name> read_single(const std::string& text, text::Span span);
  // A unit with other words for it, perhaps defined by others; of words for one all mean one.
  void declare(const std::string& name, const std::string& definition,
               const std::vector<std::string>& aliases);
  // Whether the word, in its canonical form, means no unit at all.
  bool is_one(const std::string& word) const;
  // The name in the tree; declares a base unit when nothing is called so.
  std::string name_of(const std::string& word, text::Span span);

 private:
  std::optional<syntax::UnitExpr> read_definition(const std::string& text, text::Span span);
  syntax::UnitExpr sized(const std::string& name, const syntax::UnitExpr& size, text::Span span);

  syntax::Tree& tree_;
  text::Diagnostics& diagnostics_;
  std::map<std::string, std::string> known_;  // canonical -> name in the tree
  std::set<std::string> ones_;                // canonical, beside the usual words
};

}  // namespace headrace::import
