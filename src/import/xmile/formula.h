#pragma once

// The expressions of XMILE: text becomes a small tree, names unresolved.
//
// From tight to loose: [] and calls, ' (transpose), ^ (right-associative), unary + - NOT,
// * / // MOD, + -, < <= > >=, = <> ==, AND, OR. Comments stand in braces.

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.h"
#include "import/xmile/document.h"

namespace headrace::import::xmile {

using FormulaId = base::Id<struct FormulaTag>;

struct Formula {
  enum class Kind {
    kBad,
    kNumber,     // value
    kName,       // text; children: nothing
    kSubscript,  // text[children...]
    kCall,       // text(children...)
    kApply,      // children[0](children[1...]): a call of something that is no bare name
    kUnary,      // text is "-", "+" or "not"
    kBinary,     // text is the operator, lower case
    kIf,         // condition, then, else
    kStar,       // * within brackets
    kRange,      // low : high within brackets
    kPlace,      // @n within brackets
    kTranspose,  // child'
    kUnfilled,   // ???
  };
  Kind kind = Kind::kBad;
  std::string text;
  double value = 0;
  bool quoted = false;  // the name stood in quotes
  std::vector<FormulaId> children;
  uint32_t height = 1;  // of the tree below, at most kHighest
  text::Span span;
};

inline constexpr uint32_t kHighest = 900;

struct Formulas {
  std::vector<Formula> nodes;
  const Formula& operator[](FormulaId id) const { return nodes[id.index]; }
  FormulaId add(Formula formula) {
    nodes.push_back(std::move(formula));
    return FormulaId(nodes.size() - 1);
  }
};

// Reads one expression; always returns a node, kBad after a diagnostic. Nests at most 200 deep, and
// trees are at most kHighest high.
FormulaId parse(const text::SourceSet& sources, const Text& text, Formulas& formulas,
                text::Diagnostics& diagnostics);

}  // namespace headrace::import::xmile
