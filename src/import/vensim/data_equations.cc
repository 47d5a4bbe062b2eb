// Data equations, `D := f(A, B, constants)` where A and B are data.
//
// D has points of its own: at the times at which all data in f have one, each f of the values
// there. Between its points D's own keyword counts. (Vensim's manual, "Data Equations".) With
// X IF MISSING(f, number) the times are those of any of the data, and the number stands in for the
// others.
//
//   A: (0, 0) (10, 10)     B: (0, 0) (4, 8) (10, 10)     D := A * B has the points (0, 0) (10, 100)
//
// The times of the points are known when the model is read; the values hang on constants that a run
// may change. So f is computed twice in each step, with all data read at the last point of D at or
// before now and at the next:
//
//   let D = vensim_between("D (times) (backward)"(time), "D (times) (forward)"(time),
//                          "A (points)"("D (times) (backward)"(time)) * ..., ...)
//
// Where D stands in another data equation, its formula does: the data in it have the same points.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "import/names.h"
#include "import/vensim/dates.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

using syntax::CompareOp;
using syntax::ExprId;
using F = Formula::Kind;
using K = Equation::Kind;
using I = Equation::Interpolation;
using Times = std::vector<double>;

constexpr size_t kMostParts = 20'000;       // of a formula with those of its data in it
constexpr size_t kMostInAll = 2'000'000;    // of all such formulas
constexpr size_t kMostPoints = 20'000'000;  // of the data of one equation, for all elements
constexpr double kSlack = 1e-6;             // of a step, as for data in files

// ---------------------------------------------------------------- formulas in place of names

// The formula with what `visit` makes of its children.
template <class Visit>
FormulaId rebuilt(Translation& t, FormulaId id, Formula formula, bool changed, Visit&& visit) {
  for (FormulaId& child : formula.children) {
    const FormulaId next = visit(child);
    changed = changed || next != child;
    child = next;
    formula.height = std::max(formula.height, t.formulas[child].height + 1);
  }
  return changed ? t.formulas.add(std::move(formula)) : id;
}

class Substituting {
 public:
  Substituting(Translation& t, const Substitution& by) : t_(t), by_(by) {}

  FormulaId of(FormulaId id) {
    Formula formula = t_.formulas[id];
    bool changed = false;
    if (formula.kind == F::kName && formula.places.empty()) {
      const auto name = by_.names.find(canonical(formula.text));
      if (name != by_.names.end()) return name->second;
      if (!by_.names.empty() && formula.text.ends_with('$')) {
        formula.text.pop_back();
        changed = true;
      }
      if (const Place* place = other(formula.text)) {  // a range as the number of its element
        if (place->bang) formula.places.push_back(*place);
        formula.text = place->name;
        changed = true;
      }
    }
    for (Place& place : formula.places) {
      const Place* with = place.bang ? nullptr : other(place.name);
      if (!with) continue;
      place.name = with->name;
      place.bang = with->bang;
      changed = true;
    }
    return rebuilt(t_, id, std::move(formula), changed, [&](FormulaId child) { return of(child); });
  }

 private:
  const Place* other(const std::string& name) const {
    const auto found = by_.places.find(canonical(name));
    return found == by_.places.end() ? nullptr : &found->second;
  }

  Translation& t_;
  const Substitution& by_;
};

bool is_local(const Scope& scope, const std::string& name) {
  return scope.locals && scope.locals->contains(canonical(name));
}

// Data over time; what else stands in files are numbers.
bool is_series(const Translation& t, const Symbol& symbol) {
  return is_data(t, symbol) && std::ranges::any_of(symbol.equations, [&](const Equation* equation) {
           const auto call = external_call(t, equation->value);
           return equation->kind == K::kExternal ||
                  (call && call->what == ExternalCall::What::kData);
         });
}

const Symbol* data_symbol(const Translation& t, const Scope& scope, const Formula& formula) {
  if (formula.kind != F::kName || is_local(scope, formula.text)) return nullptr;
  const Symbol* symbol = find_symbol(t, formula.text);
  return symbol && !symbol->bad && is_series(t, *symbol) ? symbol : nullptr;
}

// GET DATA MEAN(A, ...) has numbers of A at all times.
std::vector<FormulaId> read_children(const Formula& formula) {
  std::vector<FormulaId> children = formula.children;
  const bool functions = formula.kind == F::kCall && !formula.quoted &&
                         canonical(formula.text).starts_with("get_data_");
  if (functions && !children.empty()) children.erase(children.begin());
  return children;
}

// Data variables with an equation become their equations, those in it as well.
class Expanding {
 public:
  Expanding(Translation& t, const Scope& scope) : t_(t), scope_(scope) {}

  std::optional<FormulaId> of(FormulaId id) {
    const FormulaId result = visit(id);
    if (reason_.empty() && t_.formulas[result].height > kHighest) reason_ = "it grows too large";
    return reason_.empty() ? std::optional(result) : std::nullopt;
  }
  const std::string& reason() const { return reason_; }

 private:
  FormulaId visit(FormulaId id) {
    if (!reason_.empty()) return id;
    if (++parts_ > kMostParts || ++t_.expanded > kMostInAll || depth_ > kHighest) {
      reason_ = "it grows too large";
      return id;
    }
    ++depth_;
    const Formula formula = t_.formulas[id];
    if (is_call_of(t_, id, "cumulate") || is_call_of(t_, id, "cumulatef"))
      return sums_of(formula, id);
    const Symbol* symbol = formula.kind == F::kName && !is_local(scope_, formula.text)
                               ? find_symbol(t_, formula.text)
                               : nullptr;
    const FormulaId result =
        symbol && is_computed(*symbol)
            ? formula_of(*symbol, formula, id)
            : rebuilt(t_, id, formula, false, [&](FormulaId child) { return visit(child); });
    --depth_;
    return result;
  }

  // CUMULATE(A) and CUMULATEF(A): data with other values at the points of A, or at the last of
  // them.
  FormulaId sums_of(const Formula& call, FormulaId id) {
    --depth_;
    if (call.children.size() != 1) return id;
    Formula data = t_.formulas[call.children[0]];
    const Symbol* symbol = data_symbol(t_, scope_, data);
    const bool final = canonical(call.text) == "cumulatef";
    const Symbol* sums = symbol ? cumulated(t_, *symbol, final, call.span) : nullptr;
    if (!sums) return id;
    data.text = sums->name;
    return t_.formulas.add(std::move(data));
  }

  bool is_computed(const Symbol& symbol) const {
    return symbol.role == Symbol::Role::kValue && !symbol.bad && !is_data(t_, symbol) &&
           std::ranges::all_of(symbol.equations, [&](const Equation* equation) {
             return is_data_equation(*equation) && !literal(t_, equation->value);
           });
  }

  FormulaId formula_of(const Symbol& symbol, const Formula& reference, FormulaId id) {
    const Equation* equation = equation_for(symbol, reference.places);
    const bool circle = open_.contains(&symbol);
    if (!equation || circle) {
      reason_ = fmt::format("it reads `{}`, which {}", shown(symbol.name),
                            circle ? "hangs on itself" : "has no one equation for that");
      return id;
    }
    open_.insert(&symbol);
    Substitution by;
    for (size_t d = 0; d < reference.places.size(); ++d) {
      const std::string own = canonical(equation->places[d].name);
      if (reference.places[d].bang || own != canonical(reference.places[d].name))
        by.places.emplace(own, reference.places[d]);
    }
    const FormulaId result = visit(Substituting(t_, by).of(equation->value));
    open_.erase(&symbol);
    return result;
  }

  // The one equation that holds for all that the places mean.
  const Equation* equation_for(const Symbol& symbol, const std::vector<Place>& places) {
    if (places.size() != symbol.axes.size()) return nullptr;
    for (const Equation* equation : symbol.equations) {
      bool holds = equation->exceptions.empty();
      for (size_t d = 0; d < places.size() && holds; ++d) {
        const auto own = find_range(t_, equation->places[d].name);
        const auto range = find_range(t_, places[d].name);
        const auto element = find_element(t_, places[d].name);
        holds = range     ? own && within(t_, *range, *own)
                : element ? own ? contains(t_, *own, *element)
                                : find_element(t_, equation->places[d].name) == element
                          : false;
      }
      if (holds) return equation;
    }
    return nullptr;
  }

  Translation& t_;
  const Scope& scope_;
  std::set<const Symbol*> open_;
  std::string reason_;
  size_t parts_ = 0, depth_ = 0;
};

bool is_empty(const std::vector<Points>& rows) { return std::ranges::all_of(rows, &Points::empty); }

// ---------------------------------------------------------------- one equation

// Which elements a place of a reference to data means where the left side stands.
struct Spot {
  enum class Kind { kElement, kBound, kAll };
  Kind kind = Kind::kElement;
  size_t id = 0;                       // an element, a bound of the scope, or a range
  std::map<uint32_t, uint32_t> pairs;  // of a bound: by a mapping
};

struct Leaf {
  const Symbol* symbol = nullptr;
  const std::vector<Points>* series = nullptr;
  std::vector<Spot> spots;
};

class DataEquation {
 public:
  DataEquation(Translation& t, const Scope& scope, I interpolation, FormulaId formula, Span span)
      : t_(t),
        scope_(scope),
        interpolation_(interpolation),
        formula_(formula),
        span_(span),
        build_(t.build(span)) {}

  // False where something in it has no points that are known, and `reason` tells what.
  bool find_data() {
    std::vector<FormulaId> open{formula_};
    while (!open.empty() && reason_.empty()) {
      const FormulaId id = open.back();
      open.pop_back();
      ++nodes_;
      const Formula formula = t_.formulas[id];
      if (const Symbol* symbol = data_symbol(t_, scope_, formula)) add_leaf(id, *symbol, formula);
      const auto read = read_children(formula);
      if (formula.kind == F::kCall && takes_vectors(canonical(formula.text)))
        whole_vectors_ = display(formula.text);
      open.insert(open.end(), read.begin(), read.end());
    }
    if (reason_.empty() && !leaves_.empty() && !whole_vectors_.empty())
      reason_ = fmt::format("`{}` reads data as a whole", shown(whole_vectors_));
    return reason_.empty();
  }
  bool has_data() const { return !leaves_.empty(); }
  const std::string& reason() const { return reason_; }

  ExprId write() {
    for (const auto& [id, leaf] : leaves_) {  // which is told
      if (!leaf.series || (is_empty(*leaf.series) && !t_.without_data.empty())) return build_.bad();
    }
    if (!size_fits()) return build_.bad();
    std::vector<Points> rows = times_of_all();
    if (is_empty(rows)) {
      t_.diagnostics.warning(
          Kind::kMissingElement, span_,
          fmt::format("the data of `{}` have no time in common, so that it is :NA: throughout",
                      shown(scope_.variable)));
      return build_.number(kMissingValue);
    }
    const bool same =
        std::ranges::all_of(rows, [&](const Points& row) { return row == rows.front(); });
    if (same) {
      rows.resize(1);
      used_.clear();
    }
    const bool gaps = std::ranges::any_of(rows, &Points::empty);
    times_ = &add_lookup(t_, scope_.variable + " (times)", axes(), rows, time_unit(t_), span_);
    const ExprId result = value();
    if (!gaps) return result;
    const ExprId none = build_.compare(time_at(Reading::kBackward, true), CompareOp::kEqual,
                                       build_.number(kMissingValue));
    return build_.choose(none, build_.number(kMissingValue), result);
  }

 private:
  // ------------------------------------------------------------ data

  void add_leaf(FormulaId id, const Symbol& symbol, const Formula& formula) {
    Leaf leaf{&symbol, series_of(t_, symbol, formula.span), {}};
    const bool numbers = std::ranges::any_of(data_parts(t_, symbol), [](const auto& part) {
      return part.cells ? part.cells->along == syntax::Cells::Along::kNothing
                        : part.values != std::vector<double>{kMissingValue};
    });
    if (numbers || formula.places.size() != symbol.axes.size()) {
      reason_ = fmt::format("`{}` is no series for some elements", shown(symbol.name));
      return;
    }
    for (size_t d = 0; d < formula.places.size(); ++d) {
      const auto spot = spot_of(formula.places[d], d);
      if (!spot) {
        reason_ = fmt::format("it does not run over `{}`", shown(formula.places[d].name));
        return;
      }
      if (spot->kind == Spot::Kind::kBound) used_.insert(spot->id);
      leaf.spots.push_back(*spot);
    }
    leaves_.emplace(id, std::move(leaf));
  }

  std::optional<Spot> spot_of(const Place& place, size_t d) {
    const auto range = find_range(t_, place.name);
    if (!range) {
      const auto element = find_element(t_, place.name);
      return element ? std::optional(Spot{Spot::Kind::kElement, *element, {}}) : std::nullopt;
    }
    const bool outer = std::ranges::any_of(
        scope_.bounds, [&](const Bound& bound) { return bound.bang && bound.id == *range; });
    if (place.bang && !outer) return Spot{Spot::Kind::kAll, *range, {}};
    std::optional<syntax::Index> index;
    if (!place.bang) index = bound_index(t_, scope_, *range, d, place.span);
    for (size_t k = 0; k < scope_.bounds.size(); ++k) {
      const Bound& bound = scope_.bounds[k];
      if (place.bang && bound.bang && bound.id == *range) return Spot{Spot::Kind::kBound, k, {}};
      if (!index || !bound.is_range || bound.index != index->name.text) continue;
      Spot spot{Spot::Kind::kBound, k, {}};
      if (index->map.text.empty()) return spot;
      const auto pairs = link(t_, bound.id, *range);
      if (!pairs) return std::nullopt;
      for (const auto& [from, to] : *pairs) spot.pairs.emplace(from, to);
      return spot;
    }
    const auto element = index ? find_element(t_, index->name.text) : std::nullopt;
    return element ? std::optional(Spot{Spot::Kind::kElement, *element, {}}) : std::nullopt;
  }

  // ------------------------------------------------------------ times

  // Where each bound of the scope stands; of those that no data use, anywhere.
  using Stand = std::map<size_t, uint32_t>;

  // What is looked at for all elements: the formula, and the points of its data.
  bool size_fits() {
    double all = static_cast<double>(nodes_);
    for (const auto& [id, leaf] : leaves_) {
      size_t most = 0;
      for (const Points& points : *leaf.series) most = std::max(most, points.size());
      auto own = static_cast<double>(most);
      for (const Spot& spot : leaf.spots) {
        if (spot.kind == Spot::Kind::kAll)
          own *= static_cast<double>(t_.ranges[spot.id].elements.size());
      }
      all += own;
    }
    for (const size_t k : used_) all *= static_cast<double>(element_count(k));
    if (all <= kMostPoints) return true;
    t_.diagnostics.error(
        Kind::kTooLarge, span_,
        fmt::format("the data of `{}` have more than {} points for all its elements",
                    shown(scope_.variable), kMostPoints));
    return false;
  }

  size_t element_count(size_t bound) const {
    return t_.ranges[scope_.bounds[bound].id].elements.size();
  }

  std::vector<Points> times_of_all() {
    std::vector<Points> rows;
    size_t count = 1;
    for (const size_t k : used_) count *= element_count(k);
    for (size_t flat = 0; flat < count; ++flat) {
      Stand stand;
      size_t rest = flat;
      for (auto k = used_.rbegin(); k != used_.rend(); ++k) {
        const auto& all = t_.ranges[scope_.bounds[*k].id].elements;
        stand[*k] = all[rest % all.size()];
        rest /= all.size();
      }
      rows.emplace_back();
      for (const double time : times(formula_, stand, false).value_or(Times()))
        rows.back().emplace_back(time, time);
    }
    return rows;
  }

  // Those at which all data of the formula, or any of them, have a point; nothing where it has no
  // data.
  std::optional<Times> times(FormulaId id, const Stand& stand, bool any) const {
    if (const auto leaf = leaves_.find(id); leaf != leaves_.end())
      return times(leaf->second, stand, any);
    const Formula& formula = t_.formulas[id];
    std::optional<Times> result;
    const bool filled = is_call_of(t_, id, "x_if_missing");
    for (const FormulaId child : read_children(formula))
      join(result, times(child, stand, any || filled), any || filled);
    return result;
  }

  std::optional<Times> times(const Leaf& leaf, const Stand& stand, bool any) const {
    std::vector<size_t> flats{0};
    for (size_t d = 0; d < leaf.spots.size(); ++d) {
      const auto& all = t_.ranges[leaf.symbol->axes[d].range].elements;
      std::vector<size_t> next;
      for (const uint32_t element : elements_at(leaf.spots[d], stand)) {
        const auto at = std::ranges::find(all, element);
        if (at == all.end()) continue;  // of which the reference itself is told
        for (const size_t flat : flats)
          next.push_back(flat * all.size() + static_cast<size_t>(at - all.begin()));
      }
      flats = std::move(next);
    }
    std::optional<Times> result;
    for (const size_t flat : flats) {
      Times own;
      for (const auto& [time, value] : (*leaf.series)[flat]) own.push_back(time);
      std::ranges::sort(own);
      own.erase(std::unique(own.begin(), own.end()), own.end());
      join(result, std::move(own), any);
    }
    return result;
  }

  std::vector<uint32_t> elements_at(const Spot& spot, const Stand& stand) const {
    switch (spot.kind) {
      case Spot::Kind::kElement:
        return {static_cast<uint32_t>(spot.id)};
      case Spot::Kind::kAll:
        return t_.ranges[spot.id].elements;
      case Spot::Kind::kBound:
        break;
    }
    const uint32_t element = stand.at(spot.id);
    if (spot.pairs.empty()) return {element};
    const auto to = spot.pairs.find(element);
    return to == spot.pairs.end() ? std::vector<uint32_t>() : std::vector{to->second};
  }

  static void join(std::optional<Times>& all, std::optional<Times> more, bool any) {
    if (!more) return;
    if (!all) {
      all = std::move(more);
      return;
    }
    Times joined;
    if (any)
      std::ranges::set_union(*all, *more, std::back_inserter(joined));
    else
      std::ranges::set_intersection(*all, *more, std::back_inserter(joined));
    all = std::move(joined);
  }

  // ------------------------------------------------------------ the value

  std::vector<Axis> axes() const {
    std::vector<Axis> result;
    for (const size_t k : used_) {
      const Bound& bound = scope_.bounds[k];
      result.push_back({t_.ranges[bound.id].family, bound.id, bound.index});
    }
    return result;
  }

  Scope scope_at(Moment& moment, Reading reading, bool exact) const {
    moment = {times_, {}, reading, exact, {}};
    for (const size_t k : used_) {
      const Bound& bound = scope_.bounds[k];
      moment.places.push_back({t_.ranges[bound.id].name, bound.bang, span_});
    }
    Scope scope = scope_;
    scope.moment = &moment;
    return scope;
  }

  ExprId time_at(Reading reading, bool exact) {
    Moment moment;
    return moment_of(t_, scope_at(moment, reading, exact), span_);
  }

  ExprId value_at(Reading reading, bool exact) {
    Moment moment;
    return translate(t_, scope_at(moment, reading, exact), formula_);
  }

  ExprId value() {
    using enum Reading;
    switch (interpolation_) {
      case I::kLinear:
        return build_.call("vensim_between", {time_at(kBackward, true), time_at(kForward, true),
                                              value_at(kBackward, true), value_at(kForward, true)});
      case I::kBackward:
        return value_at(kBackward, false);
      case I::kForward:
        return value_at(kForward, false);
      case I::kRaw:
        break;
    }
    const ExprId near = build_.call("vensim_is_now", {time_at(kBackward, false)});
    return build_.choose(near, value_at(kBackward, false), build_.number(kMissingValue));
  }

  Translation& t_;
  const Scope& scope_;
  I interpolation_;
  FormulaId formula_;
  Span span_;
  Build build_;
  std::string reason_, whole_vectors_;
  std::map<FormulaId, Leaf> leaves_;
  std::set<size_t> used_;  // bounds of the scope that the data run over
  size_t nodes_ = 0;       // of the formula
  const Symbol* times_ = nullptr;
};

// ---------------------------------------------------------------- equations without data

// Whether the formula hangs on anything but numbers of the model.
bool varies(const Translation& t, const Scope& scope, FormulaId id) {
  std::vector<FormulaId> open{id};
  std::set<const Symbol*> seen;
  while (!open.empty()) {
    const Formula& formula = t.formulas[open.back()];
    open.pop_back();
    for (const FormulaId child : read_children(formula)) open.push_back(child);
    if (formula.kind != F::kName) continue;
    if (is_local(scope, formula.text) || canonical(formula.text) == "time") return true;
    const Symbol* symbol = find_symbol(t, formula.text);
    if (!symbol || !seen.insert(symbol).second) continue;
    if (symbol->role == Symbol::Role::kStock || is_series(t, *symbol)) return true;
    for (const Equation* equation : symbol->equations) {
      if (equation->kind == K::kValue) open.push_back(equation->value);
    }
  }
  return false;
}

void pass_over(Translation& t, const Scope& scope, const Equation& equation,
               const std::string& reason) {
  t.passed_over[fmt::format("`{}` is a data equation that is computed at each step, not at the "
                            "points of its data: {}",
                            shown(scope.variable), reason)]
      .push_back(equation.name_span);
}

const Symbol& times_lookup(Translation& t, const Symbol& symbol,
                           const std::vector<Points>& series) {
  const Symbol*& lookup = t.times_lookups[&symbol];
  if (lookup) return *lookup;
  std::vector<Points> rows = series;
  for (Points& row : rows) {
    for (auto& [time, value] : row) value = time;
  }
  lookup = &add_lookup(t, symbol.name + " (times)", symbol.axes, rows, time_unit(t),
                       symbol.equations.front()->name_span);
  return *lookup;
}

}  // namespace

bool is_data_equation(const Equation& equation) {
  return equation.kind == K::kValue && (equation.data || equation.interpolation != I::kLinear);
}

std::optional<FormulaId> substitute(Translation& t, const Substitution& by, FormulaId id) {
  const FormulaId result = Substituting(t, by).of(id);
  std::vector<FormulaId> open{result};  // what stands for one name may stand in it many times over
  for (size_t parts = 0; !open.empty(); ++parts) {
    if (parts > kMostParts || ++t.expanded > kMostInAll) return std::nullopt;
    const Formula& formula = t.formulas[open.back()];
    open.pop_back();
    open.insert(open.end(), formula.children.begin(), formula.children.end());
  }
  if (t.formulas[result].height > kHighest) return std::nullopt;
  return result;
}

std::optional<ExprId> data_equation(Translation& t, const Scope& scope, const Equation& equation) {
  if (!is_data_equation(equation) || !equation.value.valid()) return std::nullopt;
  Expanding expanding(t, scope);
  const auto formula = expanding.of(equation.value);
  if (!formula) {
    pass_over(t, scope, equation, expanding.reason());
    return std::nullopt;
  }
  DataEquation data(t, scope, equation.interpolation, *formula, equation.span);
  if (!data.find_data()) {
    pass_over(t, scope, equation, data.reason());
    return std::nullopt;
  }
  if (data.has_data()) return data.write();
  if (varies(t, scope, equation.value)) pass_over(t, scope, equation, "no data stand in it");
  return std::nullopt;
}

ExprId moment_of(Translation& t, const Scope& scope, Span span) {
  const Build build = t.build(span);
  const Moment& moment = *scope.moment;
  ExprId now = build.name("time.held");
  if (!moment.exact) {
    const ExprId slack = build.multiply(build.number(kSlack), build.name("time.step"));
    now = moment.reading == Reading::kForward ? build.subtract(now, slack) : build.add(now, slack);
  }
  return call_table(t, scope, {moment.times, moment.places}, now, span, moment.reading);
}

std::optional<ExprId> datum(Translation& t, const Scope& scope, const Formula& formula) {
  const Symbol* symbol = data_symbol(t, scope, formula);
  if (!symbol) return std::nullopt;
  const Build build = t.build(formula.span);
  const std::vector<Points>* series = series_of(t, *symbol, formula.span);
  const auto indexes = translate_places(t, scope, *symbol, formula.places, formula.span);
  if (!series || !indexes) return build.bad();
  const FormulaId missing = scope.moment->missing;
  const auto other = [&] {
    return missing.valid() ? translate(t, scope, missing) : build.number(kMissingValue);
  };
  const auto flat = fixed_position(t, *symbol, *indexes);
  if (flat ? (*series)[*flat].empty() : is_empty(*series)) return other();
  const ExprId value = call_table(t, scope, {&points_lookup(t, *symbol, *series), formula.places},
                                  moment_of(t, scope, formula.span), formula.span, Reading::kHeld);
  if (!missing.valid()) return value;
  const ExprId at = call_table(t, scope, {&times_lookup(t, *symbol, *series), formula.places},
                               moment_of(t, scope, formula.span), formula.span, Reading::kBackward);
  const ExprId there = build.compare(at, CompareOp::kEqual, moment_of(t, scope, formula.span));
  return build.choose(there, value, other());
}

}  // namespace headrace::import::vensim
