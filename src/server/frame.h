// An answer on the wire: a directory in JSON and the numbers it points to, as bytes that a page
// maps into Float32Arrays without copying.
//
//   byte 0   "HRF1"
//        4   kind: 0 preview, 1 settled, 2 error, 3 superseded
//        8   sequence: which request it answers, as the client counts
//       12   draws
//       16   failed draws
//       20   count of float32 numbers
//       24   length of the directory in bytes, a multiple of 8
//       28   0
//       32   the directory, JSON in UTF-8, padded with spaces
//       ...  the numbers, padded with zeros to a multiple of 8 bytes
//
// All integers are 32 bits, little-endian. A stream is one frame after the other.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace headrace::server {

using Json = nlohmann::ordered_json;

struct Frame {
  enum class Kind : uint32_t { kPreview = 0, kSettled = 1, kError = 2, kSuperseded = 3 };
  Kind kind = Kind::kPreview;
  uint32_t sequence = 0, draws = 0, failed = 0;
  Json directory = Json::object();
  std::vector<float> numbers;

  // Appends numbers and returns where they start.
  size_t add(const std::vector<double>& values);
};

std::string encode(const Frame& frame);
// Writes another sequence into an encoded frame.
void renumber(std::string& encoded, uint32_t sequence);

// JSON as text; broken UTF-8 is replaced.
std::string text_of(const Json& json);

}  // namespace headrace::server
