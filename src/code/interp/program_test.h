// For tests: programs written by hand, and the plainest possible evaluation of one draw.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "base/check.h"
#include "code/device/device.h"
#include "code/ops.h"
#include "code/reduce.h"
#include "code/table.h"
#include "ir/program.h"

namespace headrace::code {

// Writes a program, array by array and instruction by instruction.
class Writer {
 public:
  using Value = ir::ValueId;
  ir::Program program;

  ir::ArrayId array(ir::Rank rank, uint32_t size = 1) {
    uint32_t& slots = rank == ir::Rank::kRun    ? program.run_slots
                      : rank == ir::Rank::kTime ? program.time_slots
                                                : program.tile_slots;
    ir::Array made;
    made.name = fmt::format("a{}", program.arrays.size());
    made.size = size;
    made.rank = rank;
    made.slot = slots;
    slots += size;
    program.arrays.push_back(made);
    return ir::ArrayId(program.arrays.size() - 1);
  }
  // States and their rates; call once. Returns the first array of each.
  std::pair<ir::ArrayId, ir::ArrayId> states(uint32_t count) {
    const ir::ArrayId s = array(ir::Rank::kStep, count), r = array(ir::Rank::kStep, count);
    program.state_slot = program[s].slot;
    program.rate_slot = program[r].slot;
    program.states = count;
    program.base_slot = program.tile_slots;
    program.sum_slot = program.tile_slots + count;
    program.tile_slots += 2 * count;
    return {s, r};
  }
  ir::ArrayId input() {
    const ir::ArrayId made = array(ir::Rank::kDraw);
    program.input_slots.push_back(program[made].slot);
    return made;
  }
  ir::AccessId access(ir::ArrayId a, uint32_t offset = 0, std::vector<ir::Term> terms = {}) {
    program.accesses.push_back({a, offset, std::move(terms)});
    return ir::AccessId(program.accesses.size() - 1);
  }
  ir::LoopId loop(uint32_t extent) {
    program.loops.push_back({extent});
    return ir::LoopId(program.loops.size() - 1);
  }

  void into(ir::Block& block) { block_ = &block; }
  Value add(ir::Inst inst) {
    block_->code.push_back(inst);
    return Value(block_->code.size() - 1);
  }
  Value constant(double x) {
    ir::Inst inst{ir::Code::kConstant, {}, {}, {}};
    inst.number = x;
    return add(inst);
  }
  Value apply(ir::Code code, Value a, Value b = {}, Value c = {}) { return add({code, a, b, c}); }
  Value load(ir::AccessId at) {
    ir::Inst inst{ir::Code::kLoad, {}, {}, {}};
    inst.access = at;
    return add(inst);
  }
  Value load(ir::ArrayId a, uint32_t element = 0) { return load(access(a, element)); }
  void store(ir::AccessId at, Value v) {
    ir::Inst inst{ir::Code::kStore, v, {}, {}};
    inst.access = at;
    add(inst);
  }
  void store(ir::ArrayId a, Value v, uint32_t element = 0) { store(access(a, element), v); }
  Value lookup(uint32_t table, Value v) {
    ir::Inst inst{ir::Code::kLookup, v, {}, {}};
    inst.table = ir::TableId(table);
    return add(inst);
  }
  Value bracket(ir::Code code, ir::LoopId loop, model::ReduceKind kind = {}, Value v = {}) {
    ir::Inst inst{code, v, {}, {}};
    inst.loop = loop;
    inst.reduce = kind;
    return add(inst);
  }
  Value device(ir::Code code, ir::AccessId at, uint32_t index, Value a = {}, Value b = {}) {
    ir::Inst inst{code, a, b, {}};
    inst.access = at;
    inst.index = index;
    return add(inst);
  }

 private:
  ir::Block* block_ = &program.step;
};

// One draw, one instruction after the other, with nothing saved or shared.
class Reference {
 public:
  Reference(const ir::Program& program, uint64_t seed, uint64_t draw,
            const std::vector<double>& inputs)
      : p_(program),
        seed_(seed),
        draw_(draw),
        run_(program.run_data),
        tile(program.tile_slots),
        time_((program.clock.steps + 1) * program.time_slots),
        history_(program.history_slots * (program.clock.steps + 1)),
        ordinals_(program.loops.size()) {
    run_.resize(program.run_slots);
    for (const model::Table& t : program.tables) tables_.push_back(prepare(t));
    for (size_t i = 0; i < inputs.size(); ++i) tile[program.input_slots[i]] = inputs[i];
    moment_.steps = program.clock.steps;
    moment_.step = program.clock.step;
  }

  void simulate() {
    at(0);
    block(p_.run, p_.run.code.size());
    for (uint64_t k = 0; k <= p_.clock.steps; ++k) {
      at(k);
      block(p_.time, p_.time.code.size());
    }
    at(0);
    block(p_.draw, p_.draw.code.size());
    block(p_.initial, p_.initial.code.size());
    block(p_.step, p_.step.code.size());
    for (uint64_t k = 0; k < p_.clock.steps; ++k) {
      integrate(k);
      for (const ir::Move& m : p_.moves) {
        for (uint32_t e = 0; e < p_[m.to].size; ++e) {
          tile[p_[m.to].slot + e] = tile[p_[m.from].slot + e];
        }
      }
      at(k + 1);
      block(p_.step, p_.step.code.size());
    }
    block(p_.finish, p_.finish.code.size());
  }

 private:
  void at(uint64_t k) {
    moment_.k = k;
    moment_.first_stage = true;
    now_ = p_.clock.time(k);
  }
  void stage(double t) {
    moment_.first_stage = false;
    now_ = t;
    block(p_.step, p_.step_tail);
  }
  void integrate(uint64_t k) {
    const double h = p_.clock.step, t = p_.clock.time(k);
    double* const s = tile.data() + p_.state_slot;
    double* const r = tile.data() + p_.rate_slot;
    const uint32_t n = p_.states;
    if (p_.clock.method == model::Clock::Method::kEuler) {
      for (uint32_t i = 0; i < n; ++i) s[i] = s[i] + h * r[i];
      return;
    }
    const std::vector<double> s0(s, s + n);
    std::vector<double> q(r, r + n);
    for (uint32_t i = 0; i < n; ++i) s[i] = s0[i] + (h / 2) * r[i];
    stage(t + h / 2);
    for (uint32_t i = 0; i < n; ++i) q[i] = q[i] + 2 * r[i], s[i] = s0[i] + (h / 2) * r[i];
    stage(t + h / 2);
    for (uint32_t i = 0; i < n; ++i) q[i] = q[i] + 2 * r[i], s[i] = s0[i] + h * r[i];
    stage(p_.clock.time(k + 1));
    for (uint32_t i = 0; i < n; ++i) q[i] = q[i] + r[i], s[i] = s0[i] + (h / 6) * q[i];
  }

  int64_t element(const ir::Access& a) const {
    int64_t e = a.offset;
    for (const ir::Term& t : a.terms) {
      const uint32_t o = ordinals_[t.loop.index];
      const int64_t m = t.map.empty() ? int64_t{o} : t.map[o];
      if (m < 0) return -1;
      e += m * t.stride;
    }
    return e;
  }
  double& cell(const ir::Access& a) {
    const ir::Array& array = p_[a.array];
    const int64_t e = element(a);
    const size_t slot = e < 0 ? 0 : array.slot + static_cast<size_t>(e);
    if (array.rank == ir::Rank::kRun) return run_[slot];
    if (array.rank == ir::Rank::kTime) return time_[moment_.k * p_.time_slots + slot];
    return tile[slot];
  }

  template <Op op, class... A>
  static double one(A... x) {
    if constexpr (sizeof...(A) == 1) return apply_unary<op>(x...);
    if constexpr (sizeof...(A) == 2) return apply_binary<op>(x...);
    if constexpr (sizeof...(A) == 3) return choose(x...);
  }
  static double compute(Op code, double a, double b, double c) {
    (void)c;
    switch (code) {
#define ARGS1 a
#define ARGS2 a, b
#define ARGS3 a, b, c
#define OP(name, spelling, arity) \
  case Op::name:                  \
    return one<Op::name>(ARGS##arity);
#include "model/ops.def"
#undef OP
#undef ARGS1
#undef ARGS2
#undef ARGS3
    }
    return 0;
  }

  // Executes [from, to) where brackets in between are executed as often as they say.
  void block(const ir::Block& b, size_t end) {
    std::vector<double> v(b.code.size());
    std::vector<size_t> open;
    std::vector<double> sums;
    for (size_t i = 0; i < end; ++i) {
      const ir::Inst& in = b.code[i];
      auto arg = [&](ir::ValueId id) { return id.valid() ? v[id.index] : 0.0; };
      switch (in.code) {
        case ir::Code::kConstant:
          v[i] = in.number;
          break;
        case ir::Code::kTimeNow:
          v[i] = now_;
          break;
        case ir::Code::kStepTime:
          v[i] = p_.clock.time(moment_.k);
          break;
        case ir::Code::kOrdinal:
          v[i] = ordinals_[in.loop.index];
          break;
        case ir::Code::kLoad:
          v[i] = cell(p_[in.access]);
          break;
        case ir::Code::kStore:
          cell(p_[in.access]) = arg(in.a);
          break;
        case ir::Code::kLookup:
          v[i] = lookup(tables_[in.table.index], arg(in.a));
          break;
        case ir::Code::kReduce:
        case ir::Code::kLoop:
          if (in.code == ir::Code::kReduce) sums.push_back(neutral(in.reduce));
          ordinals_[in.loop.index] = 0;
          open.push_back(i);
          if (p_[in.loop].extent == 0) {
            int depth = 1;
            while (depth > 0) {
              const ir::Code code = b.code[++i].code;
              depth += code == ir::Code::kLoop || code == ir::Code::kReduce;
              depth -= code == ir::Code::kEndLoop || code == ir::Code::kEndReduce;
            }
            if (in.code == ir::Code::kReduce) v[i] = sums.back(), sums.pop_back();
            open.pop_back();
          }
          break;
        case ir::Code::kEndReduce:
          sums.back() = compute(combining(in.reduce), sums.back(), arg(in.a), 0);
          [[fallthrough]];
        case ir::Code::kEndLoop:
          if (++ordinals_[in.loop.index] < p_[in.loop].extent) {
            i = open.back();
            break;
          }
          open.pop_back();
          if (in.code == ir::Code::kEndReduce) v[i] = sums.back(), sums.pop_back();
          break;
        case ir::Code::kDelayRead: {
          const double initial = cell(p_[in.access]), duration = arg(in.a);
          headrace_delay_read(&moment_, series(in), &initial, &duration, &v[i], 1);
          break;
        }
        case ir::Code::kDelayWrite: {
          const double value = arg(in.a);
          headrace_delay_write(&moment_, series(in), &value, 1);
          break;
        }
        case ir::Code::kBehind: {
          const double leader = arg(in.a), follower = arg(in.b);
          headrace_behind(&moment_, series(in), &leader, &follower, &v[i], 1);
          break;
        }
        case ir::Code::kNoise: {
          // Noise comes eight draws at a time.
          double eight[8];
          const ir::Noise& noise = p_.noises[in.index];
          headrace_noise(&moment_, seed_, noise.key, static_cast<uint64_t>(element(p_[in.access])),
                         noise.normal, draw_, eight, 8);
          v[i] = eight[0];
          break;
        }
        default:
          v[i] = compute(static_cast<Op>(in.code), arg(in.a), arg(in.b), arg(in.c));
      }
    }
  }
  double* series(const ir::Inst& in) {
    const ir::History& h = p_.histories[in.index];
    const size_t slot = h.slot + static_cast<size_t>(element(p_[in.access])) * h.series;
    return history_.data() + slot * (moment_.steps + 1);
  }

  const ir::Program& p_;
  uint64_t seed_, draw_;
  std::vector<double> run_;

 public:
  std::vector<double> tile;

 private:
  std::vector<double> time_, history_;
  std::vector<uint32_t> ordinals_;
  std::vector<Table> tables_;
  Moment moment_;
  double now_ = 0;
};

// Runs a kernel on a tile of its own; gives the tile, [slot][lane].
struct TileRun {
  std::vector<double> run, time, tile, history;
  size_t lanes = 0;

  double at(uint32_t slot, size_t lane) const { return tile[slot * lanes + lane]; }
};
// inputs[i][lane]; steps are taken in pieces of `stride`.
inline TileRun run_tile(const ir::Program& p, const Kernel& kernel, uint64_t seed,
                        uint64_t first_draw, const std::vector<std::vector<double>>& inputs,
                        const std::vector<double>& run, const std::vector<double>& time,
                        uint64_t stride = 3) {
  TileRun t;
  t.lanes = kernel.lanes();
  t.run = run;
  t.time = time;
  t.tile.resize(p.tile_slots * t.lanes);
  t.history.resize(p.history_slots * (p.clock.steps + 1) * t.lanes);
  for (size_t i = 0; i < inputs.size(); ++i) {
    for (size_t lane = 0; lane < t.lanes; ++lane) {
      t.tile[p.input_slots[i] * t.lanes + lane] = inputs[i][first_draw + lane];
    }
  }
  Frame frame{t.tile.data(), t.run.data(), t.time.data(), t.history.data(), seed, first_draw, 0};
  kernel.start(frame);
  while (frame.k < p.clock.steps) {
    kernel.advance(frame, std::min(stride, p.clock.steps - frame.k));
  }
  kernel.finish(frame);
  return t;
}

}  // namespace headrace::code
