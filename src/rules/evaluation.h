#pragma once

// One pass over one case: every condition from what is known, numbers as intervals, codes as sets.
// Private to `decide`, which cuts what stays open.

#include <optional>
#include <unordered_map>
#include <vector>

#include "rules/decide.h"

namespace headrace::rules {

// The law of one day: what is in force, with every dated value and group.
struct Law {
  struct Value {
    Interval number;
    Truth truth = Truth::kOpen;
  };
  std::vector<Value> dated;
  std::vector<Codes> groups;
};

struct Evaluation {
  struct FactValue {
    Interval number;
    Truth truth = Truth::kOpen;
    Codes codes;
  };
  struct RuleValue {
    bool done = false;
    Codes codes;
    const Clause* clause = nullptr;  // that decided
    int open = -1;                   // a condition that keeps it open
  };

  explicit Evaluation(const Book& book);

  // Forgets the case before; `a_case` must stay where it is.
  void begin(const Case& a_case);
  // What a fact, a term or a rule comes to in this case.
  const FactValue& fact(int index);
  Interval number(int term);
  Truth truth(int term);
  const RuleValue& rule(int index);
  Truth in_force(const Clause& clause) const;
  Truth holds(const Clause& clause);

  const Book& book;
  std::vector<double> changes;  // days on which the law changes
  std::vector<Codes> every_code;
  std::unordered_map<size_t, Law> laws;  // by the number of changes before the day
  const Law* law = nullptr;
  const Case* current = nullptr;
  std::vector<bool> ready;
  std::vector<FactValue> values;
  std::vector<RuleValue> asked_rules;
  std::vector<Truth> assumed;  // of terms that are cut without a threshold
  std::optional<Conflict> conflict;

 private:
  const Law& law_of(double date);
  Law::Value dated_value(const Dated& dated, double date);
  void derive(const Fact& about, FactValue& value);
  void set(const Fact& about, FactValue& value, double cell);
  Interval highest(const Term& term);
  Truth plain_truth(int term);
  RuleValue among(const Rule& about, const std::vector<Clause>& clauses, int otherwise,
                  int otherwise_rule = -1);
};

}  // namespace headrace::rules
