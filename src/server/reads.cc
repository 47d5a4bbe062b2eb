#include "server/reads.h"

#include <algorithm>
#include <set>

#include "model/walk.h"

namespace headrace::server {

using model::Model;
using model::VarId;
using model::VarKind;

std::vector<VarId> reads(const Model& model, std::vector<model::ExprId> roots) {
  std::vector<VarId> found;
  std::set<uint32_t> seen;
  while (!roots.empty()) {
    const model::ExprId root = roots.back();
    roots.pop_back();
    model::walk(model, root, [&](const model::Expr& expr) {
      const auto* load = std::get_if<model::Load>(&expr.node);
      if (!load || !seen.insert(load->variable.index).second) return;
      const model::Variable& variable = model[load->variable];
      if (!variable.made) {
        found.push_back(load->variable);
        return;
      }
      const auto more = model::roots_of(variable);
      roots.insert(roots.end(), more.begin(), more.end());
    });
  }
  std::sort(found.begin(), found.end(), [](VarId a, VarId b) { return a.index < b.index; });
  return found;
}

std::optional<Element> element_of(const Model& model, model::ExprId id) {
  const auto* load = std::get_if<model::Load>(&model[id].node);
  if (!load) return std::nullopt;
  const model::Variable& variable = model[load->variable];
  if (variable.kind == VarKind::kTally) {
    if (variable.pieces.size() != 1) return std::nullopt;
    auto inner = element_of(model, variable.pieces[0].value);
    if (inner && !inner->tally) inner->tally = &variable.tally;
    return inner;
  }
  if (variable.made) return std::nullopt;
  uint32_t element = 0;
  for (size_t i = 0; i < load->subscripts.size(); ++i) {
    if (load->subscripts[i].index.valid()) return std::nullopt;
    element = element * static_cast<uint32_t>(model[variable.dims[i]].members.size()) +
              load->subscripts[i].position;
  }
  return Element{load->variable, model.element_name(load->variable, element)};
}

std::optional<std::string> series_of(const Model& model, std::vector<model::ExprId> roots) {
  for (size_t i = 0; i < roots.size(); ++i) {
    std::optional<std::string> found;
    model::walk(model, roots[i], [&](const model::Expr& expr) {
      if (found) return;
      const auto* load = std::get_if<model::Load>(&expr.node);
      if (!load) return;
      const model::Variable& variable = model[load->variable];
      if (variable.kind != VarKind::kTally) return;
      for (const model::Piece& piece : variable.pieces) {
        if (auto element = element_of(model, piece.value)) {
          found = element->name;
          return;
        }
        roots.push_back(piece.value);
      }
    });
    if (found) return found;
    if (auto element = element_of(model, roots[i]); element && i > 0) return element->name;
  }
  for (VarId id : reads(model, roots)) {
    const model::Variable& variable = model[id];
    if (variable.dims.empty() && variable.kind != VarKind::kParam) return variable.name;
  }
  return std::nullopt;
}

}  // namespace headrace::server
