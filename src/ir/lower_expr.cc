#include "base/check.h"
#include "ir/lowering.h"

namespace headrace::ir {

using model::ExprId;
using model::IndexId;
using model::VarKind;

namespace {

// Not worth a place in memory of its own.
bool is_leaf(const model::Expr& expr) {
  return std::holds_alternative<model::Constant>(expr.node) ||
         std::holds_alternative<model::Load>(expr.node) ||
         std::holds_alternative<model::Position>(expr.node);
}

// A map i -> i + c needs no table.
bool is_shift(const std::vector<int32_t>& map) {
  for (size_t i = 0; i < map.size(); ++i) {
    if (map[i] < 0 || map[i] != map[0] + static_cast<int32_t>(i)) return false;
  }
  return true;
}

}  // namespace

ValueId Lowering::emit(ExprId id, Context& context) {
  const model::Expr& expr = model_[id];
  const Rank rank = ranks_[id];
  if (const auto ahead = context.ahead.find(id); ahead != context.ahead.end())
    return read_ahead(ahead->second, context);
  if (context.hoists && rank != context.rank && !is_leaf(expr)) return hoist(id, rank, context);
  Builder& builder = context.builder;
  if (auto* constant = std::get_if<model::Constant>(&expr.node))
    return builder.constant(constant->value);
  if (std::holds_alternative<model::TimeNow>(expr.node)) return builder.simple(Code::kTimeNow);
  if (std::holds_alternative<model::StepTime>(expr.node)) return builder.simple(Code::kStepTime);
  if (auto* load = std::get_if<model::Load>(&expr.node)) return emit_load(*load, context);
  if (auto* reduce = std::get_if<model::Reduce>(&expr.node)) return emit_reduce(*reduce, context);
  if (auto* lookup = std::get_if<model::Lookup>(&expr.node)) {
    return builder.lookup(lookup->table, emit(lookup->input, context));
  }
  if (auto* position = std::get_if<model::Position>(&expr.node)) {
    const Place place = context.places.at(position->index);
    const auto& positions = model_[position->index].positions;
    if (!place.loop.valid()) return builder.constant(positions[place.ordinal] + 1.0);
    if (is_shift({positions.begin(), positions.end()})) {
      const ValueId ordinal = builder.ordinal(place.loop);
      return builder.apply(Code::kAdd, ordinal,
                           builder.constant(positions.empty() ? 1 : positions[0] + 1.0));
    }
    return builder.load({positions_of(position->index), 0, {{place.loop, 1, {}}}});
  }
  const auto& apply = std::get<model::Apply>(expr.node);
  ValueId arguments[3];
  CHECK(apply.arguments.size() <= 3);
  for (size_t i = 0; i < apply.arguments.size(); ++i)
    arguments[i] = emit(apply.arguments[i], context);
  return builder.apply(static_cast<Code>(apply.op), arguments[0], arguments[1], arguments[2]);
}

Access Lowering::subscripted(ArrayId array, const model::Load& load, const Context& context,
                             bool& outside) const {
  Access access{array, 0, {}};
  const auto& dims = model_[load.variable].dims;
  CHECK(dims.size() == load.subscripts.size());
  uint32_t stride = 1;
  for (size_t i = dims.size(); i-- > 0;) {
    const model::Subscript& subscript = load.subscripts[i];
    if (!subscript.index.valid()) {
      access.offset += stride * subscript.position;
    } else {
      const Place place = context.places.at(subscript.index);
      const auto& map = subscript.map;
      if (!place.loop.valid()) {
        const int32_t position =
            map.empty() ? static_cast<int32_t>(place.ordinal) : map[place.ordinal];
        if (position < 0)
          outside = true;
        else
          access.offset += stride * static_cast<uint32_t>(position);
      } else if (is_shift(map)) {
        if (!map.empty()) access.offset += stride * static_cast<uint32_t>(map[0]);
        access.terms.push_back({place.loop, stride, {}});
      } else {
        access.terms.push_back({place.loop, stride, map});
      }
    }
    stride *= static_cast<uint32_t>(model_[dims[i]].members.size());
  }
  return access;
}

ValueId Lowering::emit_load(const model::Load& load, Context& context) {
  const VarId id = load.variable;
  const model::Variable& variable = model_[id];
  Builder& builder = context.builder;
  if (variable.dims.empty()) {
    if (auto found = context.scalars.find(id.index); found != context.scalars.end())
      return found->second;
    if (ranks_[id] == Rank::kRun && run_.scalars.contains(id.index)) {
      if (auto value = run_.builder.known(run_.scalars.at(id.index)))
        return builder.constant(*value);
    }
  }
  bool outside = false;
  const Access access = subscripted(array_of(id), load, context, outside);
  if (outside) return builder.constant(0);
  // At the start a delay gives its initial value.
  const bool at_start = variable.kind == VarKind::kDelayFixed && &context == &initial_;
  const bool device = variable.kind == VarKind::kNoise || variable.kind == VarKind::kDelayFixed;
  return device && !at_start ? read_device(id, access, context) : builder.load(access);
}

// The value of a noise or of a fixed delay at an element.
ValueId Lowering::read_device(VarId id, const Access& element, Context& context) {
  const model::Variable& variable = model_[id];
  if (variable.kind == VarKind::kNoise) {
    auto [found, is_new] = noises_.try_emplace(id.index, program_.noises.size());
    if (is_new) program_.noises.push_back({variable.key, variable.noise_is_normal});
    return context.builder.noise(element, found->second);
  }
  const Access duration{durations_.at(id.index), element.offset, element.terms};
  return context.builder.delay_read(element, history_of(id, 1), context.builder.load(duration));
}

ValueId Lowering::emit_reduce(const model::Reduce& reduce, Context& context) {
  for (IndexId index : reduce.indexes) {
    const auto extent = static_cast<uint32_t>(model_[index].positions.size());
    context.places[index] = {context.builder.open_reduce(extent, reduce.kind), 0};
  }
  ValueId value = emit(reduce.body, context);
  for (IndexId index : reduce.indexes) {
    value = context.builder.close_reduce(value);
    context.places.erase(index);
  }
  return value;
}

// Computes `expr` in the block of its rank, for all values of the indexes it uses, and reads it.
ValueId Lowering::hoist(ExprId expr, Rank rank, Context& context) {
  Context& home = context_of(rank);
  CHECK(home.builder.at_top() && home.places.empty());
  auto found = hoisted_.find(expr);
  if (found == hoisted_.end()) {
    const std::vector<IndexId> indexes = free_indexes(model_, expr);
    if (indexes.empty()) {
      const ValueId value = emit(expr, home);
      if (auto number = home.builder.known(value)) return context.builder.constant(*number);
      return read_scratch(rank, value, context);
    }
    found =
        hoisted_.emplace(expr, std::pair{tabulate("hoisted", expr, indexes, home), indexes}).first;
  }
  const auto& [array, indexes] = found->second;
  return context.builder.load(access_of(array, indexes, context));
}

size_t Lowering::extent_of(const std::vector<IndexId>& indexes) const {
  size_t extent = 1;
  for (IndexId index : indexes) extent *= model_[index].positions.size();
  return extent;
}

// Computes `expr` for all values of the indexes, which none of the open loops is over, into an
// array of its own.
ArrayId Lowering::tabulate(const char* name, ExprId expr, const std::vector<IndexId>& indexes,
                           Context& context) {
  const ArrayId array = make_array(name, static_cast<uint32_t>(extent_of(indexes)), context.rank);
  for (IndexId index : indexes) {
    const auto extent = static_cast<uint32_t>(model_[index].positions.size());
    context.places[index] = {context.builder.open_loop(extent), 0};
  }
  const ValueId value = emit(expr, context);
  context.builder.store(access_of(array, indexes, context), value);
  for (IndexId index : indexes) {
    context.builder.close_loop();
    context.places.erase(index);
  }
  return array;
}

// The element for the ordinals at which the indexes stand now.
Access Lowering::access_of(ArrayId array, const std::vector<IndexId>& indexes,
                           const Context& context) const {
  Access access{array, 0, {}};
  uint32_t stride = program_[array].size;
  for (IndexId index : indexes) {
    stride /= std::max(static_cast<uint32_t>(model_[index].positions.size()), 1u);
    const Place place = context.places.at(index);
    if (place.loop.valid())
      access.terms.push_back({place.loop, stride, {}});
    else
      access.offset += stride * place.ordinal;
  }
  return access;
}

// The 1-based positions of an index that skips members, as data.
ArrayId Lowering::positions_of(IndexId index) {
  auto [found, is_new] = positions_.try_emplace(index.index);
  if (is_new) {
    const auto& positions = model_[index].positions;
    found->second = make_array("positions", static_cast<uint32_t>(positions.size()), Rank::kRun);
    std::vector<double>& values = data_.emplace_back(found->second, std::vector<double>()).second;
    for (uint32_t position : positions) values.push_back(position + 1.0);
  }
  return found->second;
}

// The memory that holds a value of another block, stored there once.
ArrayId Lowering::scratch_for(Rank rank, ValueId value) {
  auto [found, is_new] = scratch_.try_emplace({rank, value});
  if (is_new) {
    found->second = make_array("hoisted", 1, rank);
    context_of(rank).builder.store({found->second, 0, {}}, value);
  }
  return found->second;
}

ValueId Lowering::read_scratch(Rank rank, ValueId value, Context& context) {
  return context.builder.load({scratch_for(rank, value), 0, {}});
}

}  // namespace headrace::ir
