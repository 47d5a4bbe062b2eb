// SHIFT IF TRUE(stock[place, first], condition, size, accumulate, new): when the condition holds
// each of `size` elements of the stock's last subscript, from `first` on, takes the content of the
// one before it, and the first becomes `new`. The last gathers what comes when `accumulate` is not
// 0; else the value of the call is what is pushed out.
//
//   moved[place] = SHIFT IF TRUE(People[place, young], Time = 5, 3, 1, 0)
//
//   let "_moved (shift)"[place, age] = if time == 5 then (...) / time.step else 0
//   stock People[place, age] ...
//     d/dt = ... + "_moved (shift)"[place, age]
//
// The stock holds what has moved from the next step on, beside what has flowed in the same step.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "import/names.h"
#include "import/vensim/translation.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

using syntax::CompareOp;
using syntax::ExprId;
using F = Formula::Kind;

class ShiftWriter {
 public:
  ShiftWriter(Translation& t, const Equation& equation)
      : t_(t),
        equation_(equation),
        call_(t.formulas[equation.value]),
        build_(t.build(call_.span)) {}

  void write() {
    const bool fine = find_stock();
    const std::string name = t_.fresh("_" + equation_.name + " (shift)");
    t_.shifts.push_back({&equation_, fine ? stock_ : nullptr, name});
    if (!fine) return;
    syntax::ValueDecl decl;
    decl.kind = syntax::ValueDecl::Kind::kLet;
    decl.name = build_.word(name);
    for (const Axis& axis : stock_->axes) {
      syntax::DimensionUse use{build_.word(t_.ranges[axis.range].name), {}};
      if (axis.index != use.dimension.text) use.index = build_.word(axis.index);
      decl.dims.push_back(std::move(use));
    }
    decl.value = build_.number(0);
    Equation moved = equation_;
    moved.places = t_.formulas[call_.children[0]].places;
    moved.places.back().name = t_.ranges[range_].name;
    moved.exceptions.clear();
    const Scope scope = scope_of(t_, *stock_, moved);
    for (const Box& box : boxes_of(t_, moved)) {
      syntax::Clause clause;
      clause.pattern = pattern_of(t_, *stock_, box, call_.span);
      clause.value = change(scope, moved.places);
      clause.span = call_.span;
      decl.clauses.push_back(std::move(clause));
    }
    t_.add({std::move(decl), {}, call_.span});
  }

 private:
  bool refuse(Span span, std::string message) {
    t_.diagnostics.error(Kind::kBadCall, span, std::move(message));
    return false;
  }

  bool find_stock() {
    const Formula& array = t_.formulas[call_.children[0]];
    stock_ = array.kind == F::kName ? find_symbol(t_, array.text) : nullptr;
    if (!stock_ || stock_->role != Symbol::Role::kStock || stock_->axes.empty() ||
        array.places.size() != stock_->axes.size())
      return refuse(array.span,
                    "SHIFT IF TRUE wants a stock here, at the first of the elements "
                    "that it shifts");
    if (stock_->bad) return false;
    if (t_.document.settings.runge_kutta) {
      not_read(t_, call_, "SHIFT IF TRUE under Runge-Kutta");
      return false;
    }
    return find_range_of(array);
  }

  // The elements that are shifted.
  bool find_range_of(const Formula& array) {
    const Axis& axis = stock_->axes.back();
    const auto& all = t_.ranges[axis.range].elements;
    const auto size = constant_value(t_, call_.children[2]);
    take_in(t_, call_.children[2], "the elements of SHIFT IF TRUE");
    const Span span = t_.formulas[call_.children[2]].span;
    if (!size || *size < 2 || *size != std::floor(*size))
      return refuse(span,
                    "the size of SHIFT IF TRUE must be a whole number that the model's "
                    "constants tell, from 2 on");
    auto first = all.begin();
    if (const auto element = find_element(t_, array.places.back().name))
      first = std::ranges::find(all, static_cast<uint32_t>(*element));
    if (first == all.end() || static_cast<double>(all.end() - first) < *size)
      return refuse(span, fmt::format("`{}` has no {} elements from `{}` on", shown(stock_->name),
                                      *size, shown(array.places.back().name)));
    range_ = range_of(t_, axis.family, {first, first + static_cast<ptrdiff_t>(*size)});
    t_.ranges_by_name.emplace(canonical_of(t_.ranges[range_].name), range_);
    return true;
  }

  // What the shift adds to an element, per time unit.
  ExprId change(const Scope& scope, const std::vector<Place>& places) {
    const auto indexes = translate_places(t_, scope, *stock_, places, call_.span);
    if (!indexes) return build_.bad();
    const ExprId place = build_.element(place_array(t_, range_, call_.span), {indexes->back()});
    const ExprId flat = flat_position(t_, *stock_, *indexes, call_.span);
    const ExprId here = build_.element(stock_->name, *indexes);
    const std::vector<syntax::Index> all(stock_->axes.size(), build_.star());
    const ExprId before = build_.call(
        "element_at", {build_.element(stock_->name, all), build_.subtract(flat, build_.number(1))});
    const ExprId stays = build_.both(
        build_.compare(place, CompareOp::kEqual,
                       build_.number(static_cast<double>(t_.ranges[range_].elements.size()))),
        gathers(scope));
    const ExprId comes = build_.choose(build_.compare(place, CompareOp::kEqual, build_.number(1)),
                                       translate(t_, scope, call_.children[4]), before);
    const ExprId goes = build_.choose(stays, build_.number(0), here);
    const ExprId moved = build_.divide(build_.subtract(comes, goes), build_.name("time.step"));
    return build_.choose(translate(t_, scope, call_.children[1]), moved, build_.number(0));
  }

  ExprId gathers(const Scope& scope) {
    return build_.compare(translate(t_, scope, call_.children[3]), CompareOp::kNotEqual,
                          build_.number(0));
  }

  Translation& t_;
  const Equation& equation_;
  const Formula call_;
  Build build_;
  const Symbol* stock_ = nullptr;
  size_t range_ = 0;
};

}  // namespace

void find_shifts(Translation& t) {
  for (const std::string& name : t.order) {
    for (const Equation* equation : t.symbols.at(name).equations) {
      if (equation->kind == Equation::Kind::kValue &&
          is_call_of(t, equation->value, "shift_if_true") &&
          t.formulas[equation->value].children.size() == 5)
        ShiftWriter(t, *equation).write();
    }
  }
}

// What is pushed out of the last element.
ExprId translate_shift(Translation& t, const Scope& scope, const Formula& formula) {
  const Build build = t.build(formula.span);
  const Formula array = t.formulas[formula.children[0]];
  const auto found = std::ranges::find_if(t.shifts, [&](const Shift& shift) {
    return t.formulas[shift.equation->value].span.begin == formula.span.begin;
  });
  if (found == t.shifts.end())
    return not_read(t, formula, "SHIFT IF TRUE that is not all of an equation");
  const Symbol* stock = found->stock;
  if (!stock) return build.bad();
  const auto& all = t.ranges[stock->axes.back().range].elements;
  auto first = all.begin();
  if (const auto element = find_element(t, array.places.back().name))
    first = std::ranges::find(all, static_cast<uint32_t>(*element));
  const auto size = static_cast<ptrdiff_t>(*constant_value(t, formula.children[2]));
  std::vector<Place> places = array.places;
  places.back().name = t.elements[*(first + size - 1)].name;
  const auto indexes = translate_places(t, scope, *stock, places, formula.span);
  if (!indexes) return build.bad();
  const ExprId gathers = build.compare(translate(t, scope, formula.children[3]),
                                       CompareOp::kNotEqual, build.number(0));
  const ExprId out = build.choose(gathers, build.number(0), build.element(stock->name, *indexes));
  return build.choose(translate(t, scope, formula.children[1]), out, build.number(0));
}

}  // namespace headrace::import::vensim
