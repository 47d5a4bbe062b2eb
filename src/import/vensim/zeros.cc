// x[part] = FIND ZERO(xs, z, zs, xi, n, skip, tol, max iter, method): the x at which every z is 0,
// where z hangs on x within the step. Found by Newton's method with steps that are halved until z
// shrinks (Dennis and Schnabel, Numerical Methods for Unconstrained Optimization and Nonlinear
// Equations, 1983, chapters 5 and 6): the equations of the circle get copies with a value for each
// round and each probe, of which probe 0 is x as it is tried in the round, and probe k has a little
// more of its element k.
//
//   trial   the point of the round: the base before, less `share` of the step from there
//   tried   of each probe: trial, or trial + width
//   off     z there
//   miss    how far off: the sum of |off| / near, where near = tol / zs
//   better  whether that is less than before; least, base and step are those of the better rounds
//   slope   [e, k]: how z[e] changes with x[k]
//   step    of x[e]: the sum over k of inverse(slope)[e, k] * off[k]
//   share   1 after a better round, else half of what it was
//   leaps   where eight halvings have not helped, the whole step is taken, better or not
//   best    of all rounds until then, the one that is least far off
//
// Where z has a zero that is reached, it does not matter how many rounds there are.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

using syntax::CompareOp;
using syntax::ExprId;
using F = Formula::Kind;
using K = Equation::Kind;
using Indexes = std::vector<syntax::Index>;

constexpr double kMostSteps = 100;
constexpr double kWidth = 1e-6;    // between two probes, as a share of x, or of what xs scales to 1
constexpr double kFinest = 1e-15;  // tolerance
constexpr double kLeast = 0.003;   // of a step: eight halvings
constexpr double kMostRead = 3'000'000;  // elements of slopes by all rounds
constexpr double kFewSteps = 12;

enum Argument { kScaleX, kZ, kScaleZ, kInitial, kCount, kSkip, kTolerance, kMostRounds };

class Zero {
 public:
  Zero(Translation& t, const Rounds& rounds)
      : t_(t),
        rounds_(rounds),
        variable_(*rounds.variable),
        equation_(*variable_.equations.front()),
        call_(t.formulas[equation_.value]),
        build_(t.build(equation_.span)),
        scope_(scope_of(t, variable_, equation_)),
        element_(variable_.axes.back().index),
        other_(element_ + "!"),
        size_(t.ranges[variable_.axes.back().range].elements.size()) {}

  void write() {
    for (const char* name : {"trial", "width", "off", "near", "miss", "leaps", "better", "least",
                             "lowest", "base", "slope", "inverse", "newton", "step", "share"})
      names_[name] = t_.fresh(fmt::format("_{} ({})", variable_.name, name));
    names_["best"] = rounds_.best;
    names_["tried"] = rounds_.copy_of(&variable_);
    write_dims();
    write_points();
    write_distance();
    write_steps();
    write_check();
  }

 private:
  // ------------------------------------------------------------ dimensions

  void write_dims() {
    part_ = t_.fresh(fmt::format("_{} (part)", variable_.name));
    add_dim(round_, 1, static_cast<size_t>(rounds_.count), {});
    add_dim(probe_, 0, size_, {});
    add_dim(part_, 1, size_, probe_);  // the probes that have more of an element
  }

  void add_dim(const std::string& name, size_t first, size_t last, const std::string& parent) {
    syntax::DimDecl dim;
    dim.name = build_.word(name);
    if (!parent.empty()) dim.parent = build_.word(parent);
    for (size_t k = first; k <= last; ++k) dim.members.push_back(build_.word(std::to_string(k)));
    t_.add({std::move(dim), {}, equation_.span});
  }

  // ------------------------------------------------------------ words

  syntax::Index round(int offset = 0) const { return build_.index(round_, offset); }
  syntax::Index element() const { return build_.index(element_); }
  syntax::Index member(int number) const {
    return {syntax::Index::Kind::kNumber, {}, number, equation_.span};
  }

  // The array at these places behind those of all places of the variable but the last.
  ExprId at(const char* name, std::initializer_list<syntax::Index> places) const {
    Indexes indexes;
    for (size_t d = 0; d + 1 < variable_.axes.size(); ++d)
      indexes.push_back(build_.index(variable_.axes[d].index));
    indexes.insert(indexes.end(), places);
    return build_.element(names_.at(name), std::move(indexes));
  }

  ExprId position(const std::string& index) const {
    return build_.call("position", {build_.name(index)});
  }
  ExprId in_first_round(ExprId yes, ExprId no) const {
    return build_.choose(build_.compare(position(round_), CompareOp::kEqual, build_.number(1)), yes,
                         no);
  }
  ExprId always() const {
    return build_.compare(position(round_), CompareOp::kGreaterEqual, build_.number(1));
  }
  ExprId over_elements(const char* reducer, const std::string& index, ExprId body) const {
    return build_.call(reducer, {body},
                       {build_.binding(index, t_.ranges[variable_.axes.back().range].name)});
  }
  // Of the element whose probe the part is.
  ExprId of_part(ExprId at_other) const {
    return over_elements(
        "sum", other_,
        build_.choose(build_.compare(position(other_), CompareOp::kEqual, position(part_)),
                      at_other, build_.number(0)));
  }

  // `within`: over the elements of the vector too, not only what stands before them.
  void let(const char* name, bool within, const std::vector<std::string>& more,
           const std::string& units, ExprId value) {
    syntax::ValueDecl decl;
    decl.kind = syntax::ValueDecl::Kind::kLet;
    decl.name = build_.word(names_.at(name));
    for (size_t d = 0; d + (within ? 0 : 1) < variable_.axes.size(); ++d) {
      const Axis& axis = variable_.axes[d];
      syntax::DimensionUse use{build_.word(t_.ranges[axis.range].name), {}};
      if (axis.index != use.dimension.text) use.index = build_.word(axis.index);
      decl.dims.push_back(std::move(use));
    }
    for (const std::string& dim : more) decl.dims.push_back({build_.word(dim), {}});
    decl.unit = t_.units.read(units, equation_.span);
    decl.value = value;
    t_.add({std::move(decl), {}, equation_.span});
  }

  // ------------------------------------------------------------ arguments

  FormulaId argument(Argument which) const { return call_.children[which]; }

  // The number that an argument is for all elements.
  std::optional<double> same_for_all(Argument which) const {
    if (const auto value = constant_value(t_, argument(which))) return value;
    const Formula& name = t_.formulas[argument(which)];
    const Symbol* symbol = name.kind == F::kName ? find_symbol(t_, name.text) : nullptr;
    std::optional<double> value;
    if (!symbol) return value;
    for (const Equation* equation : symbol->equations) {
      std::vector<double> numbers = equation->numbers;
      const auto one = equation->kind == K::kValue ? literal(t_, equation->value) : std::nullopt;
      if (one) numbers = {*one};
      if (numbers.empty()) return std::nullopt;
      for (const double number : numbers) {
        if (value.value_or(number) != number) return std::nullopt;
        value = number;
      }
    }
    return value;
  }

  // size / |argument|, as a plain number where it stands in a unit and may be one, so that it takes
  // that.
  ExprId size_by(Argument which, ExprId size, std::optional<double> number,
                 const std::string& units) const {
    const auto scale = units.empty() ? std::nullopt : same_for_all(which);
    if (number && scale && *scale != 0) return build_.number(*number / std::fabs(*scale));
    return build_.divide(size, build_.call("abs", {translate(t_, scope_, argument(which))}));
  }

  std::string units_of_z() const {
    const Formula& z = t_.formulas[argument(kZ)];
    const Symbol* symbol = z.kind == F::kName ? find_symbol(t_, z.text) : nullptr;
    return symbol ? symbol->equations.front()->units : std::string();
  }

  // ------------------------------------------------------------ the search

  void write_points() {
    const ExprId share =
        build_.choose(at("leaps", {round(-1)}), build_.number(1), at("share", {round(-1)}));
    const ExprId moved =
        build_.subtract(at("base", {element(), round(-1)}),
                        build_.multiply(share, at("step", {element(), round(-1)})));
    let("trial", true, {round_}, equation_.units,
        in_first_round(translate(t_, scope_, argument(kInitial)), moved));
    let("width", true, {}, equation_.units,
        size_by(kScaleX, build_.number(kWidth), kWidth, equation_.units));
    const ExprId own = build_.compare(position(probe_), CompareOp::kEqual,
                                      build_.add(position(element_), build_.number(1)));
    let("tried", true, {round_, probe_}, equation_.units,
        build_.add(at("trial", {element(), round()}),
                   build_.choose(own, width(element()), build_.number(0))));
  }

  ExprId width(const syntax::Index& index) const {
    const ExprId share =
        build_.multiply(build_.number(kWidth), build_.call("abs", {at("trial", {index, round()})}));
    return build_.call("max", {at("width", {index}), share});
  }

  void write_distance() {
    Scope inner = scope_;
    inner.rounds = &rounds_;
    let("off", true, {round_, probe_}, units_of_z(), translate(t_, inner, argument(kZ)));
    const auto tolerance = constant_value(t_, argument(kTolerance));
    const ExprId finest =
        build_.call("max", {translate(t_, scope_, argument(kTolerance)), build_.number(kFinest)});
    let("near", true, {}, units_of_z(),
        size_by(kScaleZ, finest,
                tolerance ? std::optional(std::max(*tolerance, kFinest)) : std::nullopt,
                units_of_z()));
    const ExprId off =
        build_.divide(build_.call("abs", {at("off", {build_.index(other_), round(), member(0)})}),
                      at("near", {build_.index(other_)}));
    let("miss", false, {round_}, {}, over_elements("sum", other_, off));
    const ExprId miss = at("miss", {round()});
    const auto is_less = [&](ExprId than) { return build_.compare(miss, CompareOp::kLess, than); };
    // What is no number is no leap.
    const ExprId leapt = build_.both(at("leaps", {round(-1)}), is_less(build_.name("infinity")));
    let("better", false, {round_}, {},
        in_first_round(always(), build_.either(is_less(at("least", {round(-1)})), leapt)));
    let("least", false, {round_}, {}, kept(miss, at("least", {round(-1)})));
    let("base", true, {round_}, equation_.units,
        kept(at("trial", {element(), round()}), at("base", {element(), round(-1)})));
    const ExprId lower = is_less(at("lowest", {round(-1)}));
    let("lowest", false, {round_}, {},
        in_first_round(miss, build_.choose(lower, miss, at("lowest", {round(-1)}))));
    let("best", true, {round_}, equation_.units,
        in_first_round(at("trial", {element(), round()}),
                       build_.choose(lower, at("trial", {element(), round()}),
                                     at("best", {element(), round(-1)}))));
  }

  // What is new in a better round, else what was before.
  ExprId kept(ExprId fresh, ExprId before) const {
    return in_first_round(fresh, build_.choose(at("better", {round()}), fresh, before));
  }

  void write_steps() {
    const syntax::Index part = build_.index(part_);
    const ExprId change = build_.subtract(at("off", {element(), round(), part}),
                                          at("off", {element(), round(), member(0)}));
    let_slope("slope", build_.divide(change, of_part(width(build_.index(other_)))));
    let_slope("inverse",
              build_.call("inverse", {at("slope", {round(), build_.star(), build_.star()})}));
    const ExprId off = of_part(at("off", {build_.index(other_), round(), member(0)}));
    let("newton", true, {round_}, equation_.units,
        build_.call("sum", {build_.multiply(at("inverse", {round(), element(), part}), off)},
                    {build_.binding(part_, part_)}));
    let("step", true, {round_}, equation_.units,
        kept(at("newton", {element(), round()}), at("step", {element(), round(-1)})));
    const ExprId half = build_.divide(at("share", {round(-1)}), build_.number(2));
    let("share", false, {round_}, {},
        in_first_round(build_.number(1),
                       build_.choose(at("better", {round()}), build_.number(1), half)));
    let("leaps", false, {round_}, {},
        build_.both(
            build_.compare(at("share", {round()}), CompareOp::kLess, build_.number(kLeast)),
            build_.compare(at("lowest", {round()}), CompareOp::kGreater, build_.number(1))));
  }

  // A matrix: the round stands before the elements.
  void let_slope(const char* name, ExprId value) {
    syntax::ValueDecl decl;
    decl.kind = syntax::ValueDecl::Kind::kLet;
    decl.name = build_.word(names_.at(name));
    for (size_t d = 0; d < variable_.axes.size(); ++d) {
      if (d + 1 == variable_.axes.size()) decl.dims.push_back({build_.word(round_), {}});
      const Axis& axis = variable_.axes[d];
      syntax::DimensionUse use{build_.word(t_.ranges[axis.range].name), {}};
      if (axis.index != use.dimension.text) use.index = build_.word(axis.index);
      decl.dims.push_back(std::move(use));
    }
    decl.dims.push_back({build_.word(part_), {}});
    decl.value = value;
    t_.add({std::move(decl), {}, equation_.span});
  }

  // That z is 0 where the search ends: off of the best round is no more than near.
  void write_check() {
    std::vector<syntax::Binding> bindings;
    for (const Axis& axis : variable_.axes)
      bindings.push_back(build_.binding(axis.index, t_.ranges[axis.range].name));
    const ExprId off = build_.call("abs", {translate(t_, scope_, argument(kZ))});
    syntax::CheckDecl check;
    check.name = build_.word(t_.fresh(variable_.name + " finds a zero"));
    check.condition =
        build_.call("all", {build_.compare(off, CompareOp::kLessEqual, at("near", {element()}))},
                    std::move(bindings));
    t_.add({std::move(check), {}, equation_.span});
  }

  Translation& t_;
  const Rounds& rounds_;
  const Symbol& variable_;
  const Equation& equation_;
  const Formula call_;
  Build build_;
  Scope scope_;
  std::string element_, other_, part_;
  const std::string& round_ = rounds_.dims[0];
  const std::string& probe_ = rounds_.dims[1];
  size_t size_;
  std::map<std::string, std::string> names_;
};

}  // namespace

bool is_find_zero(const Translation& t, FormulaId id) {
  return is_call_of(t, id, "find_zero") && t.formulas[id].children.size() == 9;
}

std::optional<int> rounds_of_zero(Translation& t, const Symbol& variable) {
  const Equation& equation = *variable.equations.front();
  const Formula call = t.formulas[equation.value];
  const auto refuse = [&](std::string_view what) {
    not_read(t, call, what);
    return std::optional<int>();
  };
  const bool whole = variable.equations.size() == 1 && equation.exceptions.empty() &&
                     !variable.axes.empty() && find_range(t, equation.places.back().name);
  if (!whole) return refuse("FIND ZERO of a part of a variable");
  const size_t size = t.ranges[variable.axes.back().range].elements.size();
  const auto count = constant_value(t, call.children[kCount]);
  if (count != static_cast<double>(size))
    return refuse("FIND ZERO of other than all elements of the last subscript");
  if (constant_value(t, call.children[kSkip]) != 0)
    return refuse("FIND ZERO that skips elements (which ones, and what they are, is not known)");
  const auto most = constant_value(t, call.children[kMostRounds]);
  if (!most) return refuse("FIND ZERO whose number of iterations is no constant");
  double each = std::pow(static_cast<double>(size), 4);  // what an inverse reads for its elements
  for (size_t d = 0; d + 1 < variable.axes.size(); ++d)
    each *= static_cast<double>(t.ranges[variable.axes[d].range].elements.size());
  const double room = std::floor(kMostRead / each);
  if (room < kFewSteps) return refuse("FIND ZERO of more than 22 elements, or of so many vectors");
  const double steps = std::clamp(std::round(*most), 1.0, std::min(room, kMostSteps));
  return static_cast<int>(steps) + 1;
}

void write_zero(Translation& t, const Rounds& rounds) { Zero(t, rounds).write(); }

ExprId translate_find_zero(Translation& t, const Scope& scope, const Formula& formula) {
  const Build build = t.build(formula.span);
  const auto found = std::ranges::find_if(
      t.rounds, [&](const Rounds& one) { return one.variable->name == scope.variable; });
  if (scope.locals) return not_read(t, formula, "FIND ZERO within a macro");
  const bool whole =
      found != t.rounds.end() &&
      t.formulas[found->variable->equations.front()->value].span.begin == formula.span.begin;
  if (!whole) {
    t.diagnostics.error(Kind::kBadCall, formula.span,
                        "FIND ZERO wants something to be zero that hangs on the variable itself, "
                        "and to be all of an equation");
    return build.bad();
  }
  if (found->copies.empty()) return build.bad();
  Indexes indexes;
  for (const Axis& axis : found->variable->axes) indexes.push_back(build.index(axis.index));
  return build.element(found->best, Rounds::at(std::move(indexes), found->count, formula.span));
}

}  // namespace headrace::import::vensim
