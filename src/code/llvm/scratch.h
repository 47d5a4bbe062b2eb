#pragma once

#include <cstdint>
#include <vector>

#include "code/llvm/plan.h"

namespace headrace::code {

// A number of all lanes that is kept in memory, from where instruction `value` makes it to where
// instruction `last` reads it last.
struct Kept {
  uint32_t value, last;
  uint32_t PlanInst::*slot;  // of `value`: to be given
};

// Gives the slots. Those whose numbers have been read are used again, the latest first, for they
// are in the nearest cache. Returns how many there are.
uint32_t assign_scratch(BlockPlan& block, const std::vector<Kept>& kept);

}  // namespace headrace::code
