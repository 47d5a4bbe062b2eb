#pragma once

// What the parts of `resolve` share while one program gets its meaning. Internal to this folder.
//
// One fault gives one message: an expression that could not be understood is marked bad, and
// whatever is built from a bad expression is bad too and says nothing. A text that is lowered
// several times (a function's body, a clause for several members) reports each of its faults once.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/model.h"
#include "model/resolve.h"
#include "syntax/tree.h"
#include "text/csv.h"
#include "text/diagnostic.h"
#include "units/unit.h"

namespace headrace::model {

using SyntaxId = syntax::ExprId;
using syntax::StatementId;
using text::Kind;
using text::Span;
using units::Unit;

inline constexpr std::string_view kLibraryName = "<library>";

// Limits that hostile or runaway models meet.
inline constexpr uint32_t kMaxDepth = 2000;   // of an expression
inline constexpr uint32_t kMaxLevels = 1100;  // of texts within texts, functions included
inline constexpr uint64_t kMaxExprSize =
    10'000'000;  // nodes of one expression, shared ones counted each time
inline constexpr size_t kMaxExprs = 4'000'000;  // of a model
inline constexpr size_t kMaxVariables = 300'000;
inline constexpr size_t kMaxElements = 10'000'000;  // of one variable
inline constexpr size_t kMaxMembers = 1'000'000;    // of one dimension
inline constexpr size_t kMaxPieces = 120'000;       // of one variable
inline constexpr size_t kMaxCalls = 200'000;        // functions put in place, all together
inline constexpr size_t kMaxSuggestions = 50;       // nearest names looked for
inline constexpr size_t kMaxCallDepth = 64;         // functions within functions

// ---------------------------------------------------------------- names

struct Symbol {
  enum class Kind { kVariable, kTable, kFunction, kDimension, kMeasure };
  Kind kind;
  uint32_t id = 0;  // VarId, TableId or DimId; position in Context::measures
  StatementId statement;
  Span span;  // of the name where it is declared
};

// A clause of a value with the layer it comes from: 0 is the statement itself, then one for each
// scenario and at last one for the command line.
struct LayeredClause {
  syntax::Clause clause;
  uint32_t layer = 0;
};

// What the source says about a variable that has a statement.
struct Declaration {
  enum class State { kWaiting, kActive, kDone };
  StatementId statement;
  Span name_span;
  State state = State::kWaiting;
  std::optional<Unit> declared;  // its unit, where one is given
  bool unit_known = false;       // Variable::unit and type hold
  bool bad = false;              // a diagnostic stands for it
  bool used = false;
  std::vector<std::string> index_names;  // one for each dimension
  std::vector<LayeredClause> overlays;   // in the order of application
  uint32_t hidden_inputs = 0;
};

// ---------------------------------------------------------------- environments

// A loop variable in scope, or an index that is fixed at one member (in answers for one element).
struct BoundIndex {
  std::string name;
  DimId dimension;
  IndexId index;          // invalid: fixed
  uint32_t position = 0;  // in `dimension`, when fixed
  bool hidden = false;    // of a caller: cannot be named, but state is kept for each member
  bool summed = false;    // stands for a star or a bare array inside a reducer
  uint32_t repeat = 0;    // of `summed`: which use of the dimension within one reference
};

// A name inside a function: a parameter or value (an expression), or a variable made for this call.
struct Local {
  ExprId value;  // invalid: a variable
  VarId variable;
  std::vector<Subscript> prefix;  // subscripts for the indexes of the call
  std::vector<DimId> dims;        // the local's own, after the prefix
  std::vector<std::string> index_names;
  StatementId statement;  // invalid: a parameter
  enum class State { kWaiting, kActive, kDone } state = State::kDone;
  Span span;
};

// One call of a function.
struct Scope {
  const syntax::FunctionDecl* function = nullptr;
  std::unordered_map<std::string, Local> locals;
  std::unordered_map<std::string, DimId> dims;
  std::vector<BoundIndex> bound;  // of the call, all hidden
  Span call;
  std::shared_ptr<Scope> caller;
  size_t depth = 1;
};

// A condition under which an expression is meant: `condition` is `holds`.
struct Guard {
  ExprId condition;
  bool holds;
};

enum class Mode {
  kSeries,  // a value at one time
  kAnswer,  // arithmetic between answers: reads what does not change over a run
};

struct Env {
  std::vector<BoundIndex> bound;
  std::shared_ptr<Scope> scope;  // null outside functions
  std::string owner;             // what made variables are named after
  Mode mode = Mode::kSeries;
  bool bare_sums = false;  // a bare array runs over the `summed` indexes only
  std::vector<Guard> guards;
};

// What is known about an expression beyond its meaning.
struct ExprInfo {
  bool bad = false;
  bool any_unit = false;      // a plain 0, infinity or 2^109: fits every unit
  bool unknown_unit = false;  // reads a variable whose unit is not found yet
  uint32_t depth = 1;
  uint64_t size = 1;
};

// ---------------------------------------------------------------- the context

struct MeasureDecl {
  StatementId statement;
  enum class State { kWaiting, kActive, kDone } state = State::kWaiting;
  ExprId value;  // of a measure without dimensions, when done
};

struct MapTable {
  DimId from, to;                    // roots
  std::vector<int32_t> to_position;  // position in `from` -> position in `to`, -1: none
  Span span;
  bool named = false;  // used only where its name is
};

struct Context {
  Context(const syntax::Tree& tree, text::SourceSet& sources, const ResolveOptions& options,
          text::Diagnostics& diagnostics)
      : tree(tree), sources(sources), options(options), diagnostics(diagnostics) {}

  const syntax::Tree& tree;
  text::SourceSet& sources;
  const ResolveOptions& options;
  text::Diagnostics& diagnostics;
  Model model;

  std::unordered_map<std::string, Symbol> symbols;
  std::unordered_map<std::string, Symbol> functions;  // the model's before the library's
  std::unordered_map<std::string, Symbol> functions_of_library;
  std::vector<Declaration> declarations;  // for the first variables of the model
  std::vector<ExprInfo> infos;            // one for each expression of the model
  std::vector<MapTable> maps;
  std::unordered_map<std::string, size_t> maps_by_name;
  std::vector<MeasureDecl> measures;
  std::vector<std::optional<Unit>> table_units;  // of each table; nothing: it fits every unit
  std::vector<Unit> table_inputs;
  std::vector<bool> varies;  // over time, by variable; filled before questions
  std::unordered_map<std::string, uint32_t> made_names;
  std::vector<std::string> names_in_order;      // of `made_names`, each time one is made
  std::vector<std::function<void()>> deferred;  // net rates and the like, when all units are known
  std::set<std::string> sources_known;
  std::map<std::string, std::optional<text::CsvTable>> files;
  std::map<uint32_t, std::pair<std::string, std::string>> dim_files;  // DimId -> file, column
  // Of each dimension that was asked for many of its members: where each one is.
  mutable std::map<uint32_t, std::unordered_map<std::string, uint32_t>> member_places;
  bool saw_unknown = false;              // a value was read whose unit is not known yet
  std::vector<VarId> read_unknown;       // values that did so: lowered again when more is known
  std::vector<VarId> unknown_units;      // values whose unit hangs on itself
  std::set<uint32_t> in_cycle, in_loop;  // variables of cycles; of circles that elements resolve
  Unit clock_unit;
  Span time_span;                   // of the `time` statement; invalid source: none
  uint32_t depth = 0;               // of the walk that goes on
  std::vector<const Scope*> calls;  // the function bodies being read, innermost last
  std::set<std::tuple<int, uint32_t, uint32_t, uint32_t, uint32_t>> reported;
  size_t calls_made = 0;
  std::set<uint32_t> called;  // statements of functions
  size_t suggestions = 0;
  bool too_large = false;
  bool quiet = false;  // a trial whose faults are not told

  bool loose() const { return model.loose_units; }

  // diagnostics; the reference is good until the next one
  text::Diagnostic& error(Kind kind, Span span, std::string message);
  text::Diagnostic& warning(Kind kind, Span span, std::string message);

  // expressions
  ExprId add(Expr expr);
  ExprId constant(double value, Span span, Unit unit = {});
  ExprId bad(Span span);
  ExprId apply(Op op, std::vector<ExprId> arguments, Type type, const Unit& unit, Span span);
  ExprId with(ExprId id, Type type,
              const Unit& unit);  // the same computation, seen as something else
  bool is_bad(ExprId id) const { return infos[id.index].bad; }
  const Expr& operator[](ExprId id) const { return model.exprs[id.index]; }
  Expr& at(ExprId id) { return model.exprs[id.index]; }
  std::optional<double> literal(ExprId id) const;  // the value of a Constant

  // variables and indexes
  VarId add_variable(Variable variable);
  IndexId add_index(std::string name, DimId dimension, std::vector<uint32_t> positions);
  IndexId add_full_index(std::string name, DimId dimension);
  Variable& var(VarId id) { return model.variables[id.index]; }
  Declaration* declaration(VarId id) {
    return id.index < declarations.size() ? &declarations[id.index] : nullptr;
  }
  std::string made_name(const Env& env, std::string_view what);

  text::Diagnostic ignored{};

 private:
  text::Diagnostic& tell(text::Severity severity, Kind kind, Span span, std::string message);
};

// While it lives, diagnostics within the standard library are told at the call that led there.
class CallFrame {
 public:
  CallFrame(Context& context, const Scope* scope) : context_(context) {
    context.calls.push_back(scope);
  }
  ~CallFrame() { context_.calls.pop_back(); }
  CallFrame(const CallFrame&) = delete;
  CallFrame& operator=(const CallFrame&) = delete;

 private:
  Context& context_;
};

// A reading for its faults or for a unit alone: when it ends, what it added to the model is gone.
class Trial {
 public:
  explicit Trial(Context& context, bool quiet);
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

 private:
  Context& context_;
  size_t exprs_, indexes_, dimensions_, variables_, inputs_, conversions_, deferred_, calls_made_,
      names_;
  bool quiet_, saw_unknown_;
};

bool is_library(const Context& context, Span span);
// The table, or the function, that a call by this name means; null when there is none. The library
// means its own functions, whatever the model calls something.
const Symbol* find_table(const Context& context, const syntax::Name& name);
const Symbol* find_function(const Context& context, const syntax::Name& name);
// The nearest name, "" when none is near or enough have been looked for.
std::string suggest(Context& context, std::string_view word, const std::vector<std::string>& names);

// ---------------------------------------------------------------- units.cc

std::string show(const Context& context, const Unit& unit);
// As it is shown to people, with the backquotes: `chip/year`; "a plain number" for 1.
std::string quoted(const Context& context, const Unit& unit);
std::optional<Unit> resolve_unit(Context& context, const syntax::UnitExpr& unit);
std::optional<Unit> find_unit(const Context& context, const std::string& name);
// The expression in another unit of the same dimension; the units must be alike.
ExprId converted(Context& context, ExprId id, const Unit& unit);
// The expression in `unit`, or a diagnostic that says what it was wanted for.
ExprId fitted(Context& context, ExprId id, const Unit& unit, std::string_view what,
              std::optional<text::Label> other = {});
// Makes two operands comparable: converts the right one. False when a diagnostic was given.
bool align(Context& context, ExprId& left, ExprId& right, Span op_span, std::string_view verb);
// The unit that an inferred value takes: without a dimension it is 1 whatever its factor, and
// units of time that stand against each other (chip*month/year) go away.
Unit tidy(const Context& context, Unit unit);
// The algebra of units.h; what passes its limits is told once and gives 1.
Unit times(Context& context, const Unit& a, const Unit& b, Span span);
Unit per(Context& context, const Unit& a, const Unit& b, Span span);
Unit raised(Context& context, const Unit& unit, units::Rational exponent, Span span);
// Labels for a mismatch: the unit of each operand, and where names are declared.
void label_unit(Context& context, text::Diagnostic& diagnostic, ExprId id);
bool is_plain(const syntax::Tree& tree, SyntaxId id);
bool is_plain_zero(const syntax::Tree& tree, SyntaxId id);

// ---------------------------------------------------------------- expr.cc

// The meaning of a text where it stands. A plain number adopts `adopt`'s unit.
ExprId lower(Context& context, const Env& env, SyntaxId id, const Unit* adopt = nullptr);
// The same as a number, a condition, in a unit.
ExprId lower_number(Context& context, const Env& env, SyntaxId id, const Unit* adopt = nullptr);
ExprId lower_condition(Context& context, const Env& env, SyntaxId id);
ExprId lower_in(Context& context, const Env& env, SyntaxId id, const Unit& unit,
                std::string_view what);
ExprId as_number(Context& context, ExprId id);
ExprId as_condition(Context& context, ExprId id);
ExprId compare(Context& context, syntax::CompareOp op, ExprId left, ExprId right, Span op_span,
               Span span);
ExprId lower_comparison(Context& context, const Env& env, const syntax::Comparison& node, Span span,
                        const std::function<ExprId(SyntaxId)>& operand);
// Names that mean something everywhere: time, time.step, infinity, pi ...
std::vector<std::string> visible_names(const Context& context, const Env& env);

// ---------------------------------------------------------------- reference.cc

ExprId lower_reference(Context& context, const Env& env, const syntax::Reference& node, Span span);
// A variable read at the indexes in scope, as its bare name would be.
ExprId load_bare(Context& context, const Env& env, VarId variable, Span span);
// The same where the first subscripts are known.
ExprId load_rest(Context& context, const Env& env, VarId variable, std::string_view name,
                 std::vector<Subscript> first, Span span);
// A variable whose dimensions are those of the indexes in scope.
ExprId load_made(Context& context, const Env& env, VarId variable, Span span);
std::vector<Subscript> call_subscripts(const Context& context, const Env& env);

// ---------------------------------------------------------------- dims.cc

void declare_dimensions(Context& context);
void declare_maps(Context& context);
std::optional<DimId> find_dimension(Context& context, const Env& env, const syntax::Name& name);
std::optional<uint32_t> find_member(const Context& context, DimId dimension, std::string_view name);
std::string member_list(const Context& context, DimId dimension);
size_t element_count(const Context& context, const std::vector<DimId>& dims);
// The places of an index (or fixed member) within a dimension; nothing when they do not go
// together.
std::optional<Subscript> connect(Context& context, const BoundIndex& bound, DimId dimension,
                                 bool& lacks_members);
// The same through a named map.
std::optional<Subscript> connect_through(Context& context, const MapTable& map,
                                         const BoundIndex& bound, DimId dimension,
                                         bool& lacks_members);
std::string dims_text(const Context& context, const std::vector<DimId>& dims);
// The elements that a pattern means, in each dimension; nothing after a diagnostic.
std::optional<std::vector<std::vector<uint32_t>>> match_pattern(
    Context& context, const Env& env, const std::vector<syntax::Index>& pattern,
    const std::vector<DimId>& dims, Span span);
// Dimensions of a declaration; false after a diagnostic.
bool resolve_dims(Context& context, const Env& env, const std::vector<syntax::DimensionUse>& uses,
                  std::vector<DimId>& dims, std::vector<std::string>& index_names);

// ---------------------------------------------------------------- call.cc, reduce.cc, function.cc,
// stateful.cc, array_call.cc

ExprId lower_call(Context& context, const Env& env, const syntax::Call& call, Span span);
bool is_builtin(std::string_view name);
std::vector<std::string> builtin_names();
bool is_reducer(std::string_view name, const syntax::Call& call);
ExprId lower_reducer(Context& context, const Env& env, const syntax::Call& call, Span span);
// Puts the indexes that one argument runs over into `inner`: those of the call's `for`, of stars,
// and, without `for`, of arrays without brackets. False after a diagnostic.
bool bind_members(Context& context, const Env& env, const syntax::Call& call, SyntaxId argument,
                  Env& inner, std::vector<IndexId>& indexes);
ExprId lower_array_call(Context& context, const Env& env, const syntax::Call& call, Span span);
ExprId lower_user_call(Context& context, const Env& env, const Symbol& symbol,
                       const syntax::Call& call, Span span);
// Whether an argument of a call is a whole array, for a parameter such as `x[d]`.
bool takes_whole_array(const Context& context, const syntax::Call& call, size_t argument);
// Reads the bodies of functions that nothing calls, for their faults.
void check_uncalled_functions(Context& context);
// The local variable's value in its scope, computed when first needed.
bool ensure_local(Context& context, const Env& env, const std::string& name);
ExprId lower_stateful(Context& context, const Env& env, const syntax::Call& call, Span span);
bool is_stateful_builtin(std::string_view name);
// The value under a name of its own, so that it is computed once.
ExprId bind_once(Context& context, const Env& env, ExprId value, std::string_view what);
// A made variable whose dimensions are the indexes in scope, without pieces.
Variable made_variable(Context& context, const Env& env, VarKind kind, std::string_view what,
                       Span span);
Piece made_piece(const Env& env, ExprId value);
// Arguments in the order of `names`: labels first, then by place. False after a diagnostic.
bool match_arguments(Context& context, const syntax::Call& call, Span span,
                     const std::vector<std::string>& names, size_t required,
                     std::vector<const syntax::Argument*>& out);

// ---------------------------------------------------------------- dated.cc

// What the values of one statement have in common.
struct ValueGoal {
  std::optional<Unit> unit;  // declared, or that of the first value
  std::optional<Type> type;
  std::string name = "the value";    // what diagnostics call it
  std::optional<text::Label> label;  // where its unit is declared
  bool unknown = false;              // a value reads something whose unit is unknown
  bool any_bad = false;
};
using LowerValue = std::function<ExprId(const Env&, const LayeredClause&, ValueGoal&)>;
// Whether the elements at these positions are sampled directly instead of having a piece.
using TakeRegion = std::function<bool(const std::vector<std::vector<uint32_t>>& positions,
                                      const LayeredClause& base)>;

// Turns a base value, exceptions and dated clauses into pieces over `dims`.
std::vector<Piece> lower_clauses(Context& context, const Env& env, const std::vector<DimId>& dims,
                                 const std::vector<std::string>& index_names,
                                 const std::vector<LayeredClause>& clauses, Span name_span,
                                 ValueGoal& goal, const LowerValue& lower_value,
                                 const TakeRegion& take_region = {});
// The usual: an expression that fits the goal.
ExprId lower_clause_value(Context& context, const Env& env, const LayeredClause& clause,
                          ValueGoal& goal);
ExprId fit_goal(Context& context, ExprId value, ValueGoal& goal);
// A point in time: a date in a calendar model, else a number in the clock's unit.
ExprId lower_moment(Context& context, const Env& env, SyntaxId id);
std::vector<LayeredClause> clauses_of(const std::optional<SyntaxId>& value,
                                      const std::vector<syntax::Clause>& clauses, Span span);

// ---------------------------------------------------------------- values.cc, stocks.cc,
// distributions.cc, data.cc

void declare_variables(Context& context);
void lower_variables(Context& context);
void lower_value_decl(Context& context, VarId id);
void lower_stock_decl(Context& context, VarId id);
// The unit and the rate of a stock whose initial pieces are in place.
void lower_net_rate(Context& context, const Env& env, const syntax::StockDecl& decl, VarId id);
void limit_outflows(Context& context);
bool is_distribution(const syntax::Tree& tree, SyntaxId id);
// Fits the distribution for each element of the region, whose indexes are bound in `env`, and adds
// the inputs; false after a diagnostic. One whose arguments hang on other uncertain values becomes
// a piece of the variable instead, around a hidden standard input.
bool sample_region(Context& context, const Env& env, VarId variable,
                   const std::vector<std::vector<uint32_t>>& positions, SyntaxId value,
                   const std::string& key_suffix, ValueGoal& goal);
void lower_data(Context& context);
void lower_tables(Context& context);
const text::CsvTable* open_csv(Context& context, const syntax::Name& file);
void lower_correlations(Context& context);
void lower_sources(Context& context);
void check_sources(Context& context, const syntax::Provenance& provenance);

// ---------------------------------------------------------------- overlays.cc, time.cc, names.cc

void collect_names(Context& context);
void collect_overlays(Context& context);
void lower_clock(Context& context);
void declare_units(Context& context);

// ---------------------------------------------------------------- constants.cc

// The value of an expression that is the same in every draw and at every time, for given ordinals
// of the indexes it uses.
using Ordinals = std::unordered_map<IndexId, uint32_t>;
std::optional<double> evaluate(const Context& context, ExprId id, const Ordinals& ordinals);
// Truth of a condition on indexes alone; nothing when it depends on more.
std::optional<bool> evaluate_guard(const Context& context, ExprId id, const Ordinals& ordinals);
// A moment or number in a text: dates, numbers, arithmetic of them and of fixed values.
std::optional<double> evaluate_text(Context& context, const Env& env, SyntaxId id);

// ---------------------------------------------------------------- questions.cc, tallies.cc

void find_varying(Context& context);
bool varies(const Context& context, ExprId id);
bool has_tally(const Context& context, SyntaxId id);
ExprId lower_at(Context& context, const Env& env, const syntax::At& node, Span span);
// The value of a text at a moment in model time that is known to lie in the run.
ExprId lower_at_moment(Context& context, const Env& env, SyntaxId value, double when, Span span);
ExprId lower_over(Context& context, const Env& env, const syntax::Over& node, Span span);
ExprId lower_first_time(Context& context, const Env& env, const syntax::Call& call, Span span);
ExprId lower_answer(Context& context, const Env& env, SyntaxId id, const Unit* adopt = nullptr);
ExprId lower_measure_reference(Context& context, const Env& env, uint32_t measure, Span span);
// The value in the unit that is shown: the declared one, or a tidy one.
ExprId shown(Context& context, ExprId value, const std::optional<Unit>& declared,
             std::string_view what);
std::vector<std::string> source_ids(const syntax::Provenance& provenance);
std::string source_text(const Context& context, Span span);
// What an observation says; nothing after a diagnostic. A limit (`bound`) may be a plain number.
struct Reading {
  Observation::Form form = Observation::Form::kOpinion;
  std::vector<Observation::Term> terms;
  std::optional<math::Distribution> distribution;
};
std::optional<Reading> lower_reading(Context& context, const Env& env, SyntaxId value, bool bound,
                                     ValueGoal& goal);
// observations.cc
void lower_observation(Context& context, StatementId id);
void lower_checks(Context& context);
void lower_questions(Context& context);

// ---------------------------------------------------------------- order.cc

void order_evaluation(Context& context);
// Values whose unit nothing tells, unless a cycle is the reason and has been told.
void report_unknown_units(Context& context);

}  // namespace headrace::model
