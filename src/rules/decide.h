#pragma once

// One case on one day, answered with three-valued logic.
//
// A fact may be a value, a range, or unknown. A condition is then true, false or open. When an
// answer stays open, the fact that keeps it open is cut at the threshold it is compared with, each
// part is answered alone, and the answers are put together. So an answer is undetermined only if
// an unknown fact can change it, and the facts and thresholds that do so are known.

#include <memory>
#include <string>
#include <vector>

#include "rules/book.h"
#include "rules/interval.h"

namespace headrace::rules {

// What is told about one fact.
struct Known {
  enum class State : uint8_t { kUntold, kTold };
  State state = State::kUntold;
  Interval number{0, std::numeric_limits<double>::infinity()};
  Truth truth = Truth::kOpen;
  Codes codes;
  bool ranged = false;  // told as a range
};

struct Case {
  explicit Case(const Book& book) : facts(book.facts.size()) {}
  std::vector<Known> facts;
  double date = 0;  // years of the model calendar

  void tell(int fact, double value);
  void tell(int fact, double low, double high);
  void tell_truth(int fact, bool value);
  void tell_code(int fact, int code);
};

// A fact that changes an answer, and the value at which it does.
struct Need {
  int fact = -1;
  bool ranged = false;
  std::string above, below;  // "TPP is 4800 or more", "TPP is below 4800"
  Codes if_above, if_below;
};

struct Answer {
  Codes codes;  // one: determined
  std::vector<Need> needs;
  const Clause* clause = nullptr;  // what decided, when determined; null: no clause held

  bool determined() const { return codes.count() == 1; }
  int code() const;
};

struct Conflict {
  const Rule* rule = nullptr;
  const Clause* first = nullptr;
  const Clause* second = nullptr;
};

struct Decision {
  std::vector<Answer> answers;  // for the rules asked
  std::optional<Conflict> conflict;
};

// One line of a trace: a clause that is in force and whether it holds.
struct Step {
  const Rule* rule = nullptr;
  const Clause* clause = nullptr;
  bool exception = false;
  Truth holds = Truth::kOpen;
};

// Answers many cases; keeps the law of each day it has been asked about. Not for several threads.
class Judge {
 public:
  explicit Judge(const Book& book);
  ~Judge();

  Decision decide(const Case& asked, const std::vector<int>& rules);
  // The clauses of a rule that are in force on the day, in the order they are read.
  std::vector<Step> trace(const Case& asked, int rule);
  // What a fact comes to: told, read from the catalogue, or derived. Nothing when not a number.
  std::optional<Interval> number(const Case& asked, int fact);
  std::optional<Codes> codes(const Case& asked, int fact);
  // What a term of the book comes to.
  Truth truth(const Case& asked, int term);
  Interval value(const Case& asked, int term);
  // A case in which both conditions hold, for the check of conflicts.
  bool both_can_hold(const Clause& a, const Clause& b, double date);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Clauses of one rule that begin on the same day, answer differently, and can both hold.
void check_conflicts(const Book& book, text::Diagnostics& diagnostics);

}  // namespace headrace::rules
