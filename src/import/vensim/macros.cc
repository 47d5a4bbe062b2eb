// Macros become functions, one for each output beside that for the value. Their variables are local
// to each call, stocks included; a second function of the same macro has the same stocks again, so
// that both give what one would.

#include <fmt/format.h>

#include <algorithm>

#include "import/names.h"
#include "import/vensim/translation.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

using syntax::ExprId;
using K = Equation::Kind;

std::string shown(std::string_view name) { return text::printable(name.substr(0, 200)); }

class MacroWriter {
 public:
  MacroWriter(Translation& t, const Macro& macro)
      : t_(t), macro_(macro), build_(t.build(macro.span)) {
    for (const std::string& input : macro.inputs) declare(input);
    for (const Equation& equation : macro.equations) declare(equation.name);
    scope_.locals = &locals_;
    scope_.variable = macro.name;
  }

  void write(const std::string& name, const std::string& result) {
    syntax::FunctionDecl decl;
    decl.name = build_.word(name);
    std::set<std::string> inputs;
    for (const std::string& input : macro_.inputs) {
      inputs.insert(canonical(input));
      decl.parameters.push_back({build_.word(locals_.at(canonical(input))), {}, {}, {}});
    }
    std::set<std::string> seen;
    for (const Equation& equation : macro_.equations) {
      const std::string own = canonical(equation.name);
      if (inputs.contains(own) || !seen.insert(own).second) continue;
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
  void declare(const std::string& name) {
    std::string own = name;
    if (canonical(name) == canonical(macro_.name)) own += " value";
    locals_.emplace(canonical(name), std::move(own));
  }

  std::optional<syntax::StatementId> local(const Equation& equation) {
    const Build build = t_.build(equation.span);
    const std::string& name = locals_.at(canonical(equation.name));
    if (!equation.places.empty() || (equation.kind != K::kValue && equation.kind != K::kLookup)) {
      t_.diagnostics.error(
          Kind::kUnsupported, equation.span,
          fmt::format("`{}`: within a macro variables are single numbers", shown(equation.name)));
      return std::nullopt;
    }
    if (equation.kind == K::kLookup) {
      t_.diagnostics.error(
          Kind::kUnsupported, equation.span,
          fmt::format("`{}`: a lookup within a macro is not read", shown(equation.name)));
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
};

// Written in small letters it might take the place of a function of the library that other calls
// mean.
std::string tree_name(Translation& t, const Macro& macro) {
  const bool small = std::ranges::none_of(macro.name, [](char c) { return c >= 'A' && c <= 'Z'; });
  return t.fresh(small ? macro.name + " (macro)" : macro.name);
}

}  // namespace

void write_macros(Translation& t) {
  for (const auto& [name, macro] : t.macros) {
    const std::string own = t.macro_names.at(macro);
    MacroWriter(t, *macro).write(own, macro->name);
    for (const std::string& output : macro->outputs)
      MacroWriter(t, *macro).write(own + "." + output, output);
  }
}

void name_macros(Translation& t) {
  for (const Macro& macro : t.document.macros) {
    const auto known = t.macros.find(canonical(macro.name));
    if (known != t.macros.end() && known->second == &macro)
      t.macro_names.emplace(&macro, tree_name(t, macro));
  }
}

}  // namespace headrace::import::vensim
