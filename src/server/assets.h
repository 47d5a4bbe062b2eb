#pragma once

// The page's files, part of the program: gzip, with a tag that changes with every byte.

#include <span>
#include <string>
#include <string_view>

namespace headrace::server {

struct Asset {
  std::string_view path, type, tag;  // "/index.html"; tag without quotes
  std::string_view gzip;
  bool immutable;  // its name holds a hash of its content
};

std::span<const Asset> assets();
const Asset* find_asset(std::string_view path);
std::string inflate(std::string_view gzip);

}  // namespace headrace::server
