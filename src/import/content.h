#pragma once

// What a file is by its beginning, where that is not what its name says.

#include <optional>
#include <string>
#include <string_view>

namespace headrace::import {

enum class Format { kVensim, kXmile };

struct WrongContent {
  std::string message;
  std::string hint;  // may be empty
};

// Why this text, as to_utf8() gives it, is no model of that format: empty, an archive, binary, or
// of another tool.
std::optional<WrongContent> wrong_content(std::string_view text, Format format);

// The format that such a text of unknown name looks like.
std::optional<Format> likely_format(std::string_view text);

}  // namespace headrace::import
