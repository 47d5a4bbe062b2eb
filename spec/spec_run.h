#pragma once

#include <filesystem>
#include <string>

#include "spec_file.h"

namespace headrace::spec {

struct RunOptions {
  std::filesystem::path headrace;  // the command
  std::filesystem::path models;    // the repository's models, linked as `models`
  int timeout_s = 120;             // for each command
};

// The spec with what its commands really answer, run one after the other in a folder of their own.
Spec run(const Spec& spec, const RunOptions& options);

}  // namespace headrace::spec
