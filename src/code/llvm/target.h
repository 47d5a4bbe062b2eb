#pragma once

#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace headrace::code {

// The processor of this machine.
struct Target {
  std::string triple, cpu, features;
  unsigned width = 4;                          // doubles in the vectors that suit it best
  bool permutes = false, picks_bytes = false;  // see Shape
  bool fuses = false;                          // multiplies and adds with one rounding

  std::string text() const;  // of everything that code depends on
};

const Target& host_target();

// Contraction is off: no phase may fuse a multiplication with an addition.
base::Result<std::unique_ptr<llvm::TargetMachine>> make_machine(const Target& target, int level);

// Whether LLVM finds the module well formed; CHECKs. Malformed IR may crash the code generator.
void verify(const llvm::Module& module);

// An object file.
base::Result<std::string> compile_module(llvm::TargetMachine& machine, llvm::Module& module);

}  // namespace headrace::code
