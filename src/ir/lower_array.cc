// Functions of whole slices: the slices are put side by side in memory, then one instruction
// fills the result. Outer indexes are loops around that, so the code does not grow with the arrays.

#include <algorithm>

#include "base/check.h"
#include "ir/lowering.h"

namespace headrace::ir {

using model::IndexId;
using model::Slice;
using model::VarKind;

// The slice where its variable lies, when it does so as the function wants it: the last subscripts
// are the slice's indexes, each over the whole of its dimension, in their order, and no other is
// (`x[i, i]` is a diagonal, which lies scattered).
std::optional<Access> Lowering::in_place(const Slice& slice, Context& context) {
  const auto* load = std::get_if<model::Load>(&model_[slice.body].node);
  if (!load || load->subscripts.size() < slice.indexes.size() || slice.indexes.empty())
    return std::nullopt;
  const model::Variable& variable = model_[load->variable];
  if (variable.kind == VarKind::kNoise || variable.kind == VarKind::kDelayFixed)
    return std::nullopt;
  const size_t first = load->subscripts.size() - slice.indexes.size();
  for (size_t d = 0; d < load->subscripts.size(); ++d) {
    const model::Subscript& subscript = load->subscripts[d];
    if (d < first) {
      if (std::ranges::find(slice.indexes, subscript.index) != slice.indexes.end())
        return std::nullopt;
      for (int32_t place : subscript.map) {
        if (place < 0) return std::nullopt;
      }
    } else if (subscript.index != slice.indexes[d - first] || !subscript.map.empty() ||
               model_[subscript.index].positions.size() !=
                   model_[variable.dims[d]].members.size()) {
      return std::nullopt;
    }
  }
  for (IndexId index : slice.indexes) context.places[index] = {{}, 0};
  bool outside = false;
  Access access = subscripted(array_of(load->variable), *load, context, outside);
  for (IndexId index : slice.indexes) context.places.erase(index);
  if (outside) return std::nullopt;
  return access;
}

Access Lowering::copied(const Slice& slice, uint32_t size, Context& context) {
  const ArrayId array = make_array("slice", size, context.rank);
  Access access{array, 0, {}};
  uint32_t stride = size;
  for (IndexId index : slice.indexes) {
    const auto extent = static_cast<uint32_t>(model_[index].positions.size());
    const LoopId loop = context.builder.open_loop(extent);
    context.places[index] = {loop, 0};
    stride /= std::max(extent, 1u);
    access.terms.push_back({loop, stride, {}});
  }
  context.builder.store(access, emit(slice.body, context));
  for (IndexId index : slice.indexes) {
    context.builder.close_loop();
    context.places.erase(index);
  }
  return {array, 0, {}};
}

Slab Lowering::slab(const Slice& slice, Context& context) {
  Slab slab;
  for (size_t d = 0; d < slice.indexes.size(); ++d) {
    const auto extent = static_cast<uint32_t>(model_[slice.indexes[d]].positions.size());
    if (slice.indexes.size() == 2 && d == 0)
      slab.rows = extent;
    else
      slab.columns *= extent;
  }
  auto where = in_place(slice, context);
  if (!where) where = copied(slice, slab.rows * slab.columns, context);
  slab.first = context.builder.intern(*where);
  return slab;
}

void Lowering::emit_array_call(const model::ScheduleItem& item, const model::Piece& piece,
                               Context& context) {
  const auto& call = std::get<model::ArrayCall>(model_[piece.value].node);
  Builder& builder = context.builder;
  const size_t outer = piece.indexes.size() - call.result.size();
  const bool whole = item.ordinals.empty();
  for (size_t i = 0; i < outer; ++i) {
    const auto extent = static_cast<uint32_t>(model_[piece.indexes[i]].positions.size());
    context.places[piece.indexes[i]] =
        whole ? Place{builder.open_loop(extent), 0} : Place{{}, item.ordinals[i]};
  }
  ArrayCall made{call.function, {}, 1};
  for (IndexId index : call.result)
    made.count *= static_cast<uint32_t>(model_[index].positions.size());
  for (const Slice& slice : call.slices) made.slabs.push_back(slab(slice, context));
  for (IndexId index : call.result) context.places[index] = {{}, 0};
  const ArrayId array = array_of(item.variable);
  if (whole) {
    builder.array_call(target(piece, array, item.variable, context), std::move(made));
  } else {  // One element is wanted before others can be known: all are found, and it alone is
            // kept.
    const ArrayId all = make_array("result", made.count, context.rank);
    uint32_t element = 0;
    for (size_t i = outer; i < piece.indexes.size(); ++i) {
      element = element * static_cast<uint32_t>(model_[piece.indexes[i]].positions.size()) +
                item.ordinals[i];
      context.places[piece.indexes[i]] = {{}, item.ordinals[i]};
    }
    builder.array_call({all, 0, {}}, std::move(made));
    builder.store(target(piece, array, item.variable, context), builder.load({all, element, {}}));
  }
  for (size_t i = 0; whole && i < outer; ++i) builder.close_loop();
  for (IndexId index : piece.indexes) context.places.erase(index);
}

}  // namespace headrace::ir
