// Calls as Vensim has them.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "export/writer.h"

namespace headrace::exports {
namespace {

// Functions that mean the same there, with the arguments in the order given, all of which must be
// there; the second word is for one argument more than that.
struct Same {
  const char* word;
  const char* order;
  const char* longer_word = nullptr;
  const char* longer_order = nullptr;
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
      {"log", {"LOG", "12"}},
      {"sqrt", {"SQRT", "1"}},
      {"trunc", {"INTEGER", "1"}},
      {"vensim_xidz", {"XIDZ", "123"}},
      {"vensim_zidz", {"ZIDZ", "12"}},
      {"vensim_quantum", {"QUANTUM", "12"}},
      {"vensim_modulo", {"MODULO", "12"}},
      {"vensim_sinh", {"SINH", "1"}},
      {"vensim_cosh", {"COSH", "1"}},
      {"vensim_tanh", {"TANH", "1"}},
      {"vensim_ramp", {"RAMP", "123"}},
      {"ramp", {"RAMP", "123"}},
      {"vensim_gamma_ln", {"GAMMA LN", "1"}},
      {"vensim_delay_n", {"DELAY N", "1243"}},
      {"vensim_npve", {"NPVE", "123"}},
      {"vensim_depreciate", {"DEPRECIATE STRAIGHTLINE", "1234"}},
      {"vensim_alloc_p", {"ALLOC P", "1234"}},
      {"pulse", {"PULSE", "12"}},
      {"pulse_train", {"PULSE TRAIN", "1234"}},
      {"step_at", {"STEP", "12"}},
      {"delay_fixed", {"DELAY FIXED", "123"}},
      {"sample_when", {"SAMPLE IF TRUE", "123"}},
      {"initial", {"INITIAL", "1"}},
      {"active_initial", {"ACTIVE INITIAL", "12"}},
      {"smooth", {"SMOOTH", "12", "SMOOTHI", "123"}},
      {"smooth3", {"SMOOTH3", "12", "SMOOTH3I", "123"}},
      {"smooth_n", {"SMOOTH N", "1243"}},
      {"delay1", {"DELAY1", "12", "DELAY1I", "123"}},
      {"delay3", {"DELAY3", "12", "DELAY3I", "123"}},
      {"trend", {"TREND", "123"}},
      {"forecast", {"FORECAST", "123"}}};
  return kSame;
}

std::string call(const std::string& word, const std::vector<std::string>& a, const char* order) {
  std::vector<std::string> ordered;
  for (const char* place = order; *place; ++place)
    ordered.push_back(a[static_cast<size_t>(*place - '1')]);
  return fmt::format("{}({})", word, fmt::join(ordered, ", "));
}

std::string floored(const std::string& x) {
  return fmt::format("(INTEGER({0}) - IF THEN ELSE(INTEGER({0}) > {0}, 1, 0))", x);
}

std::optional<double> number_in(const std::string& text) {
  double value = 0;
  const auto [rest, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool vensim_has(const std::string& function) {
  static const std::set<std::string> kOwn = {"vensim_internal_rate", "vensim_delay_information",
                                             "vensim_delay_material", "vensim_delay_material_or"};
  return kOwn.contains(function) || same_functions().contains(function);
}

std::vector<std::string> vensim_words() {
  return {
#define FUNCTION(name, least, most, form, target) name,
#include "import/vensim/functions.def"
      "tabbed_array"};
}

// It begins half a step early, below 0 where its start lies between two steps, never ends where its
// end lies before its start, and stands still within the steps of Runge-Kutta.
bool Writer::is_vensim_ramp(const std::vector<std::string>& a) const {
  const auto start = number_in(a[1]), end = number_in(a[2]);
  if (runge_kutta_ || !clock_.start || !start) return false;
  const double steps = (*start - *clock_.start) / step_;
  const bool later = end ? *end >= *start : a[2] == word("FINAL TIME");
  return later && std::fabs(steps - std::round(steps)) < 1e-6;
}

// How Vensim says a delay that each part of its input enters with the delay of its moment. Its last
// argument, for how many steps there is room, is ours: it must be enough.
std::optional<std::string> Writer::pure_delay(const std::string& name,
                                              std::vector<std::string> a) const {
  const auto slots = a.empty() ? std::nullopt : number_in(a.back());
  if (!slots || !clock_.start || !clock_.end || *slots * step_ < *clock_.end - *clock_.start)
    return std::nullopt;
  a.pop_back();
  if (name == "vensim_delay_information" && a.size() == 3)
    return call("DELAY INFORMATION", a, "123");
  if (name == "vensim_delay_material" && a.size() == 3) a.push_back("0");
  return a.size() == 4 ? std::optional(call("DELAY MATERIAL", a, "1234")) : std::nullopt;
}

std::optional<Said> Writer::say_vensim(const std::string& name, const std::vector<std::string>& a) {
  const auto atom = [](std::string text) { return Said{std::move(text), Hold::kAtom}; };
  const auto bracketed = [](const std::string& text) { return "(" + text + ")"; };
  if ((name == "min" || name == "max") && !a.empty()) {
    std::string text = a[0];
    for (size_t i = 1; i < a.size(); ++i)
      text = fmt::format("{}({}, {})", name == "min" ? "MIN" : "MAX", text, a[i]);
    return atom(text);
  }
  if (name == "floor") return atom(floored(bracketed(a[0])));
  if (name == "ceil") return Said{"-" + floored("(-(" + a[0] + "))"), Hold::kUnary};
  if (name == "mod" && a.size() == 2) {
    const std::string x = bracketed(a[0]), y = bracketed(a[1]);
    return Said{fmt::format("{} - {} * {}", x, y, floored(fmt::format("({} / {})", x, y))),
                Hold::kSum};
  }
  if (name == "sign")
    return atom(fmt::format("IF THEN ELSE({0} > 0, 1, IF THEN ELSE({0} < 0, -1, 0))", a[0]));
  if (name == "clamp" && a.size() == 3)
    return atom(fmt::format("MIN(MAX({}, {}), {})", a[0], a[1], a[2]));
  if (name == "log10") return atom(fmt::format("LOG({}, 10)", a[0]));
  if (name == "safe_divide" && a.size() >= 2)
    return atom(fmt::format("IF THEN ELSE({1} = 0, {2}, {0} / {1})", bracketed(a[0]),
                            bracketed(a[1]), a.size() > 2 ? a[2] : "0"));
  if (name == "previous" && a.size() == 2)
    return atom(fmt::format("DELAY FIXED({}, {}, {})", a[0], word("TIME STEP"), a[1]));
  if (name == "noise_uniform") return atom("RANDOM UNIFORM(0, 1, 0)");
  if (name == "noise_normal") return atom("RANDOM NORMAL(-1e+09, 1e+09, 0, 1, 0)");
  static const std::map<std::string, const char*> kDrawn = {
      {"vensim_random_normal", "RANDOM NORMAL"},
      {"vensim_random_exponential", "RANDOM EXPONENTIAL"},
      {"vensim_random_weibull", "RANDOM WEIBULL"}};
  if (const auto drawn = kDrawn.find(name); drawn != kDrawn.end())
    return atom(fmt::format("{}({}, 0)", drawn->second, fmt::join(a, ", ")));
  if (name != "stella_delay_n") {  // which is written out as a macro
    if (const auto delay = with_time_for_stages(name, a, word("TIME STEP")))
      return say_vensim(delay->first, delay->second);
  }
  if (name == "ramp" && a.size() == 3 && !is_vensim_ramp(a))
    return Said{fmt::format("({}) * MAX(MIN({}, {}) - ({}), 0)", a[0], word("Time"), a[2], a[1]),
                Hold::kProduct};
  if (name == "vensim_sshape") return atom(call("SSHAPE", a, "12"));
  if (name == "vensim_ramp_from_to") return atom(call("RAMP FROM TO", a, "12345"));
  if (name == "vensim_delay_information" || name.starts_with("vensim_delay_material")) {
    if (auto delay = pure_delay(name, a)) return atom(std::move(*delay));
    return std::nullopt;
  }
  if (name == "vensim_internal_rate" && a.size() == 6)
    return atom(call("INTERNAL RATE OF RETURN", a, "1234"));
  const auto same = same_functions().find(name);
  if (same == same_functions().end()) return std::nullopt;
  const Same& there = same->second;
  if (a.size() == std::string_view(there.order).size())
    return atom(call(there.word, a, there.order));
  if (there.longer_word && a.size() == std::string_view(there.longer_order).size())
    return atom(call(there.longer_word, a, there.longer_order));
  return std::nullopt;
}

// ---------------------------------------------------------------- over members

// Behind the word of an index that runs in a reducer further out. Vensim sums each `Range!` in the
// innermost SUM around it, so that what is within cannot read one from without.
constexpr char kFurtherOut = '\x01';

bool reads_further_out(const std::string& said) {
  return said.find(kFurtherOut) != std::string::npos;
}

// The words for the indexes that run: `Range!`.
Names Writer::running(const syntax::Call& call, const Names& names, const char* mark) {
  Names inside = names;
  for (auto& [name, word] : inside) {
    if (word.ends_with('!')) word += kFurtherOut;
  }
  std::map<std::string, size_t> copies;
  for (const syntax::Binding& binding : call.bindings) {
    const std::string& dimension = binding.dimension.text;
    const size_t copy = ++copies[dimension];
    const std::string running = range(dimension, copy) + mark;
    inside[binding.index.text] = running;
    // Arrays without brackets are taken at the index, too, where it is the only one.
    inside.emplace(place_name(dimension, copy), running);
  }
  return inside;
}

// Where nothing is bound arrays without brackets run as a whole, those of one dimension together.
// False when an index within brackets, which stays, has the same name.
bool Writer::run_whole_arrays(ExprId argument, Names& inside) {
  std::set<std::string> running, staying;
  any_of(argument, [&](const syntax::Expr& expr) {
    const auto* reference = std::get_if<syntax::Reference>(&expr.node);
    if (!reference) return false;
    for (const syntax::Index& index : reference->indexes) staying.insert(index.name.text);
    if (!reference->indexes.empty()) return false;
    std::map<std::string, size_t> copies;
    for (const std::string& dimension : dims_of(reference->name.text)) {
      const size_t copy = ++copies[dimension];
      inside[place_name(dimension, copy)] = range(dimension, copy) + "!";
      running.insert(dimension);
    }
    return false;
  });
  return std::ranges::none_of(running,
                              [&](const std::string& name) { return staying.contains(name); });
}

Said Writer::say_vensim_reducer(const syntax::Call& call, const Names& names, Span span) {
  static const std::map<std::string, std::string> kWords = {
      {"sum", "SUM"},   {"product", "PROD"}, {"min", "VMIN"}, {"max", "VMAX"},
      {"count", "SUM"}, {"any", "VMAX"},     {"all", "VMIN"}};
  const auto there = kWords.find(call.function.text);
  Names inside = running(call, names, "!");
  if (there == kWords.end() || call.arguments.size() != 1)
    return bad(span, fmt::format("`{}` over members", shown(call.function.text)));
  const ExprId argument = call.arguments[0].value;
  const auto* whole = std::get_if<syntax::Reference>(&tree_[argument].node);
  std::string body;
  if (call.bindings.empty() && whole && whole->indexes.empty()) {
    std::vector<std::string> dims = dims_of(whole->name.text);
    std::map<std::string, size_t> copies;
    for (std::string& dim : dims) dim = range(dim, ++copies[dim]) + "!";
    body = fmt::format("{}[{}]", spelled(whole->name.text), fmt::join(dims, ","));
  } else {
    if (call.bindings.empty() && !run_whole_arrays(argument, inside))
      return bad(span, fmt::format("this `{}` over members", shown(call.function.text)));
    body = expression(argument, inside);
  }
  if (reads_further_out(body))
    return bad(span, fmt::format("this `{}`, which reads an index that runs around it,",
                                 shown(call.function.text)));
  if (body.find('!') == std::string::npos)
    return bad(span, fmt::format("this `{}` over members", shown(call.function.text)));
  const bool condition =
      call.function.text == "count" || call.function.text == "any" || call.function.text == "all";
  if (condition) body = fmt::format("IF THEN ELSE({}, 1, 0)", body);
  return {fmt::format("{}({})", there->second, body), Hold::kAtom};
}

std::optional<std::string> Writer::first_member(const std::string& dim) const {
  const auto at = dims_.find(dim);
  if (at == dims_.end() || at->second->members.empty()) return std::nullopt;
  return member(dim, at->second->members[0].text);
}

// Functions of whole slices: with `for`, or with stars.
std::optional<Said> Writer::say_slices(const syntax::Call& call, const Names& names, Span span) {
  const std::string& name = call.function.text;
  const auto refuse = [&]() -> Said {
    return bad(span, fmt::format("this call of `{}`", shown(name)));
  };
  const bool known = name == "sort_order" || name == "rank" || name == "reorder" ||
                     name == "element_at" || name == "vector_select" || name == "inverse" ||
                     name == "allocate_available" || name == "allocate_by_priority" ||
                     name == "market_price" || name == "demand_at_price" ||
                     name == "supply_at_price" || name == "market_priority";
  if (!known) return std::nullopt;
  if (in_macro_) return refuse();
  const Names inside = running(call, names, name == "vector_select" ? "!" : "");
  std::vector<std::string> a;
  for (const syntax::Argument& argument : call.arguments) {
    if (argument.label) return refuse();
    a.push_back(expression(argument.value, inside));
    if (reads_further_out(a.back())) return refuse();
  }
  const auto said = [](std::string text) { return Said{std::move(text), Hold::kAtom}; };
  if (name == "element_at" && a.size() == 2) {
    const auto* values = std::get_if<syntax::Reference>(&tree_[call.arguments[0].value].node);
    if (!values) return refuse();
    for (const syntax::Index& index : values->indexes) {
      if (index.kind != syntax::Index::Kind::kStar) return refuse();  // not of all elements
    }
    std::vector<std::string> first;
    for (const std::string& dim : dims_of(values->name.text)) {
      const auto element = first_member(dim);
      if (!element) return refuse();
      first.push_back(*element);
    }
    if (first.empty()) return refuse();
    return said(fmt::format("VECTOR ELM MAP({}[{}], {})", spelled(values->name.text),
                            fmt::join(first, ","), a[1]));
  }
  if (call.bindings.empty()) return refuse();
  if (name == "market_price" || name == "demand_at_price" || name == "supply_at_price") {
    // A vector is named by the first of its elements.
    Names first = names;
    for (const syntax::Binding& binding : call.bindings) {
      const auto element = first_member(binding.dimension.text);
      if (!element) return refuse();
      first[binding.index.text] = *element;
    }
    for (size_t i = 0; i < a.size(); ++i) a[i] = expression(call.arguments[i].value, first);
    if (name == "market_price" && a.size() == 4)
      return said(fmt::format("FIND MARKET PRICE({})", fmt::join(a, ", ")));
    if (a.size() != 3) return refuse();
    return said(fmt::format("{} AT PRICE({}, {}, {})",
                            name == "demand_at_price" ? "DEMAND" : "SUPPLY", a[1], a[0], a[2]));
  }
  if (name == "sort_order" && a.size() == 2)
    return said(fmt::format("VECTOR SORT ORDER({}, {})", a[0], a[1]));
  if (name == "rank" && a.size() == 2) return said(fmt::format("VECTOR RANK({}, {})", a[0], a[1]));
  if (name == "reorder" && a.size() == 2)
    return said(fmt::format("VECTOR REORDER({}, {})", a[0], a[1]));
  if (name == "vector_select" && a.size() == 5)
    return said(fmt::format("VECTOR SELECT({})", fmt::join(a, ", ")));
  if (name == "inverse")
    return said(fmt::format("INVERT MATRIX({}, ELMCOUNT({}))", a[0],
                            spelled(call.bindings[0].dimension.text)));
  if (name == "allocate_by_priority" && a.size() == 4)
    return said(fmt::format("ALLOCATE BY PRIORITY({}, {}, ELMCOUNT({}), {}, {})", a[0], a[1],
                            spelled(call.bindings[0].dimension.text), a[2], a[3]));
  if (name == "market_priority" && a.size() == 4 && call.bindings.size() == 1) {
    // Both vectors are named by their first elements.
    const std::string& range = call.bindings[0].dimension.text;
    const auto element = first_member(range);
    if (!element) return refuse();
    Names first = inside;
    first[call.bindings[0].index.text] = *element;
    return said(fmt::format(
        "MARKETP({}, {}, ELMCOUNT({}), {}, {})", expression(call.arguments[0].value, first),
        expression(call.arguments[1].value, first), spelled(range), a[2], a[3]));
  }
  if (name == "allocate_available" && a.size() == 3 && call.bindings.size() == 2) {
    // The profile is named by the first of its four numbers.
    const auto numbers = first_member(call.bindings[1].dimension.text);
    if (!numbers) return refuse();
    Names first = inside;
    first[call.bindings[1].index.text] = *numbers;
    return said(fmt::format("ALLOCATE AVAILABLE({}, {}, {})", a[0],
                            expression(call.arguments[1].value, first), a[2]));
  }
  return refuse();
}

}  // namespace headrace::exports
