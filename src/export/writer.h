#pragma once

// What the writers for other tools share: the model's statements by name, the names they get there,
// and expressions in the other tool's spelling. What cannot be said is a diagnostic: an error when
// numbers hang on it (a warning when the user accepts losses), else a warning.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "export/devices.h"
#include "export/series.h"
#include "import/layout.h"
#include "syntax/tree.h"
#include "text/diagnostic.h"

namespace headrace::exports {

enum class Dialect { kXmile, kVensim };

struct WriteOptions {
  Dialect dialect = Dialect::kXmile;
  bool lossy = false;  // go on where something essential cannot be said
};

using syntax::ExprId;
using text::Span;

// A name where an expression stands: what it is called there.
using Names = std::map<std::string, std::string>;

// How tightly a piece of text holds together, loosest first.
enum class Hold { kLogic, kCompare, kSum, kProduct, kUnary, kPower, kAtom };

struct Said {
  std::string text;
  Hold hold = Hold::kAtom;
};

// An array of lookups; the language has arrays of their points and a function in its place.
struct Curve {
  std::string name, bare;   // as spelled there, and as it is
  const char* reader = "";  // the function that reads it, if none of its own
  const syntax::DataDecl *x = nullptr, *y = nullptr;  // the last dimension is that of the points
};

// A name as a diagnostic shows it.
std::string shown(std::string_view name);

bool is_distribution(const std::string& function);
// Whether the tool has a function of the same meaning.
bool xmile_has(const std::string& function);
// What `stella_delay3` and its kin are in other words, or nothing for other functions.
std::optional<std::pair<std::string, std::vector<std::string>>> with_time_for_stages(
    const std::string& name, const std::vector<std::string>& a, const std::string& step);
bool vensim_has(const std::string& function);
// The functions of the tool that the writer calls, as it writes them.
std::vector<std::string> xmile_words();
std::vector<std::string> vensim_words();

// The clock of a model as the other tools have it: everything in one unit, that of dates the year.
struct Clock {
  std::optional<double> start, end;  // nothing where they are no plain number or date
  double step = 1;
  std::optional<double> save;
  std::string unit;  // empty where the model has none
};

// The length of a unit of time in years, in the singular or the plural; nothing for other units.
std::optional<double> years_of(std::string_view unit);
std::string singular(std::string_view unit);  // `days` is `day`; other names stay

class Writer {
 public:
  Writer(const syntax::Tree& tree, size_t own, const WriteOptions& options,
         text::Diagnostics& diagnostics);

  const syntax::Tree& tree() const { return tree_; }
  bool xmile() const { return options_.dialect == Dialect::kXmile; }

  bool is_runge_kutta() const { return runge_kutta_; }
  double step() const { return step_; }  // of the run
  // Numbers hang on it, or they do not.
  void cannot(Span span, const std::string& what);
  void passed_over(Span span, const std::string& what);
  // Says so of a statement that neither tool has a word for.
  void leave_out(const syntax::Statement& statement);

  // The name in the other tool, as it stands in an expression (quoted where it must be), or bare.
  std::string spelled(const std::string& name) const;
  std::string bare(const std::string& name) const;
  std::string called(const std::string& function) const;  // bare

  // `names` are the indexes and parameters that have another name where the expression stands.
  std::string expression(ExprId id, const Names& names = {});
  std::string number(double value) const;
  bool is_undefined(ExprId id) const;  // the word of that name
  // The number that stands there, with its sign; `settled` also one that a `let` calls by a name.
  std::optional<double> literal(ExprId id) const;
  std::optional<double> settled(ExprId id, const Names& names) const;
  // The variable at the indexes that `names` holds for its dimensions.
  std::string reference(const std::string& name, const Names& names, Span span);
  // A moment as a number of the model's clock; calendar dates in years.
  std::optional<double> moment(ExprId id) const;

  // dated.cc: the clock, a value with its dated clauses in place of an `if` by time; clauses of
  // members are left to the caller.
  const Clock& clock() const { return clock_; }
  std::string value_over_time(std::optional<ExprId> base,
                              const std::vector<syntax::Clause>& clauses, const Names& names);
  std::vector<const syntax::Statement*> own() const;
  // Whether an index of the expression is read through a map, which XMILE has no word for.
  bool reads_map(ExprId id) const;
  // The variables and functions that an expression names, among others.
  void names_in(ExprId id, std::set<std::string>& names) const;
  // From here on indexes stand for one element, whose positions these are; none: for all.
  void at_element(Names positions) { positions_ = std::move(positions); }
  // Within a macro of Vensim what is the model's has a `$` behind it.
  void within_macro(bool inside) { in_macro_ = inside; }
  // A member of a dimension as brackets hold it: Vensim's cannot be numbers.
  std::string member(const std::string& dim, const std::string& name) const;
  // The same of an index, when it is one and no index in scope has its name.
  std::optional<std::string> own_member(const std::string& dim, const syntax::Index& index,
                                        const Names& names) const;
  // Whether an array of lookups is read, each element of which has a function of its own, or a
  // slice in the order of another range.
  bool reads_by_element(ExprId id) const;
  // curves.cc: nothing where the function is none that reads an array of lookups.
  const Curve* curve(const std::string& function) const;
  bool is_of_curve(const std::string& name) const { return of_curves_.contains(name); }
  // Functions that expressions call and that the other tool does not have, to be written as macros.
  std::vector<const syntax::Statement*> take_wanted_functions();
  const Devices& devices() const { return devices_; }
  // limits.cc: the equation of a flow, or the least of it and of what the stock that limits it has
  // to give, as the model's own runs have it, also within a step of Runge-Kutta; and what a reader
  // is told of it.
  std::string within_stock(const std::string& flow, const std::string& wanted, const Names& names);
  std::string words_of_limit(const std::string& flow) const;
  const syntax::TableDecl* table(const std::string& name) const;
  // Whether it is a part of Vensim's clock, which stands among the settings.
  bool is_control(const std::string& name) const { return controls_.contains(name); }
  const syntax::DimDecl* dimension(const std::string& name) const;
  // Names of the indexes of a declaration that has these places.
  static Names indexes(const std::vector<syntax::DimensionUse>& dims,
                       const std::vector<std::string>& places);
  // The name of a range in its `copy`-th place of one array: Vensim tells the places of an array
  // apart by the names of their ranges, so from the second on it is another name for the range.
  std::string range(const std::string& name, size_t copy);
  // A name that nothing else has there, bare; and a bare name as it stands in an expression.
  std::string fresh(std::string wanted);
  std::string spell(std::string bare) const;
  // Those other names, as spelled, with the ranges that they stand for.
  const std::vector<std::pair<std::string, std::string>>& other_names() const {
    return other_names_;
  }

 private:
  static std::string place_name(const std::string& dimension, size_t copy);
  Said say(ExprId id, const Names& names);
  bool any_of(ExprId id, const std::function<bool(const syntax::Expr&)>& holds) const {
    return exports::any_of(tree_, id, holds);
  }
  // xmile_devices.cc: what is asked of a conveyor, a queue or an oven.
  std::optional<Said> say_asked(ExprId id, const Names& names);
  bool takes_stars(const syntax::Call& call) const;
  Said say_terms(const syntax::Call& call, const Names& names, Span span);
  std::string at(ExprId id, const Names& names, Hold hold);
  Said say_reference(const syntax::Reference& node, const Names& names, Span span);
  Said say_binary(const syntax::Binary& node, const Names& names);
  std::optional<Said> say_compared_member(const syntax::Comparison& node, size_t place,
                                          const Names& names) const;
  Said say_comparison(const syntax::Comparison& node, const Names& names);
  Said say_call(const syntax::Call& call, const Names& names, Span span);
  Said say_held(const syntax::Call& call, const Names& names, Span span);
  // xmile_slices.cc
  std::optional<Said> say_xmile_slices(const syntax::Call& call, const Names& names, Span span);
  Said say_element_at(const syntax::Call& call, const Names& names, Span span);
  Said say_reorder(const syntax::Call& call, const Names& names, Span span);
  Said say_order(const syntax::Call& call, const Names& names, Span span);
  Said say_select(const syntax::Call& call, const Names& names, Span span);
  // The indexes that run, at each of their places in turn; false where there are too many of them.
  bool each_term(const syntax::Call& call, const Names& names,
                 const std::function<void(const Names&, size_t)>& visit);
  std::optional<Said> say_allocate(const syntax::Call& call, const Names& names);
  Said say_reducer(const syntax::Call& call, const Names& names, Span span);
  // vensim_calls.cc
  std::optional<Said> say_vensim(const std::string& name, const std::vector<std::string>& a);
  Said say_vensim_reducer(const syntax::Call& call, const Names& names, Span span);
  std::optional<Said> say_slices(const syntax::Call& call, const Names& names, Span span);
  std::optional<std::string> first_member(const std::string& dim) const;  // as brackets hold it
  bool run_whole_arrays(ExprId argument, Names& inside);
  Names running(const syntax::Call& call, const Names& names, const char* mark);
  std::string word(const std::string& of_the_clock) const {
    return of_the_clock + (in_macro_ ? "$" : "");
  }
  std::string mapped(const syntax::Index& index, const Names& names);
  std::optional<Said> say_builtin(const std::string& name, const std::vector<std::string>& a);
  // Whether Vensim's RAMP gives what `ramp` with these arguments does.
  bool is_vensim_ramp(const std::vector<std::string>& a) const;
  std::optional<std::string> pure_delay(const std::string& name, std::vector<std::string> a) const;
  Said say_function(const std::vector<std::string>& given, const syntax::FunctionDecl& function,
                    Span span);
  std::optional<std::vector<std::string>> arguments(const syntax::Call& call, const Names& names);
  bool is_fixed(ExprId id) const;
  // Whether it changes within a run, as far as one can see from here.
  bool moves(ExprId id, std::set<std::string>& seen) const;
  bool is_member(const std::string& name) const;  // of any dimension
  std::vector<std::string> dims_of(const std::string& name) const;
  std::string index(const syntax::Index& index, const Names& names);
  Said middle(const syntax::Range& range, const Names& names, Span span);
  Said bad(Span span, const std::string& what);
  void find_curves();
  void find_limits();
  std::vector<std::pair<std::string, syntax::Index>> places_in(ExprId row) const;
  std::optional<Curve> curve_of(const syntax::FunctionDecl& function);
  Said say_curve(const Curve& curve, const syntax::Call& call, const Names& names, Span span);
  void find_controls();
  void name_all();
  void name_functions();
  void check_units();
  void check_unit(const std::optional<syntax::UnitExpr>& unit);
  // dated.cc
  Clock clock_of(const syntax::TimeDecl& time) const;
  std::string started(const syntax::Clause& clause, const Names& names);
  std::string length(ExprId id, const Names& names);
  std::string moved(const std::string& old, const std::string& now, const syntax::Clause& clause,
                    const Names& names);
  bool is_unit(const std::string& name) const;
  bool is_over(const syntax::Clause& clause, const syntax::Clause& next) const;
  std::vector<syntax::Clause> in_order(std::vector<syntax::Clause> clauses) const;

  const syntax::Tree& tree_;
  Devices devices_;  // none in Vensim's text
  size_t own_;
  WriteOptions options_;
  text::Diagnostics& diagnostics_;
  std::unordered_map<std::string, std::string> spelled_;          // bare names of the other tool
  std::unordered_map<std::string, std::string> called_;           // the same of functions
  std::set<std::string> taken_;                                   // canonical, of the other tool
  std::map<std::pair<std::string, size_t>, std::string> copies_;  // `range`
  std::vector<std::pair<std::string, std::string>> other_names_;
  std::unordered_map<std::string, const syntax::FunctionDecl*> functions_;
  std::unordered_map<std::string, const syntax::Statement*> function_statements_;
  std::unordered_map<std::string, const syntax::TableDecl*> tables_;
  std::unordered_map<std::string, const syntax::DimDecl*> dims_;
  std::unordered_map<std::string, const syntax::MapDecl*> maps_;
  std::unordered_map<std::string, const syntax::DataDecl*> data_;
  std::unordered_map<std::string, Curve> curves_;  // by function
  std::set<std::string> of_curves_;                // their arrays and dimensions
  std::set<std::tuple<uint32_t, size_t, std::string>> told_;
  std::unordered_map<std::string, const syntax::ValueDecl*> values_;
  std::set<std::string> stocks_, controls_;
  struct Limit {
    const syntax::StockDecl* stock;
    size_t place;  // among the flows out of it
  };
  std::map<std::string, Limit> limits_;  // by flow, in Vensim's text
  bool in_macro_ = false, runge_kutta_ = false;
  double step_ = 1;
  Clock clock_;
  Names positions_;
  std::set<std::string> arrays_, own_functions_, wanted_done_;
  std::vector<std::string> wanted_;
};

// The first `own` top-level statements as Vensim's text; the rest of the tree is the library.
std::string write_vensim(const syntax::Tree& tree, size_t own, const import::Layout& layout,
                         const ReadData& read, bool lossy, text::Diagnostics& diagnostics);
// The same as an XMILE file.
std::string write_xmile(const syntax::Tree& tree, size_t own, const import::Layout& layout,
                        const ReadData& read, bool lossy, text::Diagnostics& diagnostics);

}  // namespace headrace::exports
