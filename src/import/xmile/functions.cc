// Calls: functions of XMILE and Stella, macros, graphical functions, arrays called by number.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "import/names.h"
#include "import/xmile/translation.h"
#include "text/utf8.h"

namespace headrace::import::xmile {
namespace {

using syntax::CompareOp;
using syntax::ExprId;
using K = Formula::Kind;

enum class Form { kSame, kReducer, kChance, kOwn };

struct Function {
  std::string_view name;
  size_t least, most;
  Form form;
  std::string_view target;
};

constexpr double kMostKept = 10'000;  // values of HISTORY
constexpr double kMostPaid = 300;     // steps of IRR, whose work grows with their square

constexpr Function kFunctions[] = {
#define FUNCTION(name, least, most, form, target) {name, least, most, Form::form, target},
#include "import/xmile/functions.def"
};

constexpr Function kOfVensim[] = {
#define OF_VENSIM(name, least, most, form, target) {name, least, most, Form::form, target},
#include "import/xmile/functions.def"
};

// Functions of Stella that are known and not read, with the reason.
constexpr std::pair<std::string_view, std::string_view> kUnread[] = {
#define UNREAD(name, why) {name, why},
#include "import/xmile/functions.def"
};

const Function* find_function(std::string_view name) {
  const auto* at = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                [&](const Function& function) { return function.name == name; });
  return at == std::end(kFunctions) ? nullptr : at;
}

// In a file that Vensim itself wrote its own meaning comes first.
const Function* find_function(const File& file, std::string_view name) {
  if (file.written_by_vensim()) {
    for (const Function& function : kOfVensim)
      if (function.name == name) return &function;
  }
  return find_function(name);
}

class Call {
 public:
  Call(Translation& t, const Scope& scope, const Formulas& formulas, const Formula& formula)
      : t_(t),
        scope_(scope),
        formulas_(formulas),
        formula_(formula),
        build_(t.build(formula.span)) {}

  ExprId function(const Function& function) {
    const size_t count = formula_.children.size();
    if (count < function.least || count > function.most) {
      t_.diagnostics.error(
          Kind::kBadCall, formula_.span,
          function.least == function.most
              ? fmt::format("`{}` wants {} argument{}, not {}", shown(formula_.text),
                            function.least, function.least == 1 ? "" : "s", count)
              : fmt::format("`{}` wants {} to {} arguments, not {}", shown(formula_.text),
                            function.least, function.most, count));
      return build_.bad();
    }
    switch (function.form) {
      case Form::kSame:
        return over_stages(function.name, build_.call(target(function), arguments()));
      case Form::kReducer:
        if (count == 1) {
          return translate_reducer(t_, scope_, formulas_, formula_.span,
                                   std::string(function.target), formula_.children[0]);
        }
        return over_arguments(function.target);
      case Form::kChance:
        return chance(function);
      case Form::kOwn:
        break;
    }
    if (t_.file.written_by_vensim())
      if (const auto value = of_vensim(function)) return *value;
    return own(function.name);
  }

  std::vector<ExprId> arguments() {
    std::vector<ExprId> values;
    for (size_t i = 0; i < formula_.children.size(); ++i) values.push_back(argument(i));
    return values;
  }

 private:
  ExprId argument(size_t place) {
    return translate(t_, scope_, formulas_, formula_.children[place]);
  }
  size_t count() const { return formula_.children.size(); }

  ExprId over_arguments(std::string_view target) {
    if (target == "min" || target == "max") return build_.call(std::string(target), arguments());
    ExprId all = argument(0);
    const bool product = target == "product";
    for (size_t i = 1; i < count(); ++i)
      all = product ? build_.multiply(all, argument(i)) : build_.add(all, argument(i));
    const ExprId number = build_.number(static_cast<double>(count()));
    if (product) return all;
    const ExprId mean = build_.divide(all, number);
    if (target == "mean") return mean;
    ExprId squares = square(0, mean);
    for (size_t i = 1; i < count(); ++i) squares = build_.add(squares, square(i, mean));
    return build_.call("sqrt", {build_.divide(squares, number)});
  }
  ExprId square(size_t place, ExprId mean) {
    return build_.binary(syntax::BinaryOp::kPower, build_.subtract(argument(place), mean),
                         build_.number(2));
  }

  ExprId between(ExprId low, ExprId high) {
    return build_.add(low, build_.multiply(build_.subtract(high, low), uniform()));
  }
  ExprId uniform() { return build_.call("noise_uniform", {}); }

  ExprId own(std::string_view name) {
    if (name == "time") return build_.name("time");
    if (name == "dt") return build_.name("time.step");
    if (name == "starttime") return build_.name("time.start");
    if (name == "stoptime") return build_.name("time.end");
    if (name == "pi") return build_.name("pi");
    if (name == "inf") return build_.name("infinity");
    if (name == "if_then_else") return build_.choose(argument(0), argument(1), argument(2));
    if (name == "delay")
      return build_.call("delay_fixed", {argument(0), at_start(1), argument(count() > 2 ? 2 : 0)});
    if (name == "pulse") return pulse();
    if (name == "previous")
      return build_.call("previous", {argument(0), count() > 1 ? argument(1) : build_.number(0)});
    if (name == "derivn") return derivative();
    if (name == "history") return history();
    if (name == "irr") return rate_of_return();
    if (name == "endval") return count() > 1 ? argument(1) : build_.call("initial", {argument(0)});
    if (name == "runcount") return build_.number(0);
    if (name == "lookupinv") return inverse();
    if (name == "lookuparea") return area();
    if (name == "lookupmean") return mean_place();
    if (const auto asked = asked_of_device(name)) return device(*asked);
    if (name == "lookup") return lookup();
    return translate_array_call(t_, scope_, formulas_, formula_, name);
  }

  std::optional<ExprId> of_vensim(const Function& function) {
    const std::string_view name = function.name;
    const std::string target(function.target);
    if (name == "game") return argument(0);
    if (name == "power") return build_.binary(syntax::BinaryOp::kPower, argument(0), argument(1));
    if (name == "delay_fixed")
      return build_.call("delay_fixed", {argument(0), at_start(1), argument(2)});
    if (name == "delay_n" || name == "smooth_n")  // (x, time, initial, n)
      return build_.call(target, {argument(0), argument(1), argument(3), argument(2)});
    if (name == "npv" || name == "npve")
      return build_.multiply(build_.call(target, {argument(0), argument(1), argument(2)}),
                             argument(3));
    if (name == "random_0_1") return uniform();
    if (name == "random_uniform") return between(argument(0), argument(1));
    if (name == "random_normal")  // (least, most, mean, deviation, seed)
      return build_.call(target, {argument(0), argument(1), argument(2), argument(3)});
    return std::nullopt;
  }

  // Vensim holds test inputs through a step of Runge-Kutta, whatever their arguments do.
  ExprId over_stages(std::string_view name, ExprId value) {
    const bool input = name == "step" || name == "pulse" || name == "pulse_train" || name == "ramp";
    if (!input || !t_.file.written_by_vensim()) return value;
    if (!canonical(t_.file.specs.method).starts_with("rk")) return value;
    for (size_t place = 0; place < count(); ++place)
      if (!is_still(place)) return build_.call("held", {value});
    return value;
  }

  static std::optional<Ask> asked_of_device(std::string_view name) {
    if (name == "qlen") return Ask::kSize;
    if (name == "qelem") return Ask::kPlace;
    if (name == "capacity" || name == "cap") return Ask::kCapacity;
    if (name == "cooktime") return Ask::kCookTime;
    if (name == "ostate") return Ask::kState;
    if (name == "proctime" || name == "transtime") return Ask::kProcessTime;
    return std::nullopt;
  }

  // QLEN(queue), QELEM(queue, k), CAPACITY(conveyor or oven), ...
  ExprId device(Ask ask) {
    const Formula& stock = formulas_[formula_.children[0]];
    const Symbol* symbol = stock.kind == K::kName ? find_symbol(t_, scope_, stock.text) : nullptr;
    const auto device = symbol && symbol->dims.empty() ? device_of(t_, *symbol) : std::nullopt;
    if (device && ask == Ask::kPlace)
      return place_in_device(t_, *device, argument(1), formula_.span);
    if (device) return ask_device(t_, *device, ask, formula_.span);
    t_.diagnostics.error(Kind::kBadCall, stock.span,
                         fmt::format("`{}` wants the name of a conveyor, a queue or an oven that "
                                     "is no array",
                                     text::printable(formula_.text)));
    return build_.bad();
  }

  // The value at the start, even where it changes later.
  ExprId at_start(size_t place) {
    return is_still(place) ? argument(place) : build_.call("initial", {argument(place)});
  }

  // A number, in place or as a variable.
  bool is_still(size_t place) const {
    const Formula& formula = formulas_[formula_.children[place]];
    const Symbol* symbol = formula.kind == K::kName && !scope_.locals
                               ? find_symbol(t_, scope_, formula.text)
                               : nullptr;
    return formula.kind == K::kNumber ||
           (symbol && symbol->dims.empty() && !symbol->source &&
            symbol->variable->kind == Variable::Kind::kAux && !symbol->variable->gf &&
            symbol->variable->equation && constant_in(*symbol->variable->equation));
  }

  // PULSE(volume) puts the volume into each step, as does PULSE(volume, first) of Stella from the
  // first on; by the standard that one stands alone.
  ExprId pulse() {
    if (count() == 1) return build_.divide(argument(0), build_.name("time.step"));
    std::vector<ExprId> all = arguments();
    if (count() == 2 && t_.file.from_stella()) all.push_back(build_.name("time.step"));
    return build_.call("stella_pulse", all);
  }

  // In files that Vensim wrote some words keep Vensim's meaning, and Stella's stages last a step.
  std::string target(const Function& function) const {
    if (t_.file.from_stella() && function.name.starts_with("delay"))
      return "stella_" + std::string(function.target);
    if (t_.file.from_vensim() && function.target == "floor") return "trunc";
    if (t_.file.from_vensim() && function.target == "mod") return "vensim_modulo";
    if (function.name == "ramp" && formula_.children.size() > 2)  // with an end
      return t_.file.from_vensim() ? "vensim_ramp" : "ramp";
    return std::string(function.target);
  }

  // Behind the arguments a seed, the least and the largest value, and how long a draw stays.
  ExprId chance(const Function& function) {
    const size_t place = function.least + 3;
    if (!given(place)) return cut(function);
    // A new one where a whole number of such times has passed.
    const ExprId now =
        build_.add(build_.name("time"), build_.divide(build_.name("time.step"), build_.number(2)));
    const ExprId since =
        build_.call("mod", {now, build_.call("max", {argument(place), build_.name("time.step")})});
    const ExprId fresh = build_.compare(since, syntax::CompareOp::kLess, build_.name("time.step"));
    return build_.call("sample_when", {fresh, cut(function), cut(function)});
  }

  bool given(size_t place) const {
    if (count() <= place) return false;
    const Formula& formula = formulas_[formula_.children[place]];
    return formula.kind != K::kName || !same_word(formula.text, "nan");
  }

  ExprId cut(const Function& function) {
    ExprId drawn = draw(function);
    const size_t least = function.least + 1, most = least + 1;
    if (given(least) && given(most))
      return build_.call("clamp", {drawn, argument(least), argument(most)});
    if (given(least)) drawn = build_.call("max", {drawn, argument(least)});
    if (given(most)) drawn = build_.call("min", {drawn, argument(most)});
    return drawn;
  }

  ExprId draw(const Function& function) {
    if (function.name == "random" || function.name == "uniform")
      return between(argument(0), argument(1));
    if (function.name == "normal")
      return build_.add(argument(0), build_.multiply(argument(1), build_.call("noise_normal", {})));
    std::vector<ExprId> values;
    for (size_t i = 0; i < function.least; ++i) values.push_back(argument(i));
    return build_.call(std::string(function.target), values);
  }

  // IRR(stream, missing): the rate, per time unit, at which NPV of the stream is 0; `missing` where
  // there is none. Each step is a period.
  ExprId rate_of_return() {
    const double steps = run_steps(t_.file) + 1;
    if (count() < 2 || !(steps <= kMostPaid)) {
      t_.diagnostics.error(
          Kind::kUnsupported, formula_.span,
          count() < 2 ? "IRR is read when its second argument tells what it is where there is none"
                      : fmt::format("IRR is read over at most {} steps", kMostPaid));
      return build_.bad();
    }
    const ExprId step = build_.name("time.step");
    const ExprId rate = build_.call("vensim_internal_rate",
                                    {argument(0), step, build_.number(0), build_.name("time.start"),
                                     build_.number(steps), build_.multiply(argument(1), step)});
    return build_.divide(rate, step);
  }

  // HISTORY(x, time) may ask for any time before, so all are kept.
  ExprId history() {
    const double steps = run_steps(t_.file) + 2;
    if (!(steps <= kMostKept)) {
      t_.diagnostics.error(
          Kind::kTooLarge, formula_.span,
          fmt::format("HISTORY would keep {} values, more than {}", steps, kMostKept));
      return build_.bad();
    }
    return build_.call("stella_history", {argument(0), argument(1), build_.number(steps)});
  }

  // LOOKUPINV(f, y): the x at which f gives y; f must rise or fall throughout.
  ExprId inverse() {
    const Formula& table = formulas_[formula_.children[0]];
    const Symbol* symbol = table.kind == K::kName ? find_symbol(t_, scope_, table.text) : nullptr;
    if (!symbol || !symbol->graph) {
      t_.diagnostics.error(Kind::kBadCall, table.span, "LOOKUPINV wants a graphical function");
      return build_.bad();
    }
    auto [at, fresh] = t_.inverses.emplace(symbol->table, "");
    if (fresh) {
      GraphicalFunction turned = *symbol->graph;
      for (auto& [x, y] : turned.points) std::swap(x, y);
      std::ranges::sort(turned.points);
      const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
      const auto& points = symbol->graph->points;
      const auto falls = [](const auto& a, const auto& b) { return a.second > b.second; };
      const auto rises = [](const auto& a, const auto& b) { return a.second < b.second; };
      const bool monotone =
          std::ranges::is_sorted(points, rises) || std::ranges::is_sorted(points, falls);
      if (!monotone || std::ranges::adjacent_find(turned.points, same) != turned.points.end()) {
        t_.diagnostics.error(
            Kind::kBadTable, table.span,
            fmt::format("`{}` neither rises nor falls throughout: it has no inverse",
                        text::printable(symbol->name)));
        return build_.bad();
      }
      at->second = table_of(t_, turned, symbol->name + " (inverse)", formula_.span);
    }
    return build_.call(at->second, {argument(1)});
  }

  // DERIVN(x, n): the n-th difference per step.
  ExprId derivative() {
    constexpr double kHighest = 8;
    double order = 1;
    if (count() > 1) {
      const Formula& n = formulas_[formula_.children[1]];
      order = n.kind == K::kNumber ? n.value : -1;
    }
    if (order < 0 || order > kHighest || order != std::floor(order)) {
      t_.diagnostics.error(Kind::kBadCall, formula_.span,
                           fmt::format("the order of DERIVN is a whole number up to {}", kHighest));
      return build_.bad();
    }
    ExprId value = argument(0);
    for (int k = 1; k <= static_cast<int>(order); ++k)
      value = build_.call("stella_derivative", {value, build_.number(k)});
    return value;
  }

  // A graphical function that is no staircase as the first argument; null after a diagnostic.
  const Symbol* curve() {
    const Formula& table = formulas_[formula_.children[0]];
    const Symbol* symbol = table.kind == K::kName ? find_symbol(t_, scope_, table.text) : nullptr;
    const auto* gf = symbol ? symbol->graph : nullptr;
    if (gf && !gf->points.empty() && gf->type != GraphicalFunction::Type::kDiscrete) return symbol;
    t_.diagnostics.error(
        Kind::kBadCall, table.span,
        fmt::format("`{}` wants a graphical function that is no staircase", formula_.text));
    return nullptr;
  }

  // LOOKUPMEAN(f): the mean of x where f says how much there is at each x, f being straight between
  // its points: sum of the integrals of x f over that of f.
  ExprId mean_place() {
    const Symbol* symbol = curve();
    if (!symbol) return build_.bad();
    const auto& points = symbol->graph->points;
    double mass = 0, moment = 0;
    for (size_t k = 1; k < points.size(); ++k) {
      const auto [a, f] = points[k - 1];
      const auto [b, g] = points[k];
      mass += (b - a) * (f + g) / 2;
      moment += (b - a) * (f * (2 * a + b) + g * (a + 2 * b)) / 6;
    }
    if (mass != 0) return build_.number(moment / mass);
    t_.diagnostics.error(Kind::kBadTable, formula_.span,
                         "nothing lies below this graphical function, so it has no mean");
    return build_.bad();
  }

  // LOOKUPAREA(f, to, from): the area under f between two x, which may change places; from its
  // first point when there is one, all of it when there is none.
  ExprId area() {
    const Symbol* symbol = curve();
    if (!symbol) return build_.bad();
    const auto at = [&](double x) { return [this, x] { return build_.number(x); }; };
    if (count() == 1) return area_to(*symbol, at(symbol->graph->points.back().first));
    if (count() == 2) return area_to(*symbol, [this] { return argument(1); });
    const auto end = [this](const char* which) {
      return [this, which] { return build_.call(which, {argument(1), argument(2)}); };
    };
    return build_.subtract(area_to(*symbol, end("max")), area_to(*symbol, end("min")));
  }

  // Up to the point before x it is in a table; from there on it is a trapezium, for f is straight
  // between its points.
  ExprId area_to(const Symbol& function, const std::function<ExprId()>& to) {
    const Symbol* symbol = &function;
    const auto* gf = symbol->graph;
    GraphicalFunction done = *gf, start = *gf, height = *gf;
    done.type = start.type = height.type = GraphicalFunction::Type::kDiscrete;
    double sum = 0;
    for (size_t k = 0; k < gf->points.size(); ++k) {
      const auto& [x, y] = gf->points[k];
      if (k > 0) sum += (x - gf->points[k - 1].first) * (y + gf->points[k - 1].second) / 2;
      done.points[k].second = sum;
      start.points[k].second = x;
    }
    const auto [at, fresh] = t_.areas.emplace(symbol->table, std::array<std::string, 3>{});
    if (fresh) {
      const auto make = [&](const GraphicalFunction& one, const char* what) {
        return table_of(t_, one, fmt::format("{} ({})", symbol->name, what), formula_.span);
      };
      at->second = {make(done, "area"), make(start, "place"), make(height, "height")};
    }
    const auto x = [&] {
      return build_.call("clamp", {to(), build_.number(gf->points.front().first),
                                   build_.number(gf->points.back().first)});
    };
    const ExprId mean = build_.multiply(
        build_.number(0.5),
        build_.add(build_.call(at->second[2], {x()}), build_.call(symbol->table, {x()})));
    const ExprId width = build_.subtract(x(), build_.call(at->second[1], {x()}));
    return build_.add(build_.call(at->second[0], {x()}), build_.multiply(width, mean));
  }

  ExprId lookup() {
    const Formula& table = formulas_[formula_.children[0]];
    const bool fits = table.kind == K::kName || table.kind == K::kSubscript;
    const Symbol* symbol = fits ? find_symbol(t_, scope_, table.text) : nullptr;
    if (!symbol || (symbol->table.empty() && symbol->tables.empty())) {
      t_.diagnostics.error(Kind::kBadCall, table.span, "LOOKUP wants a graphical function");
      return build_.bad();
    }
    return call_table(t_, scope_, formulas_, *symbol, table.children, argument(1), formula_.span);
  }

  Translation& t_;
  const Scope& scope_;
  const Formulas& formulas_;
  const Formula& formula_;
  Build build_;
};

}  // namespace

bool is_reducer(std::string_view name) {
  const Function* function = find_function(name);
  return function && function->form == Form::kReducer;
}

ExprId call_table(Translation& t, const Scope& scope, const Formulas& formulas,
                  const Symbol& symbol, const std::vector<FormulaId>& places, ExprId input,
                  Span span) {
  const Build build = t.build(span);
  if (!symbol.table.empty()) return build.call(symbol.table, {input});
  // A function for each element: the index in scope chooses.
  const auto condition = [&](size_t element) -> std::optional<ExprId> {
    std::optional<ExprId> all;
    size_t rest = element;
    for (size_t i = symbol.dims.size(); i-- > 0;) {
      const Dim& dim = t.dims[symbol.dims[i]];
      const size_t own = rest % dim.elements.size();
      rest /= dim.elements.size();
      ExprId position;
      if (i < places.size()) {
        const Formula& place = formulas[places[i]];
        if (const auto fixed = find_place(dim, place.text); fixed && place.kind == K::kName) {
          if (*fixed != own) return std::nullopt;
          continue;
        }
        position = translate(t, scope, formulas, places[i]);
      } else {
        const auto bound =
            std::ranges::find(scope.bound, symbol.dims[i], &std::pair<size_t, std::string>::first);
        if (bound == scope.bound.end()) return std::nullopt;
        position = build.call("position", {build.name(bound->second)});
      }
      const ExprId here =
          build.compare(position, CompareOp::kEqual, build.number(static_cast<double>(own + 1)));
      all = all ? build.both(here, *all) : here;
    }
    return all ? *all : build.compare(build.number(1), CompareOp::kEqual, build.number(1));
  };
  // As a sum of one choice for each element, so that its height does not grow with the array.
  std::vector<ExprId> terms;
  for (size_t k = 0; k < symbol.tables.size(); ++k) {
    const auto holds = condition(k);
    if (!holds || symbol.tables[k].empty()) continue;
    terms.push_back(build.choose(*holds, build.call(symbol.tables[k], {input}), build.number(0)));
  }
  if (terms.empty()) {
    t.diagnostics.error(
        Kind::kShapeMismatch, span,
        fmt::format("which of the functions of `{}` is meant?", text::printable(symbol.name)));
    return build.bad();
  }
  while (terms.size() > 1) {
    std::vector<ExprId> next;
    for (size_t k = 0; k + 1 < terms.size(); k += 2)
      next.push_back(build.add(terms[k], terms[k + 1]));
    if (terms.size() % 2) next.push_back(terms.back());
    terms = std::move(next);
  }
  return terms.front();
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names;
  for (const Function& function : kFunctions) names.push_back(function.name);
  return names;
}

ExprId translate_call(Translation& t, const Scope& scope, const Formulas& formulas, FormulaId id) {
  const Formula& formula = formulas[id];
  const Build build = t.build(formula.span);
  const std::string name = canonical(formula.text);
  Call call(t, scope, formulas, formula);
  if (formula.kind == K::kApply) {
    const Formula& head = formulas[formula.children[0]];
    const Symbol* symbol = find_symbol(t, scope, head.text);
    if (symbol && formula.children.size() == 2 &&
        (!symbol->table.empty() || !symbol->tables.empty()))
      return call_table(t, scope, formulas, *symbol, head.children,
                        translate(t, scope, formulas, formula.children[1]), formula.span);
    t.unknown_functions[name].push_back(formula.span);
    return build.bad();
  }
  const Function* function =
      formula.quoted ? nullptr : find_function(t.file, without_namespace(name));
  // A macro may be called like a function, which its own equations then mean.
  const auto macro = t.macros.find(name);
  if (macro != t.macros.end() && !(function && macro->second == scope.macro)) {
    const size_t most = macro->second->parameters.size();
    if (formula.children.size() <= most) return build.call(macro->second->name, call.arguments());
    t.diagnostics.error(
        Kind::kBadCall, formula.span,
        fmt::format("the macro `{}` has {} parameters, not {}",
                    text::printable(macro->second->name), most, formula.children.size()));
    return build.bad();
  }
  if (function) return call.function(*function);
  // What stands in Stella's causal diagrams for an equation: NAN(of, what).
  const Symbol* symbol = find_symbol(t, scope, formula.text);
  if (name == "nan" && !symbol) {
    t.unfilled.emplace_back(formula.span, scope.self);
    return build.bad();
  }
  if (symbol) {
    if (formula.children.size() == 1 && (!symbol->table.empty() || !symbol->tables.empty()))
      return call_table(t, scope, formulas, *symbol, {},
                        translate(t, scope, formulas, formula.children[0]), formula.span);
    if (!symbol->dims.empty())
      return translate_subscript(t, scope, formulas, *symbol, formula.children, formula.span);
  }
  for (const auto& [unread, why] : kUnread) {
    if (unread != without_namespace(name)) continue;
    t.diagnostics.error(Kind::kUnsupported, formula.span,
                        fmt::format("`{}` is not read: {}", text::printable(formula.text), why));
    return build.bad();
  }
  for (const FormulaId child : formula.children) translate(t, scope, formulas, child);
  t.unknown_functions[formula.text].push_back(formula.span);
  return build.bad();
}

}  // namespace headrace::import::xmile
