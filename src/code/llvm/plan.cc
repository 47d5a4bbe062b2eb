#include "code/llvm/plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/check.h"
#include "code/llvm/scratch.h"

namespace headrace::code {

using ir::Code;
using ir::Inst;

namespace {

// A value used within this weight of its making stays in its register.
constexpr uint32_t kNear = 60;

bool is_open(Code code) { return code == Code::kLoop || code == Code::kReduce; }
bool is_close(Code code) { return code == Code::kEndLoop || code == Code::kEndReduce; }

bool reads_array(const Inst& inst) {
  return inst.code == Code::kLoad || inst.code == Code::kDelayRead;
}

bool is_constant(Code code) {
  return code == Code::kConstant || code == Code::kTimeNow || code == Code::kStepTime ||
         code == Code::kOrdinal;
}

// Which arrays somebody outside the blocks reads.
std::vector<bool> observed(const ir::Program& program) {
  std::vector<bool> seen(program.arrays.size(), false);
  auto see = [&](ir::ArrayId array) { seen[array.index] = true; };
  for (const ir::Output& output : program.outputs) see(output.array);
  for (const auto* list :
       {&program.measures, &program.claim_measures, &program.claim_conditions, &program.checks}) {
    for (ir::ArrayId array : *list) see(array);
  }
  for (const ir::Move& move : program.moves) see(move.to), see(move.from);
  for (size_t i = 0; i < program.arrays.size(); ++i) {
    const ir::Array& array = program.arrays[i];
    if (is_shared(array.rank)) continue;
    auto overlaps = [&](uint64_t slot, uint64_t count) {
      return array.slot < slot + count && slot < uint64_t{array.slot} + array.size;
    };
    if (overlaps(program.state_slot, program.states) || overlaps(program.rate_slot, program.states))
      seen[i] = true;
  }
  return seen;
}

class BlockPlanner {
 public:
  BlockPlanner(const ir::Program& program, const ir::Block& block, uint32_t chunk_weight,
               Plan& plan, BlockPlan& out)
      : program_(program), code_(block.code), chunk_weight_(chunk_weight), plan_(plan), out_(out) {
    out_.block = &block;
    out_.insts.resize(code_.size());
  }

  void run(std::vector<bool> readable, uint32_t cut) {
    match_brackets();
    find_places();
    find_wanted(std::move(readable));
    out_.tail_node = PlanInst::kNone;
    out_.nodes = divide(0, static_cast<uint32_t>(code_.size()), cut);
    out_.tail_node = std::min(out_.tail_node, static_cast<uint32_t>(out_.nodes.size()));
    place_values();
  }

 private:
  void match_brackets() {
    std::vector<uint32_t> open;
    uint32_t position = 0;
    for (uint32_t i = 0; i < code_.size(); ++i) {
      out_.insts[i].position = position;
      position += weight(program_, code_[i]);
      if (is_open(code_[i].code)) open.push_back(i);
      if (!is_close(code_[i].code)) continue;
      CHECK(!open.empty());
      out_.insts[i].match = open.back();
      out_.insts[open.back()].match = i;
      open.pop_back();
    }
    CHECK(open.empty());
    total_weight_ = position;
  }

  // Element of its array that an access without terms names.
  std::pair<uint32_t, uint32_t> place(const Inst& inst) const {
    const ir::Access& access = program_[inst.access];
    return {access.array.index, access.offset};
  }
  bool is_fixed(const Inst& inst) const { return program_[inst.access].terms.empty(); }

  // Sole stores, invariant and forwarded loads.
  void find_places() {
    std::set<uint32_t> stored, scattered;
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> stores;
    for (const Inst& inst : code_) {
      if (inst.code == Code::kArrayCall) {
        stored.insert(program_[inst.access].array.index);
        scattered.insert(program_[inst.access].array.index);
      }
      if (inst.code != Code::kStore) continue;
      stored.insert(program_[inst.access].array.index);
      if (is_fixed(inst)) {
        ++stores[place(inst)];
      } else {
        scattered.insert(program_[inst.access].array.index);
      }
    }
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> holder;
    uint32_t depth = 0;
    for (uint32_t i = 0; i < code_.size(); ++i) {
      const Inst& inst = code_[i];
      depth += is_open(inst.code);
      depth -= is_close(inst.code);
      if (inst.code == Code::kStore && is_fixed(inst) && depth == 0 && stores[place(inst)] == 1 &&
          !scattered.contains(place(inst).first)) {
        out_.insts[i].sole = true;
        holder[place(inst)] = i;
        if (PlanInst& value = out_.insts[inst.a.index]; value.home == PlanInst::kNone)
          value.home = i;
      }
      if (inst.code != Code::kLoad) continue;
      out_.insts[i].invariant = !stored.contains(program_[inst.access].array.index);
      if (!is_fixed(inst)) continue;
      if (auto found = holder.find(place(inst)); found != holder.end()) {
        out_.insts[i].forward = code_[found->second].a.index;
        out_.insts[i].holder = found->second;
      }
    }
  }

  // Drivers run it; segments hold light ones.
  bool is_heavy(uint32_t open) const {
    if (program_[code_[open].loop].when.valid()) return true;
    const uint32_t close = out_.insts[open].match;
    if (out_.insts[close].position - out_.insts[open].position > 2 * chunk_weight_) return true;
    return std::any_of(code_.begin() + open, code_.begin() + close,
                       [](const Inst& inst) { return is_device(inst.code); });
  }

  // Cuts [first, last) into nodes; a cut at `cut` is sure when it lies inside.
  std::vector<PlanNode> divide(uint32_t first, uint32_t last, uint32_t cut) {
    std::vector<PlanNode> nodes;
    uint32_t from = first;
    auto flush = [&](uint32_t to) {
      if (to > from) nodes.push_back(segment(from, to));
      from = to;
    };
    for (uint32_t i = first; i < last;) {
      if (i == cut) {
        flush(i);
        out_.tail_node = static_cast<uint32_t>(nodes.size());
      }
      const Code code = code_[i].code;
      if (is_device(code)) {
        flush(i);
        out_.insts[i].node = next_node_++;
        nodes.push_back({PlanNode::Kind::kDevice, i, i + 1, 0, {}});
        from = ++i;
      } else if (is_open(code) && is_heavy(i)) {
        flush(i);
        const uint32_t close = out_.insts[i].match;
        out_.insts[i].node = out_.insts[close].node = next_node_++;
        nodes.push_back({PlanNode::Kind::kLoop, i, close + 1, 0, divide(i + 1, close, UINT32_MAX)});
        from = i = close + 1;
      } else {
        i = is_open(code) ? out_.insts[i].match + 1 : i + 1;
        const uint32_t end = i < code_.size() ? out_.insts[i].position : total_weight_;
        if (end - out_.insts[from].position >= chunk_weight_) flush(i);
      }
    }
    flush(last);
    return nodes;
  }

  PlanNode segment(uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; ++i) out_.insts[i].node = next_node_;
    ++next_node_;
    const uint32_t end = to < code_.size() ? out_.insts[to].position : total_weight_;
    plan_.segment_weights.push_back(end - out_.insts[from].position + 1);
    const auto number = static_cast<uint32_t>(plan_.segment_weights.size() - 1);
    return {PlanNode::Kind::kSegment, from, to, number, {}};
  }

  // Stores whose place is read otherwise than by the operands of this block. `readable` marks
  // arrays read outside of it.
  void find_wanted(std::vector<bool> readable) {
    for (uint32_t i = 0; i < code_.size(); ++i) {
      const Inst& inst = code_[i];
      if (inst.code == Code::kArrayCall) {
        for (const ir::Slab& slab : program_.calls[inst.index].slabs)
          readable[program_[slab.first].array.index] = true;
      }
      if (reads_array(inst) &&
          (inst.code != Code::kLoad || out_.insts[i].forward == PlanInst::kNone))
        readable[program_[inst.access].array.index] = true;
    }
    for (uint32_t i = 0; i < code_.size(); ++i) {
      if (code_[i].code != Code::kStore) continue;
      PlanInst& inst = out_.insts[i];
      inst.dead = inst.sole && !readable[program_[code_[i].access].array.index];
    }
  }

  // Gives scratch slots.
  void place_values() {
    std::vector<uint32_t> last_use(code_.size(), PlanInst::kNone);
    std::vector<Kept> kept;
    for (uint32_t i = 0; i < code_.size(); ++i) {
      const Inst& inst = code_[i];
      if (inst.code != Code::kArrayCall && out_.wants_memory(i)) last_use[i] = i;
      if (inst.code == Code::kDelayRead && is_shared(program_[program_[inst.access].array].rank))
        kept.push_back({i, i, &PlanInst::spread});
      for (ir::ValueId value : operands(inst)) {
        if (!value.valid()) continue;
        const Operand from = out_.operand(value, i);
        if (from.from == Operand::From::kScratch) last_use[from.inst] = i;
      }
    }
    for (uint32_t i = 0; i < code_.size(); ++i) {
      if (last_use[i] != PlanInst::kNone) kept.push_back({i, last_use[i], &PlanInst::scratch});
    }
    plan_.scratch_slots = std::max(plan_.scratch_slots, assign_scratch(out_, kept));
  }

  const ir::Program& program_;
  const std::vector<Inst>& code_;
  const uint32_t chunk_weight_;
  Plan& plan_;
  BlockPlan& out_;
  uint32_t next_node_ = 0;
  uint32_t total_weight_ = 0;
};

}  // namespace

bool BlockPlan::wants_memory(uint32_t user) const {
  const Code code = block->code[user].code;
  if (is_device(code)) return true;
  return code == Code::kEndReduce && insts[user].node != insts[user - 1].node;
}

Operand BlockPlan::operand(ir::ValueId value, uint32_t user) const {
  uint32_t root = value.index;
  while (insts[root].forward != PlanInst::kNone) root = insts[root].forward;
  const PlanInst& inst = insts[root];
  const bool memory = wants_memory(user);
  const bool free = is_constant(block->code[root].code) || inst.invariant;
  if (free && !memory) return {Operand::From::kAgain, root};
  const bool near = inst.node == insts[user].node && !memory;
  if (near && insts[user].position - inst.position <= kNear)
    return {Operand::From::kRegister, root};
  if (value.index != root && !insts[insts[value.index].holder].dead)
    return {Operand::From::kPlace, value.index};
  if (inst.home != PlanInst::kNone && inst.home < user && !insts[inst.home].dead)
    return {Operand::From::kPlace, inst.home};
  return {near ? Operand::From::kRegister : Operand::From::kScratch, root};
}

bool is_shared(ir::Rank rank) { return rank == ir::Rank::kRun || rank == ir::Rank::kTime; }

bool is_device(Code code) {
  return code == Code::kDelayRead || code == Code::kDelayWrite || code == Code::kBehind ||
         code == Code::kNoise || code == Code::kArrayCall;
}

uint32_t weight(const ir::Program& program, const Inst& inst) {
  switch (inst.code) {
    case Code::kConstant:
    case Code::kTimeNow:
    case Code::kStepTime:
    case Code::kOrdinal:
      return 0;
    case Code::kDivide:
    case Code::kSqrt:
      return 4;
    case Code::kRound:
    case Code::kTrunc:
    case Code::kSign:
      return 5;
    case Code::kMod:
      return 10;
    case Code::kExp:
    case Code::kLn:
      return 45;
    case Code::kSin:
    case Code::kCos:
    case Code::kTan:
    case Code::kAsin:
    case Code::kAcos:
    case Code::kAtan:
      return 60;
    case Code::kPower:
      return 150;
    case Code::kLookup:
      return 10 + 4 * static_cast<uint32_t>(std::min<size_t>(program[inst.table].x.size(), 8));
    default:
      return 1;
  }
}

Plan make_plan(const ir::Program& program, const PlanOptions& options) {
  Plan plan;
  const std::vector<bool> seen = observed(program);
  const std::vector<std::pair<const ir::Block*, BlockPlan*>> blocks = {
      {&program.draw, &plan.draw},
      {&program.initial, &plan.initial},
      {&program.step, &plan.step},
      {&program.finish, &plan.finish}};
  for (auto [block, out] : blocks) {
    std::vector<bool> readable = seen;
    for (auto [other, unused] : blocks) {
      if (other == block) continue;
      for (const Inst& inst : other->code) {
        if (inst.code == Code::kArrayCall) {
          for (const ir::Slab& slab : program.calls[inst.index].slabs)
            readable[program[slab.first].array.index] = true;
        }
        if (reads_array(inst)) readable[program[inst.access].array.index] = true;
      }
    }
    const bool stages =
        block == &program.step && program.clock.method == model::Clock::Method::kRk4;
    const uint32_t weight =
        block == &program.step ? options.step_chunk_weight : options.chunk_weight;
    BlockPlanner(program, *block, weight, plan, *out)
        .run(std::move(readable), stages ? program.step_tail : UINT32_MAX);
  }
  return plan;
}

}  // namespace headrace::code
