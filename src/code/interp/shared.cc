// What all draws share: the run block once, the time block for many times at once. Those stand side
// by side in the lanes of a tile, as draws do elsewhere, since none hangs on another.

#include <algorithm>

#include "base/check.h"
#include "code/interp/interp.h"
#include "code/interp/lanes.h"
#include "code/interp/machine.h"

namespace headrace::code {

namespace {

// A program whose step block is the time block of `program`: its numbers are rows of the tile, in
// the slots that they had, and so is the time, in the last one.
ir::Program over_times(const ir::Program& program) {
  ir::Program p;
  p.clock = program.clock;
  p.arrays = program.arrays;
  for (ir::Array& array : p.arrays) {
    if (array.rank == ir::Rank::kTime) array.rank = ir::Rank::kStep;
  }
  p.loops = program.loops;
  p.accesses = program.accesses;
  p.tables = program.tables;
  p.calls = program.calls;
  p.run_slots = program.run_slots;
  p.tile_slots = program.time_slots + 1;
  p.arrays.push_back({"time", 1, ir::Rank::kStep, program.time_slots, {}});
  const ir::AccessId now(p.accesses.size());
  p.accesses.push_back({ir::ArrayId(p.arrays.size() - 1), 0, {}});
  p.step.code = program.time.code;
  for (ir::Inst& inst : p.step.code) {
    if (inst.code == ir::Code::kTimeNow || inst.code == ir::Code::kStepTime)
      inst = {.code = ir::Code::kLoad, .access = now};
    CHECK(inst.code != ir::Code::kLoop || !program[inst.loop].when.valid());
  }
  p.step_tail = static_cast<uint32_t>(p.step.code.size());
  return p;
}

void evaluate_run(const ir::Program& program, std::vector<double>& run) {
  const AssembleOptions options{&strips(), kSharedWidth, true, false};
  const Setting setting(program, strips(), kSharedWidth);
  const Routine once = assemble(program, program.run, program.run.code.size(), options);
  Machine machine(setting, Frame(), once.scratch_rows, once.shared_rows);
  machine.set_run(run.data());
  machine.execute(once, once.steps.size());
}

void evaluate_times(const ir::Program& program, const std::vector<double>& run,
                    std::vector<double>& time) {
  const uint64_t rows = program.clock.steps + 1, slots = program.time_slots;
  const ir::Program p = over_times(program);
  const size_t lanes = choose_lanes(p, rows);
  const Setting setting(p, strips(), lanes);
  const Routine routine = assemble(p, p.step, p.step_tail, {&strips(), lanes, false, false});
  Buffer tile(size_t{p.tile_slots} * lanes);
  std::fill_n(tile.data(), size_t{p.tile_slots} * lanes, 0.0);
  Frame frame;
  frame.tile = tile.data();
  frame.run = run.data();
  Machine machine(setting, frame, routine.scratch_rows, routine.shared_rows);
  machine.spread_run(routine);
  for (uint64_t k = 0; k < rows; k += lanes) {
    const uint64_t count = std::min<uint64_t>(lanes, rows - k);
    double* const now = tile.data() + slots * lanes;
    // Lanes behind the last time repeat it.
    for (size_t lane = 0; lane < lanes; ++lane)
      now[lane] = program.clock.time(k + std::min<uint64_t>(lane, count - 1));
    machine.execute(routine, routine.steps.size());
    for (uint64_t lane = 0; lane < count; ++lane) {
      double* const row = time.data() + (k + lane) * slots;
      for (size_t slot = 0; slot < slots; ++slot) row[slot] = tile.data()[slot * lanes + lane];
    }
  }
}

}  // namespace

void evaluate_shared(const ir::Program& program, std::vector<double>& run,
                     std::vector<double>& time) {
  run = program.run_data;
  run.resize(program.run_slots);
  time.assign((program.clock.steps + 1) * program.time_slots, 0.0);
  evaluate_run(program, run);
  if (!program.time.code.empty()) evaluate_times(program, run, time);
}

}  // namespace headrace::code
