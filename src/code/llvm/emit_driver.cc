// Drivers: the order in which segments and device operations of a block run, the integrators and
// the time loop. All as program.h states them.

#include <cstddef>

#include "base/check.h"
#include "code/llvm/emitter.h"
#include "code/ops.h"
#include "code/reduce.h"
#include "code/slices.h"

namespace headrace::code {

using ir::Code;
using ir::Inst;

namespace {

// Walks the nodes of one block.
class BlockDriver : FunctionEmitter {
 public:
  BlockDriver(ModuleEmitter& module, const std::string& name, const BlockPlan& block)
      : FunctionEmitter(module, module.declare(name, {})),
        program_(module.emission.program),
        lanes_(module.emission.shape.lanes),
        block_(block),
        code_(block.block->code) {}

  void run(size_t nodes) {
    tile_ = field(offsetof(Context, tile), module.pointer);
    scratch_ = field(offsetof(Context, scratch), module.pointer);
    history_ = field(offsetof(Context, history), module.pointer);
    run_ = field(offsetof(Context, run), module.pointer);
    row_ = field(offsetof(Context, row), module.pointer);
    for (size_t i = 0; i < nodes; ++i) emit(block_.nodes[i]);
    builder.CreateRetVoid();
  }

 private:
  void emit(const PlanNode& node) {
    switch (node.kind) {
      case PlanNode::Kind::kSegment:
        return call_segment(node);
      case PlanNode::Kind::kDevice:
        return call_device(node.first);
      case PlanNode::Kind::kLoop:
        return emit_loop(node);
    }
  }

  void call_segment(const PlanNode& node) {
    const SegmentRef& segment = module.emission.segments[node.segment];
    std::vector<llvm::Value*> arguments = {context, tile_, scratch_};
    for (ir::LoopId loop : segment.loops) arguments.push_back(ordinals.at(loop.index));
    auto call = [&] { builder.CreateCall(module.segment(node.segment), arguments); };
    if (segment.all_vectors) return call();
    each_vector([&](llvm::Value* offset) {
      arguments[1] = bytes(tile_, offset);
      arguments[2] = bytes(scratch_, offset);
      call();
    });
  }

  // Once, or not at all.
  void emit_when(const PlanNode& node, ir::LoopId loop) {
    auto* inside = llvm::BasicBlock::Create(module.context, "inside", function);
    auto* after = llvm::BasicBlock::Create(module.context, "after", function);
    llvm::Value* number = builder.CreateLoad(
        module.number, address(program_[program_[loop].when], tile_, run_, row_));
    llvm::Value* zero = llvm::ConstantFP::get(module.number, 0);
    builder.CreateCondBr(builder.CreateFCmpUNE(number, zero), inside, after);
    builder.SetInsertPoint(inside);
    ordinals[loop.index] = integer(0);
    for (const PlanNode& inner : node.body) emit(inner);
    ordinals.erase(loop.index);
    builder.CreateBr(after);
    builder.SetInsertPoint(after);
  }

  void emit_loop(const PlanNode& node) {
    const Inst& bracket = code_[node.first];
    if (program_[bracket.loop].when.valid()) return emit_when(node, bracket.loop);
    const uint32_t close = node.last - 1;
    const bool reduce = bracket.code == Code::kReduce;
    if (reduce) {
      each_vector([&](llvm::Value* offset) {
        store_lanes(splat(neutral(bracket.reduce)), bytes(scratch_slot(close), offset));
      });
    }
    const uint32_t extent = program_[bracket.loop].extent;
    if (extent == 0) return;
    loop(integer(extent), 1, [&](llvm::Value* ordinal) {
      ordinals[bracket.loop.index] = ordinal;
      for (const PlanNode& inner : node.body) emit(inner);
      if (reduce) add_to_reduction(close);
      ordinals.erase(bracket.loop.index);
    });
  }

  void add_to_reduction(uint32_t close) {
    llvm::Value* next = memory_of(code_[close].a, close);
    each_vector([&](llvm::Value* offset) {
      llvm::Value* sum = bytes(scratch_slot(close), offset);
      const IrVec a{&builder, load_lanes(sum)}, b{&builder, load_lanes(bytes(next, offset))};
      store_lanes(combine(code_[close].reduce, a, b).value, sum);
    });
  }

  void each_vector(const std::function<void(llvm::Value*)>& body) {
    loop(integer(8 * lanes_), 8 * module.emission.shape.width, body);
  }

  llvm::Value* scratch_slot(uint32_t inst) { return slot(block_.insts[inst].scratch); }
  llvm::Value* slot(uint32_t number) {
    CHECK(number != PlanInst::kNone);
    return bytes(scratch_, uint64_t{8} * lanes_ * number);
  }

  // All lanes of an operand, in memory.
  llvm::Value* memory_of(ir::ValueId value, uint32_t user) {
    const Operand from = block_.operand(value, user);
    if (from.from == Operand::From::kPlace) return place(code_[from.inst]);
    CHECK(from.from == Operand::From::kScratch);
    return scratch_slot(from.inst);
  }
  llvm::Value* place(const Inst& inst) { return address(program_[inst.access], tile_, run_, row_); }

  llvm::Value* series(const Inst& inst) {
    const ir::History& history = program_.histories[inst.index];
    llvm::Value* element_series =
        builder.CreateMul(element(program_[inst.access]).index, integer(history.series));
    llvm::Value* number = builder.CreateAdd(element_series, integer(history.slot));
    const uint64_t pitch = 8 * lanes_ * (program_.clock.steps + 1);
    return bytes(history_, builder.CreateMul(number, integer(pitch)));
  }

  llvm::Value* initial_values(uint32_t i) {
    const Inst& inst = code_[i];
    llvm::Value* from = place(inst);
    if (block_.insts[i].spread == PlanInst::kNone) return from;
    llvm::Value* to = slot(block_.insts[i].spread);
    llvm::Value* one = builder.CreateLoad(module.number, from);
    llvm::Value* all = builder.CreateVectorSplat(module.emission.shape.width, one);
    each_vector([&](llvm::Value* offset) { store_lanes(all, bytes(to, offset)); });
    return to;
  }

  // An element outside its array gives 0, and is never written.
  void call_device(uint32_t i) {
    if (code_[i].code == Code::kArrayCall) return call_array(code_[i]);
    llvm::Value* outside = element(program_[code_[i].access]).outside;
    if (outside == nullptr) return call_device_inside(i);
    auto* inside = llvm::BasicBlock::Create(module.context, "inside", function);
    auto* after = llvm::BasicBlock::Create(module.context, "after", function);
    each_vector(
        [&](llvm::Value* offset) { store_lanes(splat(0), bytes(scratch_slot(i), offset)); });
    builder.CreateCondBr(outside, after, inside);
    builder.SetInsertPoint(inside);
    call_device_inside(i);
    builder.CreateBr(after);
    builder.SetInsertPoint(after);
  }

  void call_device_inside(uint32_t i) {
    const Inst& inst = code_[i];
    llvm::Value* moment = bytes(context, offsetof(Context, moment));
    llvm::Value* lanes = integer(lanes_);
    llvm::Type *p = module.pointer, *n = module.i64;
    switch (inst.code) {
      case Code::kDelayRead:
        builder.CreateCall(module.device("headrace_delay_read", {p, p, p, p, p, n}),
                           {moment, series(inst), initial_values(i), memory_of(inst.a, i),
                            scratch_slot(i), lanes});
        return;
      case Code::kDelayWrite:
        builder.CreateCall(module.device("headrace_delay_write", {p, p, p, n}),
                           {moment, series(inst), memory_of(inst.a, i), lanes});
        return;
      case Code::kBehind:
        builder.CreateCall(module.device("headrace_behind", {p, p, p, p, p, n}),
                           {moment, series(inst), memory_of(inst.a, i), memory_of(inst.b, i),
                            scratch_slot(i), lanes});
        return;
      case Code::kNoise:
        return call_noise(i, moment);
      default:
        CHECK(false && "not a device operation");
    }
  }

  void call_array(const Inst& inst) {
    const ir::ArrayCall& call = program_.calls[inst.index];
    llvm::Type* p = module.pointer;
    llvm::BasicBlock& entry = function->getEntryBlock();
    llvm::IRBuilder<> start(&entry, entry.begin());
    llvm::Value* slabs =
        start.CreateAlloca(p, start.getInt32(static_cast<uint32_t>(call.slabs.size())));
    for (size_t s = 0; s < call.slabs.size(); ++s) {
      llvm::Value* first = address(program_[call.slabs[s].first], tile_, run_, row_);
      builder.CreateStore(first, bytes(slabs, 8 * s));
    }
    builder.CreateCall(
        module.device("headrace_array", {p, p, p, module.i64}),
        {module.shape(shape_of(program_, call, lanes_)), slabs, place(inst), integer(lanes_)});
  }

  void call_noise(uint32_t i, llvm::Value* moment) {
    const Inst& inst = code_[i];
    const ir::Noise& noise = program_.noises[inst.index];
    llvm::Type *p = module.pointer, *n = module.i64, *b = builder.getInt1Ty();
    llvm::FunctionCallee callee = module.device("headrace_noise", {p, n, n, n, b, n, p, n});
    llvm::CallInst* call = builder.CreateCall(
        callee, {moment, field(offsetof(Context, seed), n), integer(noise.key),
                 element(program_[inst.access]).index, builder.getInt1(noise.normal),
                 field(offsetof(Context, first_draw), n), scratch_slot(i), integer(lanes_)});
    call->addParamAttr(4, llvm::Attribute::ZExt);  // how C++ passes a bool
  }

  const ir::Program& program_;
  const uint64_t lanes_;
  const BlockPlan& block_;
  const std::vector<Inst>& code_;
  llvm::Value *tile_ = nullptr, *scratch_ = nullptr, *history_ = nullptr, *run_ = nullptr,
              *row_ = nullptr;
};

// The functions that the kernel calls: start, advance, finish.
class EntryEmitter : FunctionEmitter {
 public:
  EntryEmitter(ModuleEmitter& module, const std::string& name, std::vector<llvm::Type*> parameters)
      : FunctionEmitter(module, module.declare(name, parameters)),
        program_(module.emission.program),
        lanes_(module.emission.shape.lanes) {}

  void start() {
    tile_ = field(offsetof(Context, tile), module.pointer);
    set_moment(integer(0));
    for (auto [first, last] : module.emission.integration.within) {
      each_state(first, last, [&](llvm::Value* at) {
        put(program_.rate_slot, at, {&builder, splat(-0.0)});
      });
    }
    for (const char* block : {"headrace_draw", "headrace_initial", "headrace_step"}) call(block);
    builder.CreateRetVoid();
  }

  void finish() {
    set_moment(field(k_offset, module.i64));
    call("headrace_answers");
    builder.CreateRetVoid();
  }

  void advance() {
    tile_ = field(offsetof(Context, tile), module.pointer);
    set_moment(field(k_offset, module.i64));
    // The host never asks for no steps.
    loop(function->getArg(1), 1, [&](llvm::Value*) {
      llvm::Value* k = field(k_offset, module.i64);
      if (program_.clock.method == model::Clock::Method::kRk4) {
        runge_kutta(k);
      } else {
        euler();
      }
      for (const ir::Move& move : program_.moves) emit_move(move);
      set_moment(builder.CreateAdd(k, integer(1)));
      call("headrace_step");
    });
    builder.CreateRetVoid();
  }

 private:
  static constexpr uint64_t kVectorsATurn = 4;
  static constexpr size_t k_offset = offsetof(Context, moment) + offsetof(Moment, k);

  void call(const char* block) { builder.CreateCall(module.declare(block, {}), {context}); }

  llvm::Value* constant(double c) { return llvm::ConstantFP::get(module.number, c); }

  llvm::Value* time_at(llvm::Value* k) {
    llvm::Value* elapsed =
        builder.CreateFMul(builder.CreateUIToFP(k, module.number), constant(program_.clock.step));
    return builder.CreateFAdd(constant(program_.clock.start), elapsed);
  }

  void set_stage(llvm::Value* now, bool first) {
    set_field(offsetof(Context, now), now);
    set_field(offsetof(Context, moment) + offsetof(Moment, first_stage), builder.getInt8(first));
  }

  void set_moment(llvm::Value* k) {
    llvm::Value* now = time_at(k);
    set_field(k_offset, k);
    set_field(offsetof(Context, step_time), now);
    llvm::Value* time = field(offsetof(Context, time), module.pointer);
    set_field(offsetof(Context, row),
              bytes(time, builder.CreateMul(k, integer(uint64_t{8} * program_.time_slots))));
    set_stage(now, true);
  }

  // S, R and so on: vectors of `states` slots, here one machine vector of them.
  llvm::Value* part(uint32_t slot, llvm::Value* offset) {
    return bytes(bytes(tile_, 8 * lanes_ * slot), offset);
  }
  IrVec get(uint32_t slot, llvm::Value* offset) {
    return {&builder, load_lanes(part(slot, offset))};
  }
  void put(uint32_t slot, llvm::Value* offset, IrVec v) {
    store_lanes(v.value, part(slot, offset));
  }

  // Several vectors a turn: the counting of a loop costs as much as one of them.
  void each_state(uint32_t first, uint32_t last, const std::function<void(llvm::Value*)>& body) {
    if (first == last) return;
    const uint64_t vector = 8 * module.emission.shape.width;
    const uint64_t from = 8 * lanes_ * first, all = 8 * lanes_ * last - from;
    uint64_t vectors = kVectorsATurn;
    while (all % (vectors * vector) != 0) vectors /= 2;
    loop(integer(all), vectors * vector, [&](llvm::Value* at) {
      for (uint64_t i = 0; i < vectors; ++i) body(bytes_after(at, from + i * vector));
    });
  }
  void each_state(const std::function<void(llvm::Value*)>& body) {
    each_state(0, program_.states, body);
  }
  llvm::Value* bytes_after(llvm::Value* offset, uint64_t more) {
    return more == 0 ? offset : builder.CreateAdd(offset, integer(more));
  }

  // Of the states that no segment moves.
  void euler() {
    for (auto [first, last] : module.emission.integration.before) {
      each_state(first, last, [&](llvm::Value* at) {
        take_euler_step(part(program_.state_slot, at), part(program_.rate_slot, at));
      });
    }
  }

  void runge_kutta(llvm::Value* k) {
    const double h = program_.clock.step;
    const uint32_t s = program_.state_slot, r = program_.rate_slot, s0 = program_.base_slot,
                   q = program_.sum_slot;
    llvm::Value* middle = builder.CreateFAdd(time_at(k), constant(h / 2));
    each_state([&](llvm::Value* at) {
      const IrVec state = get(s, at), rate = get(r, at);
      put(s0, at, state);
      put(q, at, rate);
      put(s, at, state + (h / 2) * rate);
    });
    const double forward[] = {h / 2, h};
    for (double length : forward) {
      set_stage(middle, false);
      call("headrace_stage");
      each_state([&](llvm::Value* at) {
        const IrVec rate = get(r, at);
        put(q, at, get(q, at) + 2.0 * rate);
        put(s, at, get(s0, at) + length * rate);
      });
    }
    set_stage(time_at(builder.CreateAdd(k, integer(1))), false);
    call("headrace_stage");
    each_state(
        [&](llvm::Value* at) { put(s, at, get(s0, at) + (h / 6) * (get(q, at) + get(r, at))); });
  }

  void emit_move(const ir::Move& move) {
    const ir::Array &to = program_[move.to], &from = program_[move.from];
    builder.CreateMemMove(part(to.slot, integer(0)), llvm::Align(64), part(from.slot, integer(0)),
                          llvm::Align(64), 8 * lanes_ * to.size);
  }

  const ir::Program& program_;
  const uint64_t lanes_;
  llvm::Value* tile_ = nullptr;
};

}  // namespace

void emit_drivers(ModuleEmitter& module) {
  const Plan& plan = module.emission.plan;
  auto block = [&](const char* name, const BlockPlan& block, size_t nodes) {
    BlockDriver(module, name, block).run(nodes);
  };
  block("headrace_draw", plan.draw, plan.draw.nodes.size());
  block("headrace_initial", plan.initial, plan.initial.nodes.size());
  block("headrace_step", plan.step, plan.step.nodes.size());
  if (module.emission.program.clock.method == model::Clock::Method::kRk4) {
    block("headrace_stage", plan.step, plan.step.tail_node);
  }
  block("headrace_answers", plan.finish, plan.finish.nodes.size());
  EntryEmitter(module, "headrace_start", {}).start();
  EntryEmitter(module, "headrace_advance", {module.i64}).advance();
  EntryEmitter(module, "headrace_finish", {}).finish();
}

}  // namespace headrace::code
