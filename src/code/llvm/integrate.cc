#include "code/llvm/integrate.h"

#include <algorithm>

namespace headrace::code {

using ir::Code;
using ir::Inst;

namespace {

// A segment leaves more states than that to the loop.
constexpr size_t kMostInSegment = 64;

class Finder {
 public:
  explicit Finder(const ir::Program& program)
      : program_(program), where_(program.states, kNowhere) {}

  Integration run(const Plan& plan) {
    Integration found;
    found.in_segment.resize(plan.segment_weights.size());
    // Moves come between the integration and the step.
    for (const ir::Move& move : program_.moves) {
      for (const ir::ArrayId array : {move.to, move.from})
        touch(program_[array].slot, program_[array].size, kBefore);
    }
    for (const PlanNode& node : plan.step.nodes) visit(node);
    const std::vector<bool> given = rates_given();
    for (uint32_t state = 0; state < program_.states; ++state) {
      const uint32_t segment = where_[state];
      const bool within =
          given[state] && segment < kBefore && found.in_segment[segment].size() < kMostInSegment;
      if (within) found.in_segment[segment].push_back(state);
      append(within ? found.within : found.before, state);
    }
    return found;
  }

 private:
  // Before the step begins; a segment elsewhere.
  static constexpr uint32_t kNowhere = UINT32_MAX, kBefore = UINT32_MAX - 1;

  static void append(Integration::Runs& runs, uint32_t state) {
    if (runs.empty() || runs.back().second != state) runs.emplace_back(state, state);
    ++runs.back().second;
  }

  // The slots [first, first + count), of which some may be states or rates.
  void touch(uint64_t first, uint64_t count, uint32_t where) {
    for (const uint64_t from : {program_.state_slot, program_.rate_slot}) {
      const uint64_t end = std::min(first + count, from + program_.states);
      for (uint64_t slot = std::max(first, from); slot < end; ++slot) {
        if (where_[slot - from] == kNowhere) where_[slot - from] = where;
      }
    }
  }

  void touch(ir::AccessId id, uint32_t where) {
    const ir::Access& access = program_[id];
    const ir::Array& array = program_[access.array];
    if (is_shared(array.rank)) return;
    if (access.terms.empty()) {
      touch(array.slot + access.offset, 1, where);
    } else {
      touch(array.slot, array.size, where);
    }
  }

  void visit(const PlanNode& node) {
    const uint32_t where = node.kind == PlanNode::Kind::kSegment ? node.segment : kBefore;
    for (uint32_t i = node.first; i < node.last; ++i) {
      const Inst& inst = program_.step.code[i];
      if (inst.access.valid()) touch(inst.access, where);
      if (inst.code == Code::kArrayCall) {
        for (const ir::Slab& slab : program_.calls[inst.index].slabs) touch(slab.first, where);
      }
    }
  }

  // Whether each step gives the state a rate.
  std::vector<bool> rates_given() const {
    std::vector<bool> given(program_.states, false);
    for (const Inst& inst : program_.step.code) {
      if (inst.code != Code::kStore || !program_[inst.access].terms.empty()) continue;
      const ir::Array& array = program_[program_[inst.access].array];
      const uint32_t slot = array.slot + program_[inst.access].offset;
      if (!is_shared(array.rank) && slot - program_.rate_slot < program_.states)
        given[slot - program_.rate_slot] = true;
    }
    return given;
  }

  const ir::Program& program_;
  std::vector<uint32_t> where_;  // by state: the first that touches it or its rate
};

}  // namespace

Integration find_integration(const ir::Program& program, const Plan& plan) {
  return Finder(program).run(plan);
}

}  // namespace headrace::code
