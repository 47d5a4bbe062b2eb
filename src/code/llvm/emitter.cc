#include "code/llvm/emitter.h"

#include <llvm/IR/Constants.h>

#include "code/ops.h"
#include "code/reduce.h"

namespace headrace::code {

ModuleEmitter::ModuleEmitter(const Emission& emission, llvm::Module& module)
    : emission(emission), module(module), context(module.getContext()) {
  void_type = llvm::Type::getVoidTy(context);
  pointer = llvm::PointerType::getUnqual(context);
  i32 = llvm::Type::getInt32Ty(context);
  i64 = llvm::Type::getInt64Ty(context);
  number = llvm::Type::getDoubleTy(context);
  vector = llvm::FixedVectorType::get(number, emission.shape.width);
}

llvm::Function* ModuleEmitter::declare(const std::string& name,
                                       std::vector<llvm::Type*> parameters) {
  if (llvm::Function* known = module.getFunction(name)) return known;
  parameters.insert(parameters.begin(), pointer);
  auto* type = llvm::FunctionType::get(void_type, parameters, false);
  auto* function = llvm::Function::Create(type, llvm::Function::ExternalLinkage, name, module);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  function->addFnAttr("prefer-vector-width", "512");
  // Vectors spilled to a stack that is only aligned as C wants it straddle cache lines, which costs
  // a third of the speed on some calls and not on others.
  function->addFnAttr("stackrealign");
  return function;
}

llvm::Function* ModuleEmitter::segment(uint32_t number) {
  std::vector<llvm::Type*> parameters(2 + emission.segments[number].loops.size(), i64);
  parameters[0] = parameters[1] = pointer;
  return declare("headrace_segment_" + std::to_string(number), parameters);
}

llvm::FunctionCallee ModuleEmitter::device(const char* name, std::vector<llvm::Type*> parameters) {
  return module.getOrInsertFunction(name, llvm::FunctionType::get(void_type, parameters, false));
}

static llvm::GlobalVariable* constant_array(llvm::Module& module, llvm::Constant* data,
                                            const std::string& name) {
  auto* global = new llvm::GlobalVariable(module, data->getType(), true,
                                          llvm::GlobalValue::PrivateLinkage, data, name);
  global->setAlignment(llvm::Align(32));
  return global;
}

llvm::Value* ModuleEmitter::map_of(const ir::Term& term) {
  llvm::Value*& global = maps_[&term];
  if (global == nullptr) {
    std::vector<uint32_t> data;
    for (int32_t to : term.map)
      data.push_back(to < 0 ? UINT32_MAX : static_cast<uint32_t>(to) * term.stride);
    global = constant_array(module, llvm::ConstantDataArray::get(context, data), "map");
  }
  return global;
}

llvm::Value* ModuleEmitter::table_data(uint32_t table, const char* part,
                                       const std::vector<double>& data) {
  llvm::Value*& global = tables_[{table, part}];
  if (global == nullptr)
    global = constant_array(module, llvm::ConstantDataArray::get(context, data), part);
  return global;
}

llvm::Value* ModuleEmitter::shape(const std::vector<uint64_t>& numbers) {
  return constant_array(module, llvm::ConstantDataArray::get(context, numbers), "shape");
}

FunctionEmitter::FunctionEmitter(ModuleEmitter& module, llvm::Function* function)
    : module(module),
      function(function),
      builder(llvm::BasicBlock::Create(module.context, "entry", function)),
      context(function->getArg(0)) {}

llvm::Value* FunctionEmitter::bytes(llvm::Value* base, uint64_t offset) {
  return offset == 0 ? base : bytes(base, integer(offset));
}

llvm::Value* FunctionEmitter::bytes(llvm::Value* base, llvm::Value* offset) {
  return builder.CreateInBoundsGEP(builder.getInt8Ty(), base, offset);
}

llvm::Value* FunctionEmitter::field(size_t offset, llvm::Type* type) {
  return builder.CreateLoad(type, bytes(context, offset));
}

void FunctionEmitter::set_field(size_t offset, llvm::Value* value) {
  builder.CreateStore(value, bytes(context, offset));
}

llvm::Value* FunctionEmitter::load_lanes(llvm::Value* address) {
  return builder.CreateAlignedLoad(module.vector, address,
                                   llvm::Align(8 * std::min(module.emission.shape.width, 8u)));
}

void FunctionEmitter::store_lanes(llvm::Value* value, llvm::Value* address) {
  builder.CreateAlignedStore(value, address,
                             llvm::Align(8 * std::min(module.emission.shape.width, 8u)));
}

void FunctionEmitter::take_euler_step(llvm::Value* state, llvm::Value* rate) {
  const IrVec now{&builder, load_lanes(state)}, change{&builder, load_lanes(rate)};
  store_lanes((now + module.emission.program.clock.step * change).value, state);
}

FunctionEmitter::Element FunctionEmitter::element(const ir::Access& access) {
  llvm::Value* index = integer(access.offset);
  llvm::Value* outside = nullptr;
  for (const ir::Term& term : access.terms) {
    llvm::Value* ordinal = ordinals.at(term.loop.index);
    llvm::Value* part;
    if (term.map.empty()) {
      part = builder.CreateMul(ordinal, integer(term.stride));
    } else {
      llvm::Value* entry = builder.CreateLoad(
          module.i32, builder.CreateInBoundsGEP(module.i32, module.map_of(term), ordinal));
      part = builder.CreateZExt(entry, module.i64);
      if (std::find(term.map.begin(), term.map.end(), -1) != term.map.end()) {
        llvm::Value* bad =
            builder.CreateICmpEQ(entry, llvm::ConstantInt::getSigned(module.i32, -1));
        outside = outside == nullptr ? bad : builder.CreateOr(outside, bad);
      }
    }
    index = builder.CreateAdd(index, part);
  }
  return {index, outside};
}

llvm::Value* FunctionEmitter::address(const ir::Access& access, llvm::Value* tile, llvm::Value* run,
                                      llvm::Value* row) {
  const ir::Array& array = module.emission.program[access.array];
  const bool shared = is_shared(array.rank);
  llvm::Value* base = !shared ? tile : array.rank == ir::Rank::kRun ? run : row;
  const uint64_t pitch = shared ? 8 : 8 * module.emission.shape.lanes;
  if (access.terms.empty()) return bytes(base, pitch * (uint64_t{array.slot} + access.offset));
  const Element at = element(access);
  llvm::Value* slot = builder.CreateAdd(at.index, integer(array.slot));
  if (at.outside != nullptr) slot = builder.CreateSelect(at.outside, integer(0), slot);
  return bytes(base, builder.CreateMul(slot, integer(pitch)));
}

void FunctionEmitter::loop(llvm::Value* count, uint64_t stride,
                           const std::function<void(llvm::Value*)>& body) {
  llvm::BasicBlock* before = builder.GetInsertBlock();
  auto* head = llvm::BasicBlock::Create(module.context, "loop", function);
  builder.CreateBr(head);
  builder.SetInsertPoint(head);
  llvm::PHINode* i = builder.CreatePHI(module.i64, 2);
  i->addIncoming(integer(0), before);
  body(i);
  llvm::Value* next = builder.CreateAdd(i, integer(stride));
  i->addIncoming(next, builder.GetInsertBlock());
  auto* after = llvm::BasicBlock::Create(module.context, "after", function);
  builder.CreateCondBr(builder.CreateICmpULT(next, count), head, after);
  builder.SetInsertPoint(after);
}

IrVec combine(model::ReduceKind kind, IrVec sum, IrVec next) {
  switch (kind) {
    case model::ReduceKind::kSum:
      return apply_binary<Op::kAdd>(sum, next);
    case model::ReduceKind::kProduct:
      return apply_binary<Op::kMultiply>(sum, next);
    case model::ReduceKind::kMin:
      return apply_binary<Op::kMin>(sum, next);
    case model::ReduceKind::kMax:
      return apply_binary<Op::kMax>(sum, next);
    case model::ReduceKind::kAny:
      return apply_binary<Op::kOr>(sum, next);
    case model::ReduceKind::kAll:
      return apply_binary<Op::kAnd>(sum, next);
  }
  return sum;
}

}  // namespace headrace::code
