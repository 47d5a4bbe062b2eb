#pragma once

// Which machine computes: the interpreter, which starts at once, or LLVM's code, which runs
// faster after a compilation. Both give the same bits.

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "ir/program.h"
#include "run/run.h"

namespace headrace::workbench {

enum class Backend { kAuto, kInterpreter, kLlvm };

bool has_llvm();

struct KernelOptions {
  Backend backend = Backend::kAuto;
  uint64_t draws = 1;
  unsigned threads = 0;
  // A compilation that is no longer needed goes on in the background instead of being waited for.
  // Only for processes that end without destroying statics.
  bool abandon_compilation = false;
};

// kAuto: interpreted at once; when the estimated work is worth a compilation, that runs beside it
// and takes over when it is done. kLlvm waits for the compilation; it is kInvalid when this build
// or machine has no LLVM.
base::Result<std::unique_ptr<run::KernelSource>> choose_kernels(
    std::shared_ptr<const ir::Program> program, const KernelOptions& options);

// LLVM's text of the program, for `--dump=llvm`.
base::Result<std::string> llvm_text(const ir::Program& program);

// Estimated milliseconds, on one thread, to interpret `draws` draws and to compile.
double interpretation_ms(const ir::Program& program, uint64_t draws);
double compilation_ms(const ir::Program& program);

}  // namespace headrace::workbench
