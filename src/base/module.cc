#include "base/module.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

namespace headrace::base {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> candidates(const std::string& file, const char* variable) {
  if (const char* other = std::getenv(variable); other != nullptr && *other != '\0') return {other};
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const fs::path folder = program.parent_path();
  return {folder / file, folder / ".." / "lib" / "headrace" / file};
}

}  // namespace

Result<const void*> open_module(const std::string& file, const char* variable, const char* name,
                                const std::string& version, const std::string& what) {
  for (const fs::path& path : candidates(file, variable)) {
    std::error_code error;
    if (!fs::exists(path, error)) continue;
    void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr)
      return fail(Error::Kind::kNotFound, "cannot load " + what + ": " + std::string(dlerror()));
    const auto door = reinterpret_cast<const void* (*)()>(dlsym(module, name));
    // A door begins with its version.
    if (door == nullptr || *static_cast<const char* const*>(door()) != std::string_view(version))
      return fail(Error::Kind::kInvalid, path.string() + " belongs to another version of headrace");
    return door();
  }
  return fail(Error::Kind::kNotFound,
              what + " is not installed (no " + file + " beside the program)");
}

}  // namespace headrace::base
