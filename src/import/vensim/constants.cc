// The values of expressions that hang on nothing but numbers of the model and, where a time is
// given, on `Time`: what the clock is made of, and how many stages a delay has.

#include <algorithm>
#include <cmath>

#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

using F = Formula::Kind;
using Number = std::optional<double>;

constexpr int kDeepest = 60;
constexpr int kMostParts = 10'000;  // of one value; names may stand in each other many times over

Number binary_value(const std::string& op, double a, double b) {
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

Number call_value(const std::string& name, const std::vector<double>& v) {
  if (name == "if_then_else" && v.size() == 3) return v[0] != 0 ? v[1] : v[2];
  if (name == "max" && v.size() == 2) return std::max(v[0], v[1]);
  if (name == "min" && v.size() == 2) return std::min(v[0], v[1]);
  if (name == "integer" && v.size() == 1) return std::trunc(v[0]);
  if (name == "abs" && v.size() == 1) return std::fabs(v[0]);
  if (name == "modulo" && v.size() == 2) return std::fmod(v[0], v[1]);
  if ((name == "initial" || name == "game") && v.size() == 1) return v[0];
  return std::nullopt;
}

Number timed_value(const std::string& name, const std::vector<double>& v, double time) {
  if (name == "step" && v.size() == 2) return time >= v[1] ? v[0] : 0;
  if (name == "pulse" && v.size() == 2) return time >= v[0] && time < v[0] + v[1] ? 1 : 0;
  if (name == "ramp" && v.size() == 3)
    return v[0] * std::max(0.0, (v[2] < v[1] ? time : std::min(time, v[2])) - v[1]);
  return std::nullopt;
}

class Constants {
 public:
  Constants(const Translation& t, Number time) : t_(t), time_(time) {}

  Number of(FormulaId id, int depth) {
    if (!id.valid() || ++depth > kDeepest || --budget_ < 0) return std::nullopt;
    const Formula& formula = t_.formulas[id];
    switch (formula.kind) {
      case F::kNumber:
        return formula.value;
      case F::kName: {
        const std::string name = canonical(formula.text);
        return name == "time" ? time_ : of(name, formula.places, depth);
      }
      case F::kUnary: {
        const Number inner = of(formula.children[0], depth);
        if (!inner) return std::nullopt;
        return formula.text == "NOT" ? static_cast<double>(*inner == 0) : -*inner;
      }
      case F::kBinary: {
        const Number left = of(formula.children[0], depth);
        const Number right = left ? of(formula.children[1], depth) : std::nullopt;
        return right ? binary_value(formula.text, *left, *right) : std::nullopt;
      }
      case F::kCall:
        if (const auto file = external_call(t_, id)) return external_number(t_, *file);
        return call(formula, depth);
      case F::kBad:
      case F::kMissing:
      case F::kString:
      case F::kPoints:
        return std::nullopt;
    }
    return std::nullopt;
  }

  // Of a variable, or of the element of it that the places name.
  Number of(const std::string& name, const std::vector<Place>& places, int depth) {
    const auto found = t_.symbols.find(name);
    if (found == t_.symbols.end()) return std::nullopt;
    for (const Equation* equation : found->second.equations) {
      if (const Number value = element(*equation, places, depth)) return value;
    }
    return std::nullopt;
  }

 private:
  Number element(const Equation& equation, const std::vector<Place>& wanted, int depth) {
    if (equation.places.size() != wanted.size() || !equation.exceptions.empty())
      return std::nullopt;
    size_t flat = 0;
    bool ranges = false;
    for (size_t d = 0; d < wanted.size(); ++d) {
      const auto element = find_element(t_, wanted[d].name);
      if (!element || find_range(t_, wanted[d].name)) return std::nullopt;
      const auto range = find_range(t_, equation.places[d].name);
      if (!range) {
        if (find_element(t_, equation.places[d].name) != element) return std::nullopt;
        continue;
      }
      ranges = true;
      const auto& all = t_.ranges[*range].elements;
      const auto at = std::ranges::find(all, static_cast<uint32_t>(*element));
      if (at == all.end()) return std::nullopt;
      flat = flat * all.size() + static_cast<size_t>(at - all.begin());
    }
    if (ranges && is_external(t_, equation)) return std::nullopt;  // that would be the first cell
    if (equation.kind == Equation::Kind::kValue) return of(equation.value, depth);
    if (equation.kind != Equation::Kind::kNumbers || flat >= equation.numbers.size())
      return std::nullopt;
    return equation.numbers[flat];
  }

  Number call(const Formula& formula, int depth) {
    const std::string name = canonical(formula.text);
    if (t_.macros.contains(name)) return std::nullopt;
    std::vector<double> values;
    for (const FormulaId child : formula.children) {
      const Number value = of(child, depth);
      if (!value) return std::nullopt;
      values.push_back(*value);
    }
    const Number value = time_ ? timed_value(name, values, *time_) : std::nullopt;
    return value ? value : call_value(name, values);
  }

  const Translation& t_;
  Number time_;
  int budget_ = kMostParts;
};

}  // namespace

std::optional<double> constant_value(const Translation& t, FormulaId id,
                                     std::optional<double> time) {
  return Constants(t, time).of(id, 0);
}

std::optional<double> constant_value(const Translation& t, const std::string& name,
                                     std::optional<double> time) {
  return Constants(t, time).of(name, {}, 0);
}

std::optional<double> value_at_start(const Translation& t, FormulaId id) {
  return constant_value(t, id, constant_value(t, "initial_time", 0.0).value_or(0));
}

}  // namespace headrace::import::vensim
