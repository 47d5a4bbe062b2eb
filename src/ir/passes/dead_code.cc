#include <vector>

#include "ir/passes/passes.h"

namespace headrace::ir {

namespace {

bool has_effect(Code code) {
  return code == Code::kStore || code == Code::kDelayWrite || code == Code::kBehind ||
         code == Code::kArrayCall;
}
bool opens(Code code) { return code == Code::kLoop || code == Code::kReduce; }
bool closes(Code code) { return code == Code::kEndLoop || code == Code::kEndReduce; }

// Marks what is used, from the last instruction to the first. A bracket lives when something in it
// has an effect or, for a reduction, when its result is used.
std::vector<bool> find_live(const std::vector<Inst>& code) {
  std::vector<bool> live(code.size());
  std::vector<size_t> ends;  // of the brackets around the current instruction
  for (size_t i = code.size(); i-- > 0;) {
    const Inst& inst = code[i];
    if (closes(inst.code)) ends.push_back(i);
    if (opens(inst.code)) {
      live[i] = live[ends.back()];
      ends.pop_back();
      continue;
    }
    if (has_effect(inst.code)) {
      live[i] = true;
      for (size_t end : ends) live[end] = true;
    }
    if (!live[i]) continue;
    for (ValueId operand : {inst.a, inst.b, inst.c}) {
      if (operand.valid()) live[operand.index] = true;
    }
  }
  return live;
}

// One sweep can leave operands of brackets that turned out alive late; sweeping until nothing
// changes is simple, and two rounds are the rule.
bool sweep(Block& block, uint32_t* tail) {
  const std::vector<bool> live = find_live(block.code);
  std::vector<ValueId> renamed(block.code.size());
  std::vector<Inst> kept;
  uint32_t new_tail = tail ? *tail : 0;
  for (size_t i = 0; i < block.code.size(); ++i) {
    if (tail && i == *tail) new_tail = static_cast<uint32_t>(kept.size());
    if (!live[i]) continue;
    Inst inst = block.code[i];
    for (ValueId* operand : {&inst.a, &inst.b, &inst.c}) {
      if (operand->valid()) *operand = renamed[operand->index];
    }
    renamed[i] = ValueId(kept.size());
    kept.push_back(inst);
  }
  if (tail && *tail == block.code.size()) new_tail = static_cast<uint32_t>(kept.size());
  if (tail) *tail = new_tail;
  const bool changed = kept.size() != block.code.size();
  block.code = std::move(kept);
  return changed;
}

}  // namespace

void remove_dead_code(Program& program) {
  for (Block* block : {&program.run, &program.time, &program.draw, &program.initial, &program.step,
                       &program.finish}) {
    uint32_t* tail = block == &program.step ? &program.step_tail : nullptr;
    while (sweep(*block, tail)) {
    }
  }
}

}  // namespace headrace::ir
