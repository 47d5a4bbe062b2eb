#pragma once

// How a program is cut into functions, and where values live that cross a cut.
//
// LLVM's code generator takes more than linear time in the size of a function, and a value that
// lives long costs a spill. So each block of the program becomes a tree: segments, which are
// straight functions over all vectors of a tile and may hold whole loops; calls to device
// operations, which want all lanes at once; and loops around those two, for loops too large for
// one function or with a device operation inside. A driver function walks the tree of a block.
//
// A value wanted far from where it was made, or in another node, is read from the place that the
// program stored it to, if there is one that still holds it and that others read too; else it is
// kept in a scratch slot, [slot][lane]. Slots are used again and so stay in the nearest cache,
// where a place for each variable would not fit. Stores that nothing else reads are left out.

#include <array>
#include <cstdint>
#include <vector>

#include "ir/program.h"

namespace headrace::code {

struct PlanNode {
  enum class Kind : uint8_t { kSegment, kDevice, kLoop };
  Kind kind = Kind::kSegment;
  uint32_t first = 0, last = 0;  // instructions [first, last); a loop's brackets included
  uint32_t segment = 0;          // kSegment: its number in the program
  std::vector<PlanNode> body;    // kLoop
};

// Where an instruction finds one of its operands.
struct Operand {
  enum class From : uint8_t {
    kRegister,  // the value of instruction `inst`, made in the same node
    kAgain,     // instruction `inst` is free of effects and cheap: do it again
    kPlace,     // memory named by the access of instruction `inst`, a load or a store
    kScratch    // the scratch slot of instruction `inst`
  };
  From from;
  uint32_t inst;
};

struct PlanInst {
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t node = kNone;     // the leaf, or loop, that executes it, numbered through the block
  uint32_t match = kNone;    // of a bracket: the other one
  uint32_t position = 0;     // the weights of all instructions before it
  uint32_t scratch = kNone;  // slot in which its value is kept for other nodes
  uint32_t spread =
      kNone;  // kDelayRead of initial values that are the same for all draws: a slot for them
  uint32_t forward = kNone;  // kLoad: the value that the same place was last given in this block
  uint32_t holder = kNone;   // kLoad: the store that gave it
  uint32_t home = kNone;   // the store whose place holds this value from then on to the block's end
  bool invariant = false;  // kLoad from an array that its block does not store to
  bool sole = false;       // kStore outside loops, the only one of the block to its place
  bool dead = false;       // kStore that nothing but operands would read: left out
};

struct BlockPlan {
  const ir::Block* block = nullptr;
  std::vector<PlanInst> insts;
  std::vector<PlanNode> nodes;
  uint32_t tail_node = 0;  // from this node on a step is executed in the first stage only

  Operand operand(ir::ValueId value, uint32_t user) const;
  // Must `user` find its operands in memory, because it works on all lanes at once?
  bool wants_memory(uint32_t user) const;
};

struct PlanOptions {
  uint32_t chunk_weight, step_chunk_weight;  // of a segment, about; in other blocks and in a step
};

struct Plan {
  BlockPlan draw, initial, step, finish;
  uint32_t scratch_slots = 0;
  std::vector<uint32_t> segment_weights;
};

Plan make_plan(const ir::Program& program, const PlanOptions& options);

bool is_device(ir::Code code);
bool is_shared(ir::Rank rank);  // the same for all draws
// About how many machine instructions the instruction becomes.
uint32_t weight(const ir::Program& program, const ir::Inst& inst);
// The operands in order; invalid ids where there are fewer than three.
inline std::array<ir::ValueId, 3> operands(const ir::Inst& inst) {
  return {inst.a, inst.b, inst.c};
}

}  // namespace headrace::code
