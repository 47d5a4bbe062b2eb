// From syntax to meaning, one phase after the other.

#include "model/resolve.h"

#include <fmt/format.h>

#include <unordered_set>

#include "model/context.h"

namespace headrace::model {
namespace {

// Params that no text names anywhere.
void warn_unused(Context& context) {
  std::unordered_set<std::string_view> named;
  for (const syntax::Expr& expr : context.tree.exprs) {
    if (auto* reference = std::get_if<syntax::Reference>(&expr.node))
      named.insert(reference->name.text);
  }
  for (size_t i = 0; i < context.declarations.size(); ++i) {
    const Variable& variable = context.model.variables[i];
    if (variable.kind == VarKind::kParam && !named.contains(variable.name))
      context.warning(Kind::kUnused, context.declarations[i].name_span,
                      fmt::format("`{}` is used nowhere", variable.name));
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
  lower_sources(context);
  if (!context.too_large) order_evaluation(context);
  report_unknown_units(context);
  if (!diagnostics.has_errors()) warn_unused(context);
  if (!diagnostics.has_errors()) verify(context.model);
  return std::move(context.model);
}

}  // namespace headrace::model
