// Queues: QUEUE FIFO(inflow, outflow, profile, initial, age range), QUEUE FIFO ATTRIB(inflow,
// outflow, attribute, its change, profile, profile of the attribute, initial, initial attribute,
// age range), and the functions that look into one.
//
// A queue is a stock. Beside it stands what it holds by age, of which place k came in k steps ago,
// and leaves with the oldest first:
//
//   held[age]       = previous(next[age]), next[age] = left[age - 1], or what comes in
//   older[age]      what all older places hold together
//   left[age]       what stays of a place when `due` leaves: the outflow, and what is owed
//   owed            what left before it had come, of a queue below 0
//   attribute[age]  goes along with what is held, and changes on the way
//   ahead[age]      attribute times held, of all older places together
//
// At the start the profile says of what ages the contents are, from one step to the age range and
// one step: what lies between k and k + 1 steps stands at place k.

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
using Indexes = std::vector<syntax::Index>;

constexpr size_t kPlain = 5, kWithAttribute = 9;  // arguments
constexpr double kMostPlaces = 5000;
constexpr double kMostHeld = 4'000'000;  // places of all elements
constexpr double kSlack = 1e-6;          // of a step, in ages

class QueueWriter {
 public:
  QueueWriter(Translation& t, const Queue& queue)
      : t_(t),
        queue_(queue),
        symbol_(*queue.stock),
        span_(symbol_.equations.front()->span),
        build_(t.build(span_)) {}

  void write() {
    if (!find_pieces() || !find_places()) return;
    for (const char* name : {"start", "left", "next", "due", "comes"})
      names_[name] = t_.fresh(fmt::format("_{} ({})", symbol_.name, name));
    names_["owed"] = queue_.owed;
    write_ages();
    write_flows();
    write_contents();
    if (!queue_.attribute.empty()) write_attribute();
  }

 private:
  struct Piece {
    const Equation* equation;
    std::vector<FormulaId> arguments;
    Scope scope;
    Box box;
    std::string profile, attribute_profile;  // tables
  };

  // ------------------------------------------------------------ what the equations say

  bool find_pieces() {
    const auto start = constant_value(t_, "initial_time"), end = constant_value(t_, "final_time"),
               step = constant_value(t_, "time_step");
    if (!start || !end || !step || !(*step > 0))
      return refuse("a queue in a run whose length is no constant", *symbol_.equations.front());
    step_ = *step;
    run_ = std::ceil((*end - *start) / *step - kSlack);
    for (const Equation* equation : symbol_.equations) {
      const auto arguments = queue_arguments(t_, *equation);
      const bool same =
          arguments && (arguments->size() == kWithAttribute) != queue_.attribute.empty();
      if (!same) return refuse("a queue of which a part is none, or of another kind", *equation);
      for (Box& box : boxes_of(t_, *equation)) {
        Piece piece{equation, *arguments, scope_of(t_, symbol_, *equation), std::move(box), {}, {}};
        const auto range = constant_value(t_, arguments->back());
        if (!range) return refuse("a queue whose age range is no constant", *equation);
        longest_ = std::max(longest_, *range);
        if (!(*range / step_ <= kMostPlaces))
          return refuse("a queue whose oldest age is more than 5000 steps", *equation);
        const bool plain = queue_.attribute.empty();
        piece.profile = table(piece, plain ? 2 : 4, *range, true);
        if (!plain) piece.attribute_profile = table(piece, 5, *range, false);
        if (piece.profile.empty() || (!plain && piece.attribute_profile.empty())) return false;
        pieces_.push_back(std::move(piece));
      }
    }
    return !pieces_.empty();
  }

  bool refuse(std::string_view what, const Equation& equation) {
    not_read(t_, t_.formulas[equation.value], what);
    return false;
  }

  // Over 0 to 1: the share of what is younger, at the ends of steps, or the values themselves.
  std::string table(const Piece& piece, size_t k, double range, bool shares) {
    const Formula& call = t_.formulas[piece.equation->value];
    const auto lookup = wanted_lookup(t_, piece.scope, call, piece.arguments[k]);
    if (!lookup) return {};
    auto points = points_of(*lookup);
    if (points) std::ranges::stable_sort(*points, {}, &std::pair<double, double>::first);
    if (!points || points->size() < 2 || !(points->back().first > points->front().first)) {
      not_read(t_, call, "a queue with such a profile");
      return {};
    }
    const double first = points->front().first, width = points->back().first - first;
    for (auto& [x, y] : *points) x = (x - first) / width;
    if (shares) points = shares_by_step(*points, range);
    if (points->empty()) {
      not_read(t_, call, "a queue whose profile is below 0, or 0 throughout");
      return {};
    }
    return add_table(t_, *points, lookup->symbol->name + (shares ? " (share)" : " (profile)"),
                     span_);
  }

  Points shares_by_step(const Points& points, double range) const {
    const double each = step_ / std::max(range, step_);
    Points result{{0, 0}};
    for (double k = 1; k * each < 1 + kSlack; ++k) {
      const auto share = share_below(points, k * each);
      if (!share || k > kMostPlaces) return {};
      result.emplace_back(k * each, *share);
    }
    if (result.back().first < 1 - kSlack) result.emplace_back(1, 1);
    return result;
  }

  // A place for each step of the run and of the ages at the start.
  bool find_places() {
    const double places = run_ + std::max(std::ceil(longest_ / step_ - kSlack), 1.0) + 1;
    double held = places;
    for (const Axis& axis : symbol_.axes)
      held *= static_cast<double>(t_.ranges[axis.range].elements.size());
    if (!(places <= kMostPlaces) || held > kMostHeld)
      return refuse(
          "a queue in a run of more than 5000 steps, the oldest age at the start included",
          *pieces_.front().equation);
    places_ = static_cast<size_t>(places);
    return true;
  }

  // ------------------------------------------------------------ words

  Indexes indexes() const {
    Indexes result;
    for (const Axis& axis : symbol_.axes) result.push_back(build_.index(axis.index));
    return result;
  }
  ExprId at(const std::string& name) const {
    return symbol_.axes.empty() ? build_.name(name) : build_.element(name, indexes());
  }
  ExprId at_age(const std::string& name, int offset = 0) const {
    Indexes all = indexes();
    all.push_back(build_.index(queue_.age, offset));
    return build_.element(name, std::move(all));
  }
  ExprId place() const { return build_.call("position", {build_.name(queue_.age)}); }
  ExprId at_first(ExprId yes, ExprId no) const {
    return build_.choose(build_.compare(place(), CompareOp::kEqual, build_.number(1)), yes, no);
  }
  ExprId below_last(ExprId yes) const {
    const ExprId last = build_.number(static_cast<double>(places_));
    return build_.choose(build_.compare(place(), CompareOp::kLess, last), yes, build_.number(0));
  }

  syntax::ValueDecl declare(const std::string& name, bool ages, bool units) {
    syntax::ValueDecl decl;
    decl.kind = syntax::ValueDecl::Kind::kLet;
    decl.name = build_.word(name);
    for (const Axis& axis : symbol_.axes) {
      syntax::DimensionUse use{build_.word(t_.ranges[axis.range].name), {}};
      if (axis.index != use.dimension.text) use.index = build_.word(axis.index);
      decl.dims.push_back(std::move(use));
    }
    if (ages) decl.dims.push_back({build_.word(queue_.age), {}});
    for (const Equation* equation : symbol_.equations) {
      if (units && !decl.unit) decl.unit = t_.units.read(equation->units, span_);
    }
    return decl;
  }

  void let(const std::string& name, bool ages, bool units, ExprId value) {
    syntax::ValueDecl decl = declare(name, ages, units);
    decl.value = value;
    t_.add({std::move(decl), {}, span_});
  }

  // From each equation what it says of its elements; 0 for those that have none.
  template <class Value>
  void let_by_piece(const char* name, bool ages, bool units, Value&& value) {
    syntax::ValueDecl decl = declare(names_.at(name), ages, units);
    Box whole;
    for (const Axis& axis : symbol_.axes) whole.push_back(t_.ranges[axis.range].elements);
    std::vector<Box> rest{whole};
    for (const Piece& piece : pieces_) rest = without(rest, piece.box);
    if (pieces_.size() == 1 && rest.empty()) {
      decl.value = value(pieces_.front());
    } else {
      for (const Piece& piece : pieces_) add_clause(decl, piece.box, ages, value(piece));
      for (const Box& box : rest) add_clause(decl, box, ages, build_.number(0));
    }
    t_.add({std::move(decl), {}, span_});
  }

  void add_clause(syntax::ValueDecl& decl, const Box& box, bool ages, ExprId value) {
    syntax::Clause clause;
    clause.pattern = pattern_of(t_, symbol_, box, span_);
    if (ages) clause.pattern.push_back(build_.index(queue_.age));
    clause.value = value;
    clause.span = span_;
    decl.clauses.push_back(std::move(clause));
  }

  ExprId argument(const Piece& piece, size_t k) {
    return translate(t_, piece.scope, piece.arguments[k]);
  }

  // What is there at the start above 0 or, with -1, below it.
  ExprId initial(const Piece& piece, int sign) {
    const size_t place = queue_.attribute.empty() ? 3 : 6;
    if (const auto number = literal(t_, piece.arguments[place]))
      return build_.number(std::max(sign * *number, 0.0));
    const ExprId value = argument(piece, place);
    return build_.call("max", {sign < 0 ? build_.negate(value) : value, build_.number(0)});
  }

  // ------------------------------------------------------------ contents

  void write_ages() {
    syntax::DimDecl dim;
    dim.name = build_.word(queue_.age);
    for (size_t k = 1; k <= places_; ++k) dim.members.push_back(build_.word(std::to_string(k)));
    t_.add({std::move(dim), {}, span_});
  }

  // Within the step; a flow below 0 goes the other way.
  ExprId amount(ExprId flow, ExprId back) const {
    const ExprId none = build_.number(0);
    return build_.multiply(build_.add(build_.call("max", {flow, none}),
                                      build_.call("max", {build_.negate(back), none})),
                           build_.name("time.step"));
  }

  void write_flows() {
    let_by_piece("comes", false, true, [&](const Piece& piece) {
      return amount(argument(piece, 0), argument(piece, 1));
    });
    let_by_piece("due", false, true, [&](const Piece& piece) {
      return build_.add(amount(argument(piece, 1), argument(piece, 0)), at(queue_.owed));
    });
    const ExprId all =
        build_.call("sum", {at_age(queue_.held)}, {build_.binding(queue_.age, queue_.age)});
    const ExprId missing =
        build_.call("max", {build_.subtract(at(names_.at("due")), all), build_.number(0)});
    let_by_piece("owed", false, true, [&](const Piece& piece) {
      return build_.call("previous", {missing, initial(piece, -1)});
    });
  }

  // Where on a profile from 0 to 1 the ages at a place end, or so much of a step before.
  ExprId on_profile(const Piece& piece, double before) {
    const ExprId steps = before == 0 ? place() : build_.subtract(place(), build_.number(before));
    const FormulaId range = piece.arguments.back();
    if (const auto number = literal(t_, range))  // which has no unit
      return build_.divide(steps, build_.number(std::max(*number / step_, 1.0)));
    const ExprId longest =
        build_.call("max", {translate(t_, piece.scope, range), build_.name("time.step")});
    return build_.divide(build_.multiply(steps, build_.name("time.step")), longest);
  }

  void write_contents() {
    let_by_piece("start", true, true, [&](const Piece& piece) {
      const ExprId share = build_.subtract(build_.call(piece.profile, {on_profile(piece, 0)}),
                                           build_.call(piece.profile, {on_profile(piece, 1)}));
      return build_.multiply(initial(piece, 1), share);
    });
    let(queue_.held, true, true,
        build_.call("previous", {at_age(names_.at("next")), at_age(names_.at("start"))}));
    let(queue_.older, true, true,
        below_last(build_.add(at_age(queue_.older, 1), at_age(queue_.held, 1))));
    let(names_.at("left"), true, true,
        build_.call("vensim_queue_left",
                    {at_age(queue_.held), at_age(queue_.older), at(names_.at("due"))}));
    let(names_.at("next"), true, true,
        at_first(at(names_.at("comes")), at_age(names_.at("left"), -1)));
  }

  void write_attribute() {
    for (const char* name : {"attribute of what comes", "attribute at the start", "next attribute"})
      names_[name] = t_.fresh(fmt::format("_{} ({})", symbol_.name, name));
    const std::string& next = names_.at("next attribute");
    let_by_piece("attribute at the start", true, false, [&](const Piece& piece) {
      return build_.multiply(argument(piece, 7),
                             build_.call(piece.attribute_profile, {on_profile(piece, 0.5)}));
    });
    let(queue_.attribute, true, false,
        build_.call("previous", {at_age(next), at_age(names_.at("attribute at the start"))}));
    let_by_piece("next attribute", true, false, [&](const Piece& piece) {
      return build_.add(at_first(argument(piece, 2), at_age(queue_.attribute, -1)),
                        build_.multiply(argument(piece, 3), build_.name("time.step")));
    });
    let(queue_.ahead, true, false,
        below_last(
            build_.add(at_age(queue_.ahead, 1),
                       build_.multiply(at_age(queue_.held, 1), at_age(queue_.attribute, 1)))));
  }

  Translation& t_;
  const Queue& queue_;
  const Symbol& symbol_;
  Span span_;
  Build build_;
  std::vector<Piece> pieces_;
  std::map<std::string, std::string> names_;
  size_t places_ = 0;
  double step_ = 1, run_ = 0, longest_ = 0;  // run_: its steps; longest_: of the ages at the start
};

// ---------------------------------------------------------------- functions of a queue

class QueueCall {
 public:
  QueueCall(Translation& t, const Scope& scope, const Formula& call, const Queue& queue,
            Indexes indexes)
      : t_(t),
        scope_(scope),
        call_(call),
        queue_(queue),
        build_(t.build(call.span)),
        indexes_(std::move(indexes)),
        index_(queue.age + "!") {}

  ExprId write(std::string_view name) {
    if (name == "queue_age_average")
      return unless_below(step(), mean(build_.multiply(place(), step())));
    if (name == "queue_age_oldest") {
      const ExprId some = build_.compare(at(queue_.held), CompareOp::kGreater, build_.number(0));
      return unless_below(step(), over("max", build_.choose(some, build_.multiply(place(), step()),
                                                            build_.number(0))));
    }
    if (name == "queue_age_in_range") {
      const ExprId slack = build_.multiply(build_.number(kSlack), step());
      const ExprId age = build_.multiply(place(), step());
      const ExprId below = build_.choose(in_range(step(), slack), level(), build_.number(0));
      return unless_below(below, over("sum", build_.choose(in_range(age, slack), at(queue_.held),
                                                           build_.number(0))));
    }
    if (name == "queue_attrib_average") return mean(at(queue_.attribute));
    if (name == "queue_attrib_min") return extreme("min", 1);
    if (name == "queue_attrib_max") return extreme("max", -1);
    if (name == "queue_attrib_in_range")
      return over("sum", build_.choose(in_range(at(queue_.attribute), {}), at(queue_.held),
                                       build_.number(0)));
    return over("sum", build_.call("vensim_queue_fits", {at(queue_.held), at(queue_.attribute),
                                                         at(queue_.ahead), argument(1)}));
  }

 private:
  ExprId step() const { return build_.name("time.step"); }
  ExprId place() const { return build_.call("position", {build_.name(index_)}); }
  ExprId at(const std::string& array) const {
    Indexes all = indexes_;
    all.push_back(build_.index(index_));
    return build_.element(array, std::move(all));
  }
  ExprId level() const {
    return indexes_.empty() ? build_.name(queue_.stock->name)
                            : build_.element(queue_.stock->name, indexes_);
  }
  ExprId argument(size_t k) { return translate(t_, scope_, call_.children[k]); }
  ExprId over(const char* reducer, ExprId body) const {
    return build_.call(reducer, {body}, {build_.binding(index_, queue_.age)});
  }
  // A queue below 0 counts as what came in with the last step.
  ExprId unless_below(ExprId below, ExprId otherwise) const {
    return build_.choose(build_.compare(level(), CompareOp::kLess, build_.number(0)), below,
                         otherwise);
  }

  // Of a place, what belongs to the oldest so many, or all.
  ExprId taken() {
    if (call_.children.size() < 2) return at(queue_.held);
    return build_.call("vensim_queue_oldest",
                       {at(queue_.held), at(queue_.older), argument(1), level()});
  }
  ExprId mean(ExprId value) {
    return build_.call("safe_divide",
                       {over("sum", build_.multiply(taken(), value)), over("sum", taken())});
  }
  // Of what is taken; 0 where nothing is.
  ExprId extreme(const char* reducer, int sign) {
    const ExprId some = build_.compare(taken(), CompareOp::kGreater, build_.number(0));
    const ExprId none = sign > 0 ? build_.name("infinity") : build_.negate(build_.name("infinity"));
    const ExprId found = over(reducer, build_.choose(some, at(queue_.attribute), none));
    const ExprId any = build_.compare(over("sum", taken()), CompareOp::kGreater, build_.number(0));
    return build_.choose(any, found, build_.number(0));
  }

  ExprId in_range(ExprId value, std::optional<ExprId> slack) {
    const ExprId least = argument(1), most = argument(2);
    const ExprId from = slack ? build_.subtract(least, *slack) : least;
    const ExprId to = slack ? build_.add(most, *slack) : most;
    const auto missing = [&](size_t k) {
      return t_.formulas[call_.children[k]].kind == F::kMissing;
    };
    std::optional<ExprId> result;
    if (!missing(1)) result = build_.compare(value, CompareOp::kGreaterEqual, from);
    if (!missing(2)) {
      const ExprId below = build_.compare(value, CompareOp::kLessEqual, to);
      result = result ? build_.both(*result, below) : below;
    }
    return result ? *result : build_.compare(place(), CompareOp::kGreater, build_.number(0));
  }

  Translation& t_;
  const Scope& scope_;
  const Formula& call_;
  const Queue& queue_;
  Build build_;
  Indexes indexes_;
  std::string index_;
};

}  // namespace

std::optional<std::vector<FormulaId>> queue_arguments(const Translation& t,
                                                      const Equation& equation) {
  if (equation.kind != Equation::Kind::kValue || !equation.value.valid()) return std::nullopt;
  const auto& arguments = t.formulas[equation.value].children;
  const bool plain = is_call_of(t, equation.value, "queue_fifo") && arguments.size() == kPlain;
  const bool more =
      is_call_of(t, equation.value, "queue_fifo_attrib") && arguments.size() == kWithAttribute;
  return plain || more ? std::optional(arguments) : std::nullopt;
}

void write_queues(Translation& t) {
  for (const std::string& name : t.order) {
    const Symbol& symbol = t.symbols.at(name);
    if (symbol.bad || symbol.role != Symbol::Role::kStock) continue;
    const auto found = std::ranges::find_if(symbol.equations, [&](const Equation* equation) {
      return queue_arguments(t, *equation).has_value();
    });
    if (found == symbol.equations.end()) continue;
    const auto named = [&](const char* what) {
      return t.fresh(fmt::format("_{} ({})", symbol.name, what));
    };
    Queue queue{&symbol, named("age"), named("held"), named("older"), named("owed"), {}, {}};
    if (queue_arguments(t, **found)->size() == kWithAttribute) {
      queue.attribute = named("attribute");
      queue.ahead = named("ahead");
    }
    t.queues.emplace(&symbol, std::move(queue));
  }
  for (const std::string& name : t.order) {
    const auto queue = t.queues.find(&t.symbols.at(name));
    if (queue != t.queues.end()) QueueWriter(t, queue->second).write();
  }
}

ExprId translate_queue(Translation& t, const Scope& scope, const Formula& formula) {
  const Build build = t.build(formula.span);
  const std::string name = canonical(formula.text);
  if (name.starts_with("queue_fifo"))
    return not_read(t, formula,
                    fmt::format("{} that is not all of an equation", display(formula.text)));
  const Formula first = t.formulas[formula.children[0]];
  const Symbol* symbol =
      first.kind == F::kName && !scope.locals ? find_symbol(t, first.text) : nullptr;
  const auto queue = t.queues.find(symbol);
  const bool wants_attribute = name.starts_with("queue_attrib");
  if (queue == t.queues.end() || (wants_attribute && queue->second.attribute.empty())) {
    t.diagnostics.error(Kind::kBadCall, first.span,
                        fmt::format("`{}` wants a variable here that QUEUE FIFO{} defines",
                                    shown(formula.text), wants_attribute ? " ATTRIB" : ""));
    return build.bad();
  }
  auto indexes = translate_places(t, scope, *symbol, first.places, first.span);
  if (!indexes) return build.bad();
  return QueueCall(t, scope, formula, queue->second, std::move(*indexes)).write(name);
}

}  // namespace headrace::import::vensim
