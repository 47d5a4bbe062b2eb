// Segments: the arithmetic of a program, for one vector of lanes after another.

#include <llvm/IR/Constants.h>
#include <llvm/IR/Metadata.h>

#include <cmath>

#include "base/check.h"
#include "code/llvm/choices.h"
#include "code/llvm/emitter.h"
#include "code/llvm/reciprocal.h"
#include "code/ops.h"
#include "code/reduce.h"

namespace headrace::code {

using ir::Code;
using ir::Inst;

namespace {

class SegmentEmitter : FunctionEmitter {
 public:
  SegmentEmitter(ModuleEmitter& module, const SegmentRef& segment, llvm::Function* function)
      : FunctionEmitter(module, function),
        segment_(segment),
        program_(module.emission.program),
        block_(*segment.block),
        code_(block_.block->code),
        node_(*segment.node),
        choices_(find_choices(program_, block_, node_)),
        values_(node_.last - node_.first) {
    for (size_t i = 0; i < segment.loops.size(); ++i)
      ordinals[segment.loops[i].index] = function->getArg(static_cast<unsigned>(3 + i));
  }

  void run() {
    tile_ = function->getArg(1);
    scratch_ = function->getArg(2);
    run_ = field(offsetof(Context, run), module.pointer);
    row_ = field(offsetof(Context, row), module.pointer);
    const Shape& shape = module.emission.shape;
    if (segment_.all_vectors && shape.lanes > shape.width) {
      go_through_vectors(shape.lanes / shape.width);
    } else {
      emit_vector();
    }
    builder.CreateRetVoid();
  }

 private:
  // The pointers move along, so that each access needs one register and a constant.
  void go_through_vectors(size_t count) {
    llvm::BasicBlock* before = builder.GetInsertBlock();
    loop(integer(count), 1, [&](llvm::Value*) {
      const std::pair<llvm::Value**, llvm::Value*> bases[] = {{&tile_, tile_},
                                                              {&scratch_, scratch_}};
      for (auto [base, first] : bases) {
        llvm::PHINode* at = builder.CreatePHI(module.pointer, 2);
        at->addIncoming(first, before);
        *base = at;
      }
      llvm::PHINode* moving[] = {llvm::cast<llvm::PHINode>(tile_),
                                 llvm::cast<llvm::PHINode>(scratch_)};
      emit_vector();
      for (llvm::PHINode* at : moving) {
        llvm::Value* next = bytes(at, 8 * module.emission.shape.width);
        at->addIncoming(next, builder.GetInsertBlock());
      }
    });
  }

  void emit_vector() {
    const Emission& emission = module.emission;
    if (!emission.integration.in_segment.empty()) {
      for (const uint32_t state : emission.integration.in_segment[node_.segment])
        take_euler_step(slot(tile_, program_.state_slot + state),
                        slot(tile_, program_.rate_slot + state));
    }
    emit(node_.first, node_.last);
  }

  // A value of this segment: a number, or the mask of a truth value, or both. The missing one is
  // made when it is asked for.
  struct Value {
    llvm::Value* number = nullptr;
    llvm::Value* mask = nullptr;
    llvm::BasicBlock* made_in = nullptr;
  };

  void emit(uint32_t first, uint32_t last) {
    for (uint32_t i = first; i < last; ++i) {
      const Code code = code_[i].code;
      if (code == Code::kLoop || code == Code::kReduce) {
        emit_bracket(i);
        i = block_.insts[i].match;
      } else if (!choices_.moved[i - node_.first]) {
        emit_inst(i);
      }
      finish(i);
    }
  }

  // The value is known now: keep it for other nodes.
  void finish(uint32_t i) {
    if (block_.insts[i].scratch == PlanInst::kNone) return;
    const bool lazy = value(i).number == nullptr && value(i).mask == nullptr;
    llvm::Value* number = lazy ? again(i) : number_of(i);
    store_lanes(number, scratch_slot(i));
  }

  void emit_bracket(uint32_t open) {
    const uint32_t close = block_.insts[open].match;
    const Inst& bracket = code_[open];
    const bool reduce = bracket.code == Code::kReduce;
    const uint32_t extent = program_[bracket.loop].extent;
    llvm::Value* start = splat(reduce ? neutral(bracket.reduce) : 0);
    if (extent == 0) {
      if (reduce) set(close, IrVec{&builder, start});
      return;
    }
    llvm::BasicBlock* before = builder.GetInsertBlock();
    llvm::Value* result = nullptr;
    loop(integer(extent), 1, [&](llvm::Value* ordinal) {
      llvm::PHINode* sum = nullptr;
      if (reduce) {
        sum = builder.CreatePHI(module.vector, 2);
        sum->addIncoming(start, before);
      }
      ordinals[bracket.loop.index] = ordinal;
      emit(open + 1, close);
      if (reduce) {
        const IrVec next = number(code_[close].a, close);
        result = combine(bracket.reduce, {&builder, sum}, next).value;
        sum->addIncoming(result, builder.GetInsertBlock());
      }
      ordinals.erase(bracket.loop.index);
    });
    if (reduce) set(close, IrVec{&builder, result});
  }

  void emit_choice(uint32_t i, const Choice& choice) {
    llvm::BasicBlock* sides[] = {llvm::BasicBlock::Create(module.context, "yes", function),
                                 llvm::BasicBlock::Create(module.context, "no", function)};
    auto* after = llvm::BasicBlock::Create(module.context, "after", function);
    llvm::Value* zero = llvm::ConstantFP::get(module.number, 0);
    builder.CreateCondBr(builder.CreateFCmpUNE(load_shared(code_[choice.condition]), zero),
                         sides[0], sides[1]);
    std::pair<llvm::Value*, llvm::BasicBlock*> results[2];
    for (const bool no : {false, true}) {
      builder.SetInsertPoint(sides[no]);
      for (const uint32_t inst : no ? choice.no : choice.yes) emit_inst(inst);
      llvm::Value* result = number(no ? code_[i].c : code_[i].b, i).value;
      results[no] = {result, builder.GetInsertBlock()};
      builder.CreateBr(after);
    }
    builder.SetInsertPoint(after);
    llvm::PHINode* result = builder.CreatePHI(module.vector, 2);
    for (auto [value, block] : results) result->addIncoming(value, block);
    set(i, IrVec{&builder, result});
  }

  template <Op op, int arity>
  void emit_op(uint32_t i) {
    using enum Op;
    const Inst& inst = code_[i];
    using O = math::Ops<IrVec>;
    if constexpr (op == kNot) {
      set(i, O::invert(mask(inst.a, i)));
    } else if constexpr (op == kAnd) {
      set(i, mask(inst.a, i) & mask(inst.b, i));
    } else if constexpr (op == kOr) {
      set(i, mask(inst.a, i) | mask(inst.b, i));
    } else if constexpr (op == kLess || op == kLessEqual || op == kEqual || op == kNotEqual) {
      set(i, compare<op>(number(inst.a, i), number(inst.b, i)));
    } else if constexpr (op == kSelect) {
      set(i, O::select(mask(inst.a, i), number(inst.b, i), number(inst.c, i)));
    } else if constexpr (op == kFloor) {
      set(i, O::intrinsic(llvm::Intrinsic::floor, number(inst.a, i)));
    } else if constexpr (op == kCeil) {
      set(i, O::intrinsic(llvm::Intrinsic::ceil, number(inst.a, i)));
    } else if constexpr (op == kTrunc) {
      set(i, O::intrinsic(llvm::Intrinsic::trunc, number(inst.a, i)));
    } else if constexpr (op == kRound) {
      set(i, O::intrinsic(llvm::Intrinsic::roundeven, number(inst.a, i)));
    } else if constexpr (op == kDivide) {
      set(i, divide(number(inst.a, i), inst.b, i));
    } else if constexpr (arity == 1) {
      set(i, apply_unary<op>(number(inst.a, i)));
    } else {
      set(i, apply_binary<op>(number(inst.a, i), number(inst.b, i)));
    }
  }

  IrVec divide(IrVec x, ir::ValueId divisor, uint32_t user) {
    const Operand by = block_.operand(divisor, user);
    if (module.emission.shape.reciprocals && by.from == Operand::From::kAgain &&
        code_[by.inst].code == Code::kConstant) {
      if (const auto reciprocal = find_reciprocal(code_[by.inst].number)) {
        const IrVec low = x * reciprocal->low;
        llvm::Value* parts[] = {x.value, x.constant(reciprocal->high).value, low.value};
        return {&builder, builder.CreateIntrinsic(llvm::Intrinsic::fma, {module.vector}, parts)};
      }
    }
    return x / number(divisor, user);
  }

  void emit_inst(uint32_t i) {
    const Inst& inst = code_[i];
    const PlanInst& plan = block_.insts[i];
    if (auto choice = choices_.by_select.find(i); choice != choices_.by_select.end()) {
      return emit_choice(i, choice->second);
    }
    switch (inst.code) {
#define OP(name, spelling, arity) \
  case Code::name:                \
    return emit_op<Op::name, arity>(i);
#include "model/ops.def"
#undef OP
      case Code::kConstant:
      case Code::kTimeNow:
      case Code::kStepTime:
      case Code::kOrdinal:
        return;  // made where they are used
      case Code::kLoad:
        if (!plan.invariant && plan.forward == PlanInst::kNone) set(i, load(inst));
        return;
      case Code::kStore:
        if (plan.dead) return;
        return store_lanes(number(inst.a, i).value, place(inst));
      case Code::kLookup:
        return set(i, emit_lookup(module, inst.table.index, number(inst.a, i)));
      case Code::kLoop:
      case Code::kEndLoop:
      case Code::kReduce:
      case Code::kEndReduce:
      case Code::kDelayRead:
      case Code::kDelayWrite:
      case Code::kBehind:
      case Code::kNoise:
      case Code::kArrayCall:
        CHECK(false && "not a part of a segment");
    }
  }

  // ------------------------------------------------------------- operands

  Value& value(uint32_t i) { return values_[i - node_.first]; }
  void set(uint32_t i, IrVec v) { value(i) = {v.value, nullptr, builder.GetInsertBlock()}; }
  void set(uint32_t i, IrMask m) { value(i) = {nullptr, m.value, builder.GetInsertBlock()}; }

  llvm::Value* number_of(uint32_t i) {
    Value& v = value(i);
    if (v.number != nullptr) return v.number;
    CHECK(v.mask != nullptr);
    llvm::Value* number = builder.CreateSelect(v.mask, splat(1), splat(0));
    // Elsewhere it might not be visible to later users.
    if (v.made_in == builder.GetInsertBlock()) v.number = number;
    return number;
  }

  IrVec number(ir::ValueId id, uint32_t user) { return {&builder, find(block_.operand(id, user))}; }

  llvm::Value* find(Operand operand) {
    switch (operand.from) {
      case Operand::From::kRegister:
        return number_of(operand.inst);
      case Operand::From::kAgain:
        return again(operand.inst);
      case Operand::From::kPlace:
        return load(code_[operand.inst]).value;
      case Operand::From::kScratch:
        return load_lanes(scratch_slot(operand.inst));
    }
    return nullptr;
  }

  IrMask mask(ir::ValueId id, uint32_t user) {
    const Operand operand = block_.operand(id, user);
    if (operand.from == Operand::From::kRegister && value(operand.inst).mask != nullptr)
      return {&builder, value(operand.inst).mask};
    return IrVec{&builder, find(operand)} != 0.0;
  }

  llvm::Value* again(uint32_t i) {
    const Inst& inst = code_[i];
    switch (inst.code) {
      case Code::kConstant:
        return splat(inst.number);
      case Code::kTimeNow:
        return spread(field(offsetof(Context, now), module.number));
      case Code::kStepTime:
        return spread(field(offsetof(Context, step_time), module.number));
      case Code::kOrdinal:
        return spread(builder.CreateUIToFP(ordinals.at(inst.loop.index), module.number));
      default:
        CHECK(inst.code == Code::kLoad);
        return load(inst).value;
    }
  }

  llvm::Value* spread(llvm::Value* one) {
    return builder.CreateVectorSplat(module.emission.shape.width, one);
  }

  llvm::Value* place(const Inst& inst) { return address(program_[inst.access], tile_, run_, row_); }
  llvm::Value* slot(llvm::Value* base, uint64_t number) {
    return bytes(base, 8 * module.emission.shape.lanes * number);
  }
  llvm::Value* scratch_slot(uint32_t i) {
    CHECK(block_.insts[i].scratch != PlanInst::kNone);
    return slot(scratch_, block_.insts[i].scratch);
  }

  IrVec load(const Inst& inst) {
    const bool shared = is_shared(program_[program_[inst.access].array].rank);
    if (!shared) return {&builder, load_lanes(place(inst))};
    return {&builder, spread(load_shared(inst))};
  }

  // One number for all lanes.
  llvm::Value* load_shared(const Inst& inst) {
    llvm::LoadInst* one = builder.CreateLoad(module.number, place(inst));
    one->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(module.context, {}));
    return one;
  }

  const SegmentRef& segment_;
  const ir::Program& program_;
  const BlockPlan& block_;
  const std::vector<Inst>& code_;
  const PlanNode& node_;
  const Choices choices_;
  std::vector<Value> values_;
  llvm::Value *tile_ = nullptr, *scratch_ = nullptr, *run_ = nullptr, *row_ = nullptr;
};

}  // namespace

void emit_segment(ModuleEmitter& module, uint32_t number) {
  SegmentEmitter(module, module.emission.segments[number], module.segment(number)).run();
}

}  // namespace headrace::code
