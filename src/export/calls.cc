// Calls of functions in the other tool's spelling; those that only Vensim has are in
// vensim_calls.cc.

#include <fmt/format.h>

#include "export/writer.h"

namespace headrace::exports {
namespace {

// Functions that mean the same there, with the arguments in the order given ("132": the third
// argument second).
struct Same {
  const char* xmile;
  const char* order;
};
const std::map<std::string, Same>& same_functions() {
  static const std::map<std::string, Same> kSame = {
      {"abs", {"ABS", "1"}},
      {"acos", {"ARCCOS", "1"}},
      {"asin", {"ARCSIN", "1"}},
      {"atan", {"ARCTAN", "1"}},
      {"sin", {"SIN", "1"}},
      {"cos", {"COS", "1"}},
      {"tan", {"TAN", "1"}},
      {"exp", {"EXP", "1"}},
      {"ln", {"LN", "1"}},
      {"log10", {"LOG10", "1"}},
      {"sqrt", {"SQRT", "1"}},
      {"floor", {"INT", "1"}},
      {"safe_divide", {"SAFEDIV", "123"}},
      {"stella_round", {"ROUND", "1"}},
      {"stella_percent", {"PCT", "1"}},
      {"stella_pulse", {"PULSE", "123"}},
      {"stella_ramp", {"RAMP", "12"}},
      {"stella_counter", {"COUNTER", "12"}},
      {"stella_forecast", {"FORCST", "1234"}},
      {"step_at", {"STEP", "12"}},
      {"delay_fixed", {"DELAY", "123"}},
      {"delay1", {"DELAY1", "123"}},
      {"delay3", {"DELAY3", "123"}},
      {"delay_n", {"DELAYN", "1234"}},
      {"smooth", {"SMTH1", "123"}},
      {"smooth3", {"SMTH3", "123"}},
      {"smooth_n", {"SMTHN", "1234"}},
      {"trend", {"TREND", "123"}},
      {"initial", {"INIT", "1"}},
      {"previous", {"PREVIOUS", "12"}},
      {"stella_npv", {"NPV", "123"}},
      {"stella_switch", {"SWITCH", "12"}},
      {"stella_root", {"ROOTN", "12"}},
      {"stella_sinwave", {"SINWAVE", "12"}},
      {"stella_coswave", {"COSWAVE", "12"}},
      {"stella_factorial", {"FACTORIAL", "1"}},
      {"stella_combinations", {"COMBINATIONS", "12"}},
      {"stella_permutations", {"PERMUTATIONS", "12"}},
      {"stella_gammaln", {"GAMMALN", "1"}},
      {"stella_normal_share", {"NORMALCDF", "1234"}},
      {"stella_normal_quantile", {"INVNORM", "123"}},
      {"stella_payment", {"PMT", "1234"}},
      {"stella_present_value", {"PV", "1234"}},
      {"stella_future_value", {"FV", "1234"}},
      {"stella_montecarlo", {"MONTECARLO", "1"}},
      {"stella_history", {"HISTORY", "12"}},
      {"noise_logistic", {"LOGISTIC", "12"}},
      {"noise_pareto", {"PARETO", "12"}},
      {"noise_poisson", {"POISSON", "1"}},
      {"noise_binomial", {"BINOMIAL", "12"}},
      {"noise_negative_binomial", {"NEGBINOMIAL", "12"}},
      {"noise_geometric", {"GEOMETRIC", "1"}},
      {"noise_beta", {"BETA", "12"}},
      {"noise_gamma", {"GAMMA", "12"}},
      {"noise_triangular", {"TRIANGULAR", "123"}},
      {"noise_exponential", {"EXPRND", "1"}},
      {"noise_lognormal", {"LOGNORMAL", "12"}},
      {"noise_weibull", {"WEIBULL", "12"}}};
  return kSame;
}

}  // namespace

bool is_distribution(const std::string& name) {
  static const std::set<std::string> kNames = {
      "normal",      "lognormal", "uniform",   "triangular", "pert",     "beta",    "gamma",
      "exponential", "poisson",   "bernoulli", "student_t",  "discrete", "mixture", "truncate"};
  return kNames.contains(name);
}

bool xmile_has(const std::string& function) {
  return function == "stella_delay_n" || same_functions().contains(function);
}

// Stella's own delays: the others, with a step for each stage.
std::optional<std::pair<std::string, std::vector<std::string>>> with_time_for_stages(
    const std::string& name, const std::vector<std::string>& a, const std::string& step) {
  const bool n = name == "stella_delay_n";
  if (!(n ? a.size() > 2 : (name == "stella_delay1" || name == "stella_delay3") && a.size() > 1))
    return std::nullopt;
  std::vector<std::string> all = a;
  const std::string least =
      n ? fmt::format("({}) * {}", a[2], step) : (name == "stella_delay3" ? "3 * " + step : step);
  all[1] = fmt::format("MAX({}, {})", a[1], least);
  return std::pair{name.substr(7), all};
}

std::vector<std::string> xmile_words() {
  return {
#define FUNCTION(name, least, most, form, target) name,
#define UNREAD(name, why) name,
#include "import/xmile/functions.def"
  };
}

// The arguments in the order of the parameters; labels find their places.
std::optional<std::vector<std::string>> Writer::arguments(const syntax::Call& call,
                                                          const Names& names) {
  std::vector<std::string> all;
  const auto function = functions_.find(call.function.text);
  for (const syntax::Argument& argument : call.arguments) {
    const std::string text = expression(argument.value, names);
    if (!argument.label) {
      all.push_back(text);
      continue;
    }
    if (function == functions_.end()) return std::nullopt;
    const auto& parameters = function->second->parameters;
    size_t place = 0;
    while (place < parameters.size() && parameters[place].name.text != argument.label->text)
      ++place;
    if (place == parameters.size()) return std::nullopt;
    // What is left out before it has its default.
    while (all.size() < place) {
      const auto& otherwise = parameters[all.size()].default_value;
      if (!otherwise || !is_fixed(*otherwise)) return std::nullopt;
      all.push_back(expression(*otherwise));
    }
    if (all.size() > place) return std::nullopt;
    all.push_back(text);
  }
  return all;
}

bool Writer::is_fixed(ExprId id) const {
  return std::holds_alternative<syntax::Number>(tree_[id].node);
}

bool Writer::moves(ExprId id, std::set<std::string>& seen) const {
  const auto any = [&](std::initializer_list<ExprId> all) {
    return std::ranges::any_of(all, [&](ExprId one) { return moves(one, seen); });
  };
  const auto& node = tree_[id].node;
  if (const auto* unary = std::get_if<syntax::Unary>(&node)) return any({unary->operand});
  if (const auto* binary = std::get_if<syntax::Binary>(&node))
    return any({binary->left, binary->right});
  if (const auto* choice = std::get_if<syntax::If>(&node))
    return any({choice->condition, choice->then_value, choice->else_value});
  if (const auto* compared = std::get_if<syntax::Comparison>(&node))
    return std::ranges::any_of(compared->operands, [&](ExprId one) { return moves(one, seen); });
  if (const auto* call = std::get_if<syntax::Call>(&node)) {
    static const std::set<std::string> kByTime = {
        "step_at", "ramp", "pulse", "pulse_train", "stella_pulse", "stella_ramp", "vensim_ramp"};
    const std::string& name = call->function.text;
    if (name == "initial") return false;
    return kByTime.contains(name) || name.starts_with("noise_") ||
           std::ranges::any_of(call->arguments,
                               [&](const auto& one) { return moves(one.value, seen); });
  }
  const auto* reference = std::get_if<syntax::Reference>(&node);
  if (!reference) return false;
  const std::string& name = reference->name.text;
  if (name == "time" || name == "time.held" || stocks_.contains(name)) return true;
  const auto found = values_.find(name);
  if (found == values_.end() || !seen.insert(name).second) return false;
  const syntax::ValueDecl& value = *found->second;
  return (value.value && moves(*value.value, seen)) ||
         std::ranges::any_of(value.clauses, [&](const syntax::Clause& clause) {
           return clause.date || moves(clause.value, seen);
         });
}

Said Writer::say_call(const syntax::Call& call, const Names& names, Span span) {
  const std::string& name = call.function.text;
  if (const auto* found = table(name)) {
    if (call.arguments.size() != 1) return bad(span, fmt::format("this call of `{}`", shown(name)));
    using Beyond = syntax::TableDecl::Beyond;
    if (!xmile() && found->beyond != Beyond::kClamp)
      return {fmt::format("{}({}, {})",
                          found->beyond == Beyond::kStep ? "LOOKUP BACKWARD" : "LOOKUP EXTRAPOLATE",
                          spelled(found->name.text), expression(call.arguments[0].value, names)),
              Hold::kAtom};
    return {fmt::format("{}({})", spelled(found->name.text),
                        expression(call.arguments[0].value, names)),
            Hold::kAtom};
  }
  if (const Curve* found = curve(name)) return say_curve(*found, call, names, span);
  const bool own_function = own_functions_.contains(name);
  if (!own_function && is_distribution(name)) return bad(span, "a distribution");
  static const std::set<std::string> kReducers = {"sum", "mean", "product", "any", "all", "count"};
  const bool reduces = (name == "min" || name == "max") && call.arguments.size() == 1;
  if (!own_function && !xmile()) {
    if (auto slices = say_slices(call, names, span)) return *slices;
  }
  if (!own_function && xmile()) {
    if (auto slices = say_xmile_slices(call, names, span)) return *slices;
    if (name == "allocate_by_priority") {
      if (auto said = say_allocate(call, names)) return *said;
    }
  }
  if (!own_function && (kReducers.contains(name) || reduces || !call.bindings.empty()))
    return xmile() ? say_reducer(call, names, span) : say_vensim_reducer(call, names, span);
  if (name == "size" || name == "position") {
    if (call.arguments.size() != 1) return bad(span, fmt::format("`{}`", name));
    if (name == "position") return {expression(call.arguments[0].value, names), Hold::kAtom};
    const auto* of = std::get_if<syntax::Reference>(&tree_[call.arguments[0].value].node);
    if (!of || !dims_.contains(of->name.text)) return bad(span, "this call of `size`");
    return {fmt::format("{}({})", xmile() ? "SIZE" : "ELMCOUNT", spelled(of->name.text)),
            Hold::kAtom};
  }
  auto given = arguments(call, names);
  if (given && name == "delay_fixed" && !own_function) {
    // Both keep the delay of the start anyhow.
    const ExprId length = call.arguments[1].value;
    const auto* delay = std::get_if<syntax::Call>(&tree_[length].node);
    std::set<std::string> seen;
    if (delay && delay->function.text == "initial" && delay->arguments.size() == 1)
      (*given)[1] = expression(delay->arguments[0].value, names);
    else if (moves(length, seen))
      return bad(span, "a `delay_fixed` whose delay moves");
  }
  if (!given) return bad(span, fmt::format("this call of `{}`", shown(name)));
  if (name == "held" && !own_function && given->size() == 1) return say_held(call, names, span);
  if (!own_function) {
    auto said = xmile() ? say_builtin(name, *given) : say_vensim(name, *given);
    if (said) return *said;
  }
  const auto function = functions_.find(name);
  if (function == functions_.end()) return bad(span, fmt::format("`{}`", shown(name)));
  return say_function(*given, *function->second, span);
}

// What stays over the stages of Runge-Kutta. Vensim's test inputs and samples do so by themselves.
Said Writer::say_held(const syntax::Call& call, const Names& names, Span span) {
  const ExprId value = call.arguments[0].value;
  if (!runge_kutta_) return say(value, names);
  if (xmile()) return bad(span, "`held` under Runge-Kutta");
  static const std::set<std::string> kStays = {"step_at", "pulse", "pulse_train", "vensim_ramp",
                                               "sample_when"};
  const auto* inner = std::get_if<syntax::Call>(&tree_[value].node);
  if (inner && kStays.contains(inner->function.text) &&
      !own_functions_.contains(inner->function.text))
    return say(value, names);
  const std::string text = expression(value, names);
  return {fmt::format("SAMPLE IF TRUE(1, {0}, {0})", text), Hold::kAtom};
}

std::optional<Said> Writer::say_builtin(const std::string& name,
                                        const std::vector<std::string>& a) {
  const auto call = [](const std::string& function, const std::vector<std::string>& values) {
    return Said{fmt::format("{}({})", function, fmt::join(values, ", ")), Hold::kAtom};
  };
  if (name == "min" || name == "max") {
    std::string text = a[0];
    for (size_t i = 1; i < a.size(); ++i)
      text = fmt::format("{}({}, {})", name == "min" ? "MIN" : "MAX", text, a[i]);
    return Said{text, Hold::kAtom};
  }
  if (name == "mod" && a.size() == 2)
    return Said{fmt::format("({}) MOD ({})", a[0], a[1]), Hold::kProduct};
  if (name == "clamp" && a.size() == 3)
    return Said{fmt::format("MIN(MAX({}, {}), {})", a[0], a[1], a[2]), Hold::kAtom};
  if (name == "ceil") return Said{fmt::format("-INT(-({}))", a[0]), Hold::kUnary};
  if (name == "trunc")
    return Said{fmt::format("(IF ({0}) < 0 THEN -INT(-({0})) ELSE INT({0}))", a[0]), Hold::kAtom};
  if (name == "round")
    return Said{fmt::format("(IF ({0}) < 0 THEN -INT(0.5 - ({0})) ELSE INT(({0}) + 0.5))", a[0]),
                Hold::kAtom};
  if (name == "sign")
    return Said{fmt::format("(IF ({0}) > 0 THEN 1 ELSE IF ({0}) < 0 THEN -1 ELSE 0)", a[0]),
                Hold::kAtom};
  if (name == "log" && a.size() == 2)
    return Said{fmt::format("LN({}) / LN({})", a[0], a[1]), Hold::kProduct};
  if (name == "noise_uniform") return Said{"RANDOM(0, 1)", Hold::kAtom};
  if (name == "noise_normal") return Said{"NORMAL(0, 1)", Hold::kAtom};
  if (name == "vensim_random_normal" && a.size() == 4)
    return Said{fmt::format("NORMAL({}, {}, 0, {}, {})", a[2], a[3], a[0], a[1]), Hold::kAtom};
  // Without an interval Stella pulses in each step.
  if (name == "stella_pulse" && a.size() < 3)
    return call("PULSE", {a[0], a.size() > 1 ? a[1] : "STARTTIME", "0"});
  if (const auto delay = with_time_for_stages(name, a, "DT"))
    return say_builtin(delay->first, delay->second);
  const auto same = same_functions().find(name);
  if (same == same_functions().end()) return std::nullopt;
  std::vector<std::string> ordered;
  for (const char* place = same->second.order; *place; ++place) {
    const auto i = static_cast<size_t>(*place - '1');
    if (i < a.size()) ordered.push_back(a[i]);
  }
  return call(same->second.xmile, ordered);
}

// Other functions are written as macros, those of the library too.
Said Writer::say_function(const std::vector<std::string>& given,
                          const syntax::FunctionDecl& function, Span span) {
  const std::string& name = function.name.text;
  for (const syntax::StatementId local : function.locals) {
    const syntax::Statement& statement = tree_[local];
    const auto* value = std::get_if<syntax::ValueDecl>(&statement.node);
    const auto* stock = std::get_if<syntax::StockDecl>(&statement.node);
    if ((value && value->dims.empty()) || (stock && stock->dims.empty())) continue;
    return bad(span, fmt::format("`{}`, which has arrays inside,", shown(name)));
  }
  std::vector<std::string> all = given;
  for (size_t i = all.size(); i < function.parameters.size(); ++i) {
    const auto& otherwise = function.parameters[i].default_value;
    if (!otherwise) return bad(span, fmt::format("this call of `{}`", shown(name)));
    // A default may read the parameters before it.
    Names parameters;
    for (size_t k = 0; k < i; ++k)
      parameters[function.parameters[k].name.text] = fmt::format("({})", all[k]);
    all.push_back(expression(*otherwise, parameters));
  }
  wanted_.push_back(name);
  return {fmt::format("{}({})", spell(called(name)), fmt::join(all, ", ")), Hold::kAtom};
}

// Whether stars can take the place of the one index that runs: it stands in brackets only, once in
// each, where the array has its very dimension.
bool Writer::takes_stars(const syntax::Call& call) const {
  if (call.bindings.size() != 1) return false;
  const auto& [index, dimension] = call.bindings[0];
  return !any_of(call.arguments[0].value, [&](const syntax::Expr& expr) {
    if (const auto* inner = std::get_if<syntax::Call>(&expr.node)) return !inner->bindings.empty();
    const auto* reference = std::get_if<syntax::Reference>(&expr.node);
    if (!reference) return false;
    if (reference->indexes.empty())
      return reference->name.text == index.text || arrays_.contains(reference->name.text);
    const std::vector<std::string> dims = dims_of(reference->name.text);
    bool there = false;
    for (size_t k = 0; k < reference->indexes.size(); ++k) {
      const syntax::Index& place = reference->indexes[k];
      if (place.kind == syntax::Index::Kind::kStar) return true;
      if (place.name.text != index.text) continue;
      if (there) return true;  // `x[i, i]` is a diagonal, and `x[*, *]` is all
      there = true;
      if (place.number != 0 || !place.map.text.empty() || k >= dims.size() ||
          dims[k] != dimension.text)
        return true;
    }
    return false;
  });
}

// Where no stars can say it, term by term: `x[a] * y[a] + x[b] * y[b]`.
Said Writer::say_terms(const syntax::Call& call, const Names& names, Span span) {
  const std::string& what = call.function.text;
  const bool factor = what == "product";
  std::string text;
  size_t count = 0;
  const bool fits = each_term(call, names, [&](const Names& inside, size_t flat) {
    const std::string term =
        at(call.arguments[0].value, inside, factor ? Hold::kProduct : Hold::kSum);
    count = flat + 1;
    if (flat == 0) {
      text = term;
    } else if (what == "min" || what == "max") {
      text = fmt::format("{}({}, {})", what == "min" ? "MIN" : "MAX", text, term);
    } else {
      text += (factor ? " * " : " + ") + term;
    }
  });
  if (!fits) return bad(span, fmt::format("this `{}` with `for`", shown(what)));
  if (what == "mean") return {fmt::format("({}) / {}", text, count), Hold::kProduct};
  if (what == "min" || what == "max") return {text, Hold::kAtom};
  return {text, what == "product" ? Hold::kProduct : Hold::kSum};
}

// Where nothing is bound arrays without brackets run as a whole, those of one dimension together:
// visits the places of such arrays. False when an index within brackets, which stays, has the name
// of a dimension that runs.
bool Writer::each_whole_place(ExprId argument,
                              const std::function<void(const std::string&, size_t)>& visit) const {
  std::set<std::string> running, staying;
  any_of(argument, [&](const syntax::Expr& expr) {
    const auto* reference = std::get_if<syntax::Reference>(&expr.node);
    if (!reference) return false;
    for (const syntax::Index& index : reference->indexes) staying.insert(index.name.text);
    if (!reference->indexes.empty()) return false;
    std::map<std::string, size_t> copies;
    for (const std::string& dimension : dims_of(reference->name.text)) {
      visit(dimension, ++copies[dimension]);
      running.insert(dimension);
    }
    return false;
  });
  return std::ranges::none_of(running,
                              [&](const std::string& name) { return staying.contains(name); });
}

// sum(x), sum(x[*, n7]), sum(x[*] * y[*]), sum(x[i] * y[i] for i in d).
Said Writer::say_reducer(const syntax::Call& call, const Names& names, Span span) {
  static const std::map<std::string, std::string> kWords = {
      {"sum", "SUM"}, {"mean", "MEAN"}, {"product", "PROD"}, {"min", "MIN"}, {"max", "MAX"}};
  const auto word = kWords.find(call.function.text);
  if (word == kWords.end() || call.arguments.size() != 1)
    return bad(span, fmt::format("`{}` over members", shown(call.function.text)));
  const ExprId argument = call.arguments[0].value;
  const auto* whole = std::get_if<syntax::Reference>(&tree_[argument].node);
  if (whole && whole->indexes.empty() && call.bindings.empty())
    return {fmt::format("{}({})", word->second, spelled(whole->name.text)), Hold::kAtom};
  if (!call.bindings.empty() && !takes_stars(call)) return say_terms(call, names, span);
  if (call.bindings.empty() && !whole) {
    syntax::Call bound = call;
    const auto run = [&](const std::string& dimension, size_t copy) {
      const syntax::Name name{dimension, span};
      const bool known = std::ranges::any_of(bound.bindings, [&](const syntax::Binding& other) {
        return other.dimension.text == dimension;
      });
      if (copy == 1 && !known) bound.bindings.push_back({name, name});
    };
    if (!each_whole_place(argument, run))
      return bad(span, fmt::format("this `{}` over members", shown(call.function.text)));
    const bool stars = any_of(argument, [](const syntax::Expr& expr) {
      const auto* reference = std::get_if<syntax::Reference>(&expr.node);
      return reference && std::ranges::any_of(reference->indexes, [](const syntax::Index& index) {
               return index.kind == syntax::Index::Kind::kStar;
             });
    });
    if (!bound.bindings.empty() && stars)
      return bad(span, fmt::format("`{}` of arrays without brackets beside a `*`",
                                   shown(call.function.text)));
    if (!bound.bindings.empty()) return say_terms(bound, names, span);
  }
  Names inside = names;
  for (const syntax::Binding& binding : call.bindings) inside[binding.index.text] = "*";
  return {fmt::format("{}({})", word->second, expression(argument, inside)), Hold::kAtom};
}

// allocate_by_priority(wanted[*], first[*], width, supply) is ALLOCATE(supply, d, wanted[*],
// first[*], width) of Stella, where the star, or the one index, runs over d.
std::optional<Said> Writer::say_allocate(const syntax::Call& call, const Names& names) {
  if (call.arguments.size() != 4 || call.bindings.size() > 1) return std::nullopt;
  std::string runs, slices;
  Names inside = names;
  for (const syntax::Binding& binding : call.bindings) inside[binding.index.text] = "*";
  for (size_t i = 0; i < 2; ++i) {
    const ExprId array = call.arguments[i].value;
    const auto* reference = std::get_if<syntax::Reference>(&tree_[array].node);
    if (!reference) return std::nullopt;
    const std::vector<std::string> dims = dims_of(reference->name.text);
    std::string own;
    for (size_t k = 0; k < reference->indexes.size() && k < dims.size(); ++k) {
      const syntax::Index& place = reference->indexes[k];
      const bool bound = !call.bindings.empty() && place.map.text.empty() && place.number == 0 &&
                         place.name.text == call.bindings[0].index.text &&
                         dims[k] == call.bindings[0].dimension.text;
      if (place.kind != syntax::Index::Kind::kStar && !bound) continue;
      if (!own.empty()) return std::nullopt;
      own = dims[k];
    }
    if (own.empty() || (!runs.empty() && own != runs)) return std::nullopt;
    runs = own;
    slices += ", " + expression(array, inside);
  }
  const auto place = names.find(runs);
  return Said{fmt::format("ALLOCATE({}, {}{}, {})", expression(call.arguments[3].value, names),
                          place == names.end() ? spelled(runs) : place->second, slices,
                          expression(call.arguments[2].value, names)),
              Hold::kAtom};
}

}  // namespace headrace::exports
