#include "server/frame.h"

#include <bit>
#include <cstring>

namespace headrace::server {
namespace {

static_assert(std::endian::native == std::endian::little, "frames are written as they lie");
constexpr size_t kHeader = 32;

void put(std::string& out, size_t at, uint32_t value) { std::memcpy(out.data() + at, &value, 4); }

size_t padded(size_t length) { return (length + 7) / 8 * 8; }

}  // namespace

size_t Frame::add(const std::vector<double>& values) {
  const size_t at = numbers.size();
  for (double value : values) numbers.push_back(static_cast<float>(value));
  return at;
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string encode(const Frame& frame) {
  std::string directory = text_of(frame.directory);
  directory.resize(padded(directory.size()), ' ');
  const size_t bytes = frame.numbers.size() * sizeof(float);
  std::string out(kHeader + directory.size() + padded(bytes), '\0');
  std::memcpy(out.data(), "HRF1", 4);
  put(out, 4, static_cast<uint32_t>(frame.kind));
  put(out, 8, frame.sequence);
  put(out, 12, frame.draws);
  put(out, 16, frame.failed);
  put(out, 20, static_cast<uint32_t>(frame.numbers.size()));
  put(out, 24, static_cast<uint32_t>(directory.size()));
  std::memcpy(out.data() + kHeader, directory.data(), directory.size());
  if (bytes > 0) std::memcpy(out.data() + kHeader + directory.size(), frame.numbers.data(), bytes);
  return out;
}

void renumber(std::string& encoded, uint32_t sequence) { put(encoded, 8, sequence); }

}  // namespace headrace::server
