#pragma once

// What the emitters of segments and of drivers share: one module, one function being written,
// addresses of program memory. Private to the emitter.

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "code/llvm/context.h"
#include "code/llvm/emit.h"
#include "code/llvm/vector.h"

namespace headrace::code {

// A module and its constant data.
class ModuleEmitter {
 public:
  ModuleEmitter(const Emission& emission, llvm::Module& module);

  // void(Context*, parameters...).
  llvm::Function* declare(const std::string& name, std::vector<llvm::Type*> parameters);
  // The function of segment `number`: void(Context*, tile, scratch, i64 ordinal...).
  llvm::Function* segment(uint32_t number);
  llvm::FunctionCallee device(const char* name, std::vector<llvm::Type*> parameters);

  // Constant arrays, made once a module.
  llvm::Value* map_of(const ir::Term& term);  // i32 stride * map[i], or -1
  llvm::Value* table_data(uint32_t table, const char* part, const std::vector<double>& data);
  llvm::Value* shape(const std::vector<uint64_t>& numbers);  // of an array function's call

  const Emission& emission;
  llvm::Module& module;
  llvm::LLVMContext& context;
  llvm::Type *void_type, *pointer, *i32, *i64, *number;
  llvm::VectorType* vector;

 private:
  std::map<const ir::Term*, llvm::Value*> maps_;
  std::map<std::pair<uint32_t, std::string>, llvm::Value*> tables_;
};

// A function being written. `ordinals` gives the ordinal (i64) of each open loop.
class FunctionEmitter {
 public:
  FunctionEmitter(ModuleEmitter& module, llvm::Function* function);

  llvm::Value* integer(uint64_t c) { return llvm::ConstantInt::get(module.i64, c); }
  llvm::Value* splat(double c) { return llvm::ConstantFP::get(module.vector, c); }
  llvm::Value* field(size_t offset, llvm::Type* type);  // loads a field of the context
  void set_field(size_t offset, llvm::Value* value);
  llvm::Value* bytes(llvm::Value* base, uint64_t offset);
  llvm::Value* bytes(llvm::Value* base, llvm::Value* offset);

  // The element of its array that an access names, without the offset of the array; and whether it
  // is outside (null: never).
  struct Element {
    llvm::Value* index;
    llvm::Value* outside;
  };
  Element element(const ir::Access& access);
  // The first lane, from `tile` on, or the number of a shared array.
  llvm::Value* address(const ir::Access& access, llvm::Value* tile, llvm::Value* run,
                       llvm::Value* row);

  // for (i = 0; i < count; ++i) body(i), in bytes or ordinals; count > 0.
  void loop(llvm::Value* count, uint64_t stride, const std::function<void(llvm::Value*)>& body);

  llvm::Value* load_lanes(llvm::Value* address);
  void store_lanes(llvm::Value* value, llvm::Value* address);

  // S := S + h * R, at addresses of one vector.
  void take_euler_step(llvm::Value* state, llvm::Value* rate);

  ModuleEmitter& module;
  llvm::Function* function;
  Builder builder;
  llvm::Value* context;
  std::map<uint32_t, llvm::Value*> ordinals;  // by loop
};

void emit_segment(ModuleEmitter& module, uint32_t number);
void emit_drivers(ModuleEmitter& module);
// Adds the next value to a reduction.
IrVec combine(model::ReduceKind kind, IrVec sum, IrVec next);
// The value of a table at each lane of `input`.
IrVec emit_lookup(ModuleEmitter& module, uint32_t table, IrVec input);

}  // namespace headrace::code
