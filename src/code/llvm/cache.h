#pragma once

// Machine code of earlier runs, kept in files.
//
// A cache file is code that will be executed, so it is believed only when the directory and the
// file belong to this user and nobody else can write to them, and when key, length and checksum
// agree. Anything else counts as absent and is written anew, to a temporary name first.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace headrace::code {

using Objects = std::vector<std::string>;  // object files, in order

class ObjectCache {
 public:
  // Empty: $XDG_CACHE_HOME/headrace, or ~/.cache/headrace; without either the cache holds nothing.
  explicit ObjectCache(std::filesystem::path directory, uint64_t limit_bytes = uint64_t{256} << 20);

  std::optional<Objects> find(const std::string& key) const;
  // Failure to write is not an error: the code is made again the next time.
  void put(const std::string& key, const Objects& objects) const;
  std::filesystem::path path(const std::string& key) const;

 private:
  void shrink(const std::filesystem::path& newest) const;

  std::filesystem::path directory_;
  uint64_t limit_bytes_;
};

}  // namespace headrace::code
