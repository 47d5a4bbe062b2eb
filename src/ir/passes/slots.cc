#include "base/check.h"
#include "ir/passes/passes.h"

namespace headrace::ir {

namespace {

uint32_t& slots_of(Program& program, Rank rank) {
  switch (rank) {
    case Rank::kRun:
      return program.run_slots;
    case Rank::kTime:
      return program.time_slots;
    case Rank::kDraw:
    case Rank::kStep:
      break;
  }
  return program.tile_slots;
}

uint32_t place(Program& program, const std::vector<ArrayId>& arrays, std::vector<bool>& placed) {
  const uint32_t first = program.tile_slots;
  for (ArrayId id : arrays) {
    Array& array = program.arrays[id.index];
    array.slot = program.tile_slots;
    program.tile_slots += array.size;
    placed[id.index] = true;
  }
  return first;
}

}  // namespace

void assign_slots(Program& program, const std::vector<ArrayId>& states,
                  const std::vector<ArrayId>& rates) {
  std::vector<bool> placed(program.arrays.size());
  program.state_slot = place(program, states, placed);
  program.rate_slot = place(program, rates, placed);
  program.states = program.rate_slot - program.state_slot;
  CHECK(program.tile_slots - program.rate_slot == program.states);
  if (program.clock.method == model::Clock::Method::kRk4) {
    program.base_slot = program.tile_slots;
    program.sum_slot = program.base_slot + program.states;
    program.tile_slots += 2 * program.states;
  }
  for (size_t i = 0; i < program.arrays.size(); ++i) {
    if (placed[i]) continue;
    Array& array = program.arrays[i];
    uint32_t& slots = slots_of(program, array.rank);
    array.slot = slots;
    slots += array.size;
  }
}

}  // namespace headrace::ir
