// SIMULTANEOUS(expression, first): the variable hangs on itself within the step, and the equations
// of the circle are computed again and again until they settle. Here each variable of the circle
// gets a copy with a value for each of 100 rounds, in which the variable itself is what it was the
// round before, and `first` in the first:
//
//   y = SIMULTANEOUS(z / 2, 1)        let "_y"[round] = "_z"[round] / 2
//   z = 3 - y                         let "_z"[round] = 3 - (if position(round) == 1 then 1 else
//                                                            "_y"[round - 1])
//   let y = "_y"[100]
//   check "y settles": abs("_y"[100] - "_y"[99]) <= 1e-6 * abs("_y"[100])
//
// Where the rounds settle, it does not matter how many there are.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

using syntax::ExprId;
using F = Formula::Kind;
using Symbols = std::set<const Symbol*>;

constexpr int kRounds = 100;

// Functions that remember, or draw: a copy of them in each round would be another one.
bool remembers(const std::string& name) {
  static const std::set<std::string> kNames = {
      "integ",          "initial",        "reinitial",     "active_initial",
      "sample_if_true", "trend",          "forecast",      "npv",
      "npve",           "sinteg",         "shift_if_true", "internal_rate_of_return",
      "simultaneous",   "vector_reorder", "find_zero"};
  for (const char* family : {"smooth", "delay", "random", "depreciate", "vector", "allocate"}) {
    if (name.starts_with(family)) return true;
  }
  return kNames.contains(name);
}

class Circle {
 public:
  Circle(Translation& t, const Symbol& variable) : t_(t), variable_(variable) {}

  void find() {
    std::vector<const Symbol*> open{&variable_};
    Symbols reached;
    while (!open.empty()) {
      const Symbol* symbol = open.back();
      open.pop_back();
      if (!reached.insert(symbol).second) continue;
      for (const Symbol* used : uses(*symbol)) {
        users_[used].insert(symbol);
        open.push_back(used);
      }
    }
    open.assign(users_[&variable_].begin(), users_[&variable_].end());
    while (!open.empty()) {
      const Symbol* symbol = open.back();
      open.pop_back();
      if (!circle_.insert(symbol).second || symbol == &variable_) continue;
      open.insert(open.end(), users_[symbol].begin(), users_[symbol].end());
    }
    if (circle_.empty()) return;
    Rounds& rounds = t_.rounds.emplace_back();
    rounds.variable = &variable_;
    if (!can_repeat()) return;
    if (is_zero())
      name_zero(rounds);
    else
      name_copies(rounds);
  }

 private:
  bool is_zero() const { return is_find_zero(t_, variable_.equations.front()->value); }

  // What the right sides of the variable name; of SIMULTANEOUS not what it begins with, of FIND
  // ZERO what is to be zero.
  Symbols uses(const Symbol& symbol) const {
    Symbols used;
    for (const Equation* equation : symbol.equations) {
      if (equation->kind != Equation::Kind::kValue) continue;
      for_each(right(*equation), [&](const Formula& formula) {
        const Symbol* named = formula.kind == F::kName ? find_symbol(t_, formula.text) : nullptr;
        if (named && named->role == Symbol::Role::kValue) used.insert(named);
      });
    }
    return used;
  }

  FormulaId right(const Equation& equation) const {
    if (is_simultaneous(t_, equation.value)) return t_.formulas[equation.value].children[0];
    if (is_find_zero(t_, equation.value)) return t_.formulas[equation.value].children[1];
    return equation.value;
  }

  template <class Visit>
  void for_each(FormulaId id, Visit&& visit) const {
    std::vector<FormulaId> open{id};
    while (!open.empty()) {
      const Formula& formula = t_.formulas[open.back()];
      open.pop_back();
      visit(formula);
      open.insert(open.end(), formula.children.begin(), formula.children.end());
    }
  }

  bool can_repeat() {
    bool fine = true;
    for (const std::string& own : t_.order) {
      const Symbol* symbol = &t_.symbols.at(own);
      if (!circle_.contains(symbol)) continue;
      for (const Equation* equation : symbol->equations) {
        if (equation->kind != Equation::Kind::kValue) continue;
        for_each(right(*equation), [&](const Formula& formula) {
          const std::string name = canonical(formula.text);
          if (!fine || formula.kind != F::kCall) return;
          fine = !remembers(name) && !t_.macros.contains(name);
        });
        const bool other = symbol != &variable_ && (is_simultaneous(t_, equation->value) ||
                                                    is_find_zero(t_, equation->value));
        fine = fine && !other;
        if (fine) continue;
        not_read(t_, t_.formulas[equation->value],
                 fmt::format("{} around a macro, another one, or a function that remembers",
                             is_zero() ? "FIND ZERO" : "SIMULTANEOUS"));
        return false;
      }
    }
    return true;
  }

  void name_copies(Rounds& rounds) {
    rounds.count = kRounds;
    rounds.dims = {t_.fresh("_" + variable_.name + " (round)")};
    rounds.first = t_.fresh("_" + variable_.name + " (first)");
    for (const std::string& name : t_.order) {
      const Symbol* symbol = &t_.symbols.at(name);
      if (circle_.contains(symbol))
        rounds.copies.emplace_back(
            symbol, t_.fresh(fmt::format("_{} for {} (round)", symbol->name, variable_.name)));
    }
    write_check(rounds);
  }

  void name_zero(Rounds& rounds) {
    const auto count = rounds_of_zero(t_, variable_);
    if (!count) return;
    rounds.count = *count;
    for (const char* what : {"round", "probe"})
      rounds.dims.push_back(t_.fresh(fmt::format("_{} ({})", variable_.name, what)));
    rounds.best = t_.fresh(fmt::format("_{} (best)", variable_.name));
    for (const std::string& name : t_.order) {
      const Symbol* symbol = &t_.symbols.at(name);
      if (!circle_.contains(symbol)) continue;
      const std::string wanted =
          symbol == &variable_ ? fmt::format("_{} (tried)", symbol->name)
                               : fmt::format("_{} for {} (round)", symbol->name, variable_.name);
      rounds.copies.emplace_back(symbol, t_.fresh(wanted));
    }
    write_zero(t_, rounds);
  }

  void write_check(const Rounds& rounds) {
    const Span span = variable_.equations.front()->span;
    const Build build = t_.build(span);
    syntax::DimDecl dim;
    dim.name = build.word(rounds.dims.front());
    for (int k = 1; k <= kRounds; ++k) dim.members.push_back(build.word(std::to_string(k)));
    t_.add({std::move(dim), {}, span});
    std::vector<syntax::Binding> bindings;
    std::vector<syntax::Index> indexes;
    for (const Axis& axis : variable_.axes) {
      bindings.push_back(build.binding(axis.index, t_.ranges[axis.range].name));
      indexes.push_back(build.index(axis.index));
    }
    const auto at = [&](int round) {
      return build.element(rounds.copy_of(&variable_), rounds.at(indexes, round, span));
    };
    const ExprId change = build.call("abs", {build.subtract(at(kRounds), at(kRounds - 1))});
    const ExprId little = build.multiply(build.number(1e-6), build.call("abs", {at(kRounds)}));
    syntax::CheckDecl check;
    check.name = build.word(t_.fresh(variable_.name + " settles"));
    check.condition = build.compare(change, syntax::CompareOp::kLessEqual, little);
    if (!bindings.empty())
      check.condition = build.call("all", {check.condition}, std::move(bindings));
    t_.add({std::move(check), {}, span});
  }

  Translation& t_;
  const Symbol& variable_;
  std::map<const Symbol*, Symbols> users_;
  Symbols circle_;
};

}  // namespace

const std::string& Rounds::copy_of(const Symbol* symbol) const {
  static const std::string kNone;
  const auto found = std::ranges::find(copies, symbol, [](const auto& copy) { return copy.first; });
  return found == copies.end() ? kNone : found->second;
}

std::vector<syntax::Index> Rounds::at(std::vector<syntax::Index> indexes, int round, Span span) {
  indexes.push_back({syntax::Index::Kind::kNumber, {}, round, span});
  return indexes;
}

bool is_simultaneous(const Translation& t, FormulaId id) {
  return is_call_of(t, id, "simultaneous") && t.formulas[id].children.size() == 2;
}

void find_rounds(Translation& t) {
  for (const std::string& name : t.order) {
    const Symbol& symbol = t.symbols.at(name);
    const bool repeats = std::ranges::any_of(symbol.equations, [&](const Equation* equation) {
      return equation->kind == Equation::Kind::kValue &&
             (is_simultaneous(t, equation->value) || is_find_zero(t, equation->value));
    });
    if (repeats && !symbol.bad) Circle(t, symbol).find();
  }
}

ExprId in_round(Translation& t, const Rounds& rounds, const Symbol& symbol,
                std::vector<syntax::Index> indexes, Span span) {
  const Build build = t.build(span);
  const std::string& copy = rounds.copy_of(&symbol);
  std::vector<syntax::Index> own = indexes;
  if (&symbol != rounds.variable || !rounds.best.empty()) {
    for (const std::string& dim : rounds.dims) own.push_back(build.index(dim));
    return build.element(copy, std::move(own));
  }
  const std::string& round = rounds.dims.front();
  own.push_back(build.index(round, -1));
  const ExprId first =
      indexes.empty() ? build.name(rounds.first) : build.element(rounds.first, std::move(indexes));
  return build.choose(build.compare(build.call("position", {build.name(round)}),
                                    syntax::CompareOp::kEqual, build.number(1)),
                      first, build.element(copy, std::move(own)));
}

// In a copy the expression; else what the rounds come to.
ExprId translate_simultaneous(Translation& t, const Scope& scope, const Formula& formula) {
  const Build build = t.build(formula.span);
  const auto found = std::ranges::find_if(
      t.rounds, [&](const Rounds& one) { return one.variable->name == scope.variable; });
  if (scope.rounds || scope.locals || found == t.rounds.end())
    return translate(t, scope, formula.children[0]);
  if (found->copies.empty()) return build.bad();
  std::vector<syntax::Index> indexes;
  for (const Bound& bound : scope.bounds)
    indexes.push_back(build.index(bound.is_range ? bound.index : t.elements[bound.id].name));
  return build.element(found->copy_of(found->variable),
                       Rounds::at(std::move(indexes), kRounds, formula.span));
}

}  // namespace headrace::import::vensim
