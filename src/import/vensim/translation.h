#pragma once

// What the parts of the translation share: the equations of one model become statements of the
// syntax tree. Internal to this folder.
//
// Ranges that share elements form a family. Its largest range (or one that is made of all of
// them) becomes a dimension, the others sub-ranges of it. A variable has one dimension for each
// place of its brackets: exactly the elements that its equations define there. Each equation
// becomes clauses, disjoint boxes of elements after :EXCEPT: has been taken out.

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "import/build.h"
#include "import/layout.h"
#include "import/options.h"
#include "import/units.h"
#include "import/vensim/document.h"
#include "sheet/books.h"
#include "syntax/tree.h"
#include "text/diagnostic.h"

namespace headrace::import::vensim {

using text::Kind;
using text::Span;

inline constexpr double kMissingValue = -649037107316853453566312041152512.0;  // -2^109

// ---------------------------------------------------------------- ranges

struct Link {  // element by element from one range into another
  size_t target = 0;
  std::vector<std::pair<uint32_t, uint32_t>> pairs;  // elements of both
};

struct Range {
  std::string name;                // in the tree
  std::vector<uint32_t> elements;  // in the order written, each once
  std::vector<uint32_t> listed;    // with repetitions, which mappings count
  size_t family = 0;
  std::vector<Link> links;
  const Equation* equation = nullptr;  // null: made here
};

struct Element {
  std::string name;
  size_t family = 0;
  uint32_t place = 0;  // in the family's dimension
  size_t range = 0;    // the first that lists it
};

struct Family {
  size_t root = 0;  // a range
};

// ---------------------------------------------------------------- variables

struct Axis {  // one place of a variable's brackets
  size_t family = 0;
  size_t range = 0;  // whose elements are exactly those that are defined
  std::string index;
};

struct Symbol {
  enum class Role { kValue, kStock, kTable, kExternal, kText };
  std::string name;  // in the tree
  Role role = Role::kValue;
  std::vector<const Equation*> equations;
  std::vector<Axis> axes;
  bool constant = false;  // numbers only
  bool flow = false;
  bool bad = false;
};

// ---------------------------------------------------------------- scopes

// A place on the left of the equation, or an index that a reducer runs.
struct Bound {
  bool is_range = true;
  size_t id = 0;      // a range or an element
  std::string index;  // of a range
  bool bang = false;
};

// A lookup that a macro was given, or holds.
struct NamedLookup {
  const Symbol* symbol = nullptr;
  std::vector<Place> places;
  std::string position = {};  // the macro's parameter that tells which one; "": `places` do
};
using NamedLookups = std::map<std::string, NamedLookup>;  // by canonical name

// The circle of a variable that SIMULTANEOUS or FIND ZERO defines, computed in rounds.
struct Rounds {
  const Symbol* variable = nullptr;
  std::vector<std::string> dims;  // of the copies: the round; of FIND ZERO also what is tried in it
  std::string first;              // what SIMULTANEOUS begins with
  std::string best;               // what FIND ZERO has found in each round
  int count = 0;                  // rounds
  std::vector<std::pair<const Symbol*, std::string>> copies;  // of its variables; none: refused

  const std::string& copy_of(const Symbol* symbol) const;  // "" of one outside it
  static std::vector<syntax::Index> at(std::vector<syntax::Index> indexes, int round, Span span);
};

// How a lookup is read: straight lines between the points, with the ends held or going on; the last
// point at or below x; the next at or above it; the x of a y. The slope behind x and before it, 0
// beyond the ends; and of the last point at or below x its x, its y (0 beyond the ends) and the
// area up to it.
enum class Reading {
  kHeld,
  kExtrapolated,
  kBackward,
  kForward,
  kInverted,
  kSlope,
  kSlopeBefore,
  kLeft,
  kLower,
  kArea
};

// When the data of a data equation are read: at the point of the equation before now or after it.
struct Moment {
  const Symbol* times = nullptr;  // a lookup of the times of the equation's points by themselves
  std::vector<Place> places;      // where it is read
  Reading reading = Reading::kBackward;  // or kForward
  bool exact = true;                     // of the moment itself, or of the step, with some slack
  FormulaId missing;                     // what stands in for data without a point then
};

struct Scope {
  std::string variable;  // on the left, as in the tree
  std::vector<Bound> bounds;
  const std::map<std::string, std::string>* locals = nullptr;  // of a macro: canonical -> name
  const NamedLookups* lookups = nullptr;                       // of a macro
  size_t depth = 0;                                            // of reducers
  const Moment* moment = nullptr;                              // of a data equation
  const Equation* held = nullptr;  // what its own name means in it is what it was a step ago,
  FormulaId held_initial;          // and this before that
  const Rounds* rounds = nullptr;  // of a copy in rounds
};

// A macro as one function: with lookups for those of its parameters that are called like one.
struct MacroCopy {
  const Macro* macro = nullptr;
  std::string name;  // in the tree
  NamedLookups lookups;
};

// Points in arrays of the tree, whose last place runs over the points.
struct PointArrays {
  size_t length = 0;        // of a row
  std::string dim;          // over which it runs
  std::string x, y, slope;  // slope: "" where nothing reads straight lines
};

// An arrayed lookup.
struct Lookup {
  std::vector<const Equation*> equations;    // of each element, row by row; null for none
  std::map<Reading, std::string> functions;  // of x and the element
  // kHeld stands for all that read the points as they are.
  std::map<Reading, PointArrays> arrays;
};

// SHIFT IF TRUE of some of a stock's elements.
struct Shift {
  const Equation* equation = nullptr;  // the call is its right side
  const Symbol* stock = nullptr;       // null after a diagnostic
  std::string change;                  // in the tree: what it adds to each element, per time unit
};

// What QUEUE FIFO makes: arrays over the ages, beside the stock.
struct Queue {
  const Symbol* stock = nullptr;
  std::string age, held, older, owed;  // in the tree: the dimension and arrays
  std::string attribute, ahead;        // of QUEUE FIFO ATTRIB
};

struct Translation {
  Translation(const Document& document, const ImportOptions& options,
              const text::SourceSet& sources, syntax::Tree& tree, text::Diagnostics& diagnostics)
      : document(document),
        options(options),
        formulas(document.formulas),
        sources(sources),
        tree(tree),
        diagnostics(diagnostics),
        units(tree, diagnostics) {}

  const Document& document;
  const ImportOptions& options;
  Formulas formulas;  // those of the document and those made here
  const text::SourceSet& sources;
  syntax::Tree& tree;
  text::Diagnostics& diagnostics;
  Units units;

  std::vector<Range> ranges;
  std::vector<Element> elements;
  std::vector<Family> families;
  std::unordered_map<std::string, size_t> ranges_by_name, elements_by_name;  // canonical
  std::map<std::vector<uint32_t>, size_t> ranges_by_elements;  // sorted by place -> range

  std::vector<std::string> order;  // canonical names of symbols
  std::unordered_map<std::string, Symbol> symbols;
  std::unordered_map<std::string, const Macro*> macros;                    // canonical
  std::map<const Macro*, std::string> macro_names;                         // in the tree
  std::map<std::pair<const Macro*, std::string>, MacroCopy> macro_copies;  // by the lookups given
  std::vector<const MacroCopy*> open_macros;              // that are not written yet
  std::deque<Symbol> macro_lookups;                       // those that macros hold
  std::vector<Equation> made;                             // outputs of macros
  std::set<std::string> taken;                            // names in the tree
  std::map<std::pair<size_t, size_t>, std::string> maps;  // ranges -> name of the map
  std::map<std::pair<const Equation*, Reading>, std::string> tables;
  std::map<const Symbol*, Lookup> lookups;
  std::map<size_t, std::string> place_arrays;  // range -> array of positions
  std::map<std::string, std::vector<Span>> unknown_functions, unknown_names, unsupported;
  std::map<std::string, std::vector<Span>> passed_over;
  std::map<std::string, std::vector<Span>> missing_files;  // by name
  bool data_unread = false;                                // a file of --data
  std::vector<std::pair<Span, std::string>> unfilled, without_data;
  std::map<std::string, syntax::Cells> columns;  // of data files, by `column_key`
  std::map<const Symbol*, std::vector<syntax::DataDecl::Part>> data_parts;
  std::map<const Symbol*, std::vector<Points>> series;           // of data, row by row
  std::map<std::pair<const Symbol*, bool>, const Symbol*> sums;  // of data; true: the last alone
  std::deque<Equation> series_equations;                         // of lookups that hold them
  std::deque<Symbol> series_lookups;
  size_t expanded = 0;  // parts of data equations with others in them
  std::map<const Symbol*, const Symbol*> points_lookups, times_lookups;  // by the data's symbol
  std::vector<Shift> shifts;
  std::deque<Rounds> rounds;
  std::map<const Symbol*, Queue> queues;
  std::string time_unit;
  std::map<std::string, std::string> taken_in;  // as in Layout
  std::set<std::string> named;                  // in formulas, canonical
  std::set<std::string> moving;  // variables of the clock whose equations are not constant

  Build build(Span span) { return Build(tree, span); }
  // A name that nothing in the tree has yet: the wanted one, or with a number behind it.
  std::string fresh(const std::string& wanted);
  void add(syntax::Statement statement) {
    tree.top_level.push_back(tree.add(std::move(statement)));
  }
};

// ---------------------------------------------------------------- ranges.cc

void declare_ranges(Translation& t);
void write_ranges(Translation& t);  // after all that needs ranges of its own
std::optional<size_t> find_range(const Translation& t, std::string_view name);
std::optional<size_t> find_element(const Translation& t, std::string_view name);
// The range whose elements are exactly these, made when there is none.
size_t range_of(Translation& t, size_t family, std::vector<uint32_t> elements);
bool contains(const Translation& t, size_t range, size_t element);
// Every element of the one lies in the other.
bool within(const Translation& t, size_t inner, size_t outer);
// The element of `to` that stands in for each element of `from`, by a mapping written at either.
std::optional<std::vector<std::pair<uint32_t, uint32_t>>> link(const Translation& t, size_t from,
                                                               size_t to);
// The name of the map from one range to another in the tree.
std::string map_name(Translation& t, size_t from, size_t to,
                     const std::vector<std::pair<uint32_t, uint32_t>>& pairs, Span span);
// The name of an array over the range with the positions 1, 2, ... of its elements.
std::string place_array(Translation& t, size_t range, Span span);

// ---------------------------------------------------------------- symbols.cc

void declare_symbols(Translation& t);
const Symbol* find_symbol(const Translation& t, std::string_view name);
std::string canonical_of(std::string_view name);
// What a place of the brackets means; nothing after a diagnostic.
std::optional<Bound> read_place(Translation& t, const Place& place);
std::vector<uint32_t> elements_of(const Translation& t, const Bound& bound);

// ---------------------------------------------------------------- clauses.cc

// Elements in each place of the brackets.
using Box = std::vector<std::vector<uint32_t>>;
// The boxes of the equation without its exceptions.
std::vector<Box> boxes_of(Translation& t, const Equation& equation);
std::vector<Box> without(const std::vector<Box>& boxes, const Box& hole);
std::vector<syntax::Index> pattern_of(Translation& t, const Symbol& symbol, const Box& box,
                                      Span span);
Scope scope_of(Translation& t, const Symbol& symbol, const Equation& equation);

// ---------------------------------------------------------------- expression.cc

syntax::ExprId translate(Translation& t, const Scope& scope, FormulaId id);
// The right side of an equation. In SAMPLE IF TRUE the variable's own name means what it holds.
syntax::ExprId translate_right(Translation& t, const Scope& scope, const Equation& equation);
// The brackets of a reference to `symbol`; empty after a diagnostic.
std::optional<std::vector<syntax::Index>> translate_places(Translation& t, const Scope& scope,
                                                           const Symbol& symbol,
                                                           const std::vector<Place>& places,
                                                           Span span);
// The bound place that a range on the right means, as an index.
std::optional<syntax::Index> bound_index(Translation& t, const Scope& scope, size_t range,
                                         size_t preferred, Span span);
// The position of the place within `range`, counted from 1.
syntax::ExprId position_of(Translation& t, const Scope& scope, const Place& place, size_t range,
                           size_t preferred);
syntax::ExprId unknown_name(Translation& t, const Formula& formula);

// ---------------------------------------------------------------- functions.cc, vectors.cc,
// tables.cc

syntax::ExprId translate_call(Translation& t, const Scope& scope, FormulaId id);
bool takes_vectors(std::string_view canonical_name);
// The lookup that a name means here, if it means one.
std::optional<NamedLookup> find_lookup(const Translation& t, const Scope& scope,
                                       const Formula& formula);
syntax::ExprId translate_vector(Translation& t, const Scope& scope, const Formula& formula,
                                std::string_view canonical_name);
syntax::ExprId translate_element_map(Translation& t, const Scope& scope, const Formula& formula);
// Where the brackets point to among all elements of the symbol, row by row from 0; the first when
// all are elements.
std::optional<size_t> fixed_position(const Translation& t, const Symbol& symbol,
                                     const std::vector<syntax::Index>& indexes);
syntax::ExprId flat_position(Translation& t, const Symbol& symbol,
                             const std::vector<syntax::Index>& indexes, Span span);
syntax::ExprId call_table(Translation& t, const Scope& scope, const NamedLookup& table,
                          syntax::ExprId input, Span span, Reading reading = Reading::kHeld);
std::optional<syntax::UnitExpr> unit_of(Translation& t, const Equation& lookup, Reading reading);
std::string add_table(Translation& t, const Points& points, const std::string& wanted, Span span,
                      Reading reading = Reading::kHeld, const Equation* equation = nullptr);
// The points of the table that is read so, ascending in x; empty after a diagnostic.
Points points_for(Translation& t, const Points& points, Reading reading, Span span);
const char* suffix(Reading reading);
// A function of x and the position of the element for these points, one list for each element, row
// by row; an empty one is missing.
std::string write_curves(Translation& t, const Symbol& symbol, const std::vector<Points>& points,
                         Reading reading);
void write_tables(Translation& t);
// The formulas' indexes with `!` in scope, and the bindings that run them.
std::vector<syntax::Binding> bind_bangs(Translation& t, Scope& scope,
                                        const std::vector<FormulaId>& formulas, const Build& build);
// An error that names a call which is not read, with all its places.
syntax::ExprId not_read(Translation& t, const Formula& formula, std::string_view what);
// The lookup that an argument of the call names; nothing after a diagnostic.
std::optional<NamedLookup> wanted_lookup(Translation& t, const Scope& scope, const Formula& call,
                                         FormulaId id);
// The range that a variable's last brackets run over when they name it or its first element.
std::optional<size_t> last_range(Translation& t, const Symbol& symbol, const Place& place);
// The functions of Vensim that keep a variable of their own, when called as the whole right side.
bool is_call_of(const Translation& t, FormulaId id, std::string_view name);

// ---------------------------------------------------------------- profiles.cc, finance.cc,
// shift.cc, rounds.cc, zeros.cc, queues.cc

// The points of a lookup that is the same for all that an equation runs over.
std::optional<Points> points_of(const NamedLookup& table);
// The area under straight lines between the points up to each x, as a share of the whole; nothing
// where there is none.
Points shares_below(const Points& points);
// The share of it that lies below x, of ascending points; nothing where there is none.
std::optional<double> share_below(const Points& points, double x);
syntax::ExprId translate_conveyor(Translation& t, const Scope& scope, const Formula& formula);
syntax::ExprId translate_delay_profile(Translation& t, const Scope& scope, const Formula& formula);
syntax::ExprId translate_schedule(Translation& t, const Scope& scope, const Formula& formula);
syntax::ExprId translate_rate_of_return(Translation& t, const Scope& scope, const Formula& formula);
// Finds what SHIFT IF TRUE moves, before any stock is written.
void find_shifts(Translation& t);
// Whether this is SIMULTANEOUS with its two arguments, or FIND ZERO with its nine.
bool is_simultaneous(const Translation& t, FormulaId id);
bool is_find_zero(const Translation& t, FormulaId id);
// Finds the circles of SIMULTANEOUS and FIND ZERO, before any variable is written.
void find_rounds(Translation& t);
// The value of a variable of the circle within a copy.
syntax::ExprId in_round(Translation& t, const Rounds& rounds, const Symbol& symbol,
                        std::vector<syntax::Index> indexes, Span span);
syntax::ExprId translate_simultaneous(Translation& t, const Scope& scope, const Formula& formula);
// The number of rounds of FIND ZERO; nothing after a diagnostic.
std::optional<int> rounds_of_zero(Translation& t, const Symbol& variable);
// The search of FIND ZERO around the copies of its circle.
void write_zero(Translation& t, const Rounds& rounds);
syntax::ExprId translate_find_zero(Translation& t, const Scope& scope, const Formula& formula);
// The arguments of QUEUE FIFO (5) or QUEUE FIFO ATTRIB (9) as the whole right side.
std::optional<std::vector<FormulaId>> queue_arguments(const Translation& t,
                                                      const Equation& equation);
// What stands beside the stocks of queues, before any variable is written.
void write_queues(Translation& t);
// The functions of a queue.
syntax::ExprId translate_queue(Translation& t, const Scope& scope, const Formula& formula);
syntax::ExprId translate_shift(Translation& t, const Scope& scope, const Formula& formula);

// ---------------------------------------------------------------- constants.cc

// The value of an expression, or of the variable of that name, when it hangs on nothing but the
// model's numbers and, where one is given, on `Time`.
std::optional<double> constant_value(const Translation& t, FormulaId id,
                                     std::optional<double> time = {});
// Where a condition is not known, `toward` tells which of its sides counts: the greater one (above
// 0), the smaller one (below 0), or none.
std::optional<double> constant_value(const Translation& t, const std::string& name,
                                     std::optional<double> time = {}, int toward = 0);
// Notes that the expression, or the variable of that name, has settled `what` by its value, and so
// has all that it is made of.
void take_in(Translation& t, FormulaId id, const std::string& what);
void take_in(Translation& t, const std::string& name, const std::string& what);
// The same at the start of the run.
std::optional<double> value_at_start(const Translation& t, FormulaId id);

// ---------------------------------------------------------------- statements.cc, macros.cc,
// control.cc, checks.cc, groups.cc, report.cc

void write_variables(Translation& t);
// Puts the top-level statements from `first` on in the order of the file's groups.
void write_groups(Translation& t, size_t first, Layout& layout);
void name_macros(Translation& t);
// The function for calls of the macro with these lookups.
const MacroCopy& macro_copy(Translation& t, const Macro& macro, NamedLookups lookups);
void write_macros(Translation& t);
// Data equations of a macro over what it is given. The points of data are known where it is called,
// so they are computed there, and are parameters behind those of the macro.
std::vector<const Equation*> given_data(const Translation& t, const Macro& macro);
void write_control(Translation& t);
void write_checks(Translation& t);
bool is_control(const std::string& canonical_name);
// The value of a number, perhaps with a sign, or of :NA:.
std::optional<double> literal(const Translation& t, FormulaId id);
bool is_numbers(const Translation& t, const Equation& equation);
void report(Translation& t);
// What is likely meant, or ''.
std::string hint_for_name(const Translation& t, const std::string& name);
std::string hint_for_function(const Translation& t, const std::string& name);
std::vector<std::string_view> function_names();  // canonical

// ---------------------------------------------------------------- external_*.cc: data in files

// GET XLS/DIRECT DATA, CONSTANTS, LOOKUPS or SUBSCRIPT as the whole right side.
struct ExternalCall {
  enum class What { kData, kConstants, kLookups, kSubscript };
  What what = What::kConstants;
  bool direct = false;
  std::vector<std::string> texts;  // the arguments
  Span span;
};
std::optional<ExternalCall> external_call(const Translation& t, FormulaId id);
// What the arguments of such a call must be, where these are not.
std::optional<std::string> wrong_arguments(const Translation& t, const Formula& call);
bool is_external(const Translation& t, const Equation& equation);
// The sheet of cells, and the series in them.
base::Result<sheet::View> open_cells(const Translation& t, const syntax::Cells& cells);
base::Result<std::vector<Points>> series_in(const Translation& t, const syntax::Cells& cells,
                                            size_t count);
// The cells that a call reads; nothing after a diagnostic.
std::optional<syntax::Cells> cells_of(Translation& t, const ExternalCall& call);
// The value of a call for one number, without a diagnostic when there is none.
std::optional<double> external_number(const Translation& t, const ExternalCall& call);
// Ranges whose elements stand in files get them; before ranges are declared.
void fill_ranges(Translation& t, Document& document);
// Lookups in files become lookups with points, one for each element, and calls beside equations
// variables of their own; between the declaration of ranges and that of variables.
void expand_external(Translation& t, Document& document);
// Whether all of the variable's values are numbers, in the text or in files.
bool is_data(const Translation& t, const Symbol& symbol);
const std::vector<syntax::DataDecl::Part>& data_parts(Translation& t, const Symbol& symbol);
// Where the data files that the user named hold the series of which variable.
void read_data_files(Translation& t);
std::string column_key(std::string_view name, const std::vector<std::string>& elements);
// Of each element of a data variable, row by row; an empty one has none. Null after a diagnostic.
const std::vector<Points>* series_of(Translation& t, const Symbol& symbol, Span span);
// A lookup over time with these points, row by row; at least one row has some.
const Symbol& add_lookup(Translation& t, const std::string& name, const std::vector<Axis>& axes,
                         const std::vector<Points>& rows, const std::string& units, Span span);
// Data of which each point is the sum of those up to it, or only the last of these; null after a
// diagnostic.
const Symbol* cumulated(Translation& t, const Symbol& symbol, bool final, Span span);
const Symbol& points_lookup(Translation& t, const Symbol& symbol,
                            const std::vector<Points>& series);
// GET DATA AT TIME and its kin; nothing for other calls.
std::optional<syntax::ExprId> data_function(Translation& t, const Scope& scope,
                                            const Formula& formula);

// ---------------------------------------------------------------- data_equations.cc

bool is_data_equation(const Equation& equation);
// The right side of D := f(A, B, constants), where A and B are data; nothing where the equation is
// no such one. What is passed over is told.
std::optional<syntax::ExprId> data_equation(Translation& t, const Scope& scope,
                                            const Equation& equation);
// What a data variable is at the scope's moment; nothing for other names.
std::optional<syntax::ExprId> datum(Translation& t, const Scope& scope, const Formula& formula);
syntax::ExprId moment_of(Translation& t, const Scope& scope, Span span);
// The formula with others in place of names (canonical), and places in place of ranges. With names
// it comes out of a macro: the others lose the `$` that they have there.
struct Substitution {
  std::map<std::string, FormulaId> names;
  std::map<std::string, Place> places;
};
// Nothing where it gets too large.
std::optional<FormulaId> substitute(Translation& t, const Substitution& by, FormulaId id);

// ---------------------------------------------------------------- sketch.cc

void read_sketch(const Translation& t, std::string_view text, Layout& layout);

}  // namespace headrace::import::vensim
