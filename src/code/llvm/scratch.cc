// A value occupies its slot from the node that makes it to the node that reads it last. A node goes
// through the vectors of a tile one after another, so within it slots are not used again. What is
// made before a loop and read inside it is kept until the loop ends, and the sum of a reduction is
// kept from the loop's beginning.

#include "code/llvm/scratch.h"

#include <algorithm>
#include <queue>

#include "base/check.h"

namespace headrace::code {

namespace {

struct Interval {
  uint32_t first, last;  // instructions
  uint32_t* slot;
};

class ScratchPlanner {
 public:
  explicit ScratchPlanner(BlockPlan& block)
      : block_(block),
        first_(block.insts.size()),
        last_(block.insts.size()),
        loop_(block.insts.size()) {
    visit(block.nodes, kNoLoop);
  }

  uint32_t run(const std::vector<Kept>& kept) {
    std::vector<Interval> intervals;
    for (const Kept& k : kept) intervals.push_back(interval(k));
    std::stable_sort(intervals.begin(), intervals.end(),
                     [](const Interval& a, const Interval& b) { return a.first < b.first; });
    std::priority_queue<Busy, std::vector<Busy>, std::greater<Busy>> busy;
    std::vector<uint32_t> free;
    uint32_t slots = 0;
    for (const Interval& interval : intervals) {
      for (; !busy.empty() && busy.top().first < interval.first; busy.pop())
        free.push_back(busy.top().second);
      if (free.empty()) free.push_back(slots++);
      *interval.slot = free.back();
      busy.emplace(interval.last, free.back());
      free.pop_back();
    }
    return slots;
  }

 private:
  using Busy = std::pair<uint32_t, uint32_t>;  // until this instruction, this slot

  static constexpr uint32_t kNoLoop = UINT32_MAX;
  struct Loop {
    uint32_t open, close, around;
  };

  // Notes the extents of nodes and the loops around them.
  void visit(const std::vector<PlanNode>& nodes, uint32_t around) {
    for (const PlanNode& node : nodes) {
      const uint32_t end = node.last - 1;
      if (node.kind == PlanNode::Kind::kLoop) {
        const auto loop = static_cast<uint32_t>(loops_.size());
        loops_.push_back({node.first, end, around});
        // The sum of a reduction is there from the beginning.
        note(node.first, node.first, node.first, around);
        note(end, node.first, end, loop);
        visit(node.body, loop);
        continue;
      }
      for (uint32_t i = node.first; i < node.last; ++i) note(i, node.first, end, around);
    }
  }
  void note(uint32_t inst, uint32_t first, uint32_t last, uint32_t loop) {
    first_[inst] = first;
    last_[inst] = last;
    loop_[inst] = loop;
  }

  Interval interval(const Kept& kept) {
    CHECK(kept.value <= kept.last);
    uint32_t last = last_[kept.last];
    for (uint32_t l = loop_[kept.last]; l != kNoLoop && loops_[l].open > kept.value;
         l = loops_[l].around)
      last = std::max(last, loops_[l].close);
    return {first_[kept.value], last, &(block_.insts[kept.value].*kept.slot)};
  }

  BlockPlan& block_;
  std::vector<uint32_t> first_, last_;  // by instruction: of the node that executes it
  std::vector<uint32_t> loop_;          // by instruction: the innermost of `loops_` around it
  std::vector<Loop> loops_;
};

}  // namespace

uint32_t assign_scratch(BlockPlan& block, const std::vector<Kept>& kept) {
  return ScratchPlanner(block).run(kept);
}

}  // namespace headrace::code
