#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace headrace::base {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(
      stderr,
      "headrace: internal error: %s does not hold (%s:%d)\n"
      "  this is a bug in headrace, not in your model; please report it with the model text\n",
      condition, file, line);
  std::exit(1);
}

}  // namespace headrace::base
