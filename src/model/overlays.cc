// Scenarios and `--set`: which clauses come on top of which values, in which order.

#include <fmt/format.h>

#include <algorithm>

#include "model/context.h"

namespace headrace::model {
namespace {

class Layers {
 public:
  explicit Layers(Context& context) : context_(context) {
    for (StatementId id : context.tree.top_level) {
      if (auto* scenario = std::get_if<syntax::ScenarioDecl>(&context.tree[id].node))
        scenarios_.emplace(scenario->name.text, scenario);
    }
  }

  // Those that a scenario stands on come before it; each is applied once.
  void apply(const std::string& name, Span span) {
    const auto found = scenarios_.find(name);
    if (found == scenarios_.end()) {
      unknown(name, span);
      return;
    }
    if (std::ranges::find(active_, name) != active_.end()) {
      context_.error(Kind::kBadScenario, span,
                     fmt::format("the scenario `{}` stands on itself", name));
      return;
    }
    if (!applied_.insert(name).second) return;
    active_.push_back(name);
    for (const syntax::Name& base : found->second->base) apply(base.text, base.span);
    active_.pop_back();
    ++layer_;
    for (const syntax::OverlayEntry& entry : found->second->entries) take(entry, true);
  }

  void command_line(const std::vector<syntax::OverlayEntry>& entries) {
    for (const syntax::OverlayEntry& entry : entries) {
      ++layer_;
      take(entry, true);
    }
  }

  // Scenarios that are not applied are read for faults in their names all the same.
  void check_others() {
    for (StatementId id : context_.tree.top_level) {
      const auto* scenario = std::get_if<syntax::ScenarioDecl>(&context_.tree[id].node);
      if (!scenario) continue;
      for (const syntax::Name& base : scenario->base) {
        if (!scenarios_.contains(base.text)) unknown(base.text, base.span);
      }
      for (const syntax::OverlayEntry& entry : scenario->entries) take(entry, false);
    }
  }

 private:
  void unknown(const std::string& name, Span span) {
    auto& diagnostic =
        context_.error(Kind::kBadScenario, span, fmt::format("there is no scenario `{}`", name));
    std::vector<std::string> names;
    for (const auto& [known, decl] : scenarios_) names.push_back(known);
    if (auto near = suggest(context_, name, names); !near.empty())
      diagnostic.hint = fmt::format("did you mean `{}`?", near);
  }

  void take(const syntax::OverlayEntry& entry, bool apply) {
    const auto symbol = context_.symbols.find(entry.name.text);
    if (symbol == context_.symbols.end()) {
      std::vector<std::string> names;
      for (const Declaration& declaration : context_.declarations) {
        const Variable& variable =
            context_.model
                .variables[static_cast<size_t>(&declaration - context_.declarations.data())];
        if (overlayable(variable)) names.push_back(variable.name);
      }
      auto& diagnostic = context_.error(Kind::kUnknownName, entry.name.span,
                                        fmt::format("nothing is called `{}`", entry.name.text));
      if (auto near = suggest(context_, entry.name.text, names); !near.empty())
        diagnostic.hint = fmt::format("did you mean `{}`?", near);
      return;
    }
    const bool is_variable = symbol->second.kind == Symbol::Kind::kVariable;
    if (!is_variable || !overlayable(context_.var(VarId(symbol->second.id)))) {
      context_
          .error(Kind::kBadScenario, entry.name.span,
                 fmt::format("`{}` is no `param` or `let`, and only these can be replaced",
                             entry.name.text))
          .labels.push_back({symbol->second.span, "declared here"});
      return;
    }
    if (apply) context_.declarations[symbol->second.id].overlays.push_back({entry.clause, layer_});
  }

  static bool overlayable(const Variable& variable) {
    return variable.kind == VarKind::kParam || variable.kind == VarKind::kLet;
  }

  Context& context_;
  std::map<std::string, const syntax::ScenarioDecl*> scenarios_;
  std::set<std::string> applied_;
  std::vector<std::string> active_;
  uint32_t layer_ = 0;
};

}  // namespace

void collect_overlays(Context& context) {
  Layers layers(context);
  for (StatementId id : context.tree.top_level) {
    const auto* scenario = std::get_if<syntax::ScenarioDecl>(&context.tree[id].node);
    if (scenario)
      context.model.scenarios.push_back({scenario->name.text, scenario->title.value_or("")});
  }
  for (const std::string& name : context.options.scenarios) layers.apply(name, {});
  layers.command_line(context.options.overlays);
  layers.check_others();
}

}  // namespace headrace::model
