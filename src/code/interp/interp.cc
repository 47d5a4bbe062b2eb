// Op at a time over a tile: each step of a routine is a loop over the lanes of a row that stays in
// the nearest cache. The time between two steps, a few nanoseconds, is spread over the lanes.

#include "code/interp/interp.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "code/interp/assemble.h"
#include "code/interp/lanes.h"
#include "code/interp/machine.h"

namespace headrace::code {

namespace {

class Interpreter final : public Kernel {
 public:
  Interpreter(const ir::Program& program, const StripSet& strips, size_t lanes, bool trace)
      : program_(program), setting_(program, strips, lanes) {
    AssembleOptions options{&strips, lanes, false, trace};
    draw_ = assemble(program, program.draw, program.draw.code.size(), options);
    initial_ = assemble(program, program.initial, program.initial.code.size(), options);
    step_ = assemble(program, program.step, program.step_tail, options);
    finish_ = assemble(program, program.finish, program.finish.code.size(), options);
    for (const Routine* r : {&draw_, &initial_, &step_, &finish_}) {
      scratch_rows_ = std::max<size_t>(scratch_rows_, r->scratch_rows);
      shared_rows_ = std::max<size_t>(shared_rows_, r->shared_rows);
    }
  }

  size_t lanes() const override { return setting_.lanes; }

  void start(Frame& frame) const override {
    frame.k = 0;
    Machine machine = make_machine(frame);
    start(machine);
  }

  void advance(Frame& frame, uint64_t steps) const override {
    Machine machine = make_machine(frame);
    machine.spread_run(step_);
    for (const uint64_t end = frame.k + steps; frame.k < end; ++frame.k) {
      take_step(machine, frame.tile, frame.k);
    }
  }

  void finish(Frame& frame) const override {
    Machine machine = make_machine(frame);
    finish(machine);
  }

  // The parts, for tracing.
  Machine make_machine(const Frame& frame) const {
    return Machine(setting_, frame, scratch_rows_, shared_rows_);
  }
  void start(Machine& machine) const {
    run_block(machine, draw_);
    run_block(machine, initial_);
    run_block(machine, step_);
  }
  void integrate_and_move(Machine& machine, double* tile, uint64_t k) const {
    if (program_.clock.method == model::Clock::Method::kRk4) {
      runge_kutta(machine, tile, k);
    } else {
      add(tile, program_.state_slot, program_.state_slot, program_.clock.step, program_.rate_slot);
    }
    for (const ir::Move& move : program_.moves) {
      const ir::Array& to = program_[move.to];
      std::memmove(row(tile, to.slot), row(tile, program_[move.from].slot), bytes(to.size));
    }
  }
  void finish(Machine& machine) const { run_block(machine, finish_); }
  void evaluate_step(Machine& machine, uint64_t k) const {
    machine.at_step(k);
    machine.execute(step_, step_.steps.size());
  }

 private:
  void take_step(Machine& machine, double* tile, uint64_t k) const {
    integrate_and_move(machine, tile, k);
    evaluate_step(machine, k + 1);
  }

  void run_block(Machine& machine, const Routine& routine) const {
    machine.spread_run(routine);
    machine.execute(routine, routine.steps.size());
  }

  double* row(double* tile, size_t slot) const { return tile + slot * setting_.lanes; }
  size_t bytes(size_t rows) const { return rows * setting_.lanes * sizeof(double); }

  // For all states: to := from + factor * rate. The arguments are the first slots of each.
  void add(double* tile, size_t to, size_t from, double factor, size_t rate) const {
    setting_.strips->multiply_add(row(tile, to), row(tile, from), factor, row(tile, rate),
                                  program_.states * setting_.lanes);
  }
  void copy(double* tile, size_t to, size_t from) const {
    std::memcpy(row(tile, to), row(tile, from), bytes(program_.states));
  }

  // As written in ir/program.h.
  void runge_kutta(Machine& machine, double* tile, uint64_t k) const {
    const size_t s = program_.state_slot, r = program_.rate_slot;
    const size_t base = program_.base_slot, sum = program_.sum_slot;
    const double h = program_.clock.step, now = program_.clock.time(k);
    copy(tile, base, s);
    copy(tile, sum, r);
    add(tile, s, base, h / 2, r);
    evaluate_stage(machine, now + h / 2);
    add(tile, sum, sum, 2, r);
    add(tile, s, base, h / 2, r);
    evaluate_stage(machine, now + h / 2);
    add(tile, sum, sum, 2, r);
    add(tile, s, base, h, r);
    evaluate_stage(machine, program_.clock.time(k + 1));
    add(tile, sum, sum, 1, r);
    add(tile, s, base, h / 6, sum);
  }
  void evaluate_stage(Machine& machine, double time) const {
    machine.at_stage(time);
    machine.execute(step_, step_.tail);
  }

  const ir::Program& program_;
  Setting setting_;
  Routine draw_, initial_, step_, finish_;
  size_t scratch_rows_ = 0, shared_rows_ = 0;
};

const StripSet& chosen(const StripSet* strips) {
  return strips != nullptr ? *strips : code::strips();
}

// Remembers the first bad value that it is shown.
class Watch {
 public:
  Watch(const ir::Program& program, const std::vector<bool>& infinite_counts, const double* tile,
        size_t lanes)
      : program_(program), infinite_counts_(infinite_counts), tile_(tile), lanes_(lanes) {}

  void see(uint32_t array, const double* stored) {
    if (found_) return;
    if (!std::isnan(*stored) && !(std::isinf(*stored) && infinite_counts_[array])) return;
    const ir::Array& there = program_.arrays[array];
    const size_t slot = static_cast<size_t>(stored - tile_) / lanes_;
    const BadValue bad{ir::ArrayId(array), static_cast<uint32_t>(slot - there.slot), k,
                       program_.clock.time(k)};
    // A part of an equation has no name that a reader knows; what it is a part of comes next.
    if (there.variable.valid())
      found_ = bad;
    else if (!unnamed_)
      unnamed_ = bad;
  }
  void see_states() {
    const uint32_t first = program_.state_slot, end = first + program_.states;
    for (uint32_t a = 0; a < program_.arrays.size(); ++a) {
      const ir::Array& array = program_.arrays[a];
      if (array.rank != ir::Rank::kStep || array.slot < first || array.slot >= end) continue;
      for (uint32_t e = 0; e < array.size; ++e) see(a, tile_ + (array.slot + e) * lanes_);
    }
  }
  const std::optional<BadValue>& found() const { return found_; }
  // What was bad without ever spoiling a variable.
  const std::optional<BadValue>& unnamed() const { return unnamed_; }

  uint64_t k = 0;

 private:
  const ir::Program& program_;
  const std::vector<bool>& infinite_counts_;
  const double* tile_;
  size_t lanes_;
  std::optional<BadValue> found_, unnamed_;
};

}  // namespace

std::unique_ptr<Kernel> interpret(const ir::Program& program, const InterpOptions& options) {
  const size_t lanes = options.lanes != 0 ? options.lanes : choose_lanes(program, options.draws);
  CHECK(lanes % kSharedWidth == 0);
  return std::make_unique<Interpreter>(program, chosen(options.strips), lanes, false);
}

std::optional<BadValue> find_bad_value(const ir::Program& program, std::span<const double> run,
                                       std::span<const double> time, std::span<const double> inputs,
                                       uint64_t seed, uint64_t draw,
                                       const std::vector<bool>& infinite_counts) {
  const size_t lanes = kSharedWidth;
  const Interpreter interpreter(program, strips(), lanes, true);
  std::vector<double> tile(size_t{program.tile_slots} * lanes);
  std::vector<double> history(size_t{program.history_slots} * (program.clock.steps + 1) * lanes);
  Frame frame{tile.data(), run.data(), time.data(), history.data(), seed, draw, 0};
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::fill_n(tile.data() + program.input_slots[i] * lanes, lanes, inputs[i]);
  }
  Watch watch(program, infinite_counts, tile.data(), lanes);
  Machine machine = interpreter.make_machine(frame);
  machine.set_on_store([&](uint32_t array, const double* stored) { watch.see(array, stored); });
  interpreter.start(machine);
  for (uint64_t k = 0; k < program.clock.steps && !watch.found(); ++k) {
    interpreter.integrate_and_move(machine, tile.data(), k);
    watch.k = k + 1;
    watch.see_states();
    if (!watch.found()) interpreter.evaluate_step(machine, k + 1);
  }
  if (!watch.found()) interpreter.finish(machine);
  return watch.found() ? watch.found() : watch.unnamed();
}

}  // namespace headrace::code
