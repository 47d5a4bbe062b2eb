#include "base/check.h"
#include "ir/program.h"

namespace headrace::ir {

namespace {

uint32_t slots(const Program& program, Rank rank) {
  if (rank == Rank::kRun) return program.run_slots;
  if (rank == Rank::kTime) return program.time_slots;
  return program.tile_slots;
}

bool is_tile(Rank rank) { return rank == Rank::kDraw || rank == Rank::kStep; }

// The largest element that an access can reach, counting only what maps allow; `count` elements
// from there on.
void verify_access(const Program& program, const Access& access, bool is_inside,
                   uint32_t count = 1) {
  const Array& array = program[access.array];
  uint64_t largest = access.offset;
  bool empty = false;
  for (const Term& term : access.terms) {
    const uint32_t extent = program[term.loop].extent;
    empty |= extent == 0;
    if (term.map.empty()) {
      largest += uint64_t{term.stride} * (extent == 0 ? 0 : extent - 1);
      continue;
    }
    CHECK(term.map.size() == extent);
    int32_t most = 0;
    for (int32_t position : term.map) {
      CHECK(position >= -1 && !(is_inside && position < 0));
      most = std::max(most, position);
    }
    largest += uint64_t{term.stride} * static_cast<uint32_t>(most);
  }
  CHECK(empty || array.size == 0 || largest + count <= array.size);
  CHECK(uint64_t{array.slot} + array.size <= slots(program, array.rank));
}

void verify_block(const Program& program, const Block& block, uint32_t tail) {
  struct Bracket {
    size_t begin;
    Code end;
  };
  std::vector<Bracket> open;
  std::vector<size_t> scope(
      block.code.size());  // the innermost bracket that a value stands in, + 1
  auto visible = [&](ValueId value) {
    if (scope[value.index] == 0) return true;
    for (const Bracket& bracket : open) {
      if (bracket.begin + 1 == scope[value.index]) return true;
    }
    return false;
  };
  for (size_t i = 0; i < block.code.size(); ++i) {
    const Inst& inst = block.code[i];
    if (i == tail) CHECK(open.empty());
    for (ValueId operand : {inst.a, inst.b, inst.c}) {
      CHECK(!operand.valid() || (operand.index < i && visible(operand)));
    }
    if (inst.code == Code::kEndLoop || inst.code == Code::kEndReduce) {
      CHECK(!open.empty() && open.back().end == inst.code);
      CHECK(block.code[open.back().begin].loop == inst.loop);
      open.pop_back();
    }
    scope[i] = open.empty() ? 0 : open.back().begin + 1;
    if (inst.code == Code::kLoop || inst.code == Code::kReduce) {
      if (const AccessId when = program[inst.loop].when; when.valid()) {
        CHECK(inst.code == Code::kLoop && open.empty() && program[inst.loop].extent == 1);
        CHECK(program[when].terms.empty() && !is_tile(program[program[when].array].rank));
        verify_access(program, program[when], true);
      }
    }
    if (inst.code == Code::kLoop) open.push_back({i, Code::kEndLoop});
    if (inst.code == Code::kReduce) open.push_back({i, Code::kEndReduce});
    if (inst.access.valid())
      verify_access(program, program[inst.access], inst.code == Code::kStore);
    if (inst.code == Code::kArrayCall) {
      const ArrayCall& call = program.calls[inst.index];
      verify_access(program, program[inst.access], true, call.count);
      const ArrayId result = program[inst.access].array;
      CHECK(program[result].rank == block.rank ||
            (is_tile(program[result].rank) && block.rank == Rank::kStep));
      for (const Slab& slab : call.slabs) {
        verify_access(program, program[slab.first], true, slab.rows * slab.columns);
        CHECK(program[slab.first].array != result);
      }
    }
    if (inst.code == Code::kStore) {
      const Rank rank = program[program[inst.access].array].rank;
      CHECK(inst.a.valid() && (rank == block.rank || (is_tile(rank) && block.rank == Rank::kStep)));
    }
  }
  CHECK(open.empty());
}

}  // namespace

void verify(const Program& program) {
  constexpr uint32_t kNoTail = UINT32_MAX;
  verify_block(program, program.run, kNoTail);
  verify_block(program, program.time, kNoTail);
  verify_block(program, program.draw, kNoTail);
  verify_block(program, program.initial, kNoTail);
  verify_block(program, program.step, program.step_tail);
  verify_block(program, program.finish, kNoTail);
  CHECK(program.step_tail <= program.step.code.size());
  CHECK(program.run_data.size() == program.run_slots);
  for (const Move& move : program.moves) CHECK(program[move.to].size == program[move.from].size);
  for (uint32_t slot : program.input_slots) CHECK(slot > 0 && slot < program.tile_slots);
}

}  // namespace headrace::ir
