#pragma once

// What an XMILE file says, form without meaning: equations are text, names are as written. Only
// the reader sees XML; everything after it works on these structs.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "import/options.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace headrace::import::xmile {

// A text of the file with the place where it stands. Entities are decoded, so that a position in
// the text is not an offset in the file; `Places` finds it.
struct Text {
  std::string value;
  text::Span span;     // the raw text in the file, entities undecoded
  bool empty() const;  // nothing but spaces and {comments}
};

// Where bytes of a decoded text stand in the file.
class Places {
 public:
  Places(const text::SourceSet& sources, const Text& text);
  text::Span operator()(size_t begin, size_t end) const;

 private:
  text::Span whole_;
  std::vector<uint32_t> offsets_;  // of each decoded byte; empty: as in the file
};

struct GraphicalFunction {
  enum class Type { kContinuous, kExtrapolate, kDiscrete };
  Type type = Type::kContinuous;
  std::vector<std::pair<double, double>> points;  // ascending in x, no x twice
  text::Span span;
};

// Sorted by x. Where an x stands more than once the line steps: from the left it meets the first of
// its points, from there on the last.
std::vector<std::pair<double, double>> ascending(std::vector<std::pair<double, double>> points);

struct Element {  // of a variable whose equations differ by element
  std::vector<std::string> subscripts;
  std::optional<Text> equation, initial;
  std::optional<GraphicalFunction> gf;
  text::Span span;
  std::vector<Text> inflows, outflows;  // of this element alone, as Vensim writes them
};

struct Entry {  // how batches go from a queue into a conveyor or an oven
  bool batch_integrity = false, one_at_a_time = true;
};

struct Conveyor {
  Text length, capacity, inflow_limit, sample, arrest;
  Entry entry;
  bool discrete = false, exponential_leak = false;
};

struct Oven {
  Text cook_time, capacity, fill_time, clean_time, arrest;
  Entry entry;
};

struct Connection {
  std::string to, from;
  text::Span span;
};

struct Position {  // on the diagram
  double x = 0, y = 0;
  std::string view;  // "" is the first
};

struct Variable {
  enum class Kind { kStock, kFlow, kAux, kModule };
  enum class Access { kNone, kInput, kOutput };

  Kind kind = Kind::kAux;
  std::string name;  // as written, line breaks included
  text::Span span;   // of the element's start tag
  std::vector<std::string> dimensions;
  std::optional<Text> equation, initial;
  std::vector<Text> equations;  // more than one: Vensim's way to write those of the elements
  std::vector<Element> elements;
  std::optional<GraphicalFunction> gf;
  std::vector<Text> inflows, outflows;
  std::optional<Text> net_rate;  // in place of flows, as Vensim writes it
  std::optional<bool> non_negative;
  Access access = Access::kNone;
  std::string units, doc;
  bool internal = false;  // marked so by our own exporter
  std::optional<Conveyor> conveyor;
  std::optional<Oven> oven;
  bool queue = false;
  // of flows
  bool leak = false, leak_integers = false, overflow = false;
  double leak_start = 0, leak_end = 1;
  std::optional<Text> multiplier;
  // of modules
  std::string model, resource;  // the latter: a file
  std::vector<Connection> connections;
  std::optional<Position> position;
};

// Which stocks and flows are kept from falling below zero; the innermost that says something
// decides.
struct Behavior {
  std::optional<bool> stocks, flows;
};

struct SimSpecs {
  Text start, stop, step;
  bool reciprocal = false;
  std::optional<double> save;
  std::string method, time_units;
  text::Span span;
  bool given = false;
};

struct Group {  // variables that belong together
  std::string name, doc;
  std::vector<std::string> variables;
};

struct Model {
  std::string name;      // "" is the root
  std::string resource;  // the file that holds the model instead
  std::vector<Variable> variables;
  std::vector<Group> groups;
  Behavior behavior;
  SimSpecs specs;
  text::Span span;
};

struct Macro {
  std::string name;
  std::vector<std::string> namespaces;
  std::vector<std::pair<std::string, std::optional<Text>>> parameters;  // with defaults
  Text equation;
  std::vector<Variable> variables;
  std::string doc;
  text::Span span;
};

struct Dimension {
  std::string name;
  std::vector<std::string> elements;  // "1", "2", ... of numbered ones
  bool numbered = false;
  text::Span span;
};

struct Unit {
  std::string name, equation;
  std::vector<std::string> aliases;
};

struct Include {
  std::string resource;
  text::Span span;
};

struct File {
  text::Span span;  // of `xmile`
  std::string name, vendor, product;
  bool outside_is_nan = false;  // what an index outside an array reads; else 0
  bool from_stella() const;
  // What comes from Vensim's models has Vensim's INT and MOD: towards zero.
  bool from_vensim() const;
  // Vensim itself, not a converter: its functions keep their own meaning.
  bool written_by_vensim() const;
  SimSpecs specs;
  Behavior behavior;
  std::vector<Dimension> dimensions;
  std::vector<Unit> units;
  std::vector<Model> models;
  std::vector<Macro> macros;
  std::vector<Include> includes;
};

// Reads an XMILE file whose text is UTF-8. What cannot be read at all is an error in
// `diagnostics`; what carries meaning and is passed over is a warning. Limits: 64 MiB, 200
// elements deep, 4 million nodes, 100,000 points of one graphical function. A document type is
// passed over unread, so that entities beyond the five of XML never expand.
File read(const text::SourceSet& sources, text::SourceId source, text::Diagnostics& diagnostics);

// The text with each `<` within an equation as kHiddenLess, at the same places.
constexpr char kHiddenLess = '\x01';
std::string with_comparisons_hidden(std::string_view text);

// What Vensim itself spells in its own way becomes what XMILE has for it.
void read_as_vensim(File& file);

// Several equations of one variable, and lists of numbers, become those of its elements.
void spread_equations(File& file, text::Diagnostics& diagnostics);

// Reads the other files that the file names and puts what they hold into it. They lie in or below
// the folder of the options, or their root of data; at most 200.
void gather_files(File& file, text::SourceSet& sources, text::SourceId source,
                  const ImportOptions& options, text::Diagnostics& diagnostics);

}  // namespace headrace::import::xmile
