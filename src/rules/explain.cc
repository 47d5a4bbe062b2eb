#include "rules/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "syntax/print.h"

namespace headrace::rules {
namespace {

using syntax::CompareOp;
using Op = Term::Op;

// Five figures are enough for a reader, but a figure on a line must not look as if it were below.
std::string figure(Interval value) {
  if (!std::isfinite(value.high)) return "unknown";
  const auto one = [](double x) {
    std::string rounded = fmt::format("{:.5g}", x);
    return rounded.find('e') == std::string::npos && std::stod(rounded) == x ? rounded
           : x == std::round(x) ? fmt::format("{:.0f}", x)
                                : rounded;
  };
  return value.is_point() ? one(value.low) : one(value.low) + " to " + one(value.high);
}

class Explainer {
 public:
  Explainer(Judge& judge, const Book& book, const Case& asked)
      : judge_(judge), book_(book), asked_(asked), visited_(book.rules.size()) {}

  std::vector<Reason> take() { return std::move(reasons_); }

  void visit(int index) {
    if (visited_[index]) return;
    visited_[index] = true;
    const Rule& rule = book_.rules[index];
    const std::vector<Step> steps = judge_.trace(asked_, index);
    const auto among = [&](Truth truth) {
      return std::any_of(steps.begin(), steps.end(),
                         [&](const Step& step) { return !step.exception && step.holds == truth; });
    };
    const Truth shown = among(Truth::kYes)    ? Truth::kYes
                        : among(Truth::kOpen) ? Truth::kOpen
                                              : Truth::kNo;
    bool follows = false, decided = false;  // the exceptions below a clause that is shown
    for (const Step& step : steps) {
      if (!step.exception) {
        follows = !decided && (step.holds == shown || step.holds == Truth::kOpen);
        decided |= step.holds == Truth::kYes;
      }
      if (!follows || (step.exception && shown == Truth::kNo)) continue;
      if (step.holds == Truth::kNo)
        add_failure(step);
      else
        add(step);
    }
    if (shown != Truth::kYes && rule.otherwise_rule >= 0) visit(rule.otherwise_rule);
  }

 private:
  std::vector<int> parts_of(const Clause& clause) const {
    std::vector<int> parts;
    if (clause.when >= 0) flatten(clause.when, parts);
    return parts;
  }

  void add(const Step& step) {
    std::string because;
    for (int part : parts_of(*step.clause)) {
      if (is_granted(part) || judge_.truth(asked_, part) != step.holds) continue;
      ask_below(part);
      because += (because.empty() ? "" : ", ") + word(part);
    }
    reasons_.push_back({step.rule, step.clause, step.exception, step.holds, because});
  }

  // The first part that fails is enough, and a figure or a place says more than a yes or no. What
  // fails for the answer of another rule is told by that rule.
  void add_failure(const Step& step) {
    const std::vector<int> parts = parts_of(*step.clause);
    std::vector<int> failed;
    for (int part : parts)
      if (judge_.truth(asked_, part) == Truth::kNo) failed.push_back(part);
    if (failed.empty() ||
        std::any_of(failed.begin(), failed.end(), [&](int part) { return is_granted(part); }))
      return;
    if (asks(failed[0])) {
      for (int part : parts) {
        ask_below(part);
        if (part == failed[0]) return;
      }
    }
    if (is_plain_condition(failed[0]) && failed.size() > 1) return;
    reasons_.push_back({step.rule, step.clause, step.exception, step.holds, word(failed[0])});
  }

  bool is_plain_condition(int id) const {
    const Term& term = book_.terms[id];
    return term.op == Op::kFact || (term.op == Op::kNot && is_plain_condition(term.args[0]));
  }

  bool asks(int id) const {
    const Term& term = book_.terms[id];
    return term.op == Op::kRuleIs ||
           std::any_of(term.args.begin(), term.args.end(), [&](int arg) { return asks(arg); });
  }

  void flatten(int id, std::vector<int>& parts) const {
    const Term& term = book_.terms[id];
    if (term.op != Op::kAnd) {
      parts.push_back(id);
      return;
    }
    for (int arg : term.args) flatten(arg, parts);
  }

  void ask_below(int id) {
    const Term& term = book_.terms[id];
    if (term.op == Op::kRuleIs) visit(term.ref);
    for (int arg : term.args) ask_below(arg);
  }

  // It hangs on nothing but what is in force, or facts that are taken for granted and that nobody
  // has told.
  bool is_granted(int id) const {
    const Term& term = book_.terms[id];
    if (term.op == Op::kDated) return true;
    if (term.op == Op::kFact || term.op == Op::kFactIs || term.op == Op::kIn)
      return book_.facts[term.ref].assumed && asked_.facts[term.ref].state == Known::State::kUntold;
    if (term.op == Op::kRuleIs) return false;
    bool any = false;
    for (int arg : term.args) {
      const Term& inner = book_.terms[arg];
      if (inner.op == Op::kNumber || (inner.op == Op::kDated && !inner.truth)) continue;
      if (!is_granted(arg)) return false;
      any = true;
    }
    return any;
  }

  // ---------------------------------------------------------------- words

  std::string codes(const Codes& codes, int type) const {
    if (codes.count() != 1) return "unknown";
    return book_.enums[type].codes[codes._Find_first()];
  }

  std::string code_of(const Term& term) {
    const auto told = judge_.codes(asked_, term.ref);
    return codes(told.value_or(Codes()), book_.facts[term.ref].type);
  }

  // A condition as it stands in this case.
  std::string word(int id, bool inverse = false) {
    const Term& term = book_.terms[id];
    const char* no = inverse ? "not " : "";
    switch (term.op) {
      case Op::kNot:
        return word(term.args[0], !inverse);
      case Op::kAnd:
      case Op::kOr:
        return word_of_several(term, inverse);
      case Op::kFact: {
        const Truth truth = judge_.truth(asked_, id);
        return fmt::format("{}: {}", book_.facts[term.ref].shown(),
                           truth == Truth::kYes  ? "yes"
                           : truth == Truth::kNo ? "no"
                                                 : "unknown");
      }
      case Op::kDated:
        return no + book_.dated[term.ref].name;
      case Op::kFactIs: {
        const std::string& code = book_.enums[book_.facts[term.ref].type].codes[term.code];
        const std::string is = code_of(term);
        const std::string& name = book_.facts[term.ref].shown();
        if (is == "unknown") return fmt::format("{} unknown: {}?", name, code);
        return is == code ? fmt::format("{} {}", name, code)
                          : fmt::format("{} {}, not {}", name, is, code);
      }
      case Op::kIn: {
        const Group& group = book_.groups[term.code];
        return fmt::format("{} {} {}in {}", book_.facts[term.ref].shown(), code_of(term), no,
                           group.title.empty() ? group.name : group.title);
      }
      case Op::kRuleIs: {
        const Rule& rule = book_.rules[term.ref];
        return fmt::format("{} is {}{}", rule.name, no, book_.enums[rule.type].codes[term.code]);
      }
      case Op::kCompare:
        return no + comparison(term);
      default:
        return "";
    }
  }

  // Of what is joined by `or`, the first that holds, or all when none does.
  std::string word_of_several(const Term& term, bool inverse) {
    std::string all;
    for (int arg : term.args) {
      if (is_granted(arg)) continue;
      const bool either = (term.op == Op::kOr) != inverse;
      const Truth wanted = inverse ? Truth::kNo : Truth::kYes;
      if (either && judge_.truth(asked_, arg) == wanted) return word(arg, inverse);
      all += (all.empty() ? "" : either ? " or " : ", ") + word(arg, inverse);
    }
    return all;
  }

  // The figure of the case first, then the line.
  std::string comparison(const Term& term) {
    int left = term.args[0], right = term.args[1];
    CompareOp op = term.compare;
    if (!has_fact(left) && has_fact(right)) {
      std::swap(left, right);
      op = op == CompareOp::kLess           ? CompareOp::kGreater
           : op == CompareOp::kLessEqual    ? CompareOp::kGreaterEqual
           : op == CompareOp::kGreater      ? CompareOp::kLess
           : op == CompareOp::kGreaterEqual ? CompareOp::kLessEqual
                                            : op;
    }
    return fmt::format("{} {} {}", number(left), syntax::spelling(op), number(right));
  }

  bool has_fact(int id) const {
    const Term& term = book_.terms[id];
    return term.op == Op::kFact ||
           std::any_of(term.args.begin(), term.args.end(), [&](int arg) { return has_fact(arg); });
  }

  std::string number(int id) {
    const Term& term = book_.terms[id];
    const Interval value = judge_.value(asked_, id);
    const std::string unit = term.unit.text() == "1" ? "" : " " + short_unit(term.unit.text());
    switch (term.op) {
      case Op::kFact:
        return fmt::format("{} {}", book_.facts[term.ref].shown(),
                           std::isfinite(value.high) ? figure(value) + unit : "unknown");
      case Op::kAdd:
        return number(term.args[0]) + " + " + number(term.args[1]);
      case Op::kSubtract:
        return number(term.args[0]) + " - " + number(term.args[1]);
      default:
        return figure(value) + unit;
    }
  }

  static std::string short_unit(std::string text) {
    if (const size_t at = text.find("second"); at != std::string::npos) text.replace(at, 6, "s");
    return text;
  }

  Judge& judge_;
  const Book& book_;
  const Case& asked_;
  std::vector<bool> visited_;
  std::vector<Reason> reasons_;
};

}  // namespace

std::vector<Reason> explain(Judge& judge, const Book& book, const Case& asked, int rule) {
  Explainer explainer(judge, book, asked);
  explainer.visit(rule);
  return explainer.take();
}

}  // namespace headrace::rules
