#include "workbench/assumptions.h"

#include <algorithm>
#include <map>
#include <set>

#include "syntax/syntax.h"

namespace headrace::workbench {
namespace {

using Values = std::map<std::string, std::string>;  // changed input -> value as written

constexpr int kDeepest = 64;        // scenarios on scenarios
constexpr size_t kMostClauses = 4;  // of a declaration, shown

const syntax::ScenarioDecl* find_scenario(const Project& project, const std::string& name) {
  for (syntax::StatementId id : project.tree.top_level) {
    const auto* scenario = std::get_if<syntax::ScenarioDecl>(&project.tree[id].node);
    if (scenario && scenario->name.text == name) return scenario;
  }
  return nullptr;
}

// `[H20] from 2027-01-01`, for what a clause holds; empty for all of the quantity, always.
std::string place_of(const syntax::Tree& tree, const syntax::Clause& clause) {
  std::string place;
  for (size_t i = 0; i < clause.pattern.size(); ++i) {
    const syntax::Index& index = clause.pattern[i];
    place += i == 0 ? "[" : ", ";
    place += index.kind == syntax::Index::Kind::kNumber ? std::to_string(index.number)
             : index.kind == syntax::Index::Kind::kStar ? "*"
                                                        : syntax::print_name(index.name.text);
    if (i + 1 == clause.pattern.size()) place += "]";
  }
  if (clause.date) place += " from " + syntax::print(tree, *clause.date);
  return place;
}

void gather(const Project& project, const std::string& name, int depth, Values& values,
            std::vector<std::string>& order) {
  const syntax::ScenarioDecl* scenario = find_scenario(project, name);
  if (!scenario || depth > kDeepest) return;
  for (const syntax::Name& base : scenario->base) {
    gather(project, base.text, depth + 1, values, order);
  }
  for (const syntax::OverlayEntry& entry : scenario->entries) {
    const std::string key =
        syntax::print_name(entry.name.text) + place_of(project.tree, entry.clause);
    values[key] = syntax::print(project.tree, entry.clause.value);
    if (std::find(order.begin(), order.end(), key) == order.end()) order.push_back(key);
  }
}

// All that a declaration says: `false; from 2022-08-26 = not acs_2022`.
std::string all_of(const syntax::Tree& tree, const syntax::ValueDecl& decl) {
  std::string text = decl.value ? syntax::print(tree, *decl.value) : "";
  for (size_t i = 0; i < decl.clauses.size(); ++i) {
    const syntax::Clause& clause = decl.clauses[i];
    if (!text.empty()) text += "; ";
    if (i == kMostClauses) return text + "...";
    const std::string place = place_of(tree, clause);
    text += place.substr(place.starts_with(' ') ? 1 : 0);
    if (clause.ramp) text += " ramp " + syntax::print(tree, *clause.ramp);
    text += " = " + syntax::print(tree, clause.value);
  }
  return text;
}

// What the model's own text says for a key of `gather`.
std::string own_value(const Project& project, const std::string& key) {
  for (syntax::StatementId id : project.tree.top_level) {
    const auto* decl = std::get_if<syntax::ValueDecl>(&project.tree[id].node);
    if (!decl || !key.starts_with(syntax::print_name(decl->name.text))) continue;
    const std::string place = key.substr(syntax::print_name(decl->name.text).size());
    if (place.empty()) return all_of(project.tree, *decl);
    for (const syntax::Clause& clause : decl->clauses) {
      if (place_of(project.tree, clause) == place) return syntax::print(project.tree, clause.value);
    }
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
