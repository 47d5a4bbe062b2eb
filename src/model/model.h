#pragma once

// The meaning of a program: names resolved, functions put in place of their calls, units
// checked and conversions inserted, values over time and exceptions turned into plain
// expressions, distributions fitted, and everything put in an order that can be computed.
// A Model without errors can be lowered without further questions.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/id.h"
#include "math/distribution.h"
#include "text/source.h"
#include "units/unit.h"

namespace headrace::model {

using ExprId = base::Id<struct ModelExprTag>;
using DimId = base::Id<struct DimTag>;
using IndexId = base::Id<struct IndexTag>;
using VarId = base::Id<struct VarTag>;
using TableId = base::Id<struct TableTag>;

enum class Op : uint8_t {
#define OP(name, spelling, arity) name,
#include "model/ops.def"
#undef OP
};

// Functions of whole slices of arrays; what each computes is written in the list.
enum class ArrayFunction : uint8_t {
#define ARRAY_FUNCTION(name, spelling) name,
#include "model/array_functions.def"
#undef ARRAY_FUNCTION
};

enum class Type : uint8_t { kNumber, kBoolean, kDate };

// ---------------------------------------------------------------- arrays

struct Dimension {
  std::string name;
  std::vector<std::string> members;
  DimId root;                     // itself, unless a sub-range
  std::vector<uint32_t> in_root;  // position of each member in the root dimension
  text::Span span;
};

// A loop variable. It runs over ordinals 0 .. positions.size() - 1.
struct Index {
  std::string name;
  DimId dimension;
  std::vector<uint32_t> positions;  // ordinal -> position in `dimension`
};

// One place of a subscript: a fixed position of the variable's dimension, or an index through a
// map from its ordinal to a position (empty map: the ordinal itself). A map entry of -1 is outside
// the dimension and reads as 0.
struct Subscript {
  IndexId index;             // invalid: fixed
  uint32_t position = 0;     // when fixed
  std::vector<int32_t> map;  // when not
};

// ---------------------------------------------------------------- expressions

struct Constant {
  double value;
};
struct TimeNow {};   // the time of the evaluation, within a Runge-Kutta stage too
struct StepTime {};  // the time at the start of the step
struct Position {    // 1-based position of an index in its dimension
  IndexId index;
};
struct Load {
  VarId variable;
  std::vector<Subscript> subscripts;  // one for each dimension of the variable
};
struct Apply {
  Op op;
  std::vector<ExprId> arguments;
};
enum class ReduceKind : uint8_t {
  kSum,
  kProduct,
  kMin,
  kMax,
  kAny,
  kAll
};  // of nothing: 0 1 inf -inf 0 1
struct Reduce {
  ReduceKind kind;
  std::vector<IndexId> indexes;  // the first is the outermost; added up in that order
  ExprId body;
};
struct Lookup {
  TableId table;
  ExprId input;
};

// The whole value of a piece: all elements along `result`, which are the last indexes of the
// piece, at once; `result` is empty where the function gives one number. The slices are computed
// first, each for all values of its indexes.
struct Slice {
  std::vector<IndexId> indexes;  // the first is the outermost; none: one number
  ExprId body;
};
struct ArrayCall {
  ArrayFunction function;
  std::vector<Slice> slices;
  std::vector<IndexId> result;
};

struct Expr {
  std::variant<Constant, TimeNow, StepTime, Position, Load, Apply, Reduce, Lookup, ArrayCall> node;
  Type type = Type::kNumber;
  units::Unit unit;
  text::Span span;
};

struct Table {
  enum class Beyond { kClamp, kExtrapolate, kStep };  // kStep: y of the last point at or below x
  std::string name;
  std::vector<double> x, y;  // x ascends strictly
  Beyond beyond = Beyond::kClamp;
};

// ---------------------------------------------------------------- variables

enum class VarKind : uint8_t {
  kParam,  // `pieces`, or sampled: see Model::inputs
  kData,   // `values`, flat, row-major
  kLet,
  kFlow,        // `pieces`
  kStock,       // `initial`, and `pieces` hold the net rate in its unit per time unit of the model
  kPrevious,    // `initial`; takes the value of `pieces` at the end of each step
  kDelayFixed,  // `initial`; `pieces` is the input, `duration` how long it is held, in time units
  kBehind,      // `pieces` is the leader, `second` the follower; in time units
  kInitial,     // `pieces`, evaluated once at the start
  kNoise,       // a new value each step, keyed by `key`; standard normal or uniform
  kTally        // gathered over the run by `tally`; read in answers only
};

// What a Tally gathers, from `pieces`, at the steps of the run.
struct Tally {
  enum class Kind : uint8_t { kIntegral, kAverage, kHighest, kLowest, kAt, kFirstTime, kEnd };
  Kind kind = Kind::kEnd;
  // In model time. kIntegral: the sum of value x overlap of each step [t, t + dt) with [from, to).
  // kAverage: that over the length. kHighest, kLowest: over steps that overlap. kAt: the value of
  // the step that holds `from`. kFirstTime: the first time when the value is true, else +inf.
  double from = 0, to = 0;
};

// Who says the value of part of a variable: an exception, a dated clause or an overlay that names
// its own sources. What none covers rests on what the variable itself names.
struct Backing {
  std::string members;                           // as written, "[China]"; empty: all
  std::string date;                              // as written; empty: from the start
  std::vector<std::vector<uint32_t>> positions;  // the elements meant, in each dimension
  std::vector<std::string> sources;              // ids
  std::optional<std::string> assumed, note, cite;
};

// A value for part of a variable's elements: one index for each dimension, whose positions are
// the elements meant. Pieces of one variable do not overlap and together cover it.
struct Piece {
  std::vector<IndexId> indexes;
  ExprId value;
};

struct Variable {
  std::string name;  // as the source spells it; made ones: "orders/smooth.level"
  VarKind kind = VarKind::kLet;
  std::string title, doc;
  std::vector<DimId> dims;
  // A kLet with `initial` has that value while the starting values are found.
  std::vector<Piece> pieces, initial, second, duration;
  std::vector<double> values;  // kData
  Tally tally;                 // kTally
  uint64_t key = 0;            // kNoise
  bool noise_is_normal = false;
  bool held = false;  // kLet: over the stages of a Runge-Kutta step it stays as at its start
  bool made =
      false;  // by the compiler (function locals, previous, tallies): not reported by default
  Type type = Type::kNumber;
  units::Unit unit;
  std::string unit_text;                 // as declared or inferred, for people
  std::vector<VarId> inflows, outflows;  // kStock, for diagrams
  std::vector<std::string> sources;      // ids
  std::optional<std::string> assumed, note;
  std::vector<Backing> backings;  // in the order written, those of scenarios last
  text::Span span;

  size_t size(const struct Model& model) const;  // number of elements
};

// One uncertain number: an element of a param.
struct Input {
  VarId variable;
  uint32_t element = 0;  // flat
  std::string name;      // "yield", "share[US]": keys the random stream
  math::Distribution distribution;
};

// Inputs that hang together: Spearman's rank correlations between each two of them, row-major,
// checked to be a possible correlation matrix.
struct Correlation {
  std::vector<uint32_t> inputs;  // positions in Model::inputs
  std::vector<double> rank;      // inputs.size() squared
};

// ---------------------------------------------------------------- questions

struct Measure {
  std::string name, title, unit_text;
  ExprId value;               // reads draw constants and tallies only
  Type type = Type::kNumber;  // kDate: first_time; +inf is "never"
  std::string member;         // "[China]" for an element of an arrayed measure
  bool made = false;          // by the compiler, for a claim: not reported by itself
  std::vector<std::string> sources;
  text::Span span;
};
// Another side of a claim that varies from draw to draw, too.
struct Against {
  std::string text;      // as written
  uint32_t measure = 0;  // the made one that gathers it, in Model::measures
};
struct Claim {
  std::string id, title, unit_text;
  std::string measure_text;  // the first side that varies, as written
  ExprId measure, condition;
  std::vector<Against> against;
  Type type = Type::kNumber;
  std::vector<std::string> sources;
  std::optional<std::string> assumed, note;
  text::Span span;
};
// What was seen: a reading of the quantity, and how far off it may be. This is the likelihood. Its
// numbers are in the unit given.
//
//   kNormal            reading ~ normal(quantity, spread)                terms: reading, spread
//   kLognormal         ln reading ~ normal(ln quantity, spread)          reading, spread
//   kStudentT          reading ~ student_t(degrees, quantity, spread)    reading, spread, degrees
//   kPoisson           reading ~ poisson(quantity)                       reading
//   kNegativeBinomial  a count of this mean and dispersion: its variance is mean + mean^2 /
//                      dispersion                                        reading, dispersion
//   kOpinion           the density of `distribution` at the quantity
//
// With a bound the reading is a limit: the likelihood is the probability that the quantity lies
// below or above it, 0 or 1 for a limit without uncertainty (kPoint).
struct Observation {
  enum class Form { kOpinion, kPoint, kNormal, kLognormal, kStudentT, kPoisson, kNegativeBinomial };
  enum class Bound { kNone, kAtMost, kAtLeast };
  struct Term {
    double value = 0;
    ExprId expr;  // valid: uncertain, and `value` has no meaning
  };

  std::string text;     // what is observed, as written
  std::string subject;  // the same without its moment
  std::string unit_text;
  ExprId measure;             // reads draw constants and tallies only
  Type type = Type::kNumber;  // kDate: a moment in model time
  Form form = Form::kOpinion;
  Bound bound = Bound::kNone;
  std::vector<Term> terms;
  std::optional<math::Distribution> distribution;  // when all its numbers are fixed
  std::optional<double> moment;                    // the last moment that it tells about
  std::vector<std::string> sources;
  std::optional<std::string> assumed, note;
  text::Span span;
};
struct Check {
  std::string name, title;
  VarId condition;  // a made boolean variable, evaluated at every step
  text::Span span;
};
struct Scenario {
  std::string name, title;
};
struct Reference {  // a row of the source register
  std::string id, title, url, date, kind, note;
};

// ---------------------------------------------------------------- order

// One thing to compute: all of a piece, or one element of it (`ordinals`, one for each index).
struct ScheduleItem {
  VarId variable;
  uint32_t piece = 0;
  std::vector<uint32_t> ordinals;  // empty: the whole piece, ascending, the last index fastest
};

struct Clock {
  enum class Method { kEuler, kRk4 };
  bool is_static = false;  // no `time` statement: one evaluation
  bool calendar = false;
  double start = 0, step = 1;  // in the model's time unit
  uint64_t steps = 0;          // the run ends at start + steps * step
  uint64_t save_every = 1;
  std::string unit = "year";
  Method method = Method::kEuler;
  double time(uint64_t k) const { return start + static_cast<double>(k) * step; }
  // How often values are saved, and after how many steps: the last one is, too.
  uint64_t saves() const { return (steps + save_every - 1) / save_every + 1; }
  uint64_t saved_step(uint64_t save) const { return std::min(save * save_every, steps); }
};

// Where a value is turned into another unit of its kind: what stands there is multiplied.
struct Conversion {
  text::Span span;
  double factor = 1;
};

struct Model {
  std::string name, title;
  bool loose_units = false;
  Clock clock;
  units::UnitTable units;
  std::vector<Dimension> dimensions;
  std::vector<Index> indexes;
  std::vector<Expr> exprs;
  std::vector<Table> tables;
  std::vector<Variable> variables;
  std::vector<Input> inputs;
  std::vector<Correlation> correlations;
  std::vector<Measure> measures;
  std::vector<Claim> claims;
  std::vector<Observation> observations;
  std::vector<Check> checks;
  std::vector<Scenario> scenarios;
  std::vector<Reference> sources;
  std::vector<Conversion> conversions;  // of the text, as often as it was read

  // The order of evaluation. `initial`: what the starting values need, stocks and their like
  // included (their `initial` pieces). `step`: every let, flow, param expression and behind at one
  // time; the net rates and other `pieces` of stocks and their like come after, in no particular
  // order.
  std::vector<ScheduleItem> initial_order, step_order;

  const Expr& operator[](ExprId id) const { return exprs[id.index]; }
  const Dimension& operator[](DimId id) const { return dimensions[id.index]; }
  const Index& operator[](IndexId id) const { return indexes[id.index]; }
  const Variable& operator[](VarId id) const { return variables[id.index]; }
  const Table& operator[](TableId id) const { return tables[id.index]; }

  std::optional<VarId> find(std::string_view name) const;
  // "x[US]" of a flat element; "x" for a scalar.
  std::string element_name(VarId variable, uint32_t element) const;
};

}  // namespace headrace::model
