// Variables become statements: stocks with their flows, values, arrays of numbers, checks.

#include <fmt/format.h>

#include <algorithm>

#include "base/undefined.h"
#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

using syntax::ExprId;
using F = Formula::Kind;
using K = Equation::Kind;

constexpr size_t kFewNumbers = 24;           // more become an array of numbers
constexpr size_t kMostElements = 4'000'000;  // of one variable

// ---------------------------------------------------------------- flows

// A rate that is a sum of variables over the stock's own elements.
struct Term {
  std::string symbol;  // canonical
  bool in = true;
};

bool collect_terms(const Translation& t, const Symbol& stock, FormulaId id, bool in,
                   std::vector<Term>& terms) {
  const Formula& formula = t.formulas[id];
  if (formula.kind == F::kUnary && formula.text == "-")
    return collect_terms(t, stock, formula.children[0], !in, terms);
  if (formula.kind == F::kBinary && (formula.text == "+" || formula.text == "-"))
    return collect_terms(t, stock, formula.children[0], in, terms) &&
           collect_terms(t, stock, formula.children[1], formula.text == "+" ? in : !in, terms);
  if (formula.kind != F::kName) return false;
  const std::string name = canonical_of(formula.text);
  const auto symbol = t.symbols.find(name);
  if (symbol == t.symbols.end() || symbol->second.role != Symbol::Role::kValue ||
      symbol->second.constant || symbol->second.bad || is_control(name) ||
      is_data(t, symbol->second))
    return false;
  const Equation& left = *stock.equations.front();
  const size_t places = left.places.size();
  if (formula.places.size() != places || symbol->second.axes.size() != places ||
      stock.axes.size() != places)
    return false;
  for (size_t d = 0; d < left.places.size(); ++d) {
    const auto own = find_range(t, left.places[d].name);
    if (!own || find_range(t, formula.places[d].name) != own ||
        symbol->second.axes[d].range != stock.axes[d].range)
      return false;
  }
  const bool twice =
      std::ranges::any_of(terms, [&](const Term& term) { return term.symbol == name; });
  terms.push_back({name, in});
  return !twice;
}

std::vector<Term> flows_of(const Translation& t, const Symbol& stock) {
  std::vector<Term> terms;
  const bool shifts = std::ranges::find(t.shifts, &stock, &Shift::stock) != t.shifts.end();
  if (shifts) return {};
  if (stock.bad || stock.equations.size() != 1 || !stock.equations.front()->exceptions.empty())
    return {};
  const Formula& integ = t.formulas[stock.equations.front()->value];
  if (const auto queue = queue_arguments(t, *stock.equations.front())) {
    const bool fine = collect_terms(t, stock, (*queue)[0], true, terms) &&
                      collect_terms(t, stock, (*queue)[1], false, terms);
    return fine ? terms : std::vector<Term>();
  }
  if (integ.children.size() != 2 || t.formulas[integ.children[0]].height > 100) return {};
  if (!collect_terms(t, stock, integ.children[0], true, terms)) return {};
  return terms;
}

void mark_symbols(Translation& t) {
  for (const Formula& formula : t.formulas.nodes) {
    if (formula.kind == F::kName) t.named.insert(canonical_of(formula.text));
  }
  for (const std::string& name : t.order) {
    Symbol& symbol = t.symbols.at(name);
    symbol.constant = symbol.role == Symbol::Role::kValue &&
                      std::ranges::all_of(symbol.equations, [&](const Equation* equation) {
                        return is_numbers(t, *equation);
                      });
  }
  for (const std::string& name : t.order) {
    const Symbol& symbol = t.symbols.at(name);
    if (symbol.role != Symbol::Role::kStock) continue;
    for (const Term& term : flows_of(t, symbol)) t.symbols.at(term.symbol).flow = true;
  }
}

// ---------------------------------------------------------------- one variable

class Writer {
 public:
  Writer(Translation& t, const Symbol& symbol)
      : t_(t), symbol_(symbol), build_(t.build(symbol.equations.front()->span)) {}
  // A copy in rounds, or what the rounds begin with.
  Writer(Translation& t, const Symbol& symbol, const Rounds& rounds, bool first)
      : Writer(t, symbol) {
    (first ? first_ : rounds_) = &rounds;
  }

  void write() {
    if (symbol_.bad || !find_pieces()) return;
    if (symbol_.role == Symbol::Role::kStock) return write_stock();
    if (is_data(t_, symbol_)) return write_data();
    if (symbol_.constant && pieces_.size() > 0 && (elements_ > kFewNumbers) && missing_ == 0)
      return write_numbers();
    write_value();
  }

 private:
  struct Part {
    const Equation* equation;
    Box box;
  };

  // ------------------------------------------------------------ pieces

  size_t size(size_t d) const { return t_.ranges[symbol_.axes[d].range].elements.size(); }

  size_t place(size_t d, uint32_t element) {
    auto& places = places_[d];
    if (places.empty()) {
      const auto& all = t_.ranges[symbol_.axes[d].range].elements;
      for (size_t k = 0; k < all.size(); ++k) places.emplace(all[k], k);
    }
    return places.at(element);
  }

  template <class Visit>
  void for_each_element(const Box& box, Visit&& visit) {
    std::vector<size_t> at(box.size(), 0);
    for (const auto& places : box) {
      if (places.empty()) return;
    }
    for (;;) {
      size_t flat = 0;
      for (size_t d = 0; d < box.size(); ++d) flat = flat * size(d) + place(d, box[d][at[d]]);
      visit(flat, at);
      size_t d = box.size();
      while (d > 0 && ++at[d - 1] == box[d - 1].size()) at[--d] = 0;
      if (d == 0) return;
    }
  }

  bool find_pieces() {
    places_.resize(symbol_.axes.size());
    for (size_t d = 0; d < symbol_.axes.size() && elements_ <= kMostElements; ++d)
      elements_ *= size(d);
    if (elements_ > kMostElements) {
      t_.diagnostics.error(
          Kind::kTooLarge, symbol_.equations.front()->span,
          fmt::format("`{}` has more than {} elements", shown(symbol_.name), kMostElements));
      return false;
    }
    std::vector<bool> seen(elements_, false);
    for (const Equation* equation : symbol_.equations) {
      for (Box& box : boxes_of(t_, *equation)) {
        for_each_element(box, [&](size_t flat, const auto&) { seen[flat] = true; });
        pieces_.push_back({equation, std::move(box)});
      }
    }
    missing_ = static_cast<size_t>(std::ranges::count(seen, false));
    return true;
  }

  bool is_whole() const {
    return pieces_.size() == 1 && missing_ == 0 && pieces_.front().equation->kind == K::kValue;
  }

  Scope scope(const Equation& equation) {
    Scope scope = scope_of(t_, symbol_, equation);
    scope.rounds = rounds_;
    return scope;
  }

  ExprId right(const Equation& equation) {
    const bool begins = first_ && is_simultaneous(t_, equation.value);
    return begins ? translate(t_, scope(equation), t_.formulas[equation.value].children[1])
                  : translate_right(t_, scope(equation), equation);
  }

  // What no equation defines is missing, as Vensim would have it.
  void add_missing(std::vector<syntax::Clause>& clauses) {
    if (missing_ == 0) return;
    Box whole;
    for (const Axis& axis : symbol_.axes) whole.push_back(t_.ranges[axis.range].elements);
    std::vector<Box> rest{whole};
    for (const Part& part : pieces_) rest = without(rest, part.box);
    if (!is_copy())
      t_.diagnostics.warning(
          Kind::kMissingElement, symbol_.equations.front()->name_span,
          fmt::format("`{}` has no equation for {} of its elements, which have no value",
                      shown(symbol_.name), missing_));
    for (const Box& box : rest)
      add_clause(clauses, box, nothing(), symbol_.equations.front()->span);
  }

  // `undefined`, unless a variable of the model is called so.
  ExprId nothing() {
    return t_.symbols.contains("undefined") ? build_.number(kMissingValue)
                                            : build_.name("undefined");
  }

  void add_clause(std::vector<syntax::Clause>& clauses, const Box& box, ExprId value, Span span) {
    syntax::Clause clause;
    clause.pattern = pattern_of(t_, symbol_, box, span);
    if (rounds_) {
      for (const std::string& dim : rounds_->dims) clause.pattern.push_back(build_.index(dim));
    }
    clause.value = value;
    clause.span = span;
    clauses.push_back(std::move(clause));
  }

  // ------------------------------------------------------------ numbers

  // Calls take(flat position, number) for each element of the part; false after a diagnostic.
  template <class Take>
  bool for_each_number(const Part& part, Take&& take) {
    const Equation& equation = *part.equation;
    if (equation.kind == K::kValue) {
      const double value = literal(t_, equation.value).value_or(0);
      for_each_element(part.box, [&](size_t flat, const auto&) { take(flat, value); });
      return true;
    }
    // The numbers run over the places on the left as they are written.
    Box whole;
    size_t count = 1;
    for (const Place& place : equation.places) {
      whole.push_back(elements_of(t_, *read_place(t_, place)));
      count *= whole.back().size();
    }
    if (count != equation.numbers.size()) {
      auto& told = t_.diagnostics.error(
          Kind::kShapeMismatch, equation.span,
          fmt::format("`{}` has {} element{} here, and there are {} numbers", shown(symbol_.name),
                      count, count == 1 ? "" : "s", equation.numbers.size()));
      if (count == 1 && equation.numbers.size() == 2) told.hint = "numbers have a point: `0.5`";
      return false;
    }
    std::vector<bool> wanted(elements_, false);
    for_each_element(part.box, [&](size_t flat, const auto&) { wanted[flat] = true; });
    size_t k = 0;
    for_each_element(whole, [&](size_t flat, const auto&) {
      if (wanted[flat]) take(flat, equation.numbers[k]);
      ++k;
    });
    return true;
  }

  void write_numbers() {
    syntax::DataDecl decl;
    decl.values.resize(elements_);
    for (const Part& part : pieces_) {
      // What is wrong is told; what reads the array is no further fault.
      for_each_number(part, [&](size_t flat, double value) { decl.values[flat] = value; });
    }
    finish(std::move(decl));
  }

  void write_data() {
    syntax::DataDecl decl;
    decl.parts = data_parts(t_, symbol_);
    if (decl.parts.empty()) {  // which is told; what reads it is no further fault
      decl.values.assign(elements_, kMissingValue);
    } else if (missing_ > 0) {
      std::vector<syntax::Clause> rest;
      add_missing(rest);
      for (syntax::Clause& clause : rest)
        decl.parts.push_back({std::move(clause.pattern), {}, {}, {base::kUndefined}, clause.span});
    }
    finish(std::move(decl));
  }

  // A clause for each number, or one that reads an array of them.
  void add_numbers(std::vector<syntax::Clause>& clauses, const Part& part) {
    std::vector<std::pair<size_t, double>> numbers;
    if (!for_each_number(part,
                         [&](size_t flat, double value) { numbers.emplace_back(flat, value); }))
      return add_clause(clauses, part.box, build_.bad(), part.equation->span);
    const Span span = part.equation->span;
    if (numbers.size() > kFewNumbers)
      return add_clause(clauses, part.box, number_array(part, numbers), span);
    for (const auto& [flat, value] : numbers)
      add_clause(clauses, element_box(flat), build_.number(value), span);
  }

  Box element_box(size_t flat) const {
    Box box(symbol_.axes.size());
    for (size_t d = box.size(); d-- > 0;) {
      box[d] = {t_.ranges[symbol_.axes[d].range].elements[flat % size(d)]};
      flat /= size(d);
    }
    return box;
  }

  ExprId number_array(const Part& part, const std::vector<std::pair<size_t, double>>& numbers) {
    syntax::DataDecl decl;
    const std::string name = t_.fresh("_" + symbol_.name + " (numbers)");
    decl.name = build_.word(name);
    std::vector<syntax::Index> indexes;
    std::vector<size_t> ranges;
    for (size_t d = 0; d < part.box.size(); ++d) {
      const size_t range = range_of(t_, symbol_.axes[d].family, part.box[d]);
      const std::string index = fmt::format("place {}", d + 1);
      decl.dims.push_back({build_.word(t_.ranges[range].name), build_.word(index)});
      ranges.push_back(range);
      if (part.box[d].size() == 1)
        indexes.push_back(build_.index(t_.elements[part.box[d].front()].name));
      else
        indexes.push_back(build_.index(symbol_.axes[d].index));
    }
    const std::map<size_t, double> by_place(numbers.begin(), numbers.end());
    Box box;
    for (const size_t range : ranges) box.push_back(t_.ranges[range].elements);
    for_each_element(box,
                     [&](size_t flat, const auto&) { decl.values.push_back(by_place.at(flat)); });
    t_.add({std::move(decl), {}, part.equation->span});
    return build_.element(name, std::move(indexes));
  }

  // ------------------------------------------------------------ values

  void write_value() {
    syntax::ValueDecl decl;
    const bool input = symbol_.constant && !symbol_.name.starts_with('_') && !is_beside() &&
                       !std::ranges::all_of(symbol_.equations, &Equation::unchangeable);
    decl.kind = symbol_.flow && !is_copy() ? syntax::ValueDecl::Kind::kFlow
                : input                    ? syntax::ValueDecl::Kind::kParam
                                           : syntax::ValueDecl::Kind::kLet;
    if (is_whole()) {
      const Equation& equation = *pieces_.front().equation;
      decl.value = right(equation);
    } else {
      for (const Part& part : pieces_) {
        if (part.equation->kind == K::kNumbers)
          add_numbers(decl.clauses, part);
        else
          add_clause(decl.clauses, part.box, right(*part.equation), part.equation->span);
      }
      add_missing(decl.clauses);
    }
    finish(std::move(decl));
  }

  // Not meant to be used, nor used: no input of the model.
  bool is_beside() const {
    return std::ranges::all_of(symbol_.equations, &Equation::supplementary) &&
           !t_.named.contains(canonical_of(symbol_.equations.front()->name));
  }

  std::string units() const {
    for (const Equation* equation : symbol_.equations) {
      if (!equation->units.empty()) return equation->units;
    }
    return {};
  }

  std::string comment() const {
    for (const Equation* equation : symbol_.equations) {
      if (!equation->comment.empty()) return equation->comment;
    }
    return {};
  }

  std::vector<syntax::DimensionUse> dimension_uses() const {
    std::vector<syntax::DimensionUse> uses;
    for (const Axis& axis : symbol_.axes) {
      const std::string& name = t_.ranges[axis.range].name;
      syntax::DimensionUse use{build_.word(name), {}};
      if (axis.index != name) use.index = build_.word(axis.index);
      uses.push_back(std::move(use));
    }
    if (rounds_) {
      for (const std::string& dim : rounds_->dims) uses.push_back({build_.word(dim), {}});
    }
    return uses;
  }

  template <class Decl>
  void finish(Decl decl) {
    decl.name = build_.word(rounds_  ? rounds_->copy_of(&symbol_)
                            : first_ ? first_->first
                                     : symbol_.name);
    decl.dims = dimension_uses();
    decl.unit = t_.units.read(units(), symbol_.equations.front()->span);
    t_.add(
        {std::move(decl), is_copy() ? std::string() : comment(), symbol_.equations.front()->span});
  }

  bool is_copy() const { return rounds_ || first_; }

  // ------------------------------------------------------------ stocks

  // The two arguments of INTEG; elements without one keep their value.
  std::pair<ExprId, ExprId> rate_and_initial(const Equation& equation) {
    const Scope inner = scope(equation);
    if (const auto queue = queue_arguments(t_, equation)) {
      const auto argument = [&](size_t k) { return translate(t_, inner, (*queue)[k]); };
      return {build_.subtract(argument(0), argument(1)), argument(queue->size() == 9 ? 6 : 3)};
    }
    if (!is_call_of(t_, equation.value, "integ"))
      return {build_.number(0), translate(t_, inner, equation.value)};
    const Formula integ = t_.formulas[equation.value];
    if (integ.children.size() != 2) {
      t_.diagnostics.error(
          Kind::kBadCall, integ.span,
          fmt::format("INTEG wants a rate and an initial value, not {} argument{}",
                      integ.children.size(), integ.children.size() == 1 ? "" : "s"));
      return {build_.bad(), build_.bad()};
    }
    return {translate(t_, inner, integ.children[0]), translate(t_, inner, integ.children[1])};
  }

  // Within the stages of a step a queue stays as it is, unlike other stocks.
  void write_level(const Queue& queue) {
    std::vector<syntax::Index> indexes;
    for (const Axis& axis : symbol_.axes) indexes.push_back(build_.index(axis.index));
    const ExprId owed =
        indexes.empty() ? build_.name(queue.owed) : build_.element(queue.owed, indexes);
    indexes.push_back(build_.index(queue.age));
    const ExprId held = build_.call("sum", {build_.element(queue.held, std::move(indexes))},
                                    {build_.binding(queue.age, queue.age)});
    syntax::ValueDecl decl;
    decl.value = build_.subtract(held, owed);
    finish(std::move(decl));
  }

  void write_stock() {
    const auto queue = t_.queues.find(&symbol_);
    if (queue != t_.queues.end() && t_.document.settings.runge_kutta)
      return write_level(queue->second);
    syntax::StockDecl decl;
    const std::vector<Term> flows = flows_of(t_, symbol_);
    if (is_whole()) {
      const auto [rate, initial] = rate_and_initial(*pieces_.front().equation);
      decl.initial = initial;
      for (const Term& term : flows)
        (term.in ? decl.inflows : decl.outflows)
            .push_back(build_.word(t_.symbols.at(term.symbol).name));
      if (flows.empty()) decl.net_rate = with_shifts(rate);
    } else {
      write_parts(decl);
    }
    finish(std::move(decl));
  }

  ExprId at_each_element(const std::string& array) {
    std::vector<syntax::Index> indexes;
    for (const Axis& axis : symbol_.axes) indexes.push_back(build_.index(axis.index));
    return build_.element(array, std::move(indexes));
  }

  ExprId with_shifts(ExprId rate) {
    for (const Shift& shift : t_.shifts) {
      if (shift.stock == &symbol_) rate = build_.add(rate, at_each_element(shift.change));
    }
    return rate;
  }

  void write_parts(syntax::StockDecl& decl) {
    syntax::ValueDecl rate;
    rate.kind = syntax::ValueDecl::Kind::kLet;
    rate.name = build_.word(t_.fresh("_" + symbol_.name + " (net rate)"));
    rate.dims = dimension_uses();
    for (const Part& part : pieces_) {
      const Span span = part.equation->span;
      if (part.equation->kind == K::kNumbers) {
        add_numbers(decl.clauses, part);
        add_clause(rate.clauses, part.box, build_.number(0), span);
        continue;
      }
      const auto [change, initial] = rate_and_initial(*part.equation);
      add_clause(decl.clauses, part.box, initial, span);
      add_clause(rate.clauses, part.box, change, span);
    }
    if (missing_ > 0) {
      add_missing(decl.clauses);
      for (size_t k = rate.clauses.size(); k < decl.clauses.size(); ++k) {
        syntax::Clause clause = decl.clauses[k];
        clause.value = build_.number(0);
        rate.clauses.push_back(std::move(clause));
      }
    }
    decl.net_rate = with_shifts(at_each_element(rate.name.text));
    t_.add({std::move(rate), {}, symbol_.equations.front()->span});
  }

  Translation& t_;
  const Symbol& symbol_;
  Build build_;
  std::vector<Part> pieces_;
  std::vector<std::unordered_map<uint32_t, size_t>> places_;
  size_t elements_ = 1, missing_ = 0;
  const Rounds* rounds_ = nullptr;
  const Rounds* first_ = nullptr;
};

}  // namespace

std::optional<double> literal(const Translation& t, FormulaId id) {
  if (!id.valid()) return std::nullopt;
  const Formula& formula = t.formulas[id];
  if (formula.kind == F::kNumber) return formula.value;
  if (formula.kind == F::kMissing) return kMissingValue;
  if (formula.kind != F::kUnary || formula.text != "-") return std::nullopt;
  const auto inner = literal(t, formula.children[0]);
  return inner ? std::optional(-*inner) : std::nullopt;
}

bool is_numbers(const Translation& t, const Equation& equation) {
  return equation.kind == K::kNumbers ||
         (equation.kind == K::kValue && literal(t, equation.value).has_value());
}

void write_variables(Translation& t) {
  find_shifts(t);
  find_rounds(t);
  write_queues(t);
  mark_symbols(t);
  for (const std::string& name : t.order) {
    const Symbol& symbol = t.symbols.at(name);
    if (is_control(name) && !t.moving.contains(name)) continue;
    switch (symbol.role) {
      case Symbol::Role::kTable:
      case Symbol::Role::kText:
        break;
      case Symbol::Role::kExternal:
      case Symbol::Role::kValue:
      case Symbol::Role::kStock:
        Writer(t, symbol).write();
    }
  }
  for (const Rounds& rounds : t.rounds) {
    if (rounds.copies.empty()) continue;
    const bool zero = !rounds.best.empty();  // which is tried, not computed
    if (!zero) Writer(t, *rounds.variable, rounds, true).write();
    for (const auto& [symbol, copy] : rounds.copies) {
      if (!zero || symbol != rounds.variable) Writer(t, *symbol, rounds, false).write();
    }
  }
}

}  // namespace headrace::import::vensim
