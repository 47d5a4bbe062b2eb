#include "code/llvm/choices.h"

#include <algorithm>

#include "base/check.h"

namespace headrace::code {

using ir::Code;
using ir::Inst;

namespace {

constexpr uint32_t kNone = UINT32_MAX;
// About what a branch costs.
constexpr uint32_t kWorth = 10;

// One side of a choice: 2 * kSelect, one more for `no`. Sides form a tree, with all that is
// computed anyway, kNone, around them; an inner side has an earlier kSelect than an outer one.
using Side = uint32_t;

class ChoiceFinder {
 public:
  ChoiceFinder(const ir::Program& program, const BlockPlan& block, const PlanNode& node)
      : program_(program),
        block_(block),
        code_(block.block->code),
        first_(node.first),
        last_(node.last),
        insts_(node.last - node.first) {}

  Choices run() {
    prepare();
    find_sides();
    leave_out_small();
    find_sides();
    Choices choices;
    choices.moved.resize(insts_.size());
    for (uint32_t i = first_; i < last_; ++i) {
      if (at(i).condition != kNone) choices.by_select[i].condition = at(i).condition;
      const Side side = at(i).side;
      if (side == kNone) continue;
      Choice& choice = choices.by_select[side / 2];
      (side % 2 == 0 ? choice.yes : choice.no).push_back(i);
      choices.moved[i - first_] = true;
    }
    return choices;
  }

 private:
  struct Known {
    uint32_t bracket = kNone;    // the innermost one around the instruction
    uint32_t condition = kNone;  // of a choice: the load that decides it
    bool used = false;
    Side side = kNone;  // where all users, and so the instruction, belong
  };

  Known& at(uint32_t inst) { return insts_[inst - first_]; }

  void prepare() {
    std::vector<uint32_t> open = {kNone};
    for (uint32_t i = first_; i < last_; ++i) {
      const Code code = code_[i].code;
      if (code == Code::kEndLoop || code == Code::kEndReduce) open.pop_back();
      at(i).bracket = open.back();
      if (code == Code::kLoop || code == Code::kReduce) open.push_back(i);
      if (code == Code::kStore) last_store_[program_[code_[i].access].array.index] = i;
      if (code == Code::kSelect) at(i).condition = shared_condition(i);
    }
  }

  uint32_t shared_condition(uint32_t select) const {
    const Operand from = block_.operand(code_[select].a, select);
    const Inst& inst = code_[from.inst];
    const bool shared = from.from == Operand::From::kAgain && inst.code == Code::kLoad &&
                        is_shared(program_[program_[inst.access].array].rank);
    return shared ? from.inst : kNone;
  }

  // Users come later, so one walk from the last instruction to the first sees them all.
  void find_sides() {
    for (Known& known : insts_) known.used = false, known.side = kNone;
    for (uint32_t i = last_; i-- > first_;) {
      if (!may_move(i)) at(i).side = kNone;
      const Inst& inst = code_[i];
      if (inst.code == Code::kStore && block_.insts[i].dead) continue;
      const bool choice = at(i).condition != kNone;
      if (!choice) use(inst.a, i, at(i).side);
      use(inst.b, i, choice ? 2 * i : at(i).side);
      use(inst.c, i, choice ? 2 * i + 1 : at(i).side);
    }
  }

  bool may_move(uint32_t i) const {
    if (block_.insts[i].scratch != PlanInst::kNone) return false;
    switch (code_[i].code) {
      case Code::kStore:
      case Code::kLoop:
      case Code::kEndLoop:
      case Code::kReduce:
      case Code::kEndReduce:
        return false;
      case Code::kLoad: {
        const auto stored = last_store_.find(program_[code_[i].access].array.index);
        return stored == last_store_.end() || stored->second < i;
      }
      default:
        return true;
    }
  }

  void use(ir::ValueId value, uint32_t user, Side side) {
    if (!value.valid()) return;
    const Operand operand = block_.operand(value, user);
    if (operand.from != Operand::From::kRegister) return;
    Known& made = at(operand.inst);
    if (made.bracket != at(user).bracket) side = kNone;
    made.side = made.used ? around_both(made.side, side) : side;
    made.used = true;
  }

  Side around(Side side) { return at(side / 2).side; }

  Side around_both(Side a, Side b) {
    while (a != b) {
      if (a == kNone || b == kNone) return kNone;
      if (a / 2 == b / 2) return around(a);
      Side& inner = a < b ? a : b;
      inner = around(inner);
    }
    return a;
  }

  void leave_out_small() {
    std::vector<uint32_t> weights(2 * insts_.size());
    for (uint32_t i = first_; i < last_; ++i) {
      const uint32_t own = weight(program_, code_[i]);
      for (Side side = at(i).side; side != kNone; side = around(side)) {
        weights[side - 2 * first_] += own;
      }
    }
    for (size_t i = 0; i < insts_.size(); ++i) {
      if (std::max(weights[2 * i], weights[2 * i + 1]) < kWorth) insts_[i].condition = kNone;
    }
  }

  const ir::Program& program_;
  const BlockPlan& block_;
  const std::vector<Inst>& code_;
  const uint32_t first_, last_;
  std::vector<Known> insts_;
  std::map<uint32_t, uint32_t> last_store_;  // of each array
};

}  // namespace

Choices find_choices(const ir::Program& program, const BlockPlan& block, const PlanNode& node) {
  return ChoiceFinder(program, block, node).run();
}

}  // namespace headrace::code
