#pragma once

// Law that can be asked: the enums, facts, groups and rules of a model with their names resolved.
// One book serves twice. `decide` (decide.h) answers it for one case on one day, with what is
// unknown left unknown; `expand` (expand.h) puts the same rules into the model as functions over
// any dimension. So what a rule says is read in one place, gather.cc.

#include <bitset>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "syntax/tree.h"
#include "text/csv.h"
#include "text/diagnostic.h"
#include "units/unit.h"

namespace headrace::rules {

inline constexpr size_t kMaxCodes = 512;
using Codes = std::bitset<kMaxCodes>;

// An `enum`. Codes count from 0 here and from 1 in a model.
struct Enum {
  std::string name, title;
  std::vector<std::string> codes, titles;
  std::map<std::string, int, std::less<>> places;
  std::optional<text::CsvTable> table;  // of an enum that is read from a file
  text::Span span;

  std::optional<int> find(std::string_view code) const {
    const auto at = places.find(code);
    return at == places.end() ? std::nullopt : std::optional(at->second);
  }
};

// One node of a condition or a value. Numbers are in `unit`; constants are converted when the
// book is made, so that a threshold compares exactly as it is written.
struct Term {
  enum class Op {
    kNumber,   // number
    kTruth,    // number is 0 or 1
    kUnknown,  // a value of the model that changes from run to run
    kFact,     // ref
    kDated,    // ref: a `let` or `param` without dimensions
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kNegate,
    kMax,
    kMin,
    kCompare,  // compare
    kFactIs,   // fact `ref` is code `code`
    kRuleIs,   // rule `ref` answers code `code`
    kIn,       // fact `ref` is a member of group `code`
    kAnd,
    kOr,
    kNot,
    kIf,
  };
  Op op = Op::kUnknown;
  double number = 0;
  int ref = -1, code = -1;
  syntax::CompareOp compare = syntax::CompareOp::kEqual;
  std::vector<int> args;
  bool truth = false;  // a condition, not a number
  units::Unit unit;
  text::Span span;
};

struct Fact {
  enum class Kind { kNumber, kCondition, kCode };
  std::string name, title;
  Kind kind = Kind::kNumber;
  int type = -1;  // the enum of a kCode
  units::Unit unit;
  int table = -1;                            // a fact that names the row of the enum's file
  std::vector<std::optional<double>> cells;  // by code of that enum
  int value = -1;                            // a term, when nobody tells the fact
  bool assumed = false;                      // that term is a constant
  text::Span span;

  // As people see it.
  const std::string& shown() const { return title.empty() ? name : title; }
};

struct Dated {
  std::string name, title;
  int base = -1;  // a term; -1: unknown
  struct Clause {
    double from = 0;  // years of the model calendar
    int value = -1;
    std::string cite;
    std::vector<std::string> sources;
  };
  std::vector<Clause> clauses;  // by date
  bool truth = false;
  units::Unit unit;
  text::Span span;
};

struct Group {
  std::string name, title;
  int type = -1;
  Codes base;
  struct Clause {
    double from = 0;
    bool joins = true;
    Codes members;
    std::string cite;
  };
  std::vector<Clause> clauses;  // by date
  text::Span span;
};

inline constexpr double kAlways = -std::numeric_limits<double>::infinity();
inline constexpr double kNever = std::numeric_limits<double>::infinity();

struct Clause {
  std::string label;
  int act = -1;  // a Dated
  double from = kAlways, to = kNever;
  double since = kAlways;  // what makes it later than others: `from`, or the start of its act
  int when = -1;           // a term; -1: always
  int code = -1;
  std::vector<Clause> exceptions;
  std::string cite;
  std::vector<std::string> sources;
  text::Span span;
};

struct Rule {
  std::string name, title;
  int type = -1;
  int otherwise = -1;           // the code when no clause holds, or
  int otherwise_rule = -1;      // the rule that then answers
  std::vector<Clause> clauses;  // the latest first
  std::vector<int> facts;       // all it may read, in the order declared
  std::vector<int> rules;       // those it asks itself
  text::Span span;
};

struct Book {
  std::vector<Enum> enums;
  std::vector<Fact> facts;
  std::vector<Dated> dated;
  std::vector<Group> groups;
  std::vector<Rule> rules;  // each after those it asks
  std::vector<Term> terms;
  units::UnitTable units;

  bool empty() const { return enums.empty() && facts.empty() && groups.empty() && rules.empty(); }
  std::optional<int> find_fact(std::string_view name) const;
  std::optional<int> find_rule(std::string_view name) const;
  std::optional<int> find_enum(std::string_view name) const;
  // The days on which any of it changes, ascending.
  std::vector<double> changes() const;
};

// Opens a file that a statement names; `from` is where it is named.
using OpenFile = std::function<base::Result<text::SourceId>(const std::string&, text::Span from)>;

// Reads the law in a tree. What is wrong is told in `diagnostics`; the book then lacks it.
// `scenarios` are applied to dated values, the later over the earlier.
Book gather(const syntax::Tree& tree, text::SourceSet& sources, const OpenFile& open,
            const std::vector<std::string>& scenarios, text::Diagnostics& diagnostics);

}  // namespace headrace::rules
