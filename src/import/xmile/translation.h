#pragma once

// What the parts of the translation share: the structs of one file become statements of the
// syntax tree. Internal to this folder.
//
// A module is put in place once for each use: its variables get the module's name and a dot in
// front. An input that is connected becomes another name for its source. A macro becomes a
// function.

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "import/build.h"
#include "import/layout.h"
#include "import/units.h"
#include "import/xmile/document.h"
#include "import/xmile/formula.h"
#include "syntax/tree.h"
#include "text/diagnostic.h"

namespace headrace::import::xmile {

using text::Kind;
using text::Span;

// One use of a model: the root, or a module.
struct Instance {
  const Model* model = nullptr;
  std::string prefix;  // "" or `hares.`, as written
  size_t parent = 0;   // position among the instances
  bool stocks_non_negative = false, flows_non_negative = false;
};

// A dimension as the tree knows it.
struct Dim {
  std::string name;  // in the tree
  std::vector<std::string> elements;
  std::unordered_map<std::string, size_t> places;  // canonical element -> position from 0
  const Dimension* source = nullptr;
  bool numbered = false;
};

// A variable of one instance.
struct Symbol {
  std::string name;  // in the tree
  const Variable* variable = nullptr;
  size_t instance = 0;
  std::vector<size_t> dims;          // positions among the dims
  std::vector<std::string> indexes;  // their index names
  std::string table;                 // the name of its graphical function; "" if there is none
  const GraphicalFunction* graph = nullptr;  // the function itself, where it is one for all
  std::vector<std::string> tables;           // one for each element, row by row, where they differ
  bool only_table = false;                   // no equation of its own: a function, no series
  std::optional<std::string> source;         // canonical name that a connection brings in
  std::string limit_stock;            // of an outflow: what it is taken from, inflows included
  size_t limit_rank = 0;              // how many outflows come before it
  bool gives_inflows = false;         // of a stock whose outflows are limited so
  int inflow_of = 0, outflow_of = 0;  // number of stocks
  std::string driven_by, enters;      // of a flow: the device it leaves, the stock it enters
};

// A stock with an inside: conveyor, queue or oven.
struct Device {
  std::vector<std::string> inflows;  // names in the tree
  std::string exit;                  // of conveyors and ovens
  std::vector<const Symbol*> gates;  // leaks of a conveyor, ways out of a queue
};

// What names mean while one equation is translated.
struct Scope {
  size_t instance = 0;
  std::string self;                                   // canonical, for SELF; "" outside variables
  std::vector<std::pair<size_t, std::string>> bound;  // dims in scope with their index names
  const std::map<std::string, std::string>* locals = nullptr;  // of a macro: canonical -> name
  const Macro* macro = nullptr;                                // whose equations these are
  int reducers = 0;                                            // within how many this stands
  int searching = 0;  // within how many brackets that find an element: indexes of theirs run there
};

struct Translation {
  Translation(const File& file, const text::SourceSet& sources, syntax::Tree& tree, Layout& layout,
              text::Diagnostics& diagnostics)
      : file(file),
        sources(sources),
        tree(tree),
        layout(layout),
        diagnostics(diagnostics),
        units(tree, diagnostics) {}

  const File& file;
  const text::SourceSet& sources;
  syntax::Tree& tree;
  Layout& layout;
  text::Diagnostics& diagnostics;

  std::vector<Instance> instances;
  std::vector<Dim> dims;
  std::unordered_map<std::string, size_t> dims_by_name;  // canonical
  std::vector<std::string> order;                        // canonical names of symbols
  std::unordered_map<std::string, Symbol> symbols;       // by canonical name, prefix included
  std::map<std::string, Device> devices;                 // by canonical name of the stock
  std::unordered_map<std::string, const Macro*> macros;  // canonical
  std::set<std::string> taken;                           // names in the tree
  Units units;
  std::map<std::string, std::vector<Span>> unknown_functions, unknown_names;
  std::vector<std::pair<Span, std::string>> unfilled;  // equations that are not written yet
  std::set<std::pair<uint32_t, std::string>> unsupported_devices;  // that have been told
  std::map<std::string, std::string> sub_dims;                     // made for slices: text -> name
  std::map<std::string, std::string> inverses;              // table -> the table turned round
  std::map<std::string, std::array<std::string, 3>> areas;  // table -> what LOOKUPAREA needs

  Build build(Span span) { return Build(tree, span); }
  // A name that nothing in the tree has yet: the wanted one, or with a number behind it.
  std::string fresh(const std::string& wanted);
  void add(syntax::Statement statement) {
    tree.top_level.push_back(tree.add(std::move(statement)));
  }
  // What is added from here on belongs to a part of that title.
  void begin_part(std::string title) {
    layout.headings.push_back({tree.top_level.size(), std::move(title), {}});
  }
};

// ---------------------------------------------------------------- symbols.cc

void declare_dims(Translation& t);
void declare_symbols(Translation& t);
// The symbol a name means where it stands, or nothing.
const Symbol* find_symbol(const Translation& t, const Scope& scope, std::string_view name);
std::optional<size_t> find_dim(const Translation& t, std::string_view name);
std::optional<size_t> find_place(const Dim& dim, std::string_view element);
Scope scope_of(const Symbol& symbol, const std::string& canonical_name);

// ---------------------------------------------------------------- expression.cc, functions.cc,
// array_calls.cc, reducers.cc

// A name of the functions of XMILE or of Stella, without the namespace in front.
std::string_view without_namespace(std::string_view canonical_name);
// The index that runs over the dimension.
std::optional<std::string> bound_index(const Scope& scope, size_t dim);
syntax::ExprId translate(Translation& t, const Scope& scope, const Text& text);
syntax::ExprId translate(Translation& t, const Scope& scope, const Formulas& formulas,
                         FormulaId id);
syntax::ExprId translate_call(Translation& t, const Scope& scope, const Formulas& formulas,
                              FormulaId id);
// RANK, INTERPOLATE and ALLOCATE.
syntax::ExprId translate_array_call(Translation& t, const Scope& scope, const Formulas& formulas,
                                    const Formula& formula, std::string_view name);
// Whether the name is that of a function over an array's elements, such as SUM.
bool is_reducer(std::string_view canonical_name);
// `target` of the library over what the argument names.
syntax::ExprId translate_reducer(Translation& t, const Scope& scope, const Formulas& formulas,
                                 Span span, const std::string& target, FormulaId argument);
// A call of a variable's graphical function; `places` are the brackets, empty for none.
syntax::ExprId call_table(Translation& t, const Scope& scope, const Formulas& formulas,
                          const Symbol& symbol, const std::vector<FormulaId>& places,
                          syntax::ExprId input, Span span);
// The brackets of a reference; also the dimensions that stars run over.
syntax::ExprId translate_subscript(Translation& t, const Scope& scope, const Formulas& formulas,
                                   const Symbol& symbol, const std::vector<FormulaId>& places,
                                   Span span);
syntax::ExprId self_reference(Translation& t, const Scope& scope, Span span);
// The number a text is, when it is one.
std::optional<double> constant_in(const Text& text);
// How many steps the file's clock takes.
double run_steps(const File& file);
// One diagnostic for each function and name that nothing has, with every place.
void report_unknown(Translation& t);
std::vector<std::string_view> function_names();  // canonical

// ---------------------------------------------------------------- devices.cc, conveyor.cc,
// queue.cc, oven.cc

// The internal name of a value that a stock or flow needs beside its own: `_Students transit`.
std::string part_name(const Symbol& symbol, std::string_view what);
void find_devices(Translation& t);
// The canonical name of the stock, when it has an inside.
std::optional<std::string> device_of(const Translation& t, const Symbol& stock);
void write_device_parts(Translation& t, const std::string& stock);
syntax::ExprId driven_flow(Translation& t, const Symbol& flow);
syntax::ExprId limited_flow(Translation& t, const Symbol& flow, syntax::ExprId wanted);
syntax::ExprId initial_contents(Translation& t, const std::string& stock);
// What a model may ask a stock with an inside: of its slats or batches how many, and their
// contents; its capacity; the cooking time while an oven cooks; what an oven does; the transit or
// cooking time of what enters.
enum class Ask {
  kSize,
  kMean,
  kLeast,
  kGreatest,
  kDeviation,
  kCapacity,
  kCookTime,
  kState,
  kProcessTime,
  kPlace
};
syntax::ExprId ask_device(Translation& t, const std::string& stock, Ask ask, Span span);
syntax::ExprId place_in_device(Translation& t, const std::string& stock, syntax::ExprId number,
                               Span span);

// ---------------------------------------------------------------- limits.cc

void find_limits(Translation& t);
// What of a flow out of such a stock there is.
syntax::ExprId within_stock(Translation& t, const Symbol& flow, syntax::ExprId wanted);

// ---------------------------------------------------------------- statements.cc, macros.cc

// The flow as the stock has it: over dimensions that the stock lacks, the sum of its elements.
syntax::ExprId rate_at(const Symbol& stock, const Symbol& flow, const Build& build);
std::vector<syntax::DimensionUse> dimension_uses(const Translation& t, const Symbol& symbol,
                                                 const Build& build);
void write_time(Translation& t);
// What the file says of its clock, or else its first model.
const SimSpecs& clock_of(const Translation& t);
void write_variables(Translation& t);
void write_macros(Translation& t);
std::string table_of(Translation& t, const GraphicalFunction& gf, const std::string& wanted,
                     Span span, std::optional<syntax::UnitExpr> input = {});

}  // namespace headrace::import::xmile
