// From syntax to meaning, one phase after the other.

#include "model/resolve.h"

#include <fmt/format.h>

#include <unordered_set>

#include "model/context.h"

namespace headrace::model {
namespace {

// Params that no text of the model names anywhere.
void warn_unused(Context& context) {
  std::unordered_set<std::string_view> named;
  for (const syntax::Expr& expr : context.tree.exprs) {
    if (auto* reference = std::get_if<syntax::Reference>(&expr.node);
        reference && !is_library(context, expr.span))
      named.insert(reference->name.text);
  }
  for (size_t i = 0; i < context.declarations.size(); ++i) {
    const Variable& variable = context.model.variables[i];
    if (variable.kind == VarKind::kParam && !named.contains(variable.name))
      context.warning(Kind::kUnused, context.declarations[i].name_span,
                      fmt::format("`{}` is used nowhere", variable.name));
  }
}

// Whether a value is made of numbers alone; a unit's name is no other quantity.
bool states_a_number(const Context& context, SyntaxId root) {
  std::vector<SyntaxId> stack{root};
  bool found = false;
  while (!stack.empty()) {
    const auto& node = context.tree[stack.back()].node;
    stack.pop_back();
    if (auto* reference = std::get_if<syntax::Reference>(&node)) {
      if (context.symbols.contains(reference->name.text)) return false;
    }
    found |=
        std::holds_alternative<syntax::Number>(node) || std::holds_alternative<syntax::Date>(node);
    if (auto* unary = std::get_if<syntax::Unary>(&node)) stack.push_back(unary->operand);
    if (auto* binary = std::get_if<syntax::Binary>(&node))
      stack.insert(stack.end(), {binary->left, binary->right});
    if (auto* range = std::get_if<syntax::Range>(&node))
      stack.insert(stack.end(), {range->low, range->high});
    if (auto* call = std::get_if<syntax::Call>(&node)) {
      if (context.functions.contains(call->function.text)) return false;
      for (const syntax::Argument& argument : call->arguments) stack.push_back(argument.value);
    }
  }
  return found;
}

// Numbers of which nobody says whose they are, in a model that has sources.
void warn_unsourced(Context& context) {
  if (context.sources_known.empty()) return;
  for (const Declaration& declaration : context.declarations) {
    const auto* decl = std::get_if<syntax::ValueDecl>(&context.tree[declaration.statement].node);
    if (!decl || decl->kind != syntax::ValueDecl::Kind::kParam) continue;
    const auto told = [](const syntax::Provenance& provenance) {
      return !provenance.sources.empty() || provenance.assumed;
    };
    if (told(decl->provenance)) continue;
    std::optional<Span> where;
    if (decl->value && states_a_number(context, *decl->value)) where = decl->name.span;
    for (const syntax::Clause& clause : decl->clauses) {
      if (!where && !told(clause.provenance) && !clause.cite &&
          states_a_number(context, clause.value))
        where = clause.span;
    }
    if (!where) continue;
    context
        .warning(Kind::kUnsourced, *where,
                 fmt::format("nobody says whose number `{}` is", decl->name.text))
        .hint = "name its source, `from @id`, or call it a guess, `assumed \"why\"`";
  }
}

}  // namespace

Model resolve(const syntax::Tree& tree, text::SourceSet& sources, const ResolveOptions& options,
              text::Diagnostics& diagnostics) {
  Context context(tree, sources, options, diagnostics);
  collect_names(context);
  declare_units(context);
  lower_clock(context);
  declare_dimensions(context);
  declare_maps(context);
  declare_variables(context);
  lower_data(context);
  lower_tables(context);
  collect_overlays(context);
  lower_variables(context);
  lower_checks(context);
  lower_questions(context);
  lower_correlations(context);
  check_uncalled_functions(context);
  lower_sources(context);
  if (!context.too_large) order_evaluation(context);
  report_unknown_units(context);
  if (!diagnostics.has_errors()) warn_unused(context);
  if (!diagnostics.has_errors()) warn_unsourced(context);
  if (!diagnostics.has_errors()) verify(context.model);
  return std::move(context.model);
}

}  // namespace headrace::model
