#include "code/llvm/cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/hash.h"

namespace headrace::code {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMagic = "headrace objects 1\n";
constexpr std::string_view kEnding = ".objects";

fs::path default_directory() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return fs::path(cache) / "headrace";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return fs::path(home) / ".cache" / "headrace";
  return {};
}

bool is_private(const struct stat& status) {
  return status.st_uid == geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool private_directory(const fs::path& directory) {
  struct stat status;
  return lstat(directory.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && is_private(status);
}

bool make_directory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory.parent_path(), error);
  mkdir(directory.c_str(), 0700);
  return private_directory(directory);
}

struct File {
  int descriptor;
  explicit File(int descriptor) : descriptor(descriptor) {}
  File(const File&) = delete;
  ~File() {
    if (descriptor >= 0) close(descriptor);
  }
};

std::optional<std::string> read_private(const fs::path& path, uint64_t limit) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status;
  if (file.descriptor < 0 || fstat(file.descriptor, &status) != 0) return std::nullopt;
  if (!S_ISREG(status.st_mode) || !is_private(status)) return std::nullopt;
  if (status.st_size < 0 || static_cast<uint64_t>(status.st_size) > limit) return std::nullopt;
  std::string text(static_cast<size_t>(status.st_size), '\0');
  for (size_t done = 0; done < text.size();) {
    const ssize_t count = read(file.descriptor, text.data() + done, text.size() - done);
    if (count <= 0) return std::nullopt;
    done += static_cast<size_t>(count);
  }
  return text;
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(descriptor, text.data(), text.size());
    if (count <= 0) return false;
    text.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

// Sixteen bytes a round of multiplication; FNV would take longer than reading the file.
uint64_t checksum(std::string_view text) {
  uint64_t h = base::mix(text.size());
  while (text.size() >= 8) {
    uint64_t word;
    std::memcpy(&word, text.data(), 8);
    h = base::combine(h, word);
    text.remove_prefix(8);
  }
  return base::combine(h, base::hash(text));
}

void add_number(std::string& text, uint64_t x) {
  text.append(reinterpret_cast<const char*>(&x), 8);
}

bool take_number(std::string_view& text, uint64_t& x) {
  if (text.size() < 8) return false;
  std::memcpy(&x, text.data(), 8);
  text.remove_prefix(8);
  return true;
}

bool take_string(std::string_view& text, std::string& s) {
  uint64_t size;
  if (!take_number(text, size) || text.size() < size) return false;
  s = text.substr(0, size);
  text.remove_prefix(size);
  return true;
}

// magic, checksum of what follows, key, count, objects.
std::string pack(const std::string& key, const Objects& objects) {
  std::string body;
  auto add_string = [&](const std::string& s) { add_number(body, s.size()), body += s; };
  add_string(key);
  add_number(body, objects.size());
  for (const std::string& object : objects) add_string(object);
  std::string text(kMagic);
  add_number(text, checksum(body));
  return text + body;
}

std::optional<Objects> unpack(std::string_view text, const std::string& key) {
  if (!text.starts_with(kMagic)) return std::nullopt;
  text.remove_prefix(kMagic.size());
  uint64_t sum, count;
  if (!take_number(text, sum) || sum != checksum(text)) return std::nullopt;
  std::string found;
  if (!take_string(text, found) || found != key || !take_number(text, count)) return std::nullopt;
  Objects objects;
  for (uint64_t i = 0; i < count; ++i) {
    if (!take_string(text, objects.emplace_back())) return std::nullopt;
  }
  return text.empty() ? std::optional(std::move(objects)) : std::nullopt;
}

}  // namespace

ObjectCache::ObjectCache(fs::path directory, uint64_t limit_bytes)
    : directory_(directory.empty() ? default_directory() : std::move(directory)),
      limit_bytes_(limit_bytes) {}

fs::path ObjectCache::path(const std::string& key) const {
  return directory_ /
         fmt::format("{:016x}{:016x}{}", base::hash(key, 1), base::hash(key, 2), kEnding);
}

std::optional<Objects> ObjectCache::find(const std::string& key) const {
  if (directory_.empty() || !private_directory(directory_)) return std::nullopt;
  const std::optional<std::string> text = read_private(path(key), limit_bytes_);
  if (!text) return std::nullopt;
  return unpack(*text, key);
}

void ObjectCache::put(const std::string& key, const Objects& objects) const {
  if (directory_.empty() || !make_directory(directory_)) return;
  const std::string text = pack(key, objects);
  if (text.size() > limit_bytes_) return;
  std::string temporary = path(key).string() + ".XXXXXX";
  const File file(mkostemp(temporary.data(), O_CLOEXEC));
  if (file.descriptor < 0) return;
  if (!write_all(file.descriptor, text) || rename(temporary.c_str(), path(key).c_str()) != 0) {
    unlink(temporary.c_str());
    return;
  }
  shrink(path(key));
}

// Removes the oldest files until the rest fits, and temporary files that a crash left behind.
void ObjectCache::shrink(const fs::path& newest) const {
  struct Entry {
    fs::file_time_type time;
    uint64_t size;
    fs::path path;
  };
  std::vector<Entry> entries;
  uint64_t total = 0;
  std::error_code error;
  for (fs::directory_iterator it(directory_, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->path().filename().string().find(kEnding) == std::string::npos ||
        !it->is_regular_file(ignored))
      continue;
    Entry entry{it->last_write_time(ignored), it->file_size(ignored), it->path()};
    if (ignored || entry.path == newest) continue;
    entries.push_back(entry);
  }
  total = fs::file_size(newest, error);
  if (error) return;
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.time > b.time; });
  const auto hour_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (const Entry& entry : entries) {
    const bool leftover = entry.path.extension() != kEnding && entry.time < hour_ago;
    if (!leftover) total += entry.size;
    if (leftover || total > limit_bytes_) fs::remove(entry.path, error);
  }
}

}  // namespace headrace::code
