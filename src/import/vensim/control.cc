// The clock: INITIAL TIME, FINAL TIME, TIME STEP and SAVEPER, which may be expressions of
// constants.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "import/names.h"
#include "import/vensim/translation.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

using F = Formula::Kind;

constexpr int kDeepest = 60;

std::optional<double> value_of(const Translation& t, const std::string& name, int depth) {
  const auto found = t.symbols.find(name);
  if (found == t.symbols.end() || found->second.equations.size() != 1) return std::nullopt;
  const Equation& equation = *found->second.equations.front();
  if (equation.kind != Equation::Kind::kValue || !equation.places.empty()) return std::nullopt;
  return constant_value(t, equation.value, depth);
}

std::optional<double> binary_value(const std::string& op, double a, double b) {
  if (op == "+") return a + b;
  if (op == "-") return a - b;
  if (op == "*") return a * b;
  if (op == "/") return a / b;
  if (op == "^") return std::pow(a, b);
  if (op == "<") return a < b;
  if (op == "<=") return a <= b;
  if (op == ">") return a > b;
  if (op == ">=") return a >= b;
  if (op == "=") return a == b;
  if (op == "<>") return a != b;
  if (op == "AND") return a != 0 && b != 0;
  if (op == "OR") return a != 0 || b != 0;
  return std::nullopt;
}

std::optional<double> call_value(const Translation& t, const Formula& formula, int depth) {
  const std::string name = canonical(formula.text);
  std::vector<double> values;
  for (const FormulaId child : formula.children) {
    const auto value = constant_value(t, child, depth);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  if (name == "if_then_else" && values.size() == 3) return values[0] != 0 ? values[1] : values[2];
  if (name == "max" && values.size() == 2) return std::max(values[0], values[1]);
  if (name == "min" && values.size() == 2) return std::min(values[0], values[1]);
  if (name == "integer" && values.size() == 1) return std::trunc(values[0]);
  if ((name == "initial" || name == "game") && values.size() == 1) return values[0];
  return std::nullopt;
}

class Control {
 public:
  explicit Control(Translation& t) : t_(t) {}

  void write() {
    const auto start = number("initial_time", 0), end = number("final_time", 100);
    const auto step = number("time_step", 1);
    if (!start || !end || !step) return;
    if (!(*step > 0)) return bad_time("time_step", "the step must be above 0");
    if (*end < *start) return bad_time("final_time", "the end lies before the start");
    save_ = save_step(*step);
    const double count = std::max(1.0, std::floor((*end - *start) / *step + 1e-6));
    if (count > 1e9) return bad_time("time_step", "the run has more than a billion steps");
    const double last = *start + count * *step;
    if (std::fabs(last - *end) > 1e-6 * *step)
      t_.diagnostics.warning(
          Kind::kBadTime, span("final_time"),
          fmt::format("the run ends at {}, a whole number of steps from the start", last));
    add_time(*start, std::fabs(last - *end) > 1e-6 * *step ? last : *end, *step);
    write_variables(*step);
  }

 private:
  Span span(const std::string& name) const {
    const auto found = t_.symbols.find(name);
    return found == t_.symbols.end() ? Span{} : found->second.equations.front()->span;
  }

  void bad_time(const std::string& name, std::string message) {
    t_.diagnostics.error(Kind::kBadTime, span(name), std::move(message));
  }

  std::optional<double> number(const std::string& name, double otherwise) {
    if (!t_.symbols.contains(name)) {
      t_.diagnostics.warning(
          Kind::kMissingTime, {},
          fmt::format("the model does not say `{}`, taken as {}", spelled(name), otherwise));
      return otherwise;
    }
    const auto value = value_of(t_, name, 0);
    if (value && std::isfinite(*value)) return value;
    bad_time(name,
             fmt::format("`{}` must be a number that the model's constants tell", spelled(name)));
    return std::nullopt;
  }

  static std::string spelled(std::string name) {
    for (char& c : name) c = c == '_' ? ' ' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    return name;
  }

  // A whole number of steps; nothing saves every step.
  std::optional<double> save_step(double step) {
    if (!t_.symbols.contains("saveper")) return std::nullopt;
    const auto value = value_of(t_, "saveper", 0);
    if (!value || !(*value > 0)) {
      t_.diagnostics.warning(Kind::kBadTime, span("saveper"),
                             "`SAVEPER` is no number that the model's constants tell; every step "
                             "is saved");
      return std::nullopt;
    }
    const double steps = std::max(1.0, std::round(*value / step));
    if (std::fabs(steps * step - *value) > 1e-6 * *value)
      t_.diagnostics.warning(
          Kind::kBadTime, span("saveper"),
          fmt::format("values are saved every {}, a whole number of steps", steps * step));
    return steps * step;
  }

  void add_time(double start, double end, double step) {
    const Build build = t_.build(span("time_step"));
    syntax::TimeDecl decl;
    decl.start = build.number(start);
    decl.end = build.number(end);
    decl.step = step;
    if (save_ && *save_ != step) decl.save = *save_;
    decl.unit = unit();
    decl.method = t_.document.settings.runge_kutta ? syntax::TimeDecl::Method::kRk4
                                                   : syntax::TimeDecl::Method::kEuler;
    if (!t_.document.settings.method.empty())
      t_.diagnostics.warning(
          Kind::kPassedOver, {},
          fmt::format("the method {} is not here; the run uses rk4", t_.document.settings.method));
    t_.add({std::move(decl), {}, span("time_step")});
  }

  std::optional<syntax::Name> unit() {
    for (const char* name : {"time_step", "final_time", "initial_time"}) {
      const auto found = t_.symbols.find(name);
      if (found == t_.symbols.end()) continue;
      const Equation& equation = *found->second.equations.front();
      if (auto unit = t_.units.read_single(equation.units, equation.span)) return unit;
    }
    return std::nullopt;
  }

  // They may be read and reported like any other variable.
  void write_variables(double step) {
    for (const auto& [name, word] :
         {std::pair("initial_time", "time.start"), std::pair("final_time", "time.end"),
          std::pair("time_step", "time.step"), std::pair("saveper", "")}) {
      const auto found = t_.symbols.find(name);
      if (found == t_.symbols.end()) continue;
      const Build build = t_.build(span(name));
      syntax::ValueDecl decl;
      decl.name = build.word(found->second.name);
      decl.value =
          std::string_view(word).empty() ? build.number(save_.value_or(step)) : build.name(word);
      if (std::string_view(word).empty()) decl.kind = syntax::ValueDecl::Kind::kLet;
      t_.add({std::move(decl), found->second.equations.front()->comment, span(name)});
    }
  }

  Translation& t_;
  std::optional<double> save_;
};

}  // namespace

bool is_control(const std::string& name) {
  return name == "initial_time" || name == "final_time" || name == "time_step" || name == "saveper";
}

std::optional<double> constant_value(const Translation& t, FormulaId id, int depth) {
  if (!id.valid() || ++depth > kDeepest) return std::nullopt;
  const Formula& formula = t.formulas[id];
  switch (formula.kind) {
    case F::kNumber:
      return formula.value;
    case F::kName:
      if (!formula.places.empty()) return std::nullopt;
      return value_of(t, canonical(formula.text), depth);
    case F::kUnary: {
      const auto inner = constant_value(t, formula.children[0], depth);
      if (!inner) return std::nullopt;
      return formula.text == "NOT" ? static_cast<double>(*inner == 0) : -*inner;
    }
    case F::kBinary: {
      const auto left = constant_value(t, formula.children[0], depth);
      const auto right = left ? constant_value(t, formula.children[1], depth) : std::nullopt;
      return right ? binary_value(formula.text, *left, *right) : std::nullopt;
    }
    case F::kCall:
      if (const auto call = external_call(t, id)) return external_number(t, *call);
      return call_value(t, formula, depth);
    case F::kBad:
    case F::kMissing:
    case F::kString:
    case F::kPoints:
      return std::nullopt;
  }
  return std::nullopt;
}

void write_control(Translation& t) { Control(t).write(); }

}  // namespace headrace::import::vensim
