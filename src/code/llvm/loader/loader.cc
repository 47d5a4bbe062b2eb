#include "code/llvm/loader.h"

#include <mutex>

#include "base/module.h"
#include "code/llvm/door.h"

namespace headrace::code {

namespace {

base::Result<const LlvmDoor*> door() {
  static std::mutex mutex;
  static const LlvmDoor* open = nullptr;
  std::lock_guard lock(mutex);
  if (open != nullptr) return open;
  const auto found = base::open_module("headrace_llvm.so", "HEADRACE_LLVM_MODULE", kLlvmDoorName,
                                       kLlvmDoorVersion, "the LLVM back end");
  if (!found) return std::unexpected(found.error());
  return open = static_cast<const LlvmDoor*>(*found);
}

}  // namespace

base::Result<std::unique_ptr<Kernel>> compile_with_llvm(const ir::Program& program,
                                                        const JitOptions& options) {
  const auto llvm = door();
  if (!llvm) return std::unexpected(llvm.error());
  return (*llvm)->compile(program, options);
}

base::Result<std::string> dump_with_llvm(const ir::Program& program, const JitOptions& options) {
  const auto llvm = door();
  if (!llvm) return std::unexpected(llvm.error());
  return (*llvm)->dump(program, options);
}

base::Result<std::string> llvm_target() {
  const auto llvm = door();
  if (!llvm) return std::unexpected(llvm.error());
  return (*llvm)->target();
}

}  // namespace headrace::code
