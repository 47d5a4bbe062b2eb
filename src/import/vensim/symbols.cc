// Variables: all equations of a name together, and which elements they define in each place.

#include <fmt/format.h>

#include <algorithm>

#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

class Declaring {
 public:
  explicit Declaring(Translation& t) : t_(t) {}

  void run() {
    for (const Macro& macro : t_.document.macros) {
      if (macro.name.empty()) continue;
      t_.macros.insert_or_assign(canonical_of(macro.name), &macro);
    }
    collect_outputs();
    for (const Equation& equation : t_.document.equations) declare(equation);
    for (const Equation& equation : t_.made) declare(equation);
    for (const std::string& name : t_.order) shape(t_.symbols.at(name));
  }

 private:
  void declare(const Equation& equation) {
    using K = Equation::Kind;
    switch (equation.kind) {
      case K::kRange:
      case K::kAlias:
      case K::kCondition:
      case K::kTestInput:
        return;
      case K::kValue:
      case K::kNumbers:
      case K::kLookup:
      case K::kExternal:
      case K::kString:
        break;
    }
    const std::string name = canonical_of(equation.name);
    if (name.empty() || name == "time") return;
    const auto [at, fresh] = t_.symbols.emplace(name, Symbol{});
    if (fresh) {
      at->second.name = t_.fresh((equation.internal ? "_" : "") + visible(equation.name));
      t_.order.push_back(name);
    }
    at->second.equations.push_back(&equation);
  }

  // `y = MACRO(x : z)` makes a variable z over what y is over.
  void collect_outputs() {
    for (const Equation& equation : t_.document.equations) {
      if (equation.kind == Equation::Kind::kValue) outputs_of(equation);
    }
  }

  void outputs_of(const Equation& equation) {
    std::vector<FormulaId> open{equation.value};
    while (!open.empty()) {
      const FormulaId id = open.back();
      open.pop_back();
      const Formula formula = t_.formulas[id];
      open.insert(open.end(), formula.children.begin(), formula.children.end());
      for (size_t k = 0; k < formula.outputs.size(); ++k) {
        const Formula& output = t_.formulas[formula.outputs[k]];
        if (output.kind != Formula::Kind::kName) continue;
        Equation made;
        made.name = output.text;
        made.places = output.places.empty() ? equation.places : output.places;
        made.span = made.name_span = output.span;
        Formula call = formula;
        call.output = static_cast<int>(k);
        call.outputs.clear();
        made.value = t_.formulas.add(std::move(call));
        t_.made.push_back(std::move(made));
      }
    }
  }

  // ------------------------------------------------------------ shape and role

  void shape(Symbol& symbol) {
    drop_sketched(symbol);
    const Equation& first = *symbol.equations.front();
    const size_t places = first.places.size();
    for (const Equation* equation : symbol.equations) {
      if (equation->places.size() == places) continue;
      t_.diagnostics
          .error(
              Kind::kShapeMismatch, equation->name_span,
              fmt::format("`{}` has {} subscript{} here and {} elsewhere", shown(symbol.name),
                          equation->places.size(), equation->places.size() == 1 ? "" : "s", places))
          .labels.push_back({first.name_span, "elsewhere"});
      symbol.bad = true;
    }
    if (places == 0 && symbol.equations.size() > 1) {
      t_.diagnostics
          .error(Kind::kDuplicateName, symbol.equations[1]->name_span,
                 fmt::format("`{}` is defined twice", shown(symbol.name)))
          .labels.push_back({first.name_span, "first here"});
      symbol.bad = true;
    }
    if (symbol.bad) return;
    for (size_t d = 0; d < places && !symbol.bad; ++d) axis(symbol, d);
    name_indexes(symbol);
    symbol.role = role(symbol);
  }

  // `x = A FUNCTION OF(y)` tells what the sketch leads to x; beside it stands x's equation, which
  // may be empty.
  void drop_sketched(Symbol& symbol) {
    const auto sketched = [&](const Equation* equation) {
      return equation->kind == Equation::Kind::kValue &&
             is_call_of(t_, equation->value, "a_function_of");
    };
    if (!std::ranges::all_of(symbol.equations, sketched)) std::erase_if(symbol.equations, sketched);
  }

  void axis(Symbol& symbol, size_t d) {
    std::optional<size_t> family, same;
    std::set<uint32_t> all;
    bool one_range = true;
    for (const Equation* equation : symbol.equations) {
      const auto bound = read_place(t_, equation->places[d]);
      if (!bound) {
        symbol.bad = true;
        return;
      }
      const auto elements = elements_of(t_, *bound);
      if (elements.empty()) continue;
      const size_t own = t_.elements[elements.front()].family;
      if (family && *family != own) {
        t_.diagnostics
            .error(Kind::kShapeMismatch, equation->places[d].span,
                   fmt::format("subscript {} of `{}` is of another family elsewhere", d + 1,
                               shown(symbol.name)))
            .labels.push_back({symbol.equations.front()->places[d].span, "elsewhere"});
        symbol.bad = true;
        return;
      }
      family = own;
      all.insert(elements.begin(), elements.end());
      one_range = one_range && bound->is_range && (!same || *same == bound->id);
      if (bound->is_range) same = bound->id;
    }
    if (!family) {
      symbol.bad = true;
      return;
    }
    const size_t range = one_range && same
                             ? *same
                             : range_of(t_, *family, std::vector<uint32_t>(all.begin(), all.end()));
    symbol.axes.push_back({*family, range, {}});
  }

  void name_indexes(Symbol& symbol) {
    std::set<std::string> used;
    for (Axis& axis : symbol.axes) {
      axis.index = t_.ranges[axis.range].name;
      for (int k = 2; !used.insert(axis.index).second; ++k)
        axis.index = fmt::format("{} {}", t_.ranges[axis.range].name, k);
    }
  }

  Symbol::Role role(const Symbol& symbol) const {
    using K = Equation::Kind;
    using R = Symbol::Role;
    const auto any = [&](auto&& is) {
      return std::ranges::any_of(symbol.equations,
                                 [&](const Equation* equation) { return is(*equation); });
    };
    if (any([](const Equation& e) { return e.kind == K::kLookup; })) return R::kTable;
    if (any([](const Equation& e) { return e.kind == K::kString; })) return R::kText;
    if (any([](const Equation& e) { return e.kind == K::kExternal; })) return R::kExternal;
    const auto is_level = [&](const Equation& e) {
      return is_call_of(t_, e.value, "integ") || queue_arguments(t_, e).has_value();
    };
    const auto moves = [&](const Equation& e) { return !is_level(e) && !is_numbers(t_, e); };
    // A level some of whose elements are computed otherwise is no stock; its INTEG are calls.
    return any(is_level) && !any(moves) ? R::kStock : R::kValue;
  }

  Translation& t_;
};

}  // namespace

std::string Translation::fresh(const std::string& wanted) {
  std::string name = wanted.empty() ? "unnamed" : wanted;
  for (int k = 2; !taken.insert(name).second; ++k) name = fmt::format("{} {}", wanted, k);
  return name;
}

std::string canonical_of(std::string_view name) { return canonical(name); }

void declare_symbols(Translation& t) { Declaring(t).run(); }

const Symbol* find_symbol(const Translation& t, std::string_view name) {
  const auto found = t.symbols.find(canonical_of(name));
  return found == t.symbols.end() ? nullptr : &found->second;
}

std::optional<Bound> read_place(Translation& t, const Place& place) {
  if (const auto range = find_range(t, place.name)) return Bound{true, *range, {}, place.bang};
  if (const auto element = find_element(t, place.name)) return Bound{false, *element, {}, false};
  t.unknown_names[place.name].push_back(place.span);
  return std::nullopt;
}

std::vector<uint32_t> elements_of(const Translation& t, const Bound& bound) {
  if (bound.is_range) return t.ranges[bound.id].elements;
  return {static_cast<uint32_t>(bound.id)};
}

bool is_call_of(const Translation& t, FormulaId id, std::string_view name) {
  if (!id.valid()) return false;
  const Formula& formula = t.formulas[id];
  return formula.kind == Formula::Kind::kCall && !formula.quoted &&
         canonical_of(formula.text) == name && !t.macros.contains(std::string(name));
}

}  // namespace headrace::import::vensim
