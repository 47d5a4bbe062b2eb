#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

#include "cli/cli.h"
#include "cli/exit_code.h"

int main(int argc, char** argv) {
  int code = 1;
  try {
    code = headrace::cli::main(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("headrace: out of memory; fewer --draws or a --var list need less\n", stderr);
    code = headrace::cli::kInvalid;
  } catch (const std::exception& error) {
    std::fprintf(
        stderr,
        "headrace: internal error: %s\n"
        "  this is a bug in headrace, not in your model; please report it with the model text\n",
        error.what());
  }
  // A compilation that still works in the background must not hold up the end.
  std::fflush(stdout);
  std::fflush(stderr);
  std::_Exit(code);
}
