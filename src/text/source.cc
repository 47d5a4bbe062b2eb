#include "text/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>

#include "base/check.h"
#include "text/utf8.h"

namespace headrace::text {
namespace {

using base::Error;

std::vector<uint32_t> line_starts(std::string_view text) {
  std::vector<uint32_t> starts{0};
  for (size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
    starts.push_back(static_cast<uint32_t>(at + 1));
  }
  return starts;
}

Error::Kind kind_of(int code) {
  return code == ENOENT || code == ENOTDIR ? Error::Kind::kNotFound : Error::Kind::kIo;
}

// At most limit + 1 bytes, so that the caller can tell "full" from "too much".
base::Result<std::string> read_bounded(const std::filesystem::path& path, size_t limit) {
  auto cannot_read = [&](int code) {
    return base::fail(kind_of(code), fmt::format("cannot read {}: {}", printable(path.string()),
                                                 std::generic_category().message(code)));
  };
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                       &std::fclose);
  if (!file) return cannot_read(errno);
  std::string text;
  char block[1 << 16];
  while (text.size() <= limit) {
    const size_t wanted = std::min(sizeof block, limit + 1 - text.size());
    const size_t got = std::fread(block, 1, wanted, file.get());
    text.append(block, got);
    if (got < wanted) break;
  }
  if (std::ferror(file.get())) return cannot_read(errno != 0 ? errno : EIO);
  return text;
}

}  // namespace

Span Span::merge(Span other) const {
  CHECK(source == other.source);
  return {source, std::min(begin, other.begin), std::max(end, other.end)};
}

Position Source::position(uint32_t offset) const {
  offset = std::min(offset, static_cast<uint32_t>(text.size()));
  const auto after = std::ranges::upper_bound(lines, offset);
  const uint32_t number = static_cast<uint32_t>(after - lines.begin());
  std::string_view before =
      std::string_view(text).substr(lines[number - 1], offset - lines[number - 1]);
  // Editors do not count the byte-order mark.
  if (number == 1 && before.starts_with(kByteOrderMark)) before.remove_prefix(3);
  return {number, static_cast<uint32_t>(count_code_points(before) + 1)};
}

std::string_view Source::line(uint32_t number) const {
  if (number == 0 || number > lines.size()) return {};
  const uint32_t begin = lines[number - 1];
  const size_t end = number < lines.size() ? lines[number] - 1 : text.size();
  std::string_view found = std::string_view(text).substr(begin, end - begin);
  if (number < lines.size() && found.ends_with('\r')) found.remove_suffix(1);
  return found;
}

SourceId SourceSet::add(std::string name, std::string text, std::filesystem::path path) {
  CHECK(text.size() < UINT32_MAX);
  Source& source = sources_.emplace_back();
  source.name = std::move(name);
  source.path = std::move(path);
  source.text = std::move(text);
  source.lines = line_starts(source.text);
  return SourceId(sources_.size() - 1);
}

base::Result<SourceId> SourceSet::load(const std::filesystem::path& path, size_t limit) {
  limit = std::min<size_t>(limit, UINT32_MAX - 1);
  base::Result<std::string> text = read_bounded(path, limit);
  if (!text) return std::unexpected(text.error());
  if (text->size() > limit) {
    return base::fail(Error::Kind::kInvalid,
                      fmt::format("{} is larger than {} bytes", printable(path.string()), limit));
  }
  return add(path.string(), std::move(*text), path);
}

std::string_view SourceSet::text(Span span) const {
  if (!span.source.valid() || span.source.index >= sources_.size()) return {};
  const std::string_view all = sources_[span.source.index].text;
  const size_t begin = std::min<size_t>(span.begin, all.size());
  const size_t end = std::clamp<size_t>(span.end, begin, all.size());
  return all.substr(begin, end - begin);
}

}  // namespace headrace::text
