#pragma once

// The syntax tree: form without meaning. Names are not resolved, units not known. Nodes live in
// vectors of the Tree and are named by ids; the text they came from is their span. Importers
// build the same tree with spans that point into the foreign file.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/id.h"
#include "text/source.h"

namespace headrace::syntax {

using ExprId = base::Id<struct ExprTag>;

struct Name {
  std::string text;  // without quotes; dots are part of the name
  text::Span span;
};

// ---------------------------------------------------------------- units

struct UnitTerm {
  Name name;
  int exponent = 1;
};

// `USD/(chip*year)` as factor 1 and terms USD^1 chip^-1 year^-1. No terms: dimensionless.
struct UnitExpr {
  double factor = 1;
  std::vector<UnitTerm> terms;
  text::Span span;
};

// ---------------------------------------------------------------- expressions

enum class UnaryOp { kNegate, kNot };
enum class BinaryOp { kAdd, kSubtract, kMultiply, kDivide, kPower, kAnd, kOr };
enum class CompareOp { kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual };

struct Number {
  double value = 0;              // 20% is 0.2
  std::optional<UnitTerm> unit;  // `5 chip`
  std::string spelling;          // as written, for printing back; may be empty
};
struct Date {
  enum class Precision { kDay, kMonth, kQuarter };
  int year = 0, month = 1, day = 1;
  Precision precision = Precision::kDay;
};
struct Boolean {
  bool value = false;
};

// One place between the brackets of a subscript.
struct Index {
  enum class Kind { kStar, kName, kNumber };
  Kind kind = Kind::kName;
  Name name;       // kName: an index, a dimension, a sub-range or a member
  int number = 0;  // kNumber: a member of a numbered dimension; kName: offset, as in c - 1
  text::Span span;
  Name map = {};  // kName: the named map through which the index is read, as in older(c); or ""
};

struct Reference {  // a variable, an index, a unit, `time`
  Name name;
  std::vector<Index> indexes;
};
struct Unary {
  UnaryOp op;
  ExprId operand;
};
struct Binary {
  BinaryOp op;
  ExprId left, right;
  text::Span op_span;
};
struct Comparison {  // a chain a <= b < c holds when each neighbouring pair does
  std::vector<ExprId> operands;
  std::vector<CompareOp> ops;
  std::vector<text::Span> op_spans;
};
struct If {
  ExprId condition, then_value, else_value;
};
struct Argument {
  std::optional<Name> label;     // `mode 0.4`, `initial = x`
  std::optional<ExprId> weight;  // `0.3: value`
  ExprId value;
};
struct Binding {
  Name index, dimension;
};
struct Call {
  Name function;
  std::vector<Argument> arguments;
  std::vector<Binding> bindings;  // for c in country
  bool membership = false;        // written `x in group`
};
struct Range {  // low to high (80%)
  ExprId low, high;
  double coverage = 0.9;           // of the draws that lie between the ends
  std::string coverage_text = {};  // as written, "" when it is not
};
struct At {
  ExprId value, when;
};
struct Over {
  enum class Kind { kIntegral, kAverage, kHighest, kLowest };
  Kind kind = Kind::kIntegral;
  ExprId value;
  ExprId from;
  std::optional<ExprId>
      to;  // absent: the period that `from` names (a year number, quarter or month)
};
struct Bad {};  // stands where text could not be read; a diagnostic has been given

struct Expr {
  std::variant<Bad, Number, Date, Boolean, Reference, Unary, Binary, Comparison, If, Call, Range,
               At, Over>
      node;
  text::Span span;
};

// ---------------------------------------------------------------- statements

struct Provenance {
  std::vector<Name> sources;  // from @a, @b
  std::optional<std::string> assumed;
  std::optional<std::string> note;
  bool empty() const { return sources.empty() && !assumed && !note; }
};

struct DimensionUse {  // country, or c in country
  Name dimension;
  std::optional<Name> index;
};

// `from DATE ramp DURATION [pattern] = value cite "..."`.
struct Clause {
  std::optional<ExprId> date;
  std::optional<ExprId> ramp;
  std::vector<Index> pattern;  // empty: all members
  ExprId value;
  std::optional<std::string> cite;
  Provenance provenance;
  text::Span span;
};

struct ModelDecl {
  Name name;
  std::optional<std::string> title;
  bool loose_units = false;
};
struct TimeDecl {
  enum class Method { kEuler, kRk4 };
  ExprId start, end;
  double step = 1;
  std::optional<Name> step_unit;
  std::optional<double> save;
  std::optional<Name> save_unit;
  std::optional<Name> unit;  // in minute
  Method method = Method::kEuler;
};
struct UnitDecl {
  std::vector<Name> names;  // more than one only for base units
  std::optional<UnitExpr> definition;
};
struct DimDecl {
  Name name;
  std::optional<Name> parent;        // dim leading < node
  std::vector<Name> members;         // written, or 1..n expanded by the parser
  std::optional<Name> file, column;  // from "chips.csv" by id
};
struct MapDecl {
  Name from, to;
  std::vector<std::pair<Name, Name>> pairs;
  std::optional<Name> name = {};  // map older from cohort to cohort: used only as older(c)
};
// Numbers in the cells of a sheet: `from "book.xlsx#Sheet" cells B2 at row 1 step`.
struct Cells {
  enum class Along { kNothing, kRow, kColumn, kCells };  // where the times stand
  Name file;
  std::optional<std::string> delimiter;  // of a text file, where it is not the usual one
  Name first;                            // a cell, or a name that the workbook defines
  std::optional<Name> last;              // nothing beyond this cell is read
  bool transposed = false;
  Along along = Along::kNothing;
  Name times;         // "4", "A", "time" as `along` says
  bool gaps = false;  // of the times: cells without a number are passed over
};
struct DataDecl {
  // Between two points: on the line between them, the earlier, the later; kRaw has no value there.
  enum class Interpolation { kLinear, kStep, kForward, kRaw };
  // The numbers of some elements: in cells, or written.
  struct Part {
    std::vector<Index> pattern;  // empty: all elements
    std::optional<Cells> cells;
    Interpolation interpolation = Interpolation::kLinear;
    std::vector<double> values;  // one for each element, or one for all of them
    text::Span span;
  };
  Name name;
  std::vector<DimensionUse> dims;
  std::optional<std::string> title;
  std::optional<UnitExpr> unit;
  Name file, column;
  std::optional<Name> at;  // column with the dates: a series over time
  Interpolation interpolation = Interpolation::kLinear;
  Provenance provenance;
  std::vector<double> values;  // in the text itself, row by row, in place of a file
  std::vector<Part> parts;     // in place of both
};
struct ValueDecl {
  enum class Kind { kParam, kLet, kFlow, kMeasure };
  Kind kind = Kind::kLet;
  Name name;
  std::vector<DimensionUse> dims;
  std::optional<std::string> title;
  std::optional<UnitExpr> unit;
  std::optional<ExprId> value;  // the base value, for all members
  Provenance provenance;
  std::vector<Clause> clauses;
};
struct StockDecl {
  Name name;
  std::vector<DimensionUse> dims;
  std::optional<std::string> title;
  std::optional<UnitExpr> unit;
  std::optional<ExprId> initial;
  Provenance provenance;
  std::vector<Name> inflows, outflows;
  std::optional<ExprId> net_rate;  // d/dt = ...
  bool nonnegative = false;        // outflows are limited, in the listed order, to what is there
  std::vector<Clause> clauses;     // undated: initial values of members
};
struct TableDecl {
  enum class Beyond { kClamp, kExtrapolate, kStep };
  Name name, input;
  std::optional<UnitExpr> input_unit, unit;
  std::vector<std::pair<double, double>> points;
  Beyond beyond = Beyond::kClamp;
  Provenance provenance;
};
struct CorrelateDecl {
  std::vector<Name> names;
  double value = 0;
  Provenance provenance;
};
struct Parameter {
  Name name;
  std::vector<Name> dims;  // a whole array over these; new names stand for its dimensions
  std::optional<UnitExpr> unit;
  std::optional<ExprId> default_value;
};
using StatementId = base::Id<struct StatementTag>;
struct FunctionDecl {
  Name name;
  std::vector<Parameter> parameters;
  std::optional<UnitExpr> unit;
  std::vector<StatementId> locals;  // stock, let, dim
  ExprId result;
};
struct ClaimDecl {
  Name name;
  std::optional<std::string> title;
  ExprId condition;
  Provenance provenance;
};
struct CheckDecl {
  Name name;
  std::optional<std::string> title;
  ExprId condition;
};
struct OverlayEntry {
  Name name;
  Clause clause;
};
struct ScenarioDecl {
  Name name;
  std::optional<std::string> title;
  std::vector<Name> base;  // on a, b: applied before
  std::vector<OverlayEntry> entries;
};
struct SourceDecl {
  std::optional<Name> name;  // absent: a file of sources
  std::optional<std::string> title, url, date, kind, note;
  std::optional<Name> file;
};
struct ObserveDecl {
  enum class Relation { kIs, kAtMost, kAtLeast };  // ~ <= >=
  ExprId observed;                                 // a reference, perhaps with at / over
  Relation relation = Relation::kIs;
  ExprId distribution;
  Provenance provenance;
};

// ---------------------------------------------------------------- law

struct EnumCode {
  Name name;
  std::optional<std::string> title;
};
struct EnumDecl {
  Name name;
  std::optional<std::string> title;
  std::vector<EnumCode> codes;              // written; empty for a file
  std::optional<Name> file, column, words;  // from "nations.csv" by code called name
};
struct FactDecl {
  Name name;
  std::optional<std::string> title;
  UnitExpr type;                      // a unit, or alone the name of an enum or `condition`
  std::optional<Name> table, column;  // from ENUM column NAME
  std::optional<ExprId> value;        // when nobody tells it
  Provenance provenance;
};
// `from DATE with A, B` or `from DATE without A`.
struct GroupClause {
  ExprId date;
  bool joins = true;
  std::vector<Name> members;
  std::optional<std::string> cite;
  Provenance provenance;
  text::Span span;
};
struct GroupDecl {
  Name name;
  std::optional<std::string> title;
  Name of;
  std::vector<Name> members;
  std::optional<std::string> cite;
  Provenance provenance;
  std::vector<GroupClause> clauses;
};
// `["label"] under ACT from DATE to DATE when CONDITION = CODE cite "..."`.
struct RuleClause {
  bool exception = false;  // to the last clause before it that is none
  std::optional<std::string> label;
  std::optional<Name> act;
  std::optional<ExprId> from, to, when;
  Name value;
  std::optional<std::string> cite;
  Provenance provenance;
  text::Span span;
};
struct RuleDecl {
  Name name;
  std::optional<std::string> title;
  Name type;       // an enum
  Name otherwise;  // the code when no clause holds
  std::optional<std::string> cite;
  Provenance provenance;
  std::vector<RuleClause> clauses;
};

struct Statement {
  std::variant<ModelDecl, TimeDecl, UnitDecl, DimDecl, MapDecl, DataDecl, ValueDecl, StockDecl,
               TableDecl, CorrelateDecl, FunctionDecl, ClaimDecl, CheckDecl, ScenarioDecl,
               SourceDecl, ObserveDecl, EnumDecl, FactDecl, GroupDecl, RuleDecl>
      node;
  std::string doc;  // from ## lines, without the marks
  text::Span span;
};

struct Tree {
  std::vector<Expr> exprs;
  std::vector<Statement> statements;   // all, those local to functions too
  std::vector<StatementId> top_level;  // in the order written

  const Expr& operator[](ExprId id) const { return exprs[id.index]; }
  const Statement& operator[](StatementId id) const { return statements[id.index]; }
  ExprId add(Expr expr) {
    exprs.push_back(std::move(expr));
    return ExprId(exprs.size() - 1);
  }
  StatementId add(Statement statement) {
    statements.push_back(std::move(statement));
    return StatementId(statements.size() - 1);
  }
};

}  // namespace headrace::syntax
