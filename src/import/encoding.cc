#include "import/encoding.h"

#include <array>
#include <cstdint>

namespace headrace::import {
namespace {

void put(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// The length of the UTF-8 character at `at`; 0 when there is none.
size_t utf8_length(const std::string& text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const size_t length = first < 0x80   ? 1
                        : first < 0xC2 ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                        : first < 0xF5 ? 4
                                       : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  }
  if (length == 3 && first == 0xE0 && byte(at + 1) < 0xA0) return 0;
  if (length == 3 && first == 0xED && byte(at + 1) > 0x9F) return 0;  // halves of UTF-16 pairs
  if (length == 4 && first == 0xF0 && byte(at + 1) < 0x90) return 0;
  if (length == 4 && first == 0xF4 && byte(at + 1) > 0x8F) return 0;
  return length;
}

bool is_utf8(const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = utf8_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

// 0x80 to 0x9F of Windows-1252; the rest is Latin-1. Unused ones become the replacement character.
constexpr std::array<uint16_t, 32> kWindows = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

std::string from_windows(const std::string& bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    put(out, byte >= 0x80 && byte < 0xA0 ? kWindows[byte - 0x80] : byte);
  }
  return out;
}

std::string from_utf16(const std::string& bytes, bool big_endian) {
  std::string out;
  const auto unit = [&](size_t at) {
    const auto a = static_cast<unsigned char>(bytes[at]);
    const auto b = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<uint32_t>(big_endian ? a << 8 | b : b << 8 | a);
  };
  for (size_t at = 2; at + 1 < bytes.size(); at += 2) {
    const uint32_t c = unit(at);
    const bool high = c >= 0xD800 && c < 0xDC00;
    const uint32_t low = high && at + 3 < bytes.size() ? unit(at + 2) : 0;
    if (high && low >= 0xDC00 && low < 0xE000) {
      put(out, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
      at += 2;
    } else {
      put(out, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
    }
  }
  return out;
}

void unify_lines(std::string& text) {
  size_t to = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const bool end = text[at] == '\r';
    if (end && at + 1 < text.size() && text[at + 1] == '\n') continue;
    text[to++] = end ? '\n' : text[at];
  }
  text.resize(to);
}

}  // namespace

std::string to_utf8(std::string bytes) {
  if (bytes.starts_with("\xFF\xFE")) {
    bytes = from_utf16(bytes, false);
  } else if (bytes.starts_with("\xFE\xFF")) {
    bytes = from_utf16(bytes, true);
  } else {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
    if (!is_utf8(bytes)) bytes = from_windows(bytes);
  }
  unify_lines(bytes);
  return bytes;
}

}  // namespace headrace::import
