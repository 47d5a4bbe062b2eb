#include "text/utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace headrace::text {
namespace {

struct Form {
  uint32_t length;
  char32_t bits;     // of the first byte
  char32_t minimum;  // the smallest code that needs this length
};

Form form_of(unsigned char first) {
  if (first < 0x80) return {1, first, 0};
  if ((first & 0xE0) == 0xC0) return {2, first & 0x1Fu, 0x80};
  if ((first & 0xF0) == 0xE0) return {3, first & 0x0Fu, 0x800};
  if ((first & 0xF8) == 0xF0) return {4, first & 0x07u, 0x10000};
  return {0, 0, 0};
}

bool is_hidden(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) ||
         code == 0xFEFF || code == 0x061C;
}

}  // namespace

Decoded decode(std::string_view text, size_t offset) {
  const unsigned char first = static_cast<unsigned char>(text[offset]);
  const Decoded broken{first, 1, false};
  const Form form = form_of(first);
  if (form.length == 0 || offset + form.length > text.size()) return broken;
  char32_t code = form.bits;
  for (uint32_t i = 1; i < form.length; ++i) {
    if (!is_continuation(text[offset + i])) return broken;
    code = code << 6 | (static_cast<unsigned char>(text[offset + i]) & 0x3Fu);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < form.minimum || code > 0x10FFFF || surrogate) return broken;
  return {code, form.length, true};
}

size_t find_invalid_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Decoded step = decode(text, at);
    if (!step.valid) return at;
    at += step.length;
  }
  return std::string_view::npos;
}

size_t count_code_points(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char byte) { return !is_continuation(byte); }));
}

std::string printable(std::string_view text, Decoded step) {
  if (!step.valid) return fmt::format("\\x{:02x}", static_cast<uint32_t>(step.code));
  if (step.code == '\n') return "\\n";
  if (step.code == '\t') return "\\t";
  if (step.code == '\r') return "\\r";
  if (!is_hidden(step.code)) return std::string(text);
  if (step.code < 0x100) return fmt::format("\\x{:02x}", static_cast<uint32_t>(step.code));
  return fmt::format("\\u{{{:04x}}}", static_cast<uint32_t>(step.code));
}

std::string printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Decoded step = decode(text, at);
    shown += printable(text.substr(at, step.length), step);
    at += step.length;
  }
  return shown;
}

}  // namespace headrace::text
