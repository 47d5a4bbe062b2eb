#pragma once

// From a plan to LLVM modules. Modules are independent, so each can be made and compiled by a
// thread of its own, in a context of its own. Module 0 holds the drivers; the others segments.

#include <llvm/IR/Module.h>

#include <memory>
#include <vector>

#include "code/llvm/integrate.h"
#include "code/llvm/plan.h"
#include "code/table.h"
#include "ir/program.h"

namespace headrace::code {

struct Shape {
  unsigned width = 4;        // doubles in a vector
  size_t lanes = 32;         // draws in a tile
  bool permutes = false;     // AVX-512: a vector of eight looks up sixteen numbers in registers
  bool picks_bytes = false;  // AVX-512 VBMI: and up to 64 bytes
  bool reciprocals = false;  // see reciprocal.h; what underflows must be computed otherwise
};

struct SegmentRef {
  const BlockPlan* block = nullptr;
  const PlanNode* node = nullptr;
  std::vector<ir::LoopId> loops;  // around it, outermost first: its arguments
  // Whether the function goes through all vectors of a tile. A long one does one vector a call: in
  // a loop LLVM would keep constants in registers that the values need.
  bool all_vectors = true;
};

struct Emission {
  const ir::Program& program;
  Plan plan;
  Integration integration;  // empty with Runge and Kutta
  Shape shape;
  std::vector<Table> tables;
  std::vector<SegmentRef> segments;            // by number
  std::vector<std::vector<uint32_t>> modules;  // segment numbers; the first is empty

  Emission(const ir::Program& program, const PlanOptions& options, Shape shape);
  Emission(const Emission&) = delete;
};

std::unique_ptr<llvm::Module> emit_module(const Emission& emission, size_t module,
                                          llvm::LLVMContext& context);

}  // namespace headrace::code
