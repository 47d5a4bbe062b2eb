#pragma once

#include "code/llvm/jit.h"

namespace headrace::code {

// What headrace_llvm.so offers. Program and module are built together; `version` tells when they
// were not.
struct LlvmDoor {
  const char* version;
  base::Result<std::unique_ptr<Kernel>> (*compile)(const ir::Program&, const JitOptions&);
  std::string (*dump)(const ir::Program&, const JitOptions&);
  std::string (*target)();
};

inline constexpr const char* kLlvmDoorName = "headrace_llvm_door";
inline constexpr const char* kLlvmDoorVersion = HEADRACE_VERSION " door 1";

extern "C" const LlvmDoor* headrace_llvm_door();

}  // namespace headrace::code
