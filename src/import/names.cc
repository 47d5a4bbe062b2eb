#include "import/names.h"

#include "text/utf8.h"

namespace headrace::import {
namespace {

// Small letters of the alphabets that have two cases and lie in the first pages of Unicode: Latin,
// Greek, Cyrillic and Armenian. Other characters stand for themselves.
char32_t small(char32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177)) return c | 1;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c & 1 ? c + 1 : c;
  if (c >= 0x391 && c <= 0x3AB && c != 0x3A2) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c >= 0x460 && c <= 0x481) return c | 1;
  if (c >= 0x531 && c <= 0x556) return c + 48;
  return c;
}

bool is_space(char32_t c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '_' || c == 0xA0;
}

void append(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

}  // namespace

std::string canonical(std::string_view name) {
  std::string out;
  bool gap = false;
  for (size_t at = 0; at < name.size();) {
    const text::Decoded step = text::decode(name, at);
    const char32_t c = step.code;
    at += step.length;
    if (is_space(c)) {
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += '_';
    gap = false;
    append(out, small(c));
  }
  return out;
}

std::string display(std::string_view name) {
  std::string out;
  bool gap = false;
  for (size_t at = 0; at < name.size();) {
    const text::Decoded step = text::decode(name, at);
    const char32_t c = step.code;
    at += step.length;
    if (c <= ' ' || c == 0x7F || c == 0xA0) {  // other control characters too
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += ' ';
    gap = false;
    append(out, c);
  }
  return out;
}

std::string unescaped(std::string_view name) {
  std::string out;
  for (size_t at = 0; at < name.size(); ++at) {
    const char next = name[at] == '\\' && at + 1 < name.size() ? name[at + 1] : '\0';
    if (next == 'n' || next == '"' || next == '\\') {
      out += next == 'n' ? '\n' : next;
      ++at;
    } else {
      out += name[at];
    }
  }
  return out;
}

std::string identifier(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      out += unescaped(text.substr(at, 2));
      ++at;
    } else if (text[at] != '"') {
      out += text[at];
    }
  }
  return trimmed(out);
}

std::string visible(std::string name) {
  const size_t first = name.find_first_not_of('_');
  if (first == std::string::npos) return name.empty() ? name : "(" + name + ")";
  return name.erase(0, first);
}

std::string shown(std::string_view name) { return text::printable(name.substr(0, 200)); }

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

}  // namespace headrace::import
