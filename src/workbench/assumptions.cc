#include "workbench/assumptions.h"

#include <algorithm>
#include <map>
#include <set>

#include "syntax/syntax.h"

namespace headrace::workbench {
namespace {

using Values = std::map<std::string, std::string>;  // changed input -> value as written

constexpr int kDeepest = 64;  // scenarios on scenarios

const syntax::ScenarioDecl* find_scenario(const Project& project, const std::string& name) {
  for (syntax::StatementId id : project.tree.top_level) {
    const auto* scenario = std::get_if<syntax::ScenarioDecl>(&project.tree[id].node);
    if (scenario && scenario->name.text == name) return scenario;
  }
  return nullptr;
}

std::string key_of(const syntax::Tree& tree, const syntax::OverlayEntry& entry) {
  std::string key = syntax::print_name(entry.name.text);
  for (size_t i = 0; i < entry.clause.pattern.size(); ++i) {
    const syntax::Index& index = entry.clause.pattern[i];
    key += i == 0 ? "[" : ", ";
    key += index.kind == syntax::Index::Kind::kNumber ? std::to_string(index.number)
           : index.kind == syntax::Index::Kind::kStar ? "*"
                                                      : syntax::print_name(index.name.text);
    if (i + 1 == entry.clause.pattern.size()) key += "]";
  }
  if (entry.clause.date) key += " from " + syntax::print(tree, *entry.clause.date);
  return key;
}

void gather(const Project& project, const std::string& name, int depth, Values& values,
            std::vector<std::string>& order) {
  const syntax::ScenarioDecl* scenario = find_scenario(project, name);
  if (!scenario || depth > kDeepest) return;
  for (const syntax::Name& base : scenario->base) {
    gather(project, base.text, depth + 1, values, order);
  }
  for (const syntax::OverlayEntry& entry : scenario->entries) {
    const std::string key = key_of(project.tree, entry);
    values[key] = syntax::print(project.tree, entry.clause.value);
    if (std::find(order.begin(), order.end(), key) == order.end()) order.push_back(key);
  }
}

std::string own_value(const Project& project, const std::string& name) {
  for (syntax::StatementId id : project.tree.top_level) {
    const auto* value = std::get_if<syntax::ValueDecl>(&project.tree[id].node);
    if (!value || syntax::print_name(value->name.text) != name || !value->value) continue;
    return syntax::print(project.tree, *value->value);
  }
  return "as it is";
}

void gather_entries(const Project& project, const std::string& name,
                    const std::vector<std::string>& names, std::set<std::string>& applied,
                    std::vector<syntax::OverlayEntry>& out) {
  const syntax::ScenarioDecl* scenario = find_scenario(project, name);
  if (!scenario || !applied.insert(name).second) return;
  for (const syntax::Name& base : scenario->base)
    gather_entries(project, base.text, names, applied, out);
  for (const syntax::OverlayEntry& entry : scenario->entries)
    if (std::find(names.begin(), names.end(), entry.name.text) != names.end()) out.push_back(entry);
}

}  // namespace

std::vector<syntax::OverlayEntry> entries_for(const Project& project,
                                              const std::vector<std::string>& scenarios,
                                              const std::vector<std::string>& names) {
  std::vector<syntax::OverlayEntry> out;
  std::set<std::string> applied;
  for (const std::string& name : scenarios) gather_entries(project, name, names, applied, out);
  return out;
}

std::vector<ChangedInput> changed_inputs(const Project& project,
                                         const std::vector<std::vector<std::string>>& versions) {
  std::vector<Values> values(versions.size());
  std::vector<std::string> order;
  for (size_t v = 0; v < versions.size(); ++v) {
    for (const std::string& name : versions[v]) gather(project, name, 0, values[v], order);
  }
  std::vector<ChangedInput> changed;
  for (const std::string& key : order) {
    ChangedInput input{key, {}};
    bool differs = false;
    for (const Values& version : values) {
      const auto found = version.find(key);
      input.values.push_back(found != version.end() ? found->second : own_value(project, key));
      differs = differs || input.values.back() != input.values.front();
    }
    if (differs) changed.push_back(std::move(input));
  }
  return changed;
}

}  // namespace headrace::workbench
