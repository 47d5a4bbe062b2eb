#include "code/llvm/loader.h"

#include <dlfcn.h>

#include <cstdlib>
#include <mutex>
#include <string_view>
#include <vector>

#include "code/llvm/door.h"

namespace headrace::code {

namespace fs = std::filesystem;

namespace {

using Kind = base::Error::Kind;

std::vector<fs::path> candidates() {
  if (const char* file = std::getenv("HEADRACE_LLVM_MODULE"); file != nullptr && *file != '\0')
    return {file};
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const fs::path folder = program.parent_path();
  return {folder / "headrace_llvm.so", folder / ".." / "lib" / "headrace" / "headrace_llvm.so"};
}

base::Result<const LlvmDoor*> open_module(const fs::path& file) {
  // Never closed: generated code and kernels live as long as the process may want.
  void* module = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr)
    return base::fail(Kind::kNotFound, "cannot load the LLVM back end: " + std::string(dlerror()));
  auto door = reinterpret_cast<decltype(&headrace_llvm_door)>(dlsym(module, kLlvmDoorName));
  if (door == nullptr || std::string_view(door()->version) != kLlvmDoorVersion)
    return base::fail(Kind::kInvalid, file.string() + " belongs to another version of headrace");
  return door();
}

base::Result<const LlvmDoor*> find_door() {
  for (const fs::path& file : candidates()) {
    std::error_code error;
    if (fs::exists(file, error)) return open_module(file);
  }
  return base::fail(Kind::kNotFound,
                    "the LLVM back end is not installed (no headrace_llvm.so beside the program)");
}

base::Result<const LlvmDoor*> door() {
  static std::mutex mutex;
  static const LlvmDoor* open = nullptr;
  std::lock_guard lock(mutex);
  if (open != nullptr) return open;
  base::Result<const LlvmDoor*> found = find_door();
  if (found) open = *found;
  return found;
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
