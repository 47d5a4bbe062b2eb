// The values of expressions that hang on nothing but numbers of the model and, where a time is
// given, on `Time`: what the clock is made of, and how many stages a delay has.

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

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

using Function = double (*)(const std::vector<double>&);

struct Known {
  const char* name;
  size_t arguments;
  Function value;
};

constexpr double kNothing = 1e-6;  // what ZIDZ and XIDZ take for zero

// Those whose value is the same at all times.
const Known kFunctions[] = {
    {"max", 2, [](const auto& v) { return std::max(v[0], v[1]); }},
    {"min", 2, [](const auto& v) { return std::min(v[0], v[1]); }},
    {"integer", 1, [](const auto& v) { return std::trunc(v[0]); }},
    {"abs", 1, [](const auto& v) { return std::fabs(v[0]); }},
    {"modulo", 2, [](const auto& v) { return std::fmod(v[0], v[1]); }},
    {"quantum", 2, [](const auto& v) { return v[1] > 0 ? v[1] * std::trunc(v[0] / v[1]) : v[0]; }},
    {"exp", 1, [](const auto& v) { return std::exp(v[0]); }},
    {"ln", 1, [](const auto& v) { return std::log(v[0]); }},
    {"log", 2, [](const auto& v) { return std::log(v[0]) / std::log(v[1]); }},
    {"sqrt", 1, [](const auto& v) { return std::sqrt(v[0]); }},
    {"power", 2, [](const auto& v) { return std::pow(v[0], v[1]); }},
    {"zidz", 2, [](const auto& v) { return std::fabs(v[1]) < kNothing ? 0 : v[0] / v[1]; }},
    {"xidz", 3, [](const auto& v) { return std::fabs(v[1]) < kNothing ? v[2] : v[0] / v[1]; }},
    {"initial", 1, [](const auto& v) { return v[0]; }},
    {"game", 1, [](const auto& v) { return v[0]; }}};

Number call_value(const std::string& name, const std::vector<double>& v) {
  for (const Known& known : kFunctions) {
    if (name == known.name && v.size() == known.arguments) return known.value(v);
  }
  return std::nullopt;
}

struct Reducer {
  const char* name;
  double start;
  double (*add)(double, double);
};

const Reducer kReducers[] = {{"sum", 0, [](double a, double b) { return a + b; }},
                             {"prod", 1, [](double a, double b) { return a * b; }},
                             {"vmax", -HUGE_VAL, [](double a, double b) { return std::max(a, b); }},
                             {"vmin", HUGE_VAL, [](double a, double b) { return std::min(a, b); }}};

// Straight lines between the points, which the ends go on flat.
Number lookup_value(const Points& points, double x) {
  if (points.empty()) return std::nullopt;
  if (x <= points.front().first) return points.front().second;
  for (size_t k = 1; k < points.size(); ++k) {
    const auto [x0, y0] = points[k - 1];
    const auto [x1, y1] = points[k];
    if (x < x1 && x1 > x0) return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
  }
  return points.back().second;
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
  // Where a condition is not known, `toward` tells which of its sides counts: the greater one
  // (above 0), the smaller one (below 0), or none.
  Constants(const Translation& t, Number time, int toward) : t_(t), time_(time), toward_(toward) {}

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
        if (formula.text == "NOT") return static_cast<double>(*inner == 0);
        return formula.text == "-" ? -*inner : *inner;
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
  // The element that a place means: one by name, or the one where a loop over a range stands.
  std::optional<size_t> at(const Place& place) const {
    const auto range = find_range(t_, place.name);
    if (!range) return find_element(t_, place.name);
    const auto stands = loops_.find(*range);
    return stands == loops_.end() ? std::nullopt : std::optional<size_t>(stands->second);
  }

  Number element(const Equation& equation, const std::vector<Place>& wanted, int depth) {
    if (equation.places.size() != wanted.size() || !equation.exceptions.empty())
      return std::nullopt;
    size_t flat = 0;
    bool ranges = false;
    std::map<size_t, size_t> loops;
    for (size_t d = 0; d < wanted.size(); ++d) {
      const auto element = at(wanted[d]);
      if (!element) return std::nullopt;
      const auto range = find_range(t_, equation.places[d].name);
      if (!range) {
        if (find_element(t_, equation.places[d].name) != element) return std::nullopt;
        continue;
      }
      ranges = true;
      const auto& all = t_.ranges[*range].elements;
      const auto found = std::ranges::find(all, static_cast<uint32_t>(*element));
      if (found == all.end()) return std::nullopt;
      flat = flat * all.size() + static_cast<size_t>(found - all.begin());
      loops[*range] = *element;
    }
    if (ranges && is_external(t_, equation)) return std::nullopt;  // that would be the first cell
    if (equation.kind == Equation::Kind::kValue) {
      std::swap(loops, loops_);
      const Number value = of(equation.value, depth);
      std::swap(loops, loops_);
      return value;
    }
    if (equation.kind != Equation::Kind::kNumbers || flat >= equation.numbers.size())
      return std::nullopt;
    return equation.numbers[flat];
  }

  Number call(const Formula& formula, int depth) {
    const std::string name = canonical(formula.text);
    if (t_.macros.contains(name)) return std::nullopt;
    const auto& children = formula.children;
    if (name == "if_then_else" && children.size() == 3) return choice(children, depth);
    if (name == "elmcount" && children.size() == 1) {
      const auto range = find_range(t_, t_.formulas[children[0]].text);
      return range ? Number(t_.ranges[*range].elements.size()) : std::nullopt;
    }
    if (name == "with_lookup" && children.size() == 2) {
      const Number x = of(children[0], depth);
      return x ? lookup_value(t_.formulas[children[1]].points, *x) : std::nullopt;
    }
    for (const Reducer& reducer : kReducers) {
      if (name == reducer.name && children.size() == 1) return reduced(reducer, children[0], depth);
    }
    std::vector<double> values;
    for (const FormulaId child : children) {
      const Number value = of(child, depth);
      if (!value) return std::nullopt;
      values.push_back(*value);
    }
    if (const Points* points = points_of(name, formula.places); points && values.size() == 1)
      return lookup_value(*points, values[0]);
    const Number value = time_ ? timed_value(name, values, *time_) : std::nullopt;
    return value ? value : call_value(name, values);
  }

  Number choice(const std::vector<FormulaId>& children, int depth) {
    if (const Number condition = of(children[0], depth))
      return of(children[*condition != 0 ? 1 : 2], depth);
    if (toward_ == 0) return std::nullopt;
    const Number one = of(children[1], depth), other = of(children[2], depth);
    if (!one || !other) return std::nullopt;
    return toward_ > 0 ? std::max(*one, *other) : std::min(*one, *other);
  }

  // The points of a lookup that stands in the model by itself.
  const Points* points_of(const std::string& name, const std::vector<Place>& places) const {
    const auto found = t_.symbols.find(name);
    if (found == t_.symbols.end() || found->second.equations.size() != 1 || !places.empty())
      return nullptr;
    const Equation& equation = *found->second.equations.front();
    return equation.kind == Equation::Kind::kLookup ? &equation.points : nullptr;
  }

  // SUM(x[range!] ...): the ranges that carry a `!` one within the other.
  Number reduced(const Reducer& reducer, FormulaId body, int depth) {
    std::set<size_t> ranges;
    std::vector<FormulaId> open{body};
    while (!open.empty()) {
      const Formula& formula = t_.formulas[open.back()];
      open.pop_back();
      for (const Place& place : formula.places) {
        if (!place.bang) continue;
        const auto range = find_range(t_, place.name);
        if (!range) return std::nullopt;
        ranges.insert(*range);
      }
      open.insert(open.end(), formula.children.begin(), formula.children.end());
    }
    double result = reducer.start;
    const std::vector<size_t> all(ranges.begin(), ranges.end());
    return !all.empty() && reduce(reducer, all, 0, body, depth, result) ? Number(result)
                                                                        : std::nullopt;
  }

  bool reduce(const Reducer& reducer, const std::vector<size_t>& ranges, size_t k, FormulaId body,
              int depth, double& result) {
    if (k == ranges.size()) {
      const Number value = of(body, depth);
      if (value) result = reducer.add(result, *value);
      return value.has_value();
    }
    for (const uint32_t element : t_.ranges[ranges[k]].elements) {
      loops_[ranges[k]] = element;
      const bool fine = reduce(reducer, ranges, k + 1, body, depth, result);
      loops_.erase(ranges[k]);
      if (!fine) return false;
    }
    return true;
  }

  const Translation& t_;
  Number time_;
  int toward_;
  std::map<size_t, size_t> loops_;  // a range -> where a loop over it stands
  int budget_ = kMostParts;
};

}  // namespace

std::optional<double> constant_value(const Translation& t, FormulaId id,
                                     std::optional<double> time) {
  return Constants(t, time, 0).of(id, 0);
}

std::optional<double> constant_value(const Translation& t, const std::string& name,
                                     std::optional<double> time, int toward) {
  return Constants(t, time, toward).of(name, {}, 0);
}

void take_in(Translation& t, FormulaId id, const std::string& what) {
  std::vector<FormulaId> open;
  if (id.valid()) open.push_back(id);
  while (!open.empty()) {
    const Formula& formula = t.formulas[open.back()];
    open.pop_back();
    if (formula.kind == F::kName) take_in(t, canonical_of(formula.text), what);
    open.insert(open.end(), formula.children.begin(), formula.children.end());
  }
}

void take_in(Translation& t, const std::string& name, const std::string& what) {
  std::vector<std::string> open{name};
  while (!open.empty()) {
    const auto symbol = t.symbols.find(open.back());
    open.pop_back();
    if (symbol == t.symbols.end() || !t.taken_in.emplace(symbol->second.name, what).second)
      continue;
    for (const Equation* equation : symbol->second.equations) {
      if (equation->kind != Equation::Kind::kValue || !equation->value.valid()) continue;
      std::vector<FormulaId> parts{equation->value};
      while (!parts.empty()) {
        const Formula& formula = t.formulas[parts.back()];
        parts.pop_back();
        if (formula.kind == F::kName) open.push_back(canonical_of(formula.text));
        parts.insert(parts.end(), formula.children.begin(), formula.children.end());
      }
    }
  }
}

std::optional<double> value_at_start(const Translation& t, FormulaId id) {
  return constant_value(t, id, constant_value(t, "initial_time", 0.0).value_or(0));
}

}  // namespace headrace::import::vensim
