#include "report/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/walk.h"

namespace headrace::report {
namespace {

// Walks expressions and variables breadth first, with a list of what is still to be seen.
class Walk {
 public:
  explicit Walk(const model::Model& model)
      : model_(model), seen_exprs_(model.exprs.size()), seen_(model.variables.size()) {}

  void add(model::ExprId id) {
    if (!id.valid() || seen_exprs_[id.index]) return;
    seen_exprs_[id.index] = true;
    exprs_.push_back(id);
  }
  void add(model::VarId id) {
    if (!id.valid() || seen_[id.index]) return;
    seen_[id.index] = true;
    reached_.push_back(id);
    const model::Variable& variable = model_[id];
    for (const model::ExprId root : model::roots_of(variable)) add(root);
  }
  // The variables, in the order in which they are met.
  std::vector<model::VarId> finish() {
    for (size_t next = 0; next < exprs_.size(); ++next) visit(model_[exprs_[next]]);
    return std::move(reached_);
  }

 private:
  void visit(const model::Expr& expr) {
    if (const auto* load = std::get_if<model::Load>(&expr.node)) add(load->variable);
    model::for_each_child(expr, [this](model::ExprId child) { add(child); });
  }

  const model::Model& model_;
  std::vector<bool> seen_exprs_, seen_;
  std::vector<model::ExprId> exprs_;
  std::vector<model::VarId> reached_;
};

bool is_input(const model::Variable& variable) {
  return !variable.made &&
         (variable.kind == model::VarKind::kParam || variable.kind == model::VarKind::kData);
}

Evidence collect(const model::Model& model, const std::vector<model::VarId>& reached) {
  Evidence evidence;
  std::set<std::string> seen;
  for (model::VarId id : reached) {
    const model::Variable& variable = model[id];
    const auto take = [&](const std::vector<std::string>& sources) {
      for (const std::string& source : sources) {
        if (seen.insert(source).second) evidence.sources.push_back(source);
      }
    };
    take(variable.sources);
    for (const model::Backing& backing : variable.backings) {
      take(backing.sources);
      if (is_input(variable) && backing.assumed && backing.sources.empty())
        evidence.assumed.push_back(variable.name + backing.members);
    }
    if (!is_input(variable) || !variable.sources.empty()) continue;
    (variable.assumed ? evidence.assumed : evidence.unsourced).push_back(variable.name);
  }
  return evidence;
}

std::string count(size_t number, const char* one, const char* many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

}  // namespace

Evidence evidence_of(const model::Model& model, std::span<const model::ExprId> roots) {
  Walk walk(model);
  for (model::ExprId root : roots) walk.add(root);
  return collect(model, walk.finish());
}

Evidence evidence_of(const model::Model& model, std::span<const model::VarId> roots) {
  Walk walk(model);
  for (model::VarId root : roots) walk.add(root);
  return collect(model, walk.finish());
}

Evidence evidence_of(const model::Model& model) {
  std::vector<model::VarId> all;
  for (size_t v = 0; v < model.variables.size(); ++v) all.emplace_back(v);
  return collect(model, all);
}

std::string title_of(const model::Model& model, const std::string& id) {
  for (const model::Reference& source : model.sources) {
    if (source.id != id) continue;
    std::string title = source.title.empty() ? source.id : source.title;
    return source.date.empty() ? title : fmt::format("{} ({})", title, source.date);
  }
  return id;
}

std::string in_words(const Evidence& evidence) {
  std::vector<std::string> parts;
  if (!evidence.sources.empty())
    parts.push_back(count(evidence.sources.size(), "source", "sources"));
  if (!evidence.assumed.empty())
    parts.push_back(count(evidence.assumed.size(), "guess", "guesses"));
  if (!evidence.unsourced.empty()) {
    parts.push_back(count(evidence.unsourced.size(), "unsourced value", "unsourced values"));
  }
  if (parts.empty()) return "nothing but the model's own numbers";
  std::string out = parts[0];
  for (size_t i = 1; i < parts.size(); ++i)
    out += (i + 1 == parts.size() ? " and " : ", ") + parts[i];
  return out;
}

}  // namespace headrace::report
