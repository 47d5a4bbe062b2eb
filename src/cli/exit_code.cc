#include "cli/exit_code.h"

namespace headrace::cli {

int exit_code(base::Error::Kind kind) {
  switch (kind) {
    case base::Error::Kind::kInvalid:
      return kInvalid;
    case base::Error::Kind::kNotFound:
      return kNotFound;
    case base::Error::Kind::kIo:
      return kIo;
    case base::Error::Kind::kUsage:
      return kUsage;
  }
  return kBug;
}

}  // namespace headrace::cli
