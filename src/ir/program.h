#pragma once

// The program: what one model asks a machine to compute, as structured code over loops.
//
// Lanes are draws. Memory has three spaces. An array lives in one of them by its rank:
//
//   rank    space                       what it holds
//   kRun    run[slot]                   the same for all draws and times
//   kTime   time[k][slot]               the same for all draws, one row a step
//   kDraw   tile[slot][lane]            one value a draw
//   kStep   tile[slot][lane]            one value a draw, rewritten at every step
//
// Slot 0 of each space is 0 and never written. Code is a list of instructions in which value i is
// what instruction i gives; loops and reductions nest as brackets do, and a value made inside a
// bracket is visible only inside it. A subscript is the same for all lanes.
//
//   initial   fills the states at the start           (k = 0)
//   step      everything at one time; from `step_tail` on only in the first Runge-Kutta stage
//   finish    the answers, after the last step
//
// One run of a tile:  draw, initial, step(0), then for each k: integrate, moves, step(k + 1), at
// last finish. `time` and `run` are computed once for all tiles. The integrators, exactly, so that
// every back end gives the same bits (S state, R(t, S) its rate from `step`, h the step):
//   Euler   S := S + h * R
//   RK4     S0 := S, Q := R; S := S0 + (h/2) * R; t += h/2; step; Q := Q + 2 * R; S := S0 + (h/2) *
//   R; step;
//           Q := Q + 2 * R; S := S0 + h * R; t += h/2; step; Q := Q + R; S := S0 + (h/6) * Q
// where t is start + k * h, start + k * h + h/2 and start + (k + 1) * h, computed as written.

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.h"
#include "model/model.h"

namespace headrace::ir {

using ArrayId = base::Id<struct ArrayTag>;
using LoopId = base::Id<struct LoopTag>;
using AccessId = base::Id<struct AccessTag>;
using ValueId = base::Id<struct ValueTag>;
using model::TableId;
using model::VarId;

enum class Rank : uint8_t {
  kRun = 0,
  kDraw = 1,
  kTime = 2,
  kStep = 3
};  // a join is the bitwise or
constexpr Rank join(Rank a, Rank b) {
  return static_cast<Rank>(static_cast<int>(a) | static_cast<int>(b));
}

struct Array {
  std::string name;
  uint32_t size = 1;  // elements, row-major
  Rank rank = Rank::kStep;
  uint32_t slot = 0;  // of element 0, in the space of its rank
  VarId variable;     // invalid for made arrays
};

// With a `when` the loop runs once at times at which that number, one of a kRun or kTime array, is
// not 0 (NaN is not), and not at all at other times. It is the same for all draws, so the code in
// it costs nothing while it does not count. Such a loop stands outside all brackets.
struct Loop {
  uint32_t extent = 0;
  AccessId when{};
};

// element = offset + sum over terms of stride * (map empty ? i : map[i]), i the ordinal of the
// loop. When a map gives -1 the access reads slot 0 of the space (such accesses are never stored
// to).
struct Term {
  LoopId loop;
  uint32_t stride = 1;
  std::vector<int32_t> map;
};
struct Access {
  ArrayId array;
  uint32_t offset = 0;
  std::vector<Term> terms;
};

enum class Code : uint8_t {
#define OP(name, spelling, arity) name,
#include "model/ops.def"
#undef OP
  kConstant,    // number
  kTimeNow,     // the time of this evaluation, within a Runge-Kutta stage too
  kStepTime,    // start + k * h
  kOrdinal,     // loop: its ordinal, from 0, as a number
  kLoad,        // access
  kStore,       // access, a
  kLookup,      // table, a; NaN gives NaN
  kLoop,        // loop: opens
  kEndLoop,     // loop: closes
  kReduce,      // loop, reduce: opens; the accumulator starts at the kind's neutral value
  kEndReduce,   // loop, reduce, a: closes; accumulator := combine(accumulator, a); its value is the
                // result
  kDelayRead,   // access (the delay's initial values), history, a = duration in time units: the
                // value written n = max(1, round-half-up(duration / h)) steps before k; the initial
                // value when k < n or n is NaN
  kDelayWrite,  // access (element only), history, a: history[k] := a   (only in the tail)
  kBehind,      // access (element only), history, a = leader, b = follower: see behind() in
                // code/device.h
  kNoise,       // access (element only), noise: a uniform or standard normal number for (seed, key,
                // element, draw, k)
  kArrayCall,   // access = first element of the result, call: fills `count` elements of its array
};

struct Inst {
  Code code;
  ValueId a{}, b{}, c{};
  double number = 0;
  AccessId access{};
  LoopId loop{};
  TableId table{};
  uint32_t index = 0;  // kDelay*, kBehind: history; kNoise: noise; kArrayCall: call
  model::ReduceKind reduce = model::ReduceKind::kSum;
};

// Memory over the whole run: [element][k][lane], for k = 0 .. steps.
struct History {
  std::string name;
  uint32_t size = 1;    // elements
  uint32_t series = 1;  // rows kept for each element and step: 1 for delays; 2 for behind (leader's
                        // best, follower's best)
  uint32_t slot =
      0;  // first series in history[slot][k][lane]; element e has slots slot + e * series ..
};

struct Noise {
  uint64_t key = 0;
  bool normal = false;
};

// A function of whole slices. Each slice lies in its array, one element after the other from
// `first` on, and the result is written in the same way; no slice shares an array with the result.
struct Slab {
  AccessId first;
  uint32_t rows = 1, columns = 1;  // rows * columns elements; one row unless it is a matrix
};
struct ArrayCall {
  model::ArrayFunction function{};
  std::vector<Slab> slabs;
  uint32_t count = 1;  // elements of the result
};

struct Block {
  Rank rank = Rank::kStep;
  std::vector<Inst> code;
};

struct Move {  // after integration: to := from, whole arrays of rank kStep
  ArrayId to, from;
};

struct Output {  // saved at every save point
  VarId variable;
  ArrayId array;  // any rank
};

// Where the sampled value of Model::inputs[i] goes: slot of the tile.
struct Program {
  model::Clock clock;
  std::vector<Array> arrays;
  std::vector<Loop> loops;
  std::vector<Access> accesses;
  std::vector<model::Table> tables;
  std::vector<History> histories;
  std::vector<Noise> noises;
  std::vector<ArrayCall> calls;
  uint32_t run_slots = 1, time_slots = 1, tile_slots = 1, history_slots = 0;

  Block run{Rank::kRun, {}}, time{Rank::kTime, {}}, draw{Rank::kDraw, {}};
  Block initial, step, finish;
  uint32_t step_tail = 0;  // index into step.code, outside all brackets

  // States lie side by side in the tile, and so do their rates, in the same order.
  uint32_t state_slot = 0, rate_slot = 0, states = 0;
  // RK4 only: room for S0 and Q, `states` slots each; 0 otherwise.
  uint32_t base_slot = 0, sum_slot = 0;
  std::vector<Move> moves;

  std::vector<uint32_t> input_slots;
  std::vector<double>
      run_data;  // initial contents of the run space (data from files), run_slots long
  std::vector<Output> outputs;
  std::vector<ArrayId> measures;  // rank kDraw, size 1, in the order of Model::measures
  std::vector<ArrayId> claim_measures, claim_conditions;
  std::vector<ArrayId> checks;  // the first time at which the check failed, +inf: never

  const Array& operator[](ArrayId id) const { return arrays[id.index]; }
  const Loop& operator[](LoopId id) const { return loops[id.index]; }
  const Access& operator[](AccessId id) const { return accesses[id.index]; }
  const model::Table& operator[](TableId id) const { return tables[id.index]; }
};

// The program as text (`--dump=ir`), and its invariants (CHECKs; a broken one is our bug).
std::string dump(const Program& program);
void verify(const Program& program);

}  // namespace headrace::ir
