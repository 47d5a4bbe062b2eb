// Reductions ahead of loops. In
//
//   let share[c in country, n in node] = sales[c, n] / sum(sales[c, *])
//
// the sum is the same for all nodes, so it is computed for each country before the loops over the
// elements begin, and read back in them:
//
//   loop c: ahead[c] = sum over m of sales[c, m]
//   loop c, loop n: share[c, n] = sales[c, n] / ahead[c]
//
// One that hangs on no index of the piece is a value before the loops. The numbers are added up in
// the same order as within the loops, so no bit changes.

#include <algorithm>

#include "base/check.h"
#include "ir/lowering.h"

namespace headrace::ir {

using model::ExprId;
using model::IndexId;

namespace {

bool contains(const std::vector<IndexId>& indexes, IndexId index) {
  return std::ranges::find(indexes, index) != indexes.end();
}

}  // namespace

// The reductions within `expr` that run again and again for the same indexes when computed where
// they stand, inner ones first. `around` are the loops around them.
void Lowering::find_ahead(ExprId expr, std::vector<IndexId>& around, const Context& context,
                          std::vector<ExprId>& found) const {
  const model::Expr& node = model_[expr];
  if (auto* apply = std::get_if<model::Apply>(&node.node)) {
    for (ExprId argument : apply->arguments) find_ahead(argument, around, context, found);
  } else if (auto* lookup = std::get_if<model::Lookup>(&node.node)) {
    find_ahead(lookup->input, around, context, found);
  } else if (auto* reduce = std::get_if<model::Reduce>(&node.node)) {
    const size_t outer = around.size();
    around.insert(around.end(), reduce->indexes.begin(), reduce->indexes.end());
    find_ahead(reduce->body, around, context, found);
    around.resize(outer);
    if (context.hoists && ranks_[expr] != context.rank) return;  // which happens anyway
    const std::vector<IndexId> free = free_indexes(model_, expr);
    const bool inside = std::ranges::all_of(free, [&](IndexId i) { return contains(around, i); });
    if (inside && extent_of(free) < extent_of(around)) found.push_back(expr);
  }
}

// Computes them, for the loops over `indexes` that are about to begin.
void Lowering::emit_ahead(ExprId expr, const std::vector<IndexId>& indexes, Context& context) {
  if (extent_of(indexes) < 2 || !context.builder.at_top()) return;
  std::vector<IndexId> around = indexes;
  std::vector<ExprId> found;
  find_ahead(expr, around, context, found);
  for (ExprId reduce : found) {
    Ahead ahead{{}, {}, free_indexes(model_, reduce)};
    if (ahead.indexes.empty())
      ahead.value = emit(reduce, context);
    else
      ahead.array = tabulate("ahead", reduce, ahead.indexes, context);
    context.ahead.emplace(reduce, std::move(ahead));
  }
}

ValueId Lowering::read_ahead(const Ahead& ahead, Context& context) {
  return ahead.indexes.empty()
             ? ahead.value
             : context.builder.load(access_of(ahead.array, ahead.indexes, context));
}

}  // namespace headrace::ir
