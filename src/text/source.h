#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"

namespace headrace::text {

using SourceId = base::Id<struct SourceTag>;

// A half-open range of bytes in one source. An invalid source means "nowhere in any file".
struct Span {
  SourceId source;
  uint32_t begin = 0;
  uint32_t end = 0;

  bool operator==(const Span&) const = default;
  // The smallest span that holds both; both must lie in the same source.
  Span merge(Span other) const;
};

// 1-based, as editors count; columns count UTF-8 code points.
struct Position {
  uint32_t line = 1;
  uint32_t column = 1;
};

// One text that diagnostics can point into.
struct Source {
  std::string name;             // as shown to the user, usually a path
  std::filesystem::path path;   // empty for text that is not a file
  std::string text;             // UTF-8
  std::vector<uint32_t> lines;  // byte offset of the start of each line

  Position position(uint32_t offset) const;
  std::string_view line(uint32_t number) const;  // without its end-of-line; 1-based
};

// All texts of one compilation. Sources never move or go away while the set lives.
class SourceSet {
 public:
  SourceId add(std::string name, std::string text, std::filesystem::path path = {});
  // Reads a file of at most `limit` bytes.
  base::Result<SourceId> load(const std::filesystem::path& path, size_t limit = 64 << 20);

  const Source& operator[](SourceId id) const { return sources_[id.index]; }
  std::string_view text(Span span) const;
  size_t size() const { return sources_.size(); }

 private:
  std::deque<Source> sources_;
};

}  // namespace headrace::text
