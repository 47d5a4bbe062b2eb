#pragma once

// What a Vensim model says, form without meaning.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/id.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace headrace::import::vensim {

using FormulaId = base::Id<struct VensimFormulaTag>;
using Points = std::vector<std::pair<double, double>>;

// One place between brackets: an element or a range, perhaps with `!`.
struct Place {
  std::string name;
  bool bang = false;
  text::Span span;
};

struct Formula {
  enum class Kind {
    kBad,
    kNumber,   // value
    kMissing,  // :NA:
    kName,     // text[places...]
    kCall,     // text[places...](children... : outputs...)
    kUnary,    // text is "-", "+" or "NOT"
    kBinary,   // text is the operator
    kString,   // 'text'
    kPoints,   // ((x, y), ...) within WITH LOOKUP
  };
  Kind kind = Kind::kBad;
  std::string text;
  double value = 0;
  bool quoted = false;
  std::vector<Place> places;
  std::vector<FormulaId> children;
  std::vector<FormulaId> outputs;  // of a macro's call: the variables after the colon
  int output = -1;                 // which of them this copy of the call stands for; -1: its value
  Points points;
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

// Where a range's elements stand in for those of another range.
struct Mapping {
  std::string target;
  // One list for each of the range's items, or none: item by item.
  std::vector<std::vector<std::string>> items;
  text::Span span;
};

struct Equation {
  enum class Kind {
    kValue,      // name[...] = value
    kNumbers,    // = 1, 2; 3, 4
    kLookup,     // name(points)
    kExternal,   // no equation: the values come from a file of data
    kRange,      // name : items -> mappings
    kAlias,      // name <-> items[0]
    kString,     // name :IS: 'text'
    kCondition,  // :THE CONDITION: value :IMPLIES: implied
    kTestInput,  // :TEST INPUT:
  };
  enum class Interpolation { kLinear, kForward, kBackward, kRaw };

  Kind kind = Kind::kValue;
  std::string name;    // as people read it
  std::string column;  // what a file of data calls it, where that is another name
  std::vector<Place> places;
  std::vector<std::vector<Place>> exceptions;
  FormulaId value, implied;
  std::vector<double> numbers;
  Points points;
  std::vector<std::string> items;  // of a range; numeric ones are written out. kString: the text
  std::vector<Mapping> mappings;
  Interpolation interpolation = Interpolation::kLinear;
  bool unchangeable = false;   // ==
  bool data = false;           // :=
  bool internal = false;       // made here: its name begins with `_`
  bool supplementary = false;  // :SUPPLEMENTARY, not meant to be used
  std::string units, comment;
  std::string input_units;  // of a lookup made of data; of others units do not count
  text::Span span, name_span;
};

struct Macro {
  std::string name;
  std::vector<std::string> inputs, outputs;
  std::vector<Equation> equations;
  text::Span span;
};

// A part of the file, from its line of stars to the next group's.
struct Group {
  size_t begin = 0;  // in the source
  std::string title, text;
};

struct Settings {
  bool runge_kutta = false;
  std::string method;  // as people call it, when it is one that is read as another
  std::vector<std::vector<std::string>> equal_units;
  std::vector<std::pair<std::string, std::string>> files;  // ?alias, path
  std::string date_variable, date_format;
  std::optional<std::string> base_year, base_month, base_day;
};

struct Document {
  std::vector<Equation> equations;
  std::set<std::string> broken;  // canonical names of what was meant as equations and are none
  bool cut_off = false;          // a macro does not end: equations behind it are not read as such
  std::vector<Macro> macros;
  std::vector<Group> groups;  // but that of internal variables
  Formulas formulas;
  Settings settings;
};

// Reads a model whose text is UTF-8. Limits: 64 MiB, expressions nest at most 200 deep and trees
// are at most kHighest high, names have at most kLongestName bytes, a million elements of ranges,
// 100,000 points of one lookup, a million numbers of one equation.
Document read(const text::SourceSet& sources, text::SourceId source,
              text::Diagnostics& diagnostics);

}  // namespace headrace::import::vensim
