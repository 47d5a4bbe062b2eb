#include "server/model_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "base/hash.h"

namespace headrace::server {

namespace fs = std::filesystem;

base::Result<void> replace_file(const fs::path& path, const std::string& text) {
  const std::string draft = path.string() + fmt::format(".{}.tmp", ::getpid());
  std::FILE* file = std::fopen(draft.c_str(), "wb");
  const bool wrote = file && std::fwrite(text.data(), 1, text.size(), file) == text.size() &&
                     std::fflush(file) == 0 && ::fsync(::fileno(file)) == 0;
  if (file && std::fclose(file) != 0) file = nullptr;
  std::error_code failure;
  if (wrote && file) fs::rename(draft, path, failure);
  if (!wrote || !file || failure) {
    std::error_code ignored;
    fs::remove(draft, ignored);
    return base::fail(base::Error::Kind::kIo, fmt::format("cannot write '{}'", path.string()));
  }
  return {};
}

std::string stamp_of(const std::string& model) {
  std::error_code failure;
  const fs::path root = model.empty() ? fs::path(".") : fs::path(model);
  uint64_t h = 0;
  const auto look = [&](const fs::path& path) {
    std::error_code unknown;
    const auto when = fs::last_write_time(path, unknown).time_since_epoch().count();
    h = base::combine(
        h, base::hash(path.string()) ^ static_cast<uint64_t>(when) ^ fs::file_size(path, unknown));
  };
  if (!fs::is_directory(root, failure)) {
    look(root);
    return fmt::format("{:x}", h);
  }
  size_t seen = 0;
  for (fs::recursive_directory_iterator walk(root, failure), end; !failure && walk != end;
       walk.increment(failure)) {
    std::error_code unknown;
    const std::string ending = walk->path().extension().string();
    if (!walk->is_regular_file(unknown) || (ending != ".hr" && ending != ".csv")) continue;
    look(walk->path());
    if (++seen > 10'000) break;
  }
  return fmt::format("{:x}", h);
}

}  // namespace headrace::server
