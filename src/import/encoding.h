#pragma once

#include <string>

namespace headrace::import {

// The text as UTF-8, without a byte order mark. UTF-16 is known by its mark; bytes that are not
// UTF-8 are read as Windows-1252, in which older programs wrote. Line ends become "\n".
std::string to_utf8(std::string bytes);

}  // namespace headrace::import
