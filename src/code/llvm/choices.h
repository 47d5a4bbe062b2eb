#pragma once

// Choices that are the same for all draws, and what only one side of each needs.
//
//   year >= 1995 ? lookup(a, x) : lookup(b, y / 2)
//
// A `kSelect` whose condition is a number of the run or of the time alone takes the same side in
// every lane, so the other side need not be computed: the code branches, and each instruction that
// serves one side alone, by whatever chain, moves into that branch. Models with switches, and with
// policies that begin some day, spend much of their work on such sides. Nothing is computed in
// another way, so no bit changes.

#include <cstdint>
#include <map>
#include <vector>

#include "code/llvm/plan.h"

namespace headrace::code {

struct Choice {
  uint32_t condition = 0;         // a kLoad of one number for all lanes; not 0 is `yes`
  std::vector<uint32_t> yes, no;  // the instructions of each side, in order, choices among them
};

// The choices among the instructions of a segment, by their kSelect; those of which neither side
// is worth a branch are left out.
struct Choices {
  std::map<uint32_t, Choice> by_select;
  std::vector<bool> moved;  // of each instruction from node.first on: whether a choice holds it
};

Choices find_choices(const ir::Program& program, const BlockPlan& block, const PlanNode& node);

}  // namespace headrace::code
