#include "base/check.h"
#include "ir/lowering.h"

namespace headrace::ir {

using model::IndexId;
using model::Piece;
using model::VarKind;

// The element that a piece defines, for the places of its indexes.
Access Lowering::target(const Piece& piece, ArrayId array, VarId variable,
                        const Context& context) const {
  model::Load element{variable, {}};
  for (IndexId index : piece.indexes) {
    const auto& positions = model_[index].positions;
    element.subscripts.push_back({index, 0, {positions.begin(), positions.end()}});
  }
  bool outside = false;
  Access access = subscripted(array, element, context, outside);
  CHECK(!outside);
  return access;
}

void Lowering::for_piece(const Piece& piece, const std::vector<uint32_t>& ordinals, ArrayId array,
                         VarId variable, Context& context,
                         const std::function<void(const Access&)>& body) {
  for (size_t i = 0; i < piece.indexes.size(); ++i) {
    const auto extent = static_cast<uint32_t>(model_[piece.indexes[i]].positions.size());
    context.places[piece.indexes[i]] =
        ordinals.empty() ? Place{context.builder.open_loop(extent), 0} : Place{{}, ordinals[i]};
  }
  body(target(piece, array, variable, context));
  if (ordinals.empty()) {
    for (size_t i = 0; i < piece.indexes.size(); ++i) context.builder.close_loop();
  }
  for (IndexId index : piece.indexes) context.places.erase(index);
}

void Lowering::emit_item(const model::ScheduleItem& item, const Pieces& pieces, Context& context) {
  const VarId id = item.variable;
  const model::Variable& variable = model_[id];
  CHECK(item.piece < pieces.size());
  const Piece& piece = pieces[item.piece];
  if (std::holds_alternative<model::ArrayCall>(model_[piece.value].node))
    return emit_array_call(item, piece, context);
  // A scalar that changes with every step stays in a register unless somebody wants to see it.
  const bool scalar = variable.dims.empty();
  const bool state = &context == &initial_ && variable.kind != VarKind::kLet &&
                     variable.kind != VarKind::kFlow && variable.kind != VarKind::kParam;
  const bool held = variable.held && &context == &step_;
  const bool stored = !scalar || context.rank != Rank::kStep || state || held ||
                      (is_output(id) && &context == &step_);
  if (!stored) {
    context.scalars[id.index] = emit(piece.value, context);
    return;
  }
  // An element that waits for others of its own variable comes as an ordinal: nothing is ahead of
  // it.
  if (item.ordinals.empty()) emit_ahead(piece.value, piece.indexes, context);
  for_piece(piece, item.ordinals, array_of(id), id, context, [&](const Access& access) {
    ValueId value = emit(piece.value, context);
    if (held) value = keep_over_stages(value, access);
    context.builder.store(access, value);
    if (scalar) context.scalars[id.index] = value;
  });
  context.ahead.clear();
}

// The value in the first stage of a step, in which the time is that of the step; what was stored
// there in the others.
ValueId Lowering::keep_over_stages(ValueId value, const Access& access) {
  Builder& builder = step_.builder;
  const ValueId first =
      builder.apply(Code::kEqual, builder.simple(Code::kTimeNow), builder.simple(Code::kStepTime));
  return builder.apply(Code::kSelect, first, value, builder.load(access));
}

void Lowering::store_pieces(VarId variable, const Pieces& pieces, ArrayId array, Context& context) {
  for (const Piece& piece : pieces) {
    emit_ahead(piece.value, piece.indexes, context);
    for_piece(piece, {}, array, variable, context, [&](const Access& access) {
      context.builder.store(access, emit(piece.value, context));
    });
    context.ahead.clear();
  }
}

// A behind's leader and follower are defined over the same elements, piece by piece.
void Lowering::emit_behind(const model::ScheduleItem& item, Context& context) {
  const VarId id = item.variable;
  const model::Variable& variable = model_[id];
  const Piece& leader = variable.pieces[item.piece];
  const Piece& follower = variable.second[item.piece];
  CHECK(leader.indexes.size() == follower.indexes.size());
  for_piece(leader, item.ordinals, array_of(id), id, context, [&](const Access& access) {
    for (size_t i = 0; i < leader.indexes.size(); ++i) {
      context.places[follower.indexes[i]] = context.places.at(leader.indexes[i]);
    }
    const ValueId value = context.builder.behind(
        access, history_of(id, 2), emit(leader.value, context), emit(follower.value, context));
    context.builder.store(access, value);
    if (variable.dims.empty()) context.scalars[id.index] = value;
    for (IndexId index : follower.indexes) context.places.erase(index);
  });
}

}  // namespace headrace::ir
