// Calls: functions of Vensim, macros, lookups.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "import/names.h"
#include "import/vensim/dates.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

using syntax::ExprId;
using F = Formula::Kind;

enum class Form { kSame, kReducer, kVector, kOwn, kNot };

struct Function {
  std::string_view name;
  size_t least, most;
  Form form;
  std::string_view target;
};

constexpr Function kFunctions[] = {
#define FUNCTION(name, least, most, form, target) {name, least, most, Form::form, target},
#include "import/vensim/functions.def"
};

const Function* find_function(std::string_view name) {
  const auto* at = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                [&](const Function& function) { return function.name == name; });
  return at == std::end(kFunctions) ? nullptr : at;
}

// ---------------------------------------------------------------- reducers

bool runs_bangs(const Function& function) {
  return function.form == Form::kReducer || function.name == "vector_select";
}

// The ranges that carry a `!` in the formula, each once, those of inner reducers left out.
void find_bangs(Translation& t, FormulaId id, std::vector<std::pair<size_t, Span>>& found) {
  std::vector<FormulaId> open{id};
  while (!open.empty()) {
    const Formula& formula = t.formulas[open.back()];
    open.pop_back();
    for (const Place& place : formula.places) {
      const auto range = place.bang ? find_range(t, place.name) : std::nullopt;
      if (!range) continue;
      const bool known =
          std::ranges::any_of(found, [&](const auto& one) { return one.first == *range; });
      if (!known) found.emplace_back(*range, place.span);
    }
    if (formula.kind == F::kCall) {
      const Function* inner = find_function(canonical(formula.text));
      if (inner && runs_bangs(*inner)) continue;
    }
    open.insert(open.end(), formula.children.rbegin(), formula.children.rend());
  }
}

// ---------------------------------------------------------------- one call

class Call {
 public:
  Call(Translation& t, const Scope& scope, const Formula& formula)
      : t_(t), scope_(scope), formula_(formula), build_(t.build(formula.span)) {}

  ExprId function(const Function& function) {
    const size_t count = formula_.children.size();
    if (function.form == Form::kNot) {
      std::string what(display(formula_.text));
      if (!function.target.empty()) what += fmt::format(" ({})", function.target);
      return unsupported(what);
    }
    if (count < function.least || count > function.most) {
      t_.diagnostics.error(
          Kind::kBadCall, formula_.span,
          fmt::format("`{}` wants {}{} argument{}, not {}", shown(formula_.text), function.least,
                      function.least == function.most ? std::string()
                                                      : fmt::format(" to {}", function.most),
                      function.most == 1 ? "" : "s", count));
      return build_.bad();
    }
    switch (function.form) {
      case Form::kSame:
        return over_stages(function.name, build_.call(std::string(function.target), arguments()));
      case Form::kReducer:
        return reduce(function);
      case Form::kVector:
        return translate_vector(t_, scope_, formula_, function.name);
      case Form::kOwn:
      case Form::kNot:
        break;
    }
    return own(function);
  }

  ExprId macro(const Macro& macro) {
    if (formula_.children.size() != macro.inputs.size()) {
      t_.diagnostics
          .error(Kind::kBadCall, formula_.span,
                 fmt::format("the macro `{}` has {} parameter{}, not {}", shown(macro.name),
                             macro.inputs.size(), macro.inputs.size() == 1 ? "" : "s",
                             formula_.children.size()))
          .labels.push_back({macro.span, "defined here"});
      return build_.bad();
    }
    NamedLookups lookups;
    std::vector<ExprId> values;
    std::map<std::string, ExprId> positions;  // in lookups, by canonical name as they are
    for (size_t i = 0; i < count(); ++i) {
      const Formula& given = t_.formulas[formula_.children[i]];
      auto lookup = given.kind == F::kName ? find_lookup(t_, scope_, given) : std::nullopt;
      if (!lookup) {
        values.push_back(argument(i));
        continue;
      }
      if (const auto place = position_in(*lookup, given.span)) {
        if (!place->valid()) return build_.bad();
        lookup->position = macro.inputs[i] + " (place)";
        positions.emplace(canonical(macro.inputs[i]), *place);
      }
      lookups.emplace(canonical(macro.inputs[i]), std::move(*lookup));
    }
    for (const auto& [input, position] : positions) values.push_back(position);
    if (!add_given_data(macro, values)) return build_.bad();
    std::string target = macro_copy(t_, macro, std::move(lookups)).name;
    if (formula_.output >= 0) {
      if (static_cast<size_t>(formula_.output) >= macro.outputs.size()) {
        t_.diagnostics.error(
            Kind::kBadCall, formula_.span,
            fmt::format("the macro `{}` has {} outputs", shown(macro.name), macro.outputs.size()));
        return build_.bad();
      }
      target += "." + macro.outputs[static_cast<size_t>(formula_.output)];
    }
    return build_.call(target, values);
  }

  std::vector<ExprId> arguments() {
    std::vector<ExprId> values;
    for (size_t i = 0; i < formula_.children.size(); ++i) values.push_back(argument(i));
    return values;
  }

 private:
  size_t count() const { return formula_.children.size(); }

  // A macro has no indexes of its caller: where they say which lookup it is, it is told the place.
  std::optional<ExprId> position_in(const NamedLookup& lookup, Span span) {
    if (!lookup.position.empty()) return build_.name(lookup.position);
    const bool fixed = std::ranges::none_of(
        lookup.places, [&](const Place& place) { return find_range(t_, place.name).has_value(); });
    if (fixed) return std::nullopt;
    const auto indexes = translate_places(t_, scope_, *lookup.symbol, lookup.places, span);
    return indexes ? flat_position(t_, *lookup.symbol, *indexes, span) : ExprId();
  }

  // False after a diagnostic.
  bool add_given_data(const Macro& macro, std::vector<ExprId>& values) {
    Substitution by;
    for (size_t i = 0; i < count(); ++i)
      by.names.emplace(canonical(macro.inputs[i]), formula_.children[i]);
    for (const Equation* equation : given_data(t_, macro)) {
      Equation own = *equation;
      const auto value = substitute(t_, by, equation->value);
      if (!value) {
        t_.diagnostics.error(Kind::kTooLarge, formula_.span,
                             fmt::format("`{}` of the macro `{}` grows too large here",
                                         shown(own.name), shown(macro.name)));
        return false;
      }
      own.value = *value;
      by.names.emplace(canonical(own.name), own.value);
      Scope inner = scope_;
      inner.variable = fmt::format("{} of {}", own.name, scope_.variable);
      values.push_back(translate_right(t_, inner, own));
    }
    return true;
  }

  ExprId argument(size_t place) {
    if (place >= count()) return build_.bad();
    return translate(t_, scope_, formula_.children[place]);
  }

  ExprId reduce(const Function& function) {
    Scope inner = scope_;
    auto bindings = bind_bangs(t_, inner, {formula_.children[0]}, build_);
    const ExprId body = translate(t_, inner, formula_.children[0]);
    if (bindings.empty()) return body;  // of a single value
    if (const auto slice = with_stars(body, bindings))
      return build_.call(std::string(function.target), {*slice});
    return build_.call(std::string(function.target), {body}, std::move(bindings));
  }

  // `x[a, *]` in place of `x[a, "B!"] for "B!" in B`, where x runs over just that B.
  std::optional<ExprId> with_stars(ExprId body, const std::vector<syntax::Binding>& bindings) {
    const Formula& formula = t_.formulas[formula_.children[0]];
    const auto* found = std::get_if<syntax::Reference>(&t_.tree[body].node);
    const Symbol* symbol = formula.kind == F::kName ? find_symbol(t_, formula.text) : nullptr;
    if (!found || !symbol || found->name.text != symbol->name ||
        found->indexes.size() != symbol->axes.size())
      return std::nullopt;
    syntax::Reference slice = *found;
    std::set<size_t> families;  // stars of one family would run together
    for (const syntax::Binding& binding : bindings) {
      size_t uses = 0;
      for (size_t d = 0; d < slice.indexes.size(); ++d) {
        syntax::Index& index = slice.indexes[d];
        if (index.name.text != binding.index.text) continue;
        const bool plain = index.kind == syntax::Index::Kind::kName && index.map.text.empty() &&
                           families.insert(symbol->axes[d].family).second;
        if (!plain || t_.ranges[symbol->axes[d].range].name != binding.dimension.text)
          return std::nullopt;
        index = build_.star();
        ++uses;
      }
      if (uses != 1) return std::nullopt;
    }
    return build_.element(slice.name.text, std::move(slice.indexes));
  }

  // VECTOR SELECT(chosen[Range!], value[Range!], missing, action, errors)
  ExprId select() {
    Scope inner = scope_;
    auto bindings = bind_bangs(t_, inner, {formula_.children[0], formula_.children[1]}, build_);
    if (bindings.empty()) {
      t_.diagnostics.error(Kind::kBadCall, formula_.span,
                           "VECTOR SELECT wants a subscript with `!` to run over");
      return build_.bad();
    }
    std::vector<ExprId> values;
    for (size_t i = 0; i < count(); ++i)
      values.push_back(translate(t_, i < 2 ? inner : scope_, formula_.children[i]));
    return build_.call("vector_select", values, std::move(bindings));
  }

  ExprId own(const Function& function) {
    const std::string_view name = function.name;
    if (name == "if_then_else") return build_.choose(argument(0), argument(1), argument(2));
    if (name == "game") return argument(0);
    if (name == "power") return build_.binary(syntax::BinaryOp::kPower, argument(0), argument(1));
    if (name == "time_base")
      return build_.add(argument(0), build_.multiply(argument(1), build_.name("time")));
    if (name == "smooth_n" || name == "delay_n")  // (x, time, initial, n)
      return build_.call(std::string(function.target),
                         {argument(0), argument(1), stages(), argument(2)});
    if (name == "delayp") {
      return build_.call(formula_.output == 0 ? "vensim_delayp_pipe" : "delay3",
                         {argument(0), argument(1)});
    }
    if (name == "npv")
      return build_.multiply(build_.call("stella_npv", {argument(0), argument(1), argument(2)}),
                             argument(3));
    if (name == "npve")
      return build_.multiply(build_.call("vensim_npve", {argument(0), argument(1), argument(2)}),
                             argument(3));
    if (name == "get_time_value") return translate_time_value(t_, scope_, formula_);
    if (name == "depreciate_by_schedule") return translate_schedule(t_, scope_, formula_);
    if (name == "internal_rate_of_return") return translate_rate_of_return(t_, scope_, formula_);
    if (name == "simultaneous") return translate_simultaneous(t_, scope_, formula_);
    if (name == "find_zero") return translate_find_zero(t_, scope_, formula_);
    if (name.starts_with("queue")) return translate_queue(t_, scope_, formula_);
    if (name == "shift_if_true") return translate_shift(t_, scope_, formula_);
    if (name == "sinteg") return bounded();
    if (name == "delay_fixed")
      return build_.call("delay_fixed", {argument(0), at_start(1), argument(2)});
    if (name == "delay_material") return belt();
    if (name == "delay_information") return line();
    if (name == "delay_conveyor") return translate_conveyor(t_, scope_, formula_);
    if (name == "delay_profile") return translate_delay_profile(t_, scope_, formula_);
    if (name == "x_if_missing") return filled();
    if (name == "elmcount") return elements();
    if (name == "vector_select") return select();
    if (name == "vector_elm_map") return translate_element_map(t_, scope_, formula_);
    if (name.starts_with("random")) return chance(name);
    return lookup(name);
  }

  // X IF MISSING(expression of data, number)
  ExprId filled() {
    if (!scope_.moment) return unsupported("X IF MISSING but in equations of data (`:=`)");
    Moment moment = *scope_.moment;
    moment.missing = formula_.children[1];
    Scope inner = scope_;
    inner.moment = &moment;
    return translate(t_, inner, formula_.children[0]);
  }

  // The value at the start, even where it changes later.
  ExprId at_start(size_t place) {
    const FormulaId id = formula_.children[place];
    const bool still =
        t_.formulas[id].kind == F::kNumber || (!scope_.locals && constant_value(t_, id));
    return still ? argument(place) : build_.call("initial", {argument(place)});
  }

  // As many as at the start, even where their number changes later.
  ExprId stages() {
    // Within a macro names are others'.
    const auto number = scope_.locals ? std::nullopt : value_at_start(t_, formula_.children[3]);
    const bool as_written =
        !number || (*number == std::round(*number) && is_of_inputs(formula_.children[3]));
    if (as_written) return argument(3);
    take_in(t_, formula_.children[3], "the number of stages of " + display(formula_.text));
    return build_.number(std::round(*number));
  }

  // Numbers and inputs without elements only, so that it follows when an input is set.
  bool is_of_inputs(FormulaId id) const {
    const Formula& part = t_.formulas[id];
    if (part.kind == F::kNumber) return true;
    if (part.kind == F::kName) {
      const auto symbol = t_.symbols.find(canonical_of(part.text));
      return part.places.empty() && symbol != t_.symbols.end() && symbol->second.constant &&
             symbol->second.axes.empty() && !is_control(symbol->first);
    }
    const bool plain = part.kind == F::kUnary || part.kind == F::kBinary ||
                       (part.kind == F::kCall && canonical(part.text) == "integer");
    return plain && part.outputs.empty() &&
           std::ranges::all_of(part.children, [&](FormulaId child) { return is_of_inputs(child); });
  }

  // Vensim holds test inputs through a step of Runge-Kutta
  // (https://www.vensim.com/documentation/rungekutta.html), whatever their arguments do.
  ExprId over_stages(std::string_view name, ExprId value) {
    static const std::set<std::string_view> kHeld = {"step", "pulse", "pulse_train", "ramp"};
    if (!t_.document.settings.runge_kutta || !kHeld.contains(name)) return value;
    std::set<const Symbol*> seen;
    const bool moving = std::ranges::any_of(
        formula_.children, [&](const FormulaId child) { return moves(child, seen); });
    return moving ? build_.call("held", {value}) : value;
  }

  // Whether it may change within a step: it hangs on the time or on a level, those within functions
  // too, or on what a macro is given or says itself.
  bool moves(FormulaId id, std::set<const Symbol*>& seen) const {
    const Formula& part = t_.formulas[id];
    if (part.kind == F::kName) {
      if (canonical_of(part.text) == "time") return true;
      if (scope_.locals) return true;
      const Symbol* symbol = find_symbol(t_, part.text);
      if (!symbol || symbol->constant || !seen.insert(symbol).second) return false;
      if (symbol->role == Symbol::Role::kStock) return true;
      return std::ranges::any_of(symbol->equations, [&](const Equation* equation) {
        return equation->value.valid() && moves(equation->value, seen);
      });
    }
    if (part.kind == F::kCall) {
      const std::string name = canonical(part.text);
      static const std::set<std::string_view> kLevels = {
          "integ",    "sinteg", "smooth",   "smoothi", "smooth3", "smooth3i",
          "smooth_n", "delay1", "delay1i",  "delay3",  "delay3i", "delay_n",
          "delayp",   "trend",  "forecast", "npv",     "npve"};
      static const std::set<std::string_view> kStill = {
          "initial", "reinitial",      "step",        "pulse",          "pulse_train",
          "ramp",    "sample_if_true", "delay_fixed", "delay_material", "delay_information"};
      if (kLevels.contains(name) || t_.macros.contains(name)) return true;
      if (kStill.contains(name)) return false;
    }
    return std::ranges::any_of(part.children, [&](FormulaId child) { return moves(child, seen); });
  }

  ExprId unsupported(std::string_view what) { return not_read(t_, formula_, what); }

  // DELAY MATERIAL(input, delay, initial, what there is where nothing arrives): a belt with a place
  // for each step of the run.
  ExprId belt() {
    if (!scope_.locals && constant_value(t_, formula_.children[1]))
      return build_.call("delay_fixed", {argument(0), argument(1), argument(2)});
    if (constant_value(t_, formula_.children[3]) != 0)
      return build_.call("vensim_delay_material_or",
                         {argument(0), argument(1), argument(2), argument(3), places()});
    return build_.call("vensim_delay_material", {argument(0), argument(1), argument(2), places()});
  }

  // DELAY INFORMATION(input, delay, initial): the same, and what comes later takes the place of
  // what would arrive after it.
  ExprId line() {
    if (!scope_.locals && constant_value(t_, formula_.children[1]))
      return build_.call("delay_fixed", {argument(0), argument(1), argument(2)});
    return build_.call("vensim_delay_information",
                       {argument(0), argument(1), argument(2), places()});
  }

  // As many as the run has steps.
  ExprId places() {
    const auto start = constant_value(t_, "initial_time"), end = constant_value(t_, "final_time"),
               step = constant_value(t_, "time_step");
    if (!start || !end || !step || !(*step > 0) || !((*end - *start) / *step <= 5000))
      return unsupported(display(formula_.text) + " in a run of more than 5000 steps");
    return build_.number(std::max(1.0, std::ceil((*end - *start) / *step) + 1));
  }

  // SINTEG(rate, initial, min, max, quantum, special value, its nearness), each of the last five
  // :NA: for none.
  ExprId bounded() {
    const auto given = [&](size_t place) {
      return t_.formulas[formula_.children[place]].kind != F::kMissing;
    };
    if (given(4) || given(5) || given(6))
      return unsupported("SINTEG with a quantum or a special value");
    return build_.call("vensim_sinteg",
                       {argument(0), argument(1), given(2) ? argument(2) : build_.number(-1e300),
                        given(3) ? argument(3) : build_.number(1e300)});
  }

  ExprId elements() {
    const Formula& range = t_.formulas[formula_.children[0]];
    const auto found = range.kind == F::kName ? find_range(t_, range.text) : std::nullopt;
    if (found) return build_.number(static_cast<double>(t_.ranges[*found].elements.size()));
    t_.diagnostics.error(Kind::kBadCall, range.span, "ELMCOUNT wants a range");
    return build_.bad();
  }

  ExprId within(ExprId value) { return build_.call("clamp", {value, argument(0), argument(1)}); }
  ExprId stretched(ExprId value, size_t shift) {  // shift + stretch * value
    return build_.add(argument(shift), build_.multiply(argument(shift + 1), value));
  }

  // (least, most, ...) in front of each but the first; shift, stretch and seed at the end of most
  ExprId chance(std::string_view name) {
    if (name == "random_0_1") return build_.call("noise_uniform", {});
    if (name == "random_pink_noise")
      return build_.call("noise_pink", {argument(0), argument(1), argument(2)});
    if (name == "random_uniform")
      return build_.add(argument(0), build_.multiply(build_.subtract(argument(1), argument(0)),
                                                     build_.call("noise_uniform", {})));
    if (name == "random_lookup") return drawn();
    if (name == "random_normal" && is_wide())
      return within(stretched(build_.call("noise_normal", {}), 2));
    for (const char* whole : {"random_normal", "random_exponential", "random_weibull"}) {
      if (name != whole) continue;
      auto given = arguments();
      given.pop_back();  // the seed
      return build_.call(fmt::format("vensim_{}", name), std::move(given));
    }
    if (name == "random_triangular")
      return within(build_.call("noise_triangular", {argument(2), argument(3), argument(4)}));
    if (name == "random_gamma")
      return within(stretched(build_.call("noise_gamma", {argument(2), build_.number(1)}), 3));
    if (name == "random_poisson")
      return within(stretched(build_.call("noise_poisson", {argument(2)}), 3));
    if (name == "random_beta")
      return within(stretched(build_.call("noise_beta", {argument(2), argument(3)}), 4));
    if (name == "random_binomial")  // (least, most, chance, trials, ...)
      return within(stretched(build_.call("noise_binomial", {argument(3), argument(2)}), 4));
    // Failures before so many successes: Poisson around a mean that is gamma.
    const ExprId odds = build_.divide(build_.subtract(build_.number(1), argument(2)), argument(2));
    const ExprId mean = build_.call("noise_gamma", {argument(3), odds});
    return within(stretched(build_.call("noise_poisson", {mean}), 4));
  }

  // Ends that are numbers so far away that nothing ever lies beyond them.
  bool is_wide() const {
    double numbers[4];
    for (size_t k = 0; k < 4; ++k) {
      const auto number = literal(t_, formula_.children[k]);
      if (!number) return false;
      numbers[k] = *number;
    }
    const auto [low, high, mean, sd] = numbers;
    constexpr double kNever = 8;  // standard deviations
    return sd >= 0 && low <= mean - kNever * sd && high >= mean + kNever * sd;
  }

  // RANDOM LOOKUP(lookup, least, most, shift, stretch, seed): the lookup is the density.
  ExprId drawn() {
    const auto table = named(formula_.children[0]);
    if (!table) return build_.bad();
    const auto points = points_of(*table);
    const Points share = points ? shares_below(*points) : Points();
    if (share.empty()) return unsupported("RANDOM LOOKUP of such a lookup");
    Points turned;
    for (const auto& [x, y] : share) {
      if (turned.empty() || y > turned.back().first) turned.emplace_back(y, x);
    }
    const std::string below = add_table(t_, share, table->symbol->name + " (share)", formula_.span);
    const std::string value =
        add_table(t_, turned, table->symbol->name + " (quantile)", formula_.span);
    const auto share_at = [&](size_t place) {
      const ExprId x = build_.divide(build_.subtract(argument(place), argument(3)), argument(4));
      return build_.call(below, {x});
    };
    const ExprId u =
        build_.add(share_at(1), build_.multiply(build_.subtract(share_at(2), share_at(1)),
                                                build_.call("noise_uniform", {})));
    const ExprId x = build_.add(argument(3), build_.multiply(argument(4), build_.call(value, {u})));
    return build_.call("clamp", {x, argument(1), argument(2)});
  }

  ExprId lookup(std::string_view name) {
    if (name == "with_lookup") {
      const Formula points = t_.formulas[formula_.children[1]];
      if (points.kind == F::kPoints) {
        const std::string wanted =
            (scope_.variable.empty() ? std::string("lookup") : scope_.variable) + " (lookup)";
        return build_.call(add_table(t_, points.points, wanted, points.span), {argument(0)});
      }
      const auto table = named(formula_.children[1]);
      return table ? read(*table, argument(0), Reading::kHeld) : build_.bad();
    }
    const auto table = named(formula_.children[0]);
    if (!table) return build_.bad();
    if (name == "lookup_slope") return slope(*table);
    if (name == "lookup_area") return build_.subtract(area(*table, 2), area(*table, 1));
    return read(*table, argument(1), reading(name));
  }

  // LOOKUP SLOPE(lookup, x, side): at a point above 0 the slope behind it, below 0 that before it,
  // with 0 the mean of both.
  ExprId slope(const NamedLookup& table) {
    const auto side = constant_value(t_, formula_.children[2]);
    if (!side) return unsupported("LOOKUP SLOPE whose side is no number");
    if (*side > 0) return read(table, argument(1), Reading::kSlope);
    if (*side < 0) return read(table, argument(1), Reading::kSlopeBefore);
    const ExprId both = build_.add(read(table, argument(1), Reading::kSlope),
                                   read(table, argument(1), Reading::kSlopeBefore));
    return build_.divide(both, build_.number(2));
  }

  // Below the curve, from its first point to an argument.
  ExprId area(const NamedLookup& table, size_t place) {
    const auto part = [&](Reading reading) { return read(table, argument(place), reading); };
    return build_.call("vensim_lookup_area",
                       {argument(place), part(Reading::kLeft), part(Reading::kLower),
                        part(Reading::kSlope), part(Reading::kArea)});
  }

  static Reading reading(std::string_view name) {
    if (name == "lookup_extrapolate" || name == "tabxl") return Reading::kExtrapolated;
    if (name == "lookup_backward") return Reading::kBackward;
    if (name == "lookup_forward") return Reading::kForward;
    return name == "lookup_invert" ? Reading::kInverted : Reading::kHeld;
  }

  std::optional<NamedLookup> named(FormulaId id) { return wanted_lookup(t_, scope_, formula_, id); }

  ExprId read(const NamedLookup& table, ExprId input, Reading reading) {
    return call_table(t_, scope_, table, input, formula_.span, reading);
  }

  Translation& t_;
  const Scope& scope_;
  const Formula& formula_;
  Build build_;
};

}  // namespace

bool takes_vectors(std::string_view canonical_name) {
  const Function* function = find_function(canonical_name);
  return function && (function->form == Form::kVector || canonical_name == "vector_elm_map");
}

std::optional<NamedLookup> find_lookup(const Translation& t, const Scope& scope,
                                       const Formula& formula) {
  const std::string name = canonical(formula.text);
  if (scope.lookups) {
    if (const auto given = scope.lookups->find(name); given != scope.lookups->end())
      return given->second;
  }
  if (scope.locals && scope.locals->contains(name)) return std::nullopt;
  const Symbol* symbol = find_symbol(t, formula.text);
  if (!symbol || symbol->role != Symbol::Role::kTable) return std::nullopt;
  return NamedLookup{symbol, formula.places};
}

std::vector<syntax::Binding> bind_bangs(Translation& t, Scope& scope,
                                        const std::vector<FormulaId>& formulas,
                                        const Build& build) {
  std::vector<std::pair<size_t, Span>> found;
  for (const FormulaId id : formulas) find_bangs(t, id, found);
  ++scope.depth;
  std::vector<syntax::Binding> bindings;
  for (const auto& [range, span] : found) {
    std::string index = t.ranges[range].name + "!";
    if (scope.depth > 1) index += std::to_string(scope.depth);
    scope.bounds.push_back({true, range, index, true});
    bindings.push_back(build.binding(index, t.ranges[range].name));
  }
  return bindings;
}

ExprId not_read(Translation& t, const Formula& formula, std::string_view what) {
  t.unsupported[std::string(what)].push_back(formula.span);
  return t.build(formula.span).bad();
}

std::optional<NamedLookup> wanted_lookup(Translation& t, const Scope& scope, const Formula& call,
                                         FormulaId id) {
  const Formula& table = t.formulas[id];
  auto found = find_lookup(t, scope, table);
  if (!found)
    t.diagnostics.error(Kind::kBadCall, table.span,
                        fmt::format("`{}` wants a lookup", shown(call.text)));
  return found;
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names;
  for (const Function& function : kFunctions) {
    if (function.form != Form::kNot) names.push_back(function.name);
  }
  return names;
}

ExprId translate_call(Translation& t, const Scope& scope, FormulaId id) {
  const Formula formula = t.formulas[id];
  const Build build = t.build(formula.span);
  const std::string name = canonical(formula.text);
  Call call(t, scope, formula);
  if (const auto macro = t.macros.find(name); macro != t.macros.end())
    return call.macro(*macro->second);
  if (const auto lookup = find_lookup(t, scope, formula)) {
    if (formula.children.size() == 1) {
      const ExprId input = translate(t, scope, formula.children[0]);
      return call_table(t, scope, *lookup, input, formula.span);
    }
    t.diagnostics.error(
        Kind::kBadCall, formula.span,
        fmt::format("the lookup `{}` wants one argument", shown(lookup->symbol->name)));
    return build.bad();
  }
  if (const auto value = data_function(t, scope, formula)) return *value;
  if (auto wrong = wrong_arguments(t, formula)) {
    t.diagnostics.error(Kind::kBadCall, formula.span, std::move(*wrong));
    return build.bad();
  }
  if (const Function* function = formula.quoted ? nullptr : find_function(name))
    return call.function(*function);
  if (name == "a_function_of") {
    t.unfilled.emplace_back(formula.span, scope.variable);
    return build.bad();
  }
  call.arguments();  // for what else is unknown in them
  t.unknown_functions[formula.text].push_back(formula.span);
  return build.bad();
}

}  // namespace headrace::import::vensim
