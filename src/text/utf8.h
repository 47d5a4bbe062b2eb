#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace headrace::text {

// One step of decoding. A byte that starts no well-formed sequence (RFC 3629: no overlong forms,
// no surrogates) is taken alone, with valid = false and the byte itself as its code.
struct Decoded {
  char32_t code = 0;
  uint32_t length = 1;
  bool valid = true;
};

// Decodes at `offset`, which must lie inside the text.
Decoded decode(std::string_view text, size_t offset);

// The offset of the first byte that is not UTF-8, or npos.
size_t find_invalid_utf8(std::string_view text);

inline bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// The code points of a text, counted as its bytes that do not continue a sequence.
size_t count_code_points(std::string_view text);

// One step of `text` as it may be shown on a terminal: itself, or an escape such as `\x1b` or
// `\u{202e}` for controls, broken bytes and marks that change the direction of the text.
std::string printable(std::string_view text, Decoded step);

// A whole text made printable; a line break becomes `\n`.
std::string printable(std::string_view text);

// The byte-order mark that some editors write at the start of a file.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace headrace::text
