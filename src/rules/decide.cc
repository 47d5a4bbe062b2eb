// Three-valued answers, made exact by cutting.
//
// One pass computes every condition from what is known: numbers as intervals, codes as sets. Where
// the answer stays open, some comparison in it is open, say `tpp >= 4800` with tpp between 4600
// and 5000. The case is then cut in two at that threshold and each half decided by itself; the
// answers are the union. A pass is cheap, each cut removes an open comparison for good, and most
// comparisons never matter, so few cuts are needed; kMostCuts bounds them, beyond which what is
// open stays open. A comparison of two unknown facts (io + dram >= 1700) that has no single
// threshold is assumed to hold in one half and not in the other.

#include "rules/decide.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <set>
#include <unordered_map>

#include "text/calendar.h"

namespace headrace::rules {
namespace {

using syntax::CompareOp;
using Op = Term::Op;

constexpr int kMostCuts = 4000;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Truth both(Truth a, Truth b) {
  if (a == Truth::kNo || b == Truth::kNo) return Truth::kNo;
  return a == Truth::kYes && b == Truth::kYes ? Truth::kYes : Truth::kOpen;
}

Truth inverse(Truth a) {
  return a == Truth::kOpen ? a : a == Truth::kYes ? Truth::kNo : Truth::kYes;
}

Truth compared(CompareOp op, Interval a, Interval b) {
  switch (op) {
    case CompareOp::kLess:
      return a.high < b.low ? Truth::kYes : a.low >= b.high ? Truth::kNo : Truth::kOpen;
    case CompareOp::kLessEqual:
      return a.high <= b.low ? Truth::kYes : a.low > b.high ? Truth::kNo : Truth::kOpen;
    case CompareOp::kGreater:
      return compared(CompareOp::kLess, b, a);
    case CompareOp::kGreaterEqual:
      return compared(CompareOp::kLessEqual, b, a);
    case CompareOp::kEqual:
      if (a.is_point() && b.is_point()) return a.low == b.low ? Truth::kYes : Truth::kNo;
      return a.high < b.low || b.high < a.low ? Truth::kNo : Truth::kOpen;
    case CompareOp::kNotEqual:
      return inverse(compared(CompareOp::kEqual, a, b));
  }
  return Truth::kOpen;
}

Interval times(Interval a, Interval b) {
  if (a.is_point() && b.is_point()) return {a.low * b.low, a.high * b.high};
  double low = kInfinity, high = -kInfinity;
  for (double x : {a.low, a.high}) {
    for (double y : {b.low, b.high}) {
      const double product = x == 0 || y == 0 ? 0 : x * y;
      low = std::min(low, product);
      high = std::max(high, product);
    }
  }
  return {low, high};
}

Interval over(Interval a, Interval b) {
  if (a.is_point() && b.is_point() && b.low != 0) return {a.low / b.low, a.low / b.low};
  if (b.low <= 0 && b.high >= 0) {
    // Nothing is known of a division that may be by 0, but its sign when nothing is negative.
    return {a.low >= 0 && b.low >= 0 ? (b.high == kInfinity ? 0 : a.low / b.high) : -kInfinity,
            kInfinity};
  }
  return times(a, {1 / b.high, 1 / b.low});
}

// The law of one day: what is in force, with every dated value and group.
struct Law {
  struct Value {
    Interval number;
    Truth truth = Truth::kOpen;
  };
  std::vector<Value> dated;
  std::vector<Codes> groups;
};

std::string shortest(double value) { return fmt::format("{}", value); }

}  // namespace

void Case::tell(int fact, double value) { tell(fact, value, value); }

void Case::tell(int fact, double low, double high) {
  facts[fact].state = Known::State::kTold;
  facts[fact].number = {low, high};
  facts[fact].ranged = low != high;
}

void Case::tell_truth(int fact, bool value) {
  facts[fact].state = Known::State::kTold;
  facts[fact].truth = value ? Truth::kYes : Truth::kNo;
}

void Case::tell_code(int fact, int code) {
  facts[fact].state = Known::State::kTold;
  facts[fact].codes.reset();
  facts[fact].codes.set(code);
}

int Answer::code() const {
  for (size_t i = 0; i < kMaxCodes; ++i)
    if (codes.test(i)) return static_cast<int>(i);
  return -1;
}

struct Judge::State {
  explicit State(const Book& book) : book(book), changes(book.changes()) {
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

  // ---------------------------------------------------------------- the law of a day

  const Law& law_of(double date) {
    const size_t slot = std::upper_bound(changes.begin(), changes.end(), date) - changes.begin();
    auto [at, fresh] = laws.emplace(slot, Law{});
    if (!fresh) return at->second;
    Law& made = at->second;
    law = &made;
    made.dated.resize(book.dated.size());
    // A dated value may hang on others; each reading settles one more level.
    for (size_t round = 0; round < 8; ++round)
      for (size_t i = 0; i < book.dated.size(); ++i)
        made.dated[i] = dated_value(book.dated[i], date);
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

  Law::Value dated_value(const Dated& dated, double date) {
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

  // ---------------------------------------------------------------- one pass

  void begin(const Case& a_case) {
    current = &a_case;
    law = &law_of(a_case.date);
    std::fill(ready.begin(), ready.end(), false);
    for (auto& each : asked_rules) each.done = false;
    conflict.reset();
  }

  struct FactValue {
    Interval number;
    Truth truth = Truth::kOpen;
    Codes codes;
  };

  const FactValue& fact(int index) {
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
  void derive(const Fact& about, FactValue& value) {
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

  void set(const Fact& about, FactValue& value, double cell) {
    value.number = {cell, cell};
    value.truth = cell != 0 ? Truth::kYes : Truth::kNo;
    if (about.kind != Fact::Kind::kCode) return;
    value.codes.reset();
    value.codes.set(static_cast<size_t>(cell));
  }

  Interval number(int id) {
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
      case Op::kSubtract: {
        const Interval a = number(term.args[0]);
        Interval b = number(term.args[1]);
        if (term.op == Op::kSubtract) b = {-b.high, -b.low};
        return {a.low + b.low, a.high + b.high};
      }
      case Op::kMultiply:
        return times(number(term.args[0]), number(term.args[1]));
      case Op::kDivide:
        return over(number(term.args[0]), number(term.args[1]));
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
  Interval highest(const Term& term) {
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

  Truth truth(int id) {
    Truth result = plain_truth(id);
    if (result == Truth::kOpen && assumed[id] != Truth::kOpen) result = assumed[id];
    return result;
  }

  Truth plain_truth(int id) {
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

  // ---------------------------------------------------------------- rules

  struct RuleValue {
    bool done = false;
    Codes codes;
    const Clause* clause = nullptr;  // that decided
    int open = -1;                   // a condition that keeps it open
  };

  Truth in_force(const Clause& clause) const {
    if (current->date < clause.from || current->date >= clause.to) return Truth::kNo;
    return clause.act < 0 ? Truth::kYes : law->dated[clause.act].truth;
  }

  Truth holds(const Clause& clause) {
    const Truth force = in_force(clause);
    if (force == Truth::kNo || clause.when < 0) return force;
    return both(force, truth(clause.when));
  }

  const RuleValue& rule(int index) {
    RuleValue& value = asked_rules[index];
    if (value.done) return value;
    const Rule& about = book.rules[index];
    RuleValue made = among(about, about.clauses, about.otherwise, about.otherwise_rule);
    made.done = true;
    return asked_rules[index] = made;
  }

  // The clause that holds; the latest first, each with its exceptions.
  RuleValue among(const Rule& about, const std::vector<Clause>& clauses, int otherwise,
                  int otherwise_rule = -1) {
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

  // ---------------------------------------------------------------- cuts

  // The comparison that keeps a condition open.
  int open_part(int id) {
    const Term& term = book.terms[id];
    if (term.op == Op::kRuleIs) {
      const int open = rule(term.ref).open;
      return open < 0 ? id : open_part(open);
    }
    if (term.op == Op::kAnd || term.op == Op::kOr || term.op == Op::kNot) {
      for (int arg : term.args)
        if (truth(arg) == Truth::kOpen) return open_part(arg);
    }
    return id;
  }

  struct Cut {
    int fact = -1;  // -1: only assumed
    int term = -1;
    Known above, below;  // what is known of the fact in each half; above: the term holds or not
    bool above_holds = true;
    std::string above_text, below_text;
    std::vector<int> facts;  // of an assumption: all that are open in it
  };

  Known told(int index) {
    const FactValue& value = fact(index);
    Known known = current->facts[index];
    known.state = Known::State::kTold;
    known.number = value.number;
    known.truth = value.truth;
    known.codes = value.codes;
    return known;
  }

  Cut cut_at(int id) {
    const Term& term = book.terms[id];
    Cut cut;
    cut.term = id;
    if (term.op == Op::kFact) {
      cut.fact = term.ref;
      cut.above = cut.below = told(term.ref);
      cut.above.truth = Truth::kYes;
      cut.below.truth = Truth::kNo;
      cut.above_text = book.facts[term.ref].shown() + ": yes";
      cut.below_text = book.facts[term.ref].shown() + ": no";
    } else if (term.op == Op::kFactIs || term.op == Op::kIn) {
      cut.fact = term.ref;
      cut.above = cut.below = told(term.ref);
      Codes group;
      if (term.op == Op::kIn)
        group = law->groups[term.code];
      else
        group.set(term.code);
      cut.above.codes &= group;
      cut.below.codes &= ~group;
      const std::string& name = book.facts[term.ref].shown();
      const std::string what = term.op == Op::kIn
                                   ? "in " + shown(book.groups[term.code])
                                   : book.enums[book.facts[term.ref].type].codes[term.code];
      cut.above_text = fmt::format("{} is {}", name, what);
      cut.below_text = fmt::format("{} is not {}", name, what);
    } else if (term.op == Op::kCompare) {
      cut_number(term, cut);
    }
    if (cut.fact < 0) assume(id, cut);
    return cut;
  }

  static std::string shown(const Group& group) {
    return group.title.empty() ? group.name : group.title;
  }

  // The facts below a term that are not points, told or not.
  void open_numbers(int id, std::vector<int>& facts) {
    const Term& term = book.terms[id];
    if (term.op == Op::kFact && !term.truth && !fact(term.ref).number.is_point()) {
      if (std::find(facts.begin(), facts.end(), term.ref) == facts.end()) facts.push_back(term.ref);
    }
    for (int arg : term.args) open_numbers(arg, facts);
  }

  void cut_number(const Term& term, Cut& cut) {
    std::vector<int> facts;
    open_numbers(term.args[0], facts);
    open_numbers(term.args[1], facts);
    cut.facts = facts;
    if (facts.size() != 1) return;
    const int about = facts[0];
    const Interval range = fact(about).number;
    const bool direct =
        book.terms[term.args[0]].op == Op::kFact && book.terms[term.args[1]].op != Op::kFact;
    const Interval right = number(term.args[1]);
    const bool order = term.compare != CompareOp::kEqual && term.compare != CompareOp::kNotEqual;
    std::optional<double> first_above;  // the least value of the upper half
    double edge = 0;
    bool or_more = true;
    if (direct && right.is_point() && order) {
      edge = right.low;
      or_more = term.compare == CompareOp::kGreaterEqual || term.compare == CompareOp::kLess;
      first_above = or_more ? edge : std::nextafter(edge, kInfinity);
    } else if (order) {
      first_above = search(term, about, range);
      if (first_above) edge = std::strtod(fmt::format("{:.10g}", *first_above).c_str(), nullptr);
    }
    if (!first_above || *first_above <= range.low || *first_above > range.high) return;
    cut.fact = about;
    cut.above = cut.below = told(about);
    cut.above.number.low = *first_above;
    cut.below.number.high = std::nextafter(*first_above, -kInfinity);
    const std::string& name = book.facts[about].shown();
    const std::string unit = unit_text(book.facts[about]);
    cut.above_text = fmt::format("{} is {}{}{}", name, or_more ? "" : "more than ",
                                 shortest(edge) + unit, or_more ? " or more" : "");
    cut.below_text = fmt::format("{} is {}{}{}", name, or_more ? "below " : "",
                                 shortest(edge) + unit, or_more ? "" : " or less");
  }

  static std::string unit_text(const Fact& about) {
    const std::string text = about.unit.text();
    return text == "1" ? "" : " " + text;
  }

  // The least value of one fact from which on a comparison answers as it does at the top. Works on
  // the bits of doubles of one sign, whose order is that of their values: at most 64 steps.
  std::optional<double> search(const Term& term, int about, Interval range) {
    const double top = std::min(range.high, 1e30);
    const auto at = [&](double value) {
      const FactValue kept = values[about];
      values[about].number = {value, value};
      const Truth truth = compared(term.compare, number(term.args[0]), number(term.args[1]));
      values[about] = kept;
      return truth;
    };
    double low = std::max(range.low, 0.0), high = top;
    const Truth end = at(high);
    if (at(low) == end || end == Truth::kOpen) return std::nullopt;
    while (std::nextafter(low, kInfinity) < high) {
      const uint64_t middle = std::bit_cast<uint64_t>(low) / 2 + std::bit_cast<uint64_t>(high) / 2;
      double between = std::bit_cast<double>(middle);
      if (between <= low) between = std::nextafter(low, kInfinity);
      if (between >= high) break;
      (at(between) == end ? high : low) = between;
    }
    return high;
  }

  void assume(int id, Cut& cut) {
    const Term& term = book.terms[id];
    const auto text = [&](bool holds) {
      return fmt::format("the condition {}", holds ? "holds" : "does not hold");
    };
    if (cut.facts.empty() && term.ref >= 0 &&
        (term.op == Op::kFactIs || term.op == Op::kIn || term.op == Op::kFact))
      cut.facts.push_back(term.ref);
    cut.above_text = text(true);
    cut.below_text = text(false);
  }

  // ---------------------------------------------------------------- the whole

  struct Part {
    std::vector<Answer> answers;
  };

  // What of this half is known of the rules.
  std::vector<Answer> solve(Case& asked, const std::vector<int>& rules, int& cuts,
                            std::optional<Conflict>& found) {
    begin(asked);
    std::vector<Answer> answers(rules.size());
    int open = -1;
    for (size_t i = 0; i < rules.size(); ++i) {
      const RuleValue& value = rule(rules[i]);
      answers[i].codes = value.codes;
      answers[i].clause = value.clause;
      if (value.open >= 0 && open < 0) open = value.open;
    }
    if (conflict && !found) found = conflict;
    if (open < 0 || cuts >= kMostCuts) return answers;
    ++cuts;
    const int at = open_part(open);
    const Cut cut = cut_at(at);
    std::vector<Answer> above, below;
    if (cut.fact >= 0) {
      const Known kept = asked.facts[cut.fact];
      asked.facts[cut.fact] = cut.above;
      above = solve(asked, rules, cuts, found);
      asked.facts[cut.fact] = cut.below;
      below = solve(asked, rules, cuts, found);
      asked.facts[cut.fact] = kept;
    } else {
      assumed[at] = Truth::kYes;
      above = solve(asked, rules, cuts, found);
      assumed[at] = Truth::kNo;
      below = solve(asked, rules, cuts, found);
      assumed[at] = Truth::kOpen;
    }
    for (size_t i = 0; i < rules.size(); ++i) answers[i] = joined(cut, asked, above[i], below[i]);
    return answers;
  }

  Answer joined(const Cut& cut, const Case& asked, Answer& above, Answer& below) {
    Answer answer;
    answer.codes = above.codes | below.codes;
    const auto add = [&](int about) {
      answer.needs.push_back({about, asked.facts[about].ranged, cut.above_text, cut.below_text,
                              above.codes, below.codes});
    };
    if (above.codes != below.codes) {
      if (cut.fact >= 0)
        add(cut.fact);
      else
        for (int each : cut.facts) add(each);
    }
    const auto take = [&](std::vector<Need>& needs) {
      for (Need& need : needs) {
        const bool known = std::any_of(
            answer.needs.begin(), answer.needs.end(),
            [&](const Need& each) { return each.fact == need.fact && each.above == need.above; });
        if (!known && answer.needs.size() < 64) answer.needs.push_back(std::move(need));
      }
    };
    take(above.needs);
    take(below.needs);
    if (answer.determined() && above.clause == below.clause) answer.clause = above.clause;
    if (answer.determined() && !answer.clause)
      answer.clause = above.clause ? above.clause : below.clause;
    return answer;
  }

  bool find(Case& asked, const Clause& a, const Clause& b, int& cuts) {
    begin(asked);
    const Truth x = holds(a), y = holds(b);
    if (x == Truth::kNo || y == Truth::kNo) return false;
    if (x == Truth::kYes && y == Truth::kYes) return true;
    if (++cuts > kMostCuts) return false;
    const Clause& open = x == Truth::kOpen ? a : b;
    if (open.when < 0 || in_force(open) == Truth::kOpen) return true;
    const int at = open_part(open.when);
    const Cut cut = cut_at(at);
    bool found = false;
    if (cut.fact >= 0) {
      const Known kept = asked.facts[cut.fact];
      asked.facts[cut.fact] = cut.above;
      found = find(asked, a, b, cuts);
      asked.facts[cut.fact] = cut.below;
      found = found || find(asked, a, b, cuts);
      asked.facts[cut.fact] = kept;
    } else {
      assumed[at] = Truth::kYes;
      found = find(asked, a, b, cuts);
      assumed[at] = Truth::kNo;
      found = found || find(asked, a, b, cuts);
      assumed[at] = Truth::kOpen;
    }
    return found;
  }

  const Book& book;
  std::vector<double> changes;
  std::vector<Codes> every_code;
  std::unordered_map<size_t, Law> laws;
  const Law* law = nullptr;
  const Case* current = nullptr;
  std::vector<bool> ready;
  std::vector<FactValue> values;
  std::vector<RuleValue> asked_rules;
  std::vector<Truth> assumed;
  std::optional<Conflict> conflict;
};

namespace {

// A fact may have been cut at several values. Where one cut parts the answers, the others of that
// fact tell nothing more.
void keep_telling(std::vector<Need>& needs) {
  const auto parts = [](const Need& need) { return (need.if_above & need.if_below).none(); };
  std::set<int> parted;
  for (const Need& need : needs)
    if (parts(need)) parted.insert(need.fact);
  std::erase_if(needs,
                [&](const Need& need) { return !parts(need) && parted.contains(need.fact); });
}

}  // namespace

Judge::Judge(const Book& book) : state_(std::make_unique<State>(book)) {}
Judge::~Judge() = default;

Decision Judge::decide(const Case& asked, const std::vector<int>& rules) {
  Decision decision;
  Case copy = asked;
  int cuts = 0;
  decision.answers = state_->solve(copy, rules, cuts, decision.conflict);
  for (Answer& answer : decision.answers) keep_telling(answer.needs);
  return decision;
}

std::vector<Step> Judge::trace(const Case& asked, int rule) {
  state_->begin(asked);
  std::vector<Step> steps;
  const Rule& about = state_->book.rules[rule];
  for (const Clause& clause : about.clauses) {
    if (state_->in_force(clause) == Truth::kNo) continue;
    const Truth truth = state_->holds(clause);
    steps.push_back({&about, &clause, false, truth});
    if (truth == Truth::kNo) continue;
    for (const Clause& except : clause.exceptions) {
      if (state_->in_force(except) != Truth::kNo)
        steps.push_back({&about, &except, true, state_->holds(except)});
    }
  }
  return steps;
}

std::optional<Interval> Judge::number(const Case& asked, int fact) {
  if (state_->book.facts[fact].kind != Fact::Kind::kNumber) return std::nullopt;
  state_->begin(asked);
  return state_->fact(fact).number;
}

std::optional<Codes> Judge::codes(const Case& asked, int fact) {
  if (state_->book.facts[fact].kind != Fact::Kind::kCode) return std::nullopt;
  state_->begin(asked);
  return state_->fact(fact).codes;
}

Truth Judge::truth(const Case& asked, int term) {
  state_->begin(asked);
  return state_->truth(term);
}

Interval Judge::value(const Case& asked, int term) {
  state_->begin(asked);
  return state_->number(term);
}

bool Judge::both_can_hold(const Clause& a, const Clause& b, double date) {
  Case asked(state_->book);
  asked.date = date;
  // What a rule takes for granted may be otherwise.
  for (size_t i = 0; i < asked.facts.size(); ++i) {
    if (!state_->book.facts[i].assumed) continue;
    asked.facts[i].state = Known::State::kTold;
    if (state_->book.facts[i].kind == Fact::Kind::kCode)
      asked.facts[i].codes = state_->every_code[state_->book.facts[i].type];
  }
  int cuts = 0;
  return state_->find(asked, a, b, cuts);
}

namespace {

void check_list(const Book& book, Judge& judge, const Rule& rule,
                const std::vector<Clause>& clauses, const std::vector<double>& dates,
                text::Diagnostics& diagnostics) {
  for (size_t i = 0; i < clauses.size(); ++i) {
    for (size_t j = i + 1; j < clauses.size() && clauses[j].since == clauses[i].since; ++j) {
      if (clauses[i].code == clauses[j].code) continue;
      for (double date : dates) {
        if (!judge.both_can_hold(clauses[i], clauses[j], date)) continue;
        auto& diagnostic = diagnostics.error(
            text::Kind::kConflict, clauses[j].span,
            fmt::format("two clauses of `{}` can hold at once and answer `{}` and `{}`", rule.name,
                        book.enums[rule.type].codes[clauses[i].code],
                        book.enums[rule.type].codes[clauses[j].code]));
        diagnostic.labels.push_back({clauses[i].span, "the other one"});
        diagnostic.hint = "make one an `except` of the other, or its date later";
        break;
      }
    }
    check_list(book, judge, rule, clauses[i].exceptions, dates, diagnostics);
  }
}

}  // namespace

void check_conflicts(const Book& book, text::Diagnostics& diagnostics) {
  Judge judge(book);
  std::vector<double> dates = book.changes();
  if (dates.empty()) dates.push_back(2000);
  for (const Rule& rule : book.rules)
    check_list(book, judge, rule, rule.clauses, dates, diagnostics);
}

}  // namespace headrace::rules
