// Reality checks: `name :THE CONDITION: a :IMPLIES: b` holds as `not a or b` at every step. One
// that asks what would happen under another input is passed over with a note, and so are texts.

#include <fmt/format.h>

#include <algorithm>

#include "import/names.h"
#include "import/vensim/translation.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

using syntax::ExprId;
using F = Formula::Kind;
using K = Equation::Kind;

std::set<std::string> test_inputs(const Translation& t) {
  std::set<std::string> names;
  for (const Equation& equation : t.document.equations) {
    if (equation.kind == K::kTestInput) names.insert(canonical(equation.name));
  }
  return names;
}

// Functions of reality checks (RC_STEP and the like) change an input.
bool changes_inputs(const Translation& t, FormulaId id, const std::set<std::string>& inputs) {
  std::vector<FormulaId> open{id};
  while (!open.empty()) {
    const Formula& formula = t.formulas[open.back()];
    open.pop_back();
    const std::string name = canonical(formula.text);
    if (formula.kind == F::kCall && name.starts_with("rc_")) return true;
    if ((formula.kind == F::kName || formula.kind == F::kCall) && inputs.contains(name))
      return true;
    open.insert(open.end(), formula.children.begin(), formula.children.end());
  }
  return false;
}

void write_check(Translation& t, const Equation& equation) {
  const Build build = t.build(equation.span);
  Scope scope;
  scope.variable = equation.name;
  std::vector<syntax::Binding> bindings;
  for (const Place& place : equation.places) {
    auto bound = read_place(t, place);
    if (!bound) return;
    if (bound->is_range) {
      bound->index = t.ranges[bound->id].name;
      bindings.push_back(build.binding(bound->index, bound->index));
    }
    scope.bounds.push_back(std::move(*bound));
  }
  const ExprId condition = translate(t, scope, equation.value);
  const ExprId implied = translate(t, scope, equation.implied);
  syntax::CheckDecl check;
  check.name = build.word(t.fresh(equation.name));
  check.condition = build.either(build.no(condition), implied);
  if (!bindings.empty())
    check.condition = build.call("all", {check.condition}, std::move(bindings));
  t.add({std::move(check), equation.comment, equation.span});
}

}  // namespace

void write_checks(Translation& t) {
  const std::set<std::string> inputs = test_inputs(t);
  for (const Equation& equation : t.document.equations) {
    if (equation.kind == K::kString) t.passed_over["texts"].push_back(equation.span);
    if (equation.kind == K::kTestInput)
      t.passed_over["inputs of reality checks"].push_back(equation.span);
    if (equation.kind != K::kCondition) continue;
    const bool plain = equation.value.valid() && equation.implied.valid() &&
                       !changes_inputs(t, equation.value, inputs) &&
                       !changes_inputs(t, equation.implied, inputs);
    if (plain)
      write_check(t, equation);
    else
      t.passed_over["reality checks under other inputs"].push_back(equation.span);
  }
}

}  // namespace headrace::import::vensim
