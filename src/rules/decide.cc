// Three-valued answers, made exact by cutting.
//
// One pass computes every condition from what is known: numbers as intervals, codes as sets. Where
// the answer stays open, some comparison in it is open, say `tpp >= 4800` with tpp between 4600
// and 5000. The case is then cut in two at that threshold and each half decided by itself; the
// answers are the union. A pass is cheap, each cut removes an open comparison for good, and most
// comparisons never matter, so few cuts are needed; kMostCuts bounds them, beyond which what is
// open stays open. A comparison of two unknown facts (io + dram >= 1700) that has no single
// threshold is assumed to hold in one half and not in the other.

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <set>
#include <unordered_map>

#include "rules/evaluation.h"

namespace headrace::rules {
namespace {

using syntax::CompareOp;
using Op = Term::Op;

constexpr int kMostCuts = 4000;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

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
  explicit State(const Book& book) : pass(book) {}

  // ---------------------------------------------------------------- cuts

  // The comparison that keeps a condition open.
  int open_part(int id) {
    const Term& term = pass.book.terms[id];
    if (term.op == Op::kRuleIs) {
      const int open = pass.rule(term.ref).open;
      return open < 0 ? id : open_part(open);
    }
    if (term.op == Op::kAnd || term.op == Op::kOr || term.op == Op::kNot) {
      for (int arg : term.args)
        if (pass.truth(arg) == Truth::kOpen) return open_part(arg);
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
    const Evaluation::FactValue& value = pass.fact(index);
    Known known = pass.current->facts[index];
    known.state = Known::State::kTold;
    known.number = value.number;
    known.truth = value.truth;
    known.codes = value.codes;
    return known;
  }

  Cut cut_at(int id) {
    const Term& term = pass.book.terms[id];
    Cut cut;
    cut.term = id;
    if (term.op == Op::kFact) {
      cut.fact = term.ref;
      cut.above = cut.below = told(term.ref);
      cut.above.truth = Truth::kYes;
      cut.below.truth = Truth::kNo;
      cut.above_text = pass.book.facts[term.ref].shown() + ": yes";
      cut.below_text = pass.book.facts[term.ref].shown() + ": no";
    } else if (term.op == Op::kFactIs || term.op == Op::kIn) {
      cut.fact = term.ref;
      cut.above = cut.below = told(term.ref);
      Codes group;
      if (term.op == Op::kIn)
        group = pass.law->groups[term.code];
      else
        group.set(term.code);
      cut.above.codes &= group;
      cut.below.codes &= ~group;
      const std::string& name = pass.book.facts[term.ref].shown();
      const std::string what =
          term.op == Op::kIn ? "in " + shown(pass.book.groups[term.code])
                             : pass.book.enums[pass.book.facts[term.ref].type].codes[term.code];
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
    const Term& term = pass.book.terms[id];
    if (term.op == Op::kFact && !term.truth && !pass.fact(term.ref).number.is_point()) {
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
    const Interval range = pass.fact(about).number;
    const bool direct = pass.book.terms[term.args[0]].op == Op::kFact &&
                        pass.book.terms[term.args[1]].op != Op::kFact;
    const Interval right = pass.number(term.args[1]);
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
    const std::string& name = pass.book.facts[about].shown();
    const std::string unit = unit_text(pass.book.facts[about]);
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
      const Evaluation::FactValue kept = pass.values[about];
      pass.values[about].number = {value, value};
      const Truth truth =
          compared(term.compare, pass.number(term.args[0]), pass.number(term.args[1]));
      pass.values[about] = kept;
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
    const Term& term = pass.book.terms[id];
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
    pass.begin(asked);
    std::vector<Answer> answers(rules.size());
    int open = -1;
    for (size_t i = 0; i < rules.size(); ++i) {
      const Evaluation::RuleValue& value = pass.rule(rules[i]);
      answers[i].codes = value.codes;
      answers[i].clause = value.clause;
      if (value.open >= 0 && open < 0) open = value.open;
    }
    if (pass.conflict && !found) found = pass.conflict;
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
      pass.assumed[at] = Truth::kYes;
      above = solve(asked, rules, cuts, found);
      pass.assumed[at] = Truth::kNo;
      below = solve(asked, rules, cuts, found);
      pass.assumed[at] = Truth::kOpen;
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
    pass.begin(asked);
    const Truth x = pass.holds(a), y = pass.holds(b);
    if (x == Truth::kNo || y == Truth::kNo) return false;
    if (x == Truth::kYes && y == Truth::kYes) return true;
    if (++cuts > kMostCuts) return false;
    const Clause& open = x == Truth::kOpen ? a : b;
    if (open.when < 0 || pass.in_force(open) == Truth::kOpen) return true;
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
      pass.assumed[at] = Truth::kYes;
      found = find(asked, a, b, cuts);
      pass.assumed[at] = Truth::kNo;
      found = found || find(asked, a, b, cuts);
      pass.assumed[at] = Truth::kOpen;
    }
    return found;
  }

  Evaluation pass;
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
  state_->pass.begin(asked);
  std::vector<Step> steps;
  const Rule& about = state_->pass.book.rules[rule];
  for (const Clause& clause : about.clauses) {
    if (state_->pass.in_force(clause) == Truth::kNo) continue;
    const Truth truth = state_->pass.holds(clause);
    steps.push_back({&about, &clause, false, truth});
    if (truth == Truth::kNo) continue;
    for (const Clause& except : clause.exceptions) {
      if (state_->pass.in_force(except) != Truth::kNo)
        steps.push_back({&about, &except, true, state_->pass.holds(except)});
    }
  }
  return steps;
}

std::optional<Interval> Judge::number(const Case& asked, int fact) {
  if (state_->pass.book.facts[fact].kind != Fact::Kind::kNumber) return std::nullopt;
  state_->pass.begin(asked);
  return state_->pass.fact(fact).number;
}

std::optional<Codes> Judge::codes(const Case& asked, int fact) {
  if (state_->pass.book.facts[fact].kind != Fact::Kind::kCode) return std::nullopt;
  state_->pass.begin(asked);
  return state_->pass.fact(fact).codes;
}

Truth Judge::truth(const Case& asked, int term) {
  state_->pass.begin(asked);
  return state_->pass.truth(term);
}

Interval Judge::value(const Case& asked, int term) {
  state_->pass.begin(asked);
  return state_->pass.number(term);
}

bool Judge::both_can_hold(const Clause& a, const Clause& b, double date) {
  Case asked(state_->pass.book);
  asked.date = date;
  // What a rule takes for granted may be otherwise.
  for (size_t i = 0; i < asked.facts.size(); ++i) {
    if (!state_->pass.book.facts[i].assumed) continue;
    asked.facts[i].state = Known::State::kTold;
    if (state_->pass.book.facts[i].kind == Fact::Kind::kCode)
      asked.facts[i].codes = state_->pass.every_code[state_->pass.book.facts[i].type];
  }
  int cuts = 0;
  return state_->find(asked, a, b, cuts);
}

}  // namespace headrace::rules
