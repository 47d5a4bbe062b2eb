// Formulas become expressions of the tree: names looked up, ranges on the right bound to the places
// on the left, functions left to functions.cc.

#include <fmt/format.h>

#include <algorithm>

#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

using syntax::CompareOp;
using syntax::ExprId;
using F = Formula::Kind;

// ---------------------------------------------------------------- ranges on the right

// Finds the place on the left that a range on the right goes with: the same range; else one that a
// mapping of the range leads to, as Vensim means it; else one whose own mapping leads here, of both
// those that run before fixed elements; else one that runs over some of the same elements; else a
// fixed element. The same place of the brackets is looked at first, then the others from left to
// right. Indexes that reducers run come after all that the left says by itself or by a mapping.
class Binding {
 public:
  Binding(Translation& t, const Scope& scope, size_t range, size_t preferred, Span span)
      : t_(t), scope_(scope), range_(range), span_(span), build_(t.build(span)) {
    if (preferred < scope.bounds.size()) order_.push_back(preferred);
    for (size_t k = 0; k < scope.bounds.size(); ++k) {
      if (k != preferred) order_.push_back(k);
    }
    std::ranges::stable_sort(order_, {}, [&](size_t k) { return scope_.bounds[k].bang; });
  }

  std::optional<syntax::Index> find() {
    const auto named = {&Binding::same, &Binding::led_by_range, &Binding::led_by_element,
                        &Binding::mapped_range, &Binding::mapped};
    for (const auto rule : named) {
      for (const size_t k : order_) {
        if (scope_.bounds[k].bang) continue;
        if (auto index = (this->*rule)(scope_.bounds[k])) return index;
      }
    }
    for (const auto rule :
         {&Binding::same, &Binding::led_by_range, &Binding::led_by_element, &Binding::mapped_range,
          &Binding::mapped, &Binding::shared, &Binding::fixed}) {
      for (const size_t k : order_) {
        if (auto index = (this->*rule)(scope_.bounds[k])) return index;
      }
    }
    return std::nullopt;
  }

 private:
  std::optional<syntax::Index> same(const Bound& bound) {
    if (!bound.is_range || bound.id != range_) return std::nullopt;
    return build_.index(bound.index);
  }

  bool leads_to(const Bound& bound) const {
    return std::ranges::any_of(t_.ranges[range_].links, [&](const Link& own) {
      return bound.is_range ? within(t_, bound.id, own.target) : contains(t_, own.target, bound.id);
    });
  }

  std::optional<syntax::Index> led_by_range(const Bound& bound) {
    return bound.is_range && leads_to(bound) ? mapped(bound) : std::nullopt;
  }

  std::optional<syntax::Index> led_by_element(const Bound& bound) {
    return !bound.is_range && leads_to(bound) ? mapped(bound) : std::nullopt;
  }

  std::optional<syntax::Index> mapped_range(const Bound& bound) {
    return bound.is_range ? mapped(bound) : std::nullopt;
  }

  std::optional<syntax::Index> mapped(const Bound& bound) {
    if (!bound.is_range) {
      const size_t element = bound.id;
      for (const auto& [from, to] : pairs_for(element)) {
        if (from == element) return build_.index(t_.elements[to].name);
      }
      return std::nullopt;
    }
    const auto pairs = link(t_, bound.id, range_);
    if (!pairs) return std::nullopt;
    syntax::Index index = build_.index(bound.index);
    index.map = build_.word(map_name(t_, bound.id, range_, *pairs, span_));
    return index;
  }

  // A mapping from a range that holds the element; not the element's own range itself.
  std::vector<std::pair<uint32_t, uint32_t>> pairs_for(size_t element) {
    for (const Link& own : t_.ranges[range_].links) {
      if (!contains(t_, own.target, element)) continue;
      if (auto pairs = link(t_, own.target, range_)) return *pairs;
    }
    for (size_t range = 0; range < t_.ranges.size(); ++range) {
      const bool leads = std::ranges::any_of(
          t_.ranges[range].links, [&](const Link& link) { return link.target == range_; });
      if (!leads || !contains(t_, range, element)) continue;
      if (auto pairs = link(t_, range, range_)) return *pairs;
    }
    return {};
  }

  std::optional<syntax::Index> shared(const Bound& bound) {
    if (!bound.is_range || !within(t_, bound.id, range_)) return std::nullopt;
    return build_.index(bound.index);
  }

  std::optional<syntax::Index> fixed(const Bound& bound) {
    if (bound.is_range || !contains(t_, range_, bound.id)) return std::nullopt;
    return build_.index(t_.elements[bound.id].name);
  }

  Translation& t_;
  const Scope& scope_;
  size_t range_;
  Span span_;
  Build build_;
  std::vector<size_t> order_;
};

std::optional<syntax::Index> bang_index(Translation& t, const Scope& scope, size_t range,
                                        Span span) {
  for (size_t k = scope.bounds.size(); k-- > 0;) {
    const Bound& bound = scope.bounds[k];
    if (bound.bang && bound.id == range) return t.build(span).index(bound.index);
  }
  return std::nullopt;
}

std::optional<syntax::Index> place_index(Translation& t, const Scope& scope, const Place& place,
                                         size_t preferred) {
  const auto bound = read_place(t, place);
  if (!bound) return std::nullopt;
  const Build build = t.build(place.span);
  if (!bound->is_range) return build.index(t.elements[bound->id].name);
  if (place.bang) {
    if (auto index = bang_index(t, scope, bound->id, place.span)) return index;
    t.diagnostics.error(Kind::kShapeMismatch, place.span,
                        fmt::format("`{}!` stands within SUM, VMIN, VMAX, PROD and the like only",
                                    shown(place.name)));
    return std::nullopt;
  }
  if (auto index = bound_index(t, scope, bound->id, preferred, place.span)) return index;
  t.diagnostics
      .error(Kind::kShapeMismatch, place.span,
             scope.variable.empty()
                 ? fmt::format("nothing on the left runs over `{}`", shown(place.name))
                 : fmt::format("`{}` does not run over `{}`, and no mapping leads there",
                               shown(scope.variable), shown(place.name)))
      .hint = fmt::format("put it on the left, or reduce it, as in SUM(x[{}!])", shown(place.name));
  return std::nullopt;
}

// ---------------------------------------------------------------- names

// Words of the clock; within macros they carry a `$`.
std::optional<ExprId> word(const Build& build, std::string name) {
  if (name.ends_with('$')) name.pop_back();
  if (name == "time") return build.name("time");
  if (name == "time_step") return build.name("time.step");
  if (name == "initial_time") return build.name("time.start");
  if (name == "final_time") return build.name("time.end");
  return std::nullopt;
}

// An element on its own is a number: its place in the range that the other side of a comparison
// names, or that the left runs over, or else that lists it first.
ExprId element_number(Translation& t, const Scope& scope, size_t element, Span span) {
  std::optional<size_t> range;
  for (const Bound& bound : scope.bounds) {
    if (!range && bound.is_range && contains(t, bound.id, element)) range = bound.id;
  }
  const auto& all = t.ranges[range.value_or(t.elements[element].range)].elements;
  const auto at = std::ranges::find(all, static_cast<uint32_t>(element));
  return t.build(span).number(static_cast<double>(at - all.begin() + 1));
}

ExprId symbol_reference(Translation& t, const Scope& scope, const Symbol& symbol,
                        const Formula& formula) {
  const Build build = t.build(formula.span);
  if (symbol.bad) return build.bad();
  if (symbol.role == Symbol::Role::kText) {
    t.diagnostics.error(Kind::kTypeMismatch, formula.span,
                        fmt::format("`{}` is a text, not a number", shown(symbol.name)));
    return build.bad();
  }
  if (symbol.role == Symbol::Role::kTable) {
    t.diagnostics
        .error(Kind::kBadCall, formula.span,
               fmt::format("`{}` is a lookup, not a number", shown(symbol.name)))
        .hint = fmt::format("write `{}(x)`", shown(symbol.name));
    return build.bad();
  }
  const bool repeats = scope.rounds && !scope.rounds->copy_of(&symbol).empty();
  if (formula.places.empty() && symbol.axes.empty() && !repeats) return build.name(symbol.name);
  auto indexes = translate_places(t, scope, symbol, formula.places, formula.span);
  if (!indexes) return build.bad();
  if (repeats) return in_round(t, *scope.rounds, symbol, std::move(*indexes), formula.span);
  return build.element(symbol.name, std::move(*indexes));
}

// The name and the places of the equation's left side.
bool is_left_side(const Equation& equation, const Formula& formula) {
  return formula.kind == F::kName && canonical(formula.text) == canonical(equation.name) &&
         std::ranges::equal(formula.places, equation.places, [](const Place& a, const Place& b) {
           return !a.bang && canonical(a.name) == canonical(b.name);
         });
}

ExprId name(Translation& t, const Scope& scope, const Formula& formula);

ExprId held_value(Translation& t, const Scope& scope, const Formula& formula) {
  Scope inner = scope;
  inner.held = nullptr;
  return t.build(formula.span)
      .call("previous", {name(t, inner, formula), translate(t, inner, scope.held_initial)});
}

ExprId name(Translation& t, const Scope& scope, const Formula& formula) {
  const Build build = t.build(formula.span);
  const std::string wanted = canonical(formula.text);
  if (scope.held && is_left_side(*scope.held, formula)) return held_value(t, scope, formula);
  if (scope.locals) {
    if (const auto local = scope.locals->find(wanted); local != scope.locals->end())
      return build.name(local->second);
    if (wanted.ends_with('$')) {
      if (const auto value = word(build, wanted)) return *value;
      if (const Symbol* symbol = find_symbol(t, wanted.substr(0, wanted.size() - 1)))
        return symbol_reference(t, scope, *symbol, formula);
    }
  }
  if (scope.moment) {
    if (wanted == "time") return moment_of(t, scope, formula.span);
    if (const auto value = datum(t, scope, formula)) return *value;
  }
  if (wanted == "time" || (is_control(wanted) && !t.moving.contains(wanted))) {
    if (const auto value = word(build, wanted)) return *value;
  }
  if (const Symbol* symbol = find_symbol(t, formula.text))
    return symbol_reference(t, scope, *symbol, formula);
  if (const auto range = find_range(t, formula.text)) {
    const bool runs = !formula.places.empty() && formula.places.front().bang;
    return position_of(t, scope, {formula.text, runs, formula.span}, *range, scope.bounds.size());
  }
  if (const auto element = find_element(t, formula.text))
    return element_number(t, scope, *element, formula.span);
  if (!formula.quoted && wanted == "???") {
    t.unfilled.emplace_back(formula.span, scope.variable);
    return build.bad();
  }
  return unknown_name(t, formula);
}

// ---------------------------------------------------------------- operators

// `Range = element`: both by their place in that range. `Range = Range` of one family: are they the
// same element?
std::optional<ExprId> compare_subscripts(Translation& t, const Scope& scope, const Formula& formula,
                                         CompareOp op) {
  const Build build = t.build(formula.span);
  for (const bool swapped : {false, true}) {
    const Formula& left = t.formulas[formula.children[swapped ? 1 : 0]];
    const Formula& right = t.formulas[formula.children[swapped ? 0 : 1]];
    const bool names = left.kind == F::kName && right.kind == F::kName && left.places.empty() &&
                       right.places.empty();
    if (!names || find_symbol(t, left.text) || find_symbol(t, right.text)) continue;
    const auto range = find_range(t, left.text);
    const auto other = find_range(t, right.text);
    if (range && other && t.ranges[*range].family == t.ranges[*other].family) {
      const size_t root = t.families[t.ranges[*range].family].root;
      return build.compare(position_of(t, scope, {left.text, false, left.span}, root, 99), op,
                           position_of(t, scope, {right.text, false, right.span}, root, 99));
    }
    const auto element = find_element(t, right.text);
    if (!range || !element || find_range(t, right.text) || !contains(t, *range, *element)) continue;
    const auto& all = t.ranges[*range].elements;
    const auto at = std::ranges::find(all, static_cast<uint32_t>(*element));
    const ExprId place = position_of(t, scope, {left.text, false, left.span}, *range, 99);
    const ExprId wanted = build.number(static_cast<double>(at - all.begin() + 1));
    return swapped ? build.compare(wanted, op, place) : build.compare(place, op, wanted);
  }
  return std::nullopt;
}

ExprId binary(Translation& t, const Scope& scope, const Formula& formula) {
  const Build build = t.build(formula.span);
  const std::string& op = formula.text;
  const auto compare = comparison(op);
  if (compare) {
    if (auto found = compare_subscripts(t, scope, formula, *compare)) return *found;
  }
  const ExprId left = translate(t, scope, formula.children[0]);
  const ExprId right = translate(t, scope, formula.children[1]);
  if (compare) return build.compare(left, *compare, right);
  if (op == "+") return build.add(left, right);
  if (op == "-") return build.subtract(left, right);
  if (op == "*") return build.multiply(left, right);
  if (op == "/") return build.divide(left, right);
  if (op == "^") return build.binary(syntax::BinaryOp::kPower, left, right);
  return op == "AND" ? build.both(left, right) : build.either(left, right);
}

}  // namespace

std::optional<syntax::Index> bound_index(Translation& t, const Scope& scope, size_t range,
                                         size_t preferred, Span span) {
  return Binding(t, scope, range, preferred, span).find();
}

ExprId position_of(Translation& t, const Scope& scope, const Place& place, size_t range,
                   size_t preferred) {
  const Build build = t.build(place.span);
  const auto index = place_index(t, scope, place, preferred);
  if (!index) return build.bad();
  return build.element(place_array(t, range, place.span), {*index});
}

std::optional<std::vector<syntax::Index>> translate_places(Translation& t, const Scope& scope,
                                                           const Symbol& symbol,
                                                           const std::vector<Place>& places,
                                                           Span span) {
  if (places.size() != symbol.axes.size()) {
    t.diagnostics
        .error(Kind::kShapeMismatch, span,
               fmt::format("`{}` has {} subscript{}, not {}", shown(symbol.name),
                           symbol.axes.size(), symbol.axes.size() == 1 ? "" : "s", places.size()))
        .labels.push_back({symbol.equations.front()->name_span, "defined here"});
    return std::nullopt;
  }
  std::vector<syntax::Index> indexes;
  for (size_t k = 0; k < places.size(); ++k) {
    auto index = place_index(t, scope, places[k], k);
    if (!index) return std::nullopt;
    indexes.push_back(std::move(*index));
  }
  return indexes;
}

ExprId unknown_name(Translation& t, const Formula& formula) {
  t.unknown_names[formula.text].push_back(formula.span);
  return t.build(formula.span).bad();
}

// Where the formula names the left side of its own equation.
std::optional<FormulaId> own_name(const Translation& t, const Equation& equation, FormulaId id) {
  std::vector<FormulaId> open{id};
  while (!open.empty()) {
    const FormulaId at = open.back();
    open.pop_back();
    if (is_left_side(equation, t.formulas[at])) return at;
    const auto& children = t.formulas[at].children;
    open.insert(open.end(), children.begin(), children.end());
  }
  return std::nullopt;
}

ExprId translate_right(Translation& t, const Scope& scope, const Equation& equation) {
  if (const auto data = data_equation(t, scope, equation)) return *data;
  const auto own = is_call_of(t, equation.value, "sample_if_true")
                       ? own_name(t, equation, equation.value)
                       : std::nullopt;
  const Formula sample = t.formulas[equation.value];
  if (!own || sample.children.size() != 3) return translate(t, scope, equation.value);
  Scope inner = scope;
  inner.held = &equation;
  inner.held_initial = sample.children[2];
  const Build build = t.build(sample.span);
  const ExprId value =
      build.choose(translate(t, inner, sample.children[0]), translate(t, inner, sample.children[1]),
                   translate(t, inner, *own));
  return t.document.settings.runge_kutta ? build.call("held", {value}) : value;
}

ExprId translate(Translation& t, const Scope& scope, FormulaId id) {
  const Formula formula = t.formulas[id];  // calls may add to the formulas
  const Build build = t.build(formula.span);
  switch (formula.kind) {
    case F::kBad:  // told by the parser, but for an argument that is left out
      if (!t.diagnostics.has_errors())
        t.diagnostics.error(Kind::kBadCall, formula.span, "an argument is missing here");
      return build.bad();
    case F::kNumber:
      return build.number(formula.value);
    case F::kMissing:
      return build.number(kMissingValue);
    case F::kName:
      return name(t, scope, formula);
    case F::kCall:
      return translate_call(t, scope, id);
    case F::kUnary: {
      const ExprId inner = translate(t, scope, formula.children[0]);
      return formula.text == "NOT" ? build.no(inner) : build.negate(inner);
    }
    case F::kBinary:
      return binary(t, scope, formula);
    case F::kString:
    case F::kPoints:
      t.diagnostics.error(Kind::kTypeMismatch, formula.span,
                          formula.kind == F::kString ? "a text stands where a number belongs"
                                                     : "points stand where a number belongs");
      return build.bad();
  }
  return build.bad();
}

}  // namespace headrace::import::vensim
