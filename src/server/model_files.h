#pragma once

// The files of the model as they lie on disk.

#include <filesystem>
#include <string>

#include "base/result.h"

namespace headrace::server {

// Writes whole or not at all: a name beside it, then renamed.
base::Result<void> replace_file(const std::filesystem::path& path, const std::string& text);

// Changes with every file of the model, a file or a folder.
std::string stamp_of(const std::string& model);

}  // namespace headrace::server
