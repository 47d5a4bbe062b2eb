#pragma once

#include <string>

#include "code/llvm/jit.h"

namespace headrace::code {

// Everything that machine code depends on, as text of fixed length: a digest of the program, the
// versions of engine and code generator, the processor and the options. Names of variables are not
// part of it.
std::string cache_key(const ir::Program& program, const JitOptions& options,
                      const std::string& machine);

}  // namespace headrace::code
