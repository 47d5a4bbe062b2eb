// Macros become functions. Their variables are local to each call, stocks included.

#include <fmt/format.h>

#include <algorithm>

#include "import/names.h"
#include "import/parts.h"
#include "import/xmile/translation.h"
#include "text/utf8.h"

namespace headrace::import::xmile {
namespace {

using syntax::ExprId;

class MacroWriter {
 public:
  MacroWriter(Translation& t, const Macro& macro)
      : t_(t), macro_(macro), build_(t.build(macro.span)) {
    for (const auto& [name, otherwise] : macro.parameters) declare(name);
    for (const Variable& variable : macro.variables) {
      declare(variable.name);
    }
    scope_.locals = &locals_;
    scope_.macro = &macro;
  }

  void write() {
    if (canonical(macro_.name).empty()) {
      t_.diagnostics.error(Kind::kSyntax, macro_.span, "this macro has no name");
      return;
    }
    syntax::FunctionDecl decl;
    decl.name = build_.word(macro_.name);
    for (const auto& [name, otherwise] : macro_.parameters) {
      syntax::Parameter parameter;
      parameter.name = build_.word(locals_.at(canonical(name)));
      if (otherwise) parameter.default_value = translate(t_, scope_, *otherwise);
      decl.parameters.push_back(std::move(parameter));
    }
    for (const Variable& variable : macro_.variables) {
      if (is_input(variable)) continue;
      if (const auto statement = local(variable)) decl.locals.push_back(*statement);
    }
    if (macro_.equation.empty()) {
      t_.diagnostics.error(Kind::kUnfilledEquation, macro_.span,
                           fmt::format("no equation has been written for the macro `{}`",
                                       text::printable(macro_.name)));
      return;
    }
    decl.result = translate(t_, scope_, macro_.equation);
    t_.add({std::move(decl), macro_.doc, macro_.span});
  }

 private:
  // Stella lists the parameters among the variables, too.
  bool is_input(const Variable& variable) const {
    return variable.access == Variable::Access::kInput &&
           std::ranges::any_of(macro_.parameters, [&](const auto& parameter) {
             return canonical(parameter.first) == canonical(variable.name);
           });
  }

  void declare(const std::string& name) {
    const std::string wanted = display(name);
    std::string own = wanted == macro_.name ? wanted + " value" : wanted;
    locals_.emplace(canonical(name), std::move(own));
  }

  std::optional<syntax::StatementId> local(const Variable& variable) {
    const Build build = t_.build(variable.span);
    const std::string& name = locals_.at(canonical(variable.name));
    if (!variable.equation || variable.equation->empty()) {
      t_.diagnostics.error(
          Kind::kUnfilledEquation, variable.span,
          fmt::format("no equation has been written for `{}`", text::printable(name)));
      return std::nullopt;
    }
    if (!variable.dimensions.empty() || !variable.elements.empty()) {
      t_.diagnostics.error(Kind::kBadStatement, variable.span,
                           "the variables of a macro have no dimensions");
      return std::nullopt;
    }
    if (variable.conveyor || variable.queue || variable.oven) {
      t_.diagnostics.error(
          Kind::kUnsupported, variable.span,
          fmt::format("`{}` is a conveyor, a queue or an oven within a macro, which this version "
                      "does not read",
                      text::printable(name)));
      return std::nullopt;
    }
    ExprId value = translate(t_, scope_, *variable.equation);
    if (variable.gf)
      value = build.call(
          table_of(t_, *variable.gf, macro_.name + " " + name + " (graph)", variable.span),
          {value});
    if (variable.kind == Variable::Kind::kFlow &&
        variable.non_negative.value_or(t_.file.behavior.flows.value_or(false)))
      value = build.call("max", {value, build.number(0)});
    if (variable.kind != Variable::Kind::kStock) {
      syntax::ValueDecl decl;
      decl.name = build.word(name);
      decl.value = value;
      return t_.tree.add(syntax::Statement{std::move(decl), {}, variable.span});
    }
    syntax::StockDecl decl;
    decl.name = build.word(name);
    decl.initial = value;
    decl.net_rate = net_rate(variable, build);
    if (variable.non_negative.value_or(t_.file.behavior.stocks.value_or(false))) {
      const ExprId holds = build.call("max", {build.name(name), build.number(0)});
      const ExprId most = build.negate(build.divide(holds, build.name("time.step")));
      decl.net_rate = build.call("max", {*decl.net_rate, most});
    }
    return t_.tree.add(syntax::Statement{std::move(decl), {}, variable.span});
  }

  ExprId net_rate(const Variable& stock, const Build& build) {
    if (stock.net_rate) return translate(t_, scope_, *stock.net_rate);
    ExprId total;
    const auto take = [&](const std::vector<Text>& flows, bool in) {
      for (const Text& flow : flows) {
        ExprId rate = translate(t_, scope_, flow);
        for (const Variable& one : macro_.variables) {
          if (in && one.multiplier && canonical(one.name) == canonical(identifier(flow.value)))
            rate = build.multiply(rate, translate(t_, scope_, *one.multiplier));
        }
        if (!total.valid())
          total = in ? rate : build.negate(rate);
        else
          total = in ? build.add(total, rate) : build.subtract(total, rate);
      }
    };
    take(stock.inflows, true);
    take(stock.outflows, false);
    return total.valid() ? total : build.number(0);
  }

  Translation& t_;
  const Macro& macro_;
  Build build_;
  Scope scope_;
  std::map<std::string, std::string> locals_;
};

}  // namespace

void write_macros(Translation& t) {
  if (!t.file.macros.empty()) t.begin_part(kMacrosTitle);
  for (const Macro& macro : t.file.macros) MacroWriter(t, macro).write();
}

}  // namespace headrace::import::xmile
