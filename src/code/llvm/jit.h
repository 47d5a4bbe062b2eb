#pragma once

// The fast back end: a program becomes vector IR and LLVM makes machine code of it. One lane is
// one draw; the time loop is inside the generated code. Nothing here mentions LLVM, so headers can
// be read without it; the code itself lives in a shared object of its own, see loader.h.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "code/kernel.h"
#include "ir/program.h"

namespace headrace::code {

struct JitOptions {
  int vector_width = 0;  // doubles in a vector: 2, 4, 8 or 16; 0: what this machine does best
  size_t lanes = 0;  // a multiple of 8 and of the width, up to 1024; 0: by the size of the program
  int level = 2;     // of LLVM's code generator: 0 compiles four times as fast, 2 runs faster
  unsigned threads = 0;  // that compile; 0: all cores. Changes neither code nor results
  std::filesystem::path
      cache_dir;  // of machine code; empty: $XDG_CACHE_HOME/headrace or ~/.cache/headrace
  bool use_cache = true;
  uint32_t chunk_weight = 0;  // instructions in one function, about; 0: measured to be good
  bool reciprocals = true;    // divide by constants with them, where the processor can
  bool verify = false;        // have LLVM check the IR first; a fault in it is our bug
};

// Makes a kernel. Safe to call from several threads at once. Fails when an option is impossible or
// LLVM does not know this machine.
base::Result<std::unique_ptr<Kernel>> compile(const ir::Program& program,
                                              const JitOptions& options = {});

// The LLVM IR of all modules, as text (`--dump=llvm`).
std::string dump_llvm(const ir::Program& program, const JitOptions& options = {});

// The processor as LLVM names it, and the width that code for it uses: "znver3, 8 lanes".
std::string target_name();

}  // namespace headrace::code
