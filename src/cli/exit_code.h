#pragma once

#include "base/result.h"

namespace headrace::cli {

enum ExitCode : int {
  kDone = 0,
  kBug = 1,
  kUsage = 2,
  kInvalid = 3,
  kCheckFailed = 4,
  kNotFound = 5,
  kNumerical = 6,
  kAssertFalse = 7,
  kNotConverged = 8,
  kIo = 9,
  kInterrupted = 130,
  kBrokenPipe = 141,
  kTerminated = 143,
};

int exit_code(base::Error::Kind kind);

}  // namespace headrace::cli
