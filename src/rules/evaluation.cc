#include "rules/evaluation.h"

#include <algorithm>

namespace headrace::rules {
namespace {

using Op = Term::Op;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

Evaluation::Evaluation(const Book& book) : book(book), changes(book.changes()) {
  for (const Enum& each : book.enums) {
    Codes all;
    for (size_t i = 0; i < each.codes.size(); ++i) all.set(i);
    every_code.push_back(all);
  }
  ready.resize(book.facts.size());
  values.resize(book.facts.size());
  asked_rules.resize(book.rules.size());
  assumed.resize(book.terms.size(), Truth::kOpen);
}

const Law& Evaluation::law_of(double date) {
  const size_t slot = std::upper_bound(changes.begin(), changes.end(), date) - changes.begin();
  auto [at, fresh] = laws.emplace(slot, Law{});
  if (!fresh) return at->second;
  Law& made = at->second;
  law = &made;
  made.dated.resize(book.dated.size());
  // A dated value may hang on others; each reading settles one more level.
  for (size_t round = 0; round < 8; ++round)
    for (size_t i = 0; i < book.dated.size(); ++i) made.dated[i] = dated_value(book.dated[i], date);
  for (const Group& group : book.groups) {
    Codes codes = group.base;
    for (const auto& clause : group.clauses) {
      if (clause.from > date) break;
      codes = clause.joins ? codes | clause.members : codes & ~clause.members;
    }
    made.groups.push_back(codes);
  }
  return made;
}

Law::Value Evaluation::dated_value(const Dated& dated, double date) {
  int term = dated.base;
  for (const auto& clause : dated.clauses)
    if (clause.from <= date) term = clause.value;
  Law::Value value;
  value.number = {-kInfinity, kInfinity};
  if (term < 0) return value;
  if (dated.truth)
    value.truth = truth(term);
  else
    value.number = number(term);
  return value;
}

void Evaluation::begin(const Case& a_case) {
  current = &a_case;
  law = &law_of(a_case.date);
  std::fill(ready.begin(), ready.end(), false);
  for (auto& each : asked_rules) each.done = false;
  conflict.reset();
}

const Evaluation::FactValue& Evaluation::fact(int index) {
  if (ready[index]) return values[index];
  const Fact& about = book.facts[index];
  const Known& known = current->facts[index];
  FactValue value;
  value.number = known.number;
  value.truth = known.truth;
  value.codes = known.codes;
  if (about.kind == Fact::Kind::kCode && known.state == Known::State::kUntold)
    value.codes = every_code[about.type];
  if (known.state == Known::State::kUntold) derive(about, value);
  ready[index] = true;
  return values[index] = value;
}

// From the catalogue, else from the fact's own text.
void Evaluation::derive(const Fact& about, FactValue& value) {
  if (about.table >= 0) {
    const Codes row = fact(about.table).codes;
    if (row.count() == 1) {
      const auto& cell = about.cells[row._Find_first()];
      if (cell) return set(about, value, *cell);
    }
  }
  if (about.value < 0) return;
  switch (about.kind) {
    case Fact::Kind::kNumber:
      value.number = number(about.value);
      value.number.low = std::max(value.number.low, 0.0);
      return;
    case Fact::Kind::kCondition:
      value.truth = truth(about.value);
      return;
    case Fact::Kind::kCode:
      set(about, value, book.terms[about.value].number);
  }
}

void Evaluation::set(const Fact& about, FactValue& value, double cell) {
  value.number = {cell, cell};
  value.truth = cell != 0 ? Truth::kYes : Truth::kNo;
  if (about.kind != Fact::Kind::kCode) return;
  value.codes.reset();
  value.codes.set(static_cast<size_t>(cell));
}

Interval Evaluation::number(int id) {
  const Term& term = book.terms[id];
  switch (term.op) {
    case Op::kNumber:
      return {term.number, term.number};
    case Op::kFact:
      return fact(term.ref).number;
    case Op::kDated:
      return law->dated[term.ref].number;
    case Op::kNegate: {
      const Interval a = number(term.args[0]);
      return {-a.high, -a.low};
    }
    case Op::kAdd:
      return sum(number(term.args[0]), number(term.args[1]));
    case Op::kSubtract:
      return difference(number(term.args[0]), number(term.args[1]));
    case Op::kMultiply:
      return product(number(term.args[0]), number(term.args[1]));
    case Op::kDivide:
      return quotient(number(term.args[0]), number(term.args[1]));
    case Op::kMax:
      return highest(term);
    case Op::kMin: {
      Interval least{kInfinity, kInfinity};
      for (int arg : term.args) {
        const Interval each = number(arg);
        least = {std::min(least.low, each.low), std::min(least.high, each.high)};
      }
      return least;
    }
    case Op::kIf: {
      const Truth test = truth(term.args[0]);
      if (test == Truth::kYes) return number(term.args[1]);
      const Interval b = number(term.args[2]);
      if (test == Truth::kNo) return b;
      const Interval a = number(term.args[1]);
      return {std::min(a.low, b.low), std::max(a.high, b.high)};
    }
    default:
      return {-kInfinity, kInfinity};
  }
}

// The highest of what is known: the law goes by the highest figure that the maker gives, and a
// format of which no figure is given is one the chip is not sold for.
Interval Evaluation::highest(const Term& term) {
  Interval most{-kInfinity, -kInfinity};
  bool any = false;
  for (int arg : term.args) {
    const Interval each = number(arg);
    if (each.high == kInfinity) continue;
    any = true;
    most = {std::max(most.low, each.low), std::max(most.high, each.high)};
  }
  return any ? most : Interval{0, kInfinity};
}

Truth Evaluation::truth(int id) {
  Truth result = plain_truth(id);
  if (result == Truth::kOpen && assumed[id] != Truth::kOpen) result = assumed[id];
  return result;
}

Truth Evaluation::plain_truth(int id) {
  const Term& term = book.terms[id];
  switch (term.op) {
    case Op::kTruth:
      return term.number != 0 ? Truth::kYes : Truth::kNo;
    case Op::kFact:
      return fact(term.ref).truth;
    case Op::kDated:
      return law->dated[term.ref].truth;
    case Op::kCompare:
      return compared(term.compare, number(term.args[0]), number(term.args[1]));
    case Op::kFactIs: {
      const Codes& codes = fact(term.ref).codes;
      if (!codes.test(term.code)) return Truth::kNo;
      return codes.count() == 1 ? Truth::kYes : Truth::kOpen;
    }
    case Op::kIn: {
      const Codes& codes = fact(term.ref).codes;
      const Codes& group = law->groups[term.code];
      if ((codes & group).none()) return Truth::kNo;
      return (codes & ~group).none() ? Truth::kYes : Truth::kOpen;
    }
    case Op::kRuleIs: {
      const Codes& codes = rule(term.ref).codes;
      if (!codes.test(term.code)) return Truth::kNo;
      return codes.count() == 1 ? Truth::kYes : Truth::kOpen;
    }
    case Op::kAnd: {
      const Truth a = truth(term.args[0]);
      return a == Truth::kNo ? a : both(a, truth(term.args[1]));
    }
    case Op::kOr: {
      const Truth a = truth(term.args[0]);
      return a == Truth::kYes ? a : inverse(both(inverse(a), inverse(truth(term.args[1]))));
    }
    case Op::kNot:
      return inverse(truth(term.args[0]));
    default:
      return Truth::kOpen;
  }
}

Truth Evaluation::in_force(const Clause& clause) const {
  if (current->date < clause.from || current->date >= clause.to) return Truth::kNo;
  return clause.act < 0 ? Truth::kYes : law->dated[clause.act].truth;
}

Truth Evaluation::holds(const Clause& clause) {
  const Truth force = in_force(clause);
  if (force == Truth::kNo || clause.when < 0) return force;
  return both(force, truth(clause.when));
}

const Evaluation::RuleValue& Evaluation::rule(int index) {
  RuleValue& value = asked_rules[index];
  if (value.done) return value;
  const Rule& about = book.rules[index];
  RuleValue made = among(about, about.clauses, about.otherwise, about.otherwise_rule);
  made.done = true;
  return asked_rules[index] = made;
}

// The clause that holds; the latest first, each with its exceptions.
Evaluation::RuleValue Evaluation::among(const Rule& about, const std::vector<Clause>& clauses,
                                        int otherwise, int otherwise_rule) {
  RuleValue value;
  const Clause* sure = nullptr;
  for (const Clause& clause : clauses) {
    if (sure && clause.since < sure->since) break;
    const Truth truth = holds(clause);
    if (truth == Truth::kNo) continue;
    RuleValue inner;
    inner.codes.set(clause.code);
    inner.clause = &clause;
    if (!clause.exceptions.empty()) {
      const RuleValue except = among(about, clause.exceptions, clause.code);
      inner.codes = except.codes;
      inner.open = except.open;
      if (except.clause) inner.clause = except.clause;
    }
    if (value.open < 0) value.open = truth == Truth::kOpen ? clause.when : inner.open;
    if (truth == Truth::kYes) {
      if (sure && clause.code != sure->code && !conflict)
        conflict = Conflict{&about, sure, &clause};
      if (!sure) sure = &clause, value.clause = inner.clause;
    }
    value.codes |= inner.codes;
  }
  if (!sure && otherwise_rule < 0) value.codes.set(otherwise);
  if (!sure && otherwise_rule >= 0) {
    const RuleValue other = rule(otherwise_rule);
    value.codes |= other.codes;
    if (value.codes == other.codes) value.clause = other.clause;
    if (value.open < 0) value.open = other.open;
  }
  if (value.codes.count() == 1) value.open = -1;
  return value;
}

}  // namespace headrace::rules
