// A vector of lanes as generated code sees it: operators append LLVM instructions.
//
// With these types the templates of math/elementary.h, which compute in double or in GCC vectors
// elsewhere, write the same sequence of IEEE operations into a function. The builder must carry
// no fast-math flags; then no later phase may change a bit.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <cstdint>

#include "math/vec.h"

namespace headrace::code {

using Builder = llvm::IRBuilder<>;

// <W x i1>.
struct IrMask {
  Builder* builder;
  llvm::Value* value;
};

// <W x i64>, wrapping.
struct IrInt {
  Builder* builder;
  llvm::Value* value;

  IrInt constant(int64_t c) const {
    return {builder, llvm::ConstantInt::getSigned(value->getType(), c)};
  }
};

// <W x double>.
struct IrVec {
  Builder* builder;
  llvm::Value* value;

  IrVec constant(double c) const { return {builder, llvm::ConstantFP::get(value->getType(), c)}; }
};

inline IrMask operator&(IrMask a, IrMask b) {
  return {a.builder, a.builder->CreateAnd(a.value, b.value)};
}
inline IrMask operator|(IrMask a, IrMask b) {
  return {a.builder, a.builder->CreateOr(a.value, b.value)};
}

#define HEADRACE_IR_OPERATOR(type, result, symbol, create, constant_type)                   \
  inline result operator symbol(type a, type b) {                                           \
    return {a.builder, a.builder->create(a.value, b.value)};                                \
  }                                                                                         \
  inline result operator symbol(type a, constant_type b) { return a symbol a.constant(b); } \
  inline result operator symbol(constant_type a, type b) { return b.constant(a) symbol b; }

HEADRACE_IR_OPERATOR(IrInt, IrInt, +, CreateAdd, int64_t)
HEADRACE_IR_OPERATOR(IrInt, IrInt, -, CreateSub, int64_t)
HEADRACE_IR_OPERATOR(IrInt, IrInt, &, CreateAnd, int64_t)
HEADRACE_IR_OPERATOR(IrInt, IrInt, |, CreateOr, int64_t)
HEADRACE_IR_OPERATOR(IrInt, IrInt, ^, CreateXor, int64_t)
HEADRACE_IR_OPERATOR(IrVec, IrVec, +, CreateFAdd, double)
HEADRACE_IR_OPERATOR(IrVec, IrVec, -, CreateFSub, double)
HEADRACE_IR_OPERATOR(IrVec, IrVec, *, CreateFMul, double)
HEADRACE_IR_OPERATOR(IrVec, IrVec, /, CreateFDiv, double)
HEADRACE_IR_OPERATOR(IrVec, IrMask, <, CreateFCmpOLT, double)
HEADRACE_IR_OPERATOR(IrVec, IrMask, <=, CreateFCmpOLE, double)
HEADRACE_IR_OPERATOR(IrVec, IrMask, >, CreateFCmpOGT, double)
HEADRACE_IR_OPERATOR(IrVec, IrMask, >=, CreateFCmpOGE, double)
HEADRACE_IR_OPERATOR(IrVec, IrMask, ==, CreateFCmpOEQ, double)
HEADRACE_IR_OPERATOR(IrVec, IrMask, !=, CreateFCmpUNE, double)
#undef HEADRACE_IR_OPERATOR

inline IrInt operator<<(IrInt a, int64_t n) {
  return {a.builder, a.builder->CreateShl(a.value, a.constant(n).value)};
}
inline IrVec operator-(IrVec a) { return {a.builder, a.builder->CreateFNeg(a.value)}; }

}  // namespace headrace::code

template <>
struct headrace::math::Ops<headrace::code::IrVec> {
  using V = code::IrVec;
  using Int = code::IrInt;
  using Mask = code::IrMask;

  static V constant(V like, double c) { return like.constant(c); }
  static V select(Mask m, V a, V b) {
    return {a.builder, a.builder->CreateSelect(m.value, a.value, b.value)};
  }
  static Mask invert(Mask m) { return {m.builder, m.builder->CreateNot(m.value)}; }
  static Int bits(V x) {
    return {x.builder, x.builder->CreateBitCast(x.value, integers(x.value->getType()))};
  }
  static V value(Int i) {
    auto* type = llvm::VectorType::get(i.builder->getDoubleTy(), count(i.value->getType()));
    return {i.builder, i.builder->CreateBitCast(i.value, type)};
  }
  static Mask is_zero(Int i) { return {i.builder, i.builder->CreateIsNull(i.value)}; }
  static Int shift_right(Int i, int n) {
    return {i.builder, i.builder->CreateLShr(i.value, i.constant(n).value)};
  }
  static Int multiply_low(Int i, uint32_t c) {
    const Int low = i & int64_t{0xffffffff};
    return {i.builder, i.builder->CreateMul(low.value, i.constant(c).value)};
  }
  static V sqrt(V x) { return intrinsic(llvm::Intrinsic::sqrt, x); }
  static V floor(V x) { return intrinsic(llvm::Intrinsic::floor, x); }

  static V intrinsic(llvm::Intrinsic::ID id, V x) {
    return {x.builder, x.builder->CreateUnaryIntrinsic(id, x.value)};
  }

 private:
  static llvm::ElementCount count(llvm::Type* type) {
    return llvm::cast<llvm::VectorType>(type)->getElementCount();
  }
  static llvm::Type* integers(llvm::Type* type) {
    return llvm::VectorType::get(llvm::Type::getInt64Ty(type->getContext()), count(type));
  }
};
