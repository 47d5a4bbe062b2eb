#pragma once

// Through the expressions of a model.

#include <ranges>
#include <unordered_set>
#include <vector>

#include "model/model.h"

namespace headrace::model {

// Calls visit(child) for each expression directly below `expr`, in the order of the text.
template <class Visit>
void for_each_child(const Expr& expr, Visit&& visit) {
  if (const auto* apply = std::get_if<Apply>(&expr.node)) {
    for (const ExprId argument : apply->arguments) visit(argument);
  } else if (const auto* reduce = std::get_if<Reduce>(&expr.node)) {
    visit(reduce->body);
  } else if (const auto* lookup = std::get_if<Lookup>(&expr.node)) {
    visit(lookup->input);
  } else if (const auto* call = std::get_if<ArrayCall>(&expr.node)) {
    for (const Slice& slice : call->slices) visit(slice.body);
  }
}

// Every expression of a variable.
inline std::vector<ExprId> roots_of(const Variable& variable) {
  std::vector<ExprId> roots;
  for (const auto* pieces :
       {&variable.pieces, &variable.initial, &variable.second, &variable.duration}) {
    for (const Piece& piece : *pieces) roots.push_back(piece.value);
  }
  return roots;
}

// Calls visit(expr) for the root and all below it, each once, in the order of the text.
template <class Visit>
void walk(const Model& model, ExprId root, Visit&& visit) {
  std::vector<ExprId> open{root}, children;
  std::unordered_set<uint32_t> seen;
  while (!open.empty()) {
    const ExprId id = open.back();
    open.pop_back();
    if (!seen.insert(id.index).second) continue;
    const Expr& expr = model[id];
    visit(expr);
    children.clear();
    for_each_child(expr, [&](ExprId child) { children.push_back(child); });
    for (const ExprId child : std::views::reverse(children)) open.push_back(child);
  }
}

}  // namespace headrace::model
