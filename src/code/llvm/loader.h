#pragma once

// The LLVM back end behind a door that opens on first use: it is 30 MB and takes some milliseconds
// to load, and short runs never need it. The module headrace_llvm.so is looked for beside the
// program and in ../lib/headrace; the environment variable HEADRACE_LLVM_MODULE names another file.

#include "code/llvm/jit.h"

namespace headrace::code {

// As compile(). Fails with a message when the module or LLVM itself is not there. Safe to call from
// several threads at once.
base::Result<std::unique_ptr<Kernel>> compile_with_llvm(const ir::Program& program,
                                                        const JitOptions& options = {});

// As dump_llvm() and target_name().
base::Result<std::string> dump_with_llvm(const ir::Program& program,
                                         const JitOptions& options = {});
base::Result<std::string> llvm_target();

}  // namespace headrace::code
