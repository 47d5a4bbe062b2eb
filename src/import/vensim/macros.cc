// Macros become functions, one for each output beside that for the value. Their variables are local
// to each call, stocks included; a second function of the same macro has the same stocks again, so
// that both give what one would.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

using syntax::ExprId;
using K = Equation::Kind;

class MacroWriter {
 public:
  MacroWriter(Translation& t, const MacroCopy& copy)
      : t_(t), macro_(*copy.macro), build_(t.build(macro_.span)), lookups_(copy.lookups) {
    for (const std::string& input : macro_.inputs) declare(input);
    for (const Equation& equation : macro_.equations) declare(equation.name);
    for (const Equation& equation : macro_.equations) hold_lookup(equation);
    scope_.locals = &locals_;
    scope_.lookups = &lookups_;
    scope_.variable = macro_.name;
  }

  void write(const std::string& name, const std::string& result) {
    syntax::FunctionDecl decl;
    decl.name = build_.word(name);
    std::set<std::string> inputs;
    for (const std::string& input : macro_.inputs) {
      inputs.insert(canonical(input));
      if (lookups_.contains(canonical(input))) continue;
      decl.parameters.push_back({build_.word(locals_.at(canonical(input))), {}, {}, {}});
    }
    for (const auto& [input, lookup] : lookups_) {
      if (!lookup.position.empty())
        decl.parameters.push_back({build_.word(lookup.position), {}, {}, {}});
    }
    for (const Equation* equation : given_data(t_, macro_)) {
      inputs.insert(canonical(equation->name));
      decl.parameters.push_back({build_.word(locals_.at(canonical(equation->name))), {}, {}, {}});
    }
    std::set<std::string> seen;
    for (const Equation& equation : macro_.equations) {
      const std::string own = canonical(equation.name);
      if (inputs.contains(own) || lookups_.contains(own) || !seen.insert(own).second) continue;
      if (const auto statement = local(equation)) decl.locals.push_back(*statement);
    }
    const auto value = locals_.find(canonical(result));
    if (value == locals_.end() || !(seen.contains(value->first) || inputs.contains(value->first))) {
      t_.diagnostics.error(Kind::kUnfilledEquation, macro_.span,
                           fmt::format("the macro `{}` has no equation for `{}`",
                                       shown(macro_.name), shown(result)));
      return;
    }
    decl.result = build_.name(value->second);
    t_.add({std::move(decl), {}, macro_.span});
  }

 private:
  bool is_named(const std::string& name) const {
    const auto same = [&](const std::string& other) { return canonical(other) == canonical(name); };
    return std::ranges::any_of(macro_.inputs, same) ||
           std::ranges::any_of(macro_.equations, same, &Equation::name);
  }

  void declare(const std::string& name) {
    std::string own = name;
    if (canonical(name) == canonical(macro_.name)) {
      do own += " value";
      while (is_named(own));
    }
    locals_.emplace(canonical(name), std::move(own));
  }

  // A lookup within a macro is the same for all its calls.
  void hold_lookup(const Equation& equation) {
    const std::string own = canonical(equation.name);
    if (equation.kind != K::kLookup || !equation.places.empty() || lookups_.contains(own)) return;
    for (const Symbol& known : t_.macro_lookups) {
      if (known.equations.front() == &equation) {
        lookups_[own] = {&known, {}};
        return;
      }
    }
    Symbol symbol;
    symbol.name = t_.fresh(macro_.name + "." + equation.name);
    symbol.role = Symbol::Role::kTable;
    symbol.equations = {&equation};
    lookups_[own] = {&t_.macro_lookups.emplace_back(std::move(symbol)), {}};
  }

  std::optional<syntax::StatementId> local(const Equation& equation) {
    const Build build = t_.build(equation.span);
    const std::string& name = locals_.at(canonical(equation.name));
    if (!equation.places.empty() || equation.kind != K::kValue) {
      t_.diagnostics.error(
          Kind::kUnsupported, equation.span,
          fmt::format("`{}`: within a macro variables are single numbers", shown(equation.name)));
      return std::nullopt;
    }
    if (!is_call_of(t_, equation.value, "integ")) {
      syntax::ValueDecl decl;
      decl.name = build.word(name);
      decl.value = translate_right(t_, scope_, equation);
      return t_.tree.add(syntax::Statement{std::move(decl), equation.comment, equation.span});
    }
    const Formula integ = t_.formulas[equation.value];
    if (integ.children.size() != 2) {
      t_.diagnostics.error(Kind::kBadCall, integ.span, "INTEG wants a rate and an initial value");
      return std::nullopt;
    }
    syntax::StockDecl decl;
    decl.name = build.word(name);
    decl.initial = translate(t_, scope_, integ.children[1]);
    decl.net_rate = translate(t_, scope_, integ.children[0]);
    return t_.tree.add(syntax::Statement{std::move(decl), equation.comment, equation.span});
  }

  Translation& t_;
  const Macro& macro_;
  Build build_;
  Scope scope_;
  std::map<std::string, std::string> locals_;
  NamedLookups lookups_;
};

// Parameters that something within the macro calls: they want lookups.
using Wanted = std::set<std::pair<const Macro*, std::string>>;

void find_wanted(const Translation& t, const Macro& macro, const Formula& formula, Wanted& wanted) {
  const auto mark = [&](const std::string& name) {
    const bool input = std::ranges::any_of(
        macro.inputs, [&](const std::string& parameter) { return canonical(parameter) == name; });
    if (input) wanted.emplace(&macro, name);
  };
  if (formula.kind != Formula::Kind::kCall) return;
  const std::string name = canonical(formula.text);
  mark(name);
  const auto argument = [&](size_t k) { return canonical(t.formulas[formula.children[k]].text); };
  if (name.find("lookup") != std::string::npos && !formula.children.empty()) mark(argument(0));
  const auto called = t.macros.find(name);
  if (called == t.macros.end()) return;
  const std::vector<std::string>& inputs = called->second->inputs;
  for (size_t k = 0; k < std::min(inputs.size(), formula.children.size()); ++k) {
    if (wanted.contains({called->second, canonical(inputs[k])})) mark(argument(k));
  }
}

Wanted find_wanted(const Translation& t) {
  Wanted wanted;
  for (bool more = true; more;) {  // what one passes on to another
    const size_t before = wanted.size();
    for (const auto& [name, macro] : t.macros) {
      std::vector<FormulaId> open;
      for (const Equation& equation : macro->equations) {
        if (equation.value.valid()) open.push_back(equation.value);
      }
      while (!open.empty()) {
        const Formula& formula = t.formulas[open.back()];
        open.pop_back();
        find_wanted(t, *macro, formula, wanted);
        open.insert(open.end(), formula.children.begin(), formula.children.end());
      }
    }
    more = wanted.size() > before;
  }
  return wanted;
}

// Written in small letters it might take the place of a function of the library that other calls
// mean.
std::string tree_name(Translation& t, const Macro& macro) {
  const bool small = std::ranges::none_of(macro.name, [](char c) { return c >= 'A' && c <= 'Z'; });
  return t.fresh(small ? macro.name + " (macro)" : macro.name);
}

}  // namespace

const MacroCopy& macro_copy(Translation& t, const Macro& macro, NamedLookups lookups) {
  std::string key, label;
  for (const auto& [parameter, lookup] : lookups) {
    std::string given = lookup.symbol->name;
    for (const Place& place : lookup.places) given += "," + place.name;
    key += fmt::format("{}={};", parameter, given);
    label += (label.empty() ? " of " : ", ") + given;
  }
  const auto [at, fresh] = t.macro_copies.emplace(std::pair(&macro, key), MacroCopy{});
  if (fresh) {
    const std::string& own = t.macro_names.at(&macro);
    at->second = {&macro, label.empty() ? own : t.fresh(own + label), std::move(lookups)};
    t.open_macros.push_back(&at->second);
  }
  return at->second;
}

void write_macros(Translation& t) {
  const Wanted wanted = find_wanted(t);
  for (const auto& [name, macro] : t.macros) {  // and those that nothing calls
    const auto first = wanted.lower_bound({macro, ""});
    if (first == wanted.end() || first->first != macro) macro_copy(t, *macro, {});
  }
  while (!t.open_macros.empty()) {  // one may call others
    const std::vector<const MacroCopy*> copies = std::exchange(t.open_macros, {});
    for (const MacroCopy* copy : copies) {
      MacroWriter(t, *copy).write(copy->name, copy->macro->name);
      for (const std::string& output : copy->macro->outputs)
        MacroWriter(t, *copy).write(copy->name + "." + output, output);
    }
  }
}

std::vector<const Equation*> given_data(const Translation& t, const Macro& macro) {
  std::vector<const Equation*> given;
  std::set<std::string> own, known;  // names of the macro; those whose data are known to a caller
  for (const Equation& equation : macro.equations) own.insert(canonical(equation.name));
  for (const std::string& input : macro.inputs) known.insert(canonical(input));
  const auto reads_known = [&](FormulaId id) {
    bool any = false;
    std::vector<FormulaId> open{id};
    while (!open.empty()) {
      const Formula& formula = t.formulas[open.back()];
      open.pop_back();
      open.insert(open.end(), formula.children.begin(), formula.children.end());
      const std::string name = canonical(formula.text);
      if (formula.kind != Formula::Kind::kName) continue;
      any = any || known.contains(name);
      if (own.contains(name) && !known.contains(name)) return false;
    }
    return any;
  };
  for (const Equation& equation : macro.equations) {
    if (!is_data_equation(equation) || !equation.places.empty() ||
        known.contains(canonical(equation.name)) || !reads_known(equation.value))
      continue;
    given.push_back(&equation);
    known.insert(canonical(equation.name));
  }
  return given;
}

void name_macros(Translation& t) {
  for (const Macro& macro : t.document.macros) {
    const auto known = t.macros.find(canonical(macro.name));
    if (known != t.macros.end() && known->second == &macro)
      t.macro_names.emplace(&macro, tree_name(t, macro));
  }
}

}  // namespace headrace::import::vensim
