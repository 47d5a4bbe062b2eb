#pragma once

// Terms of the law as expressions of a model, with what is unknown kept unknown.
//
// In a model every fact of a case is a number: codes count from 1, a condition is 0 or 1. No fact
// is below 0, and so an unknown number or condition is -1; an unknown code is 0. A condition of
// the law then becomes two expressions: when it surely holds, and when it may hold. They are one
// and the same where nothing in it can be unknown.

#include <functional>
#include <optional>

#include "rules/book.h"
#include "rules/writer.h"

namespace headrace::rules {

inline constexpr double kUnknown = -1;
inline constexpr double kNoCode = 0;
// The answer of a rule that hangs on what nobody knows; codes count from 1.
inline constexpr double kUndetermined = 0;

struct Condition {
  syntax::ExprId yes, may;
  bool sure = true;  // `yes` and `may` are the same
};

class Conditions {
 public:
  // Facts are read by the names that `name_of` gives; it must outlive this.
  using NameOf = std::function<std::string(int fact)>;
  Conditions(const Book& book, Writer& write, const NameOf& name_of)
      : book_(book), write_(write), name_of_(name_of) {}

  Condition condition(int term);
  syntax::ExprId number(int term);
  // When all that a term needs is known; nothing when that is always so.
  std::optional<syntax::ExprId> known(int term);
  // Whether what stands for a fact is known.
  syntax::ExprId is_known(const Fact& fact, syntax::ExprId value, text::Span span);
  static std::string answer_name(const Rule& rule) { return "answer of " + rule.name; }
  static bool may_be_unknown(const Fact& fact) { return !fact.assumed; }

 private:
  Condition sure(syntax::ExprId yes) { return {yes, yes, true}; }
  Condition comparison(const Term& term);
  Condition answer_is(const Term& term);
  Condition told_condition(const Term& term);
  Condition told_code(const Term& term, syntax::ExprId yes);
  syntax::ExprId member(const Term& term);
  syntax::ExprId extreme(const Term& term);
  syntax::ExprId fact(const Term& term) { return write_.name(name_of_(term.ref), term.span); }

  const Book& book_;
  Writer& write_;
  const NameOf& name_of_;
};

}  // namespace headrace::rules
