#include "cli/cli.h"

#include <cstdio>

#include "cli/arguments.h"
#include "cli/signals.h"
#include "cli/terminal.h"

namespace headrace::cli {

int main(int argc, char** argv) {
  install_signals();
  const Parsed parsed = parse_arguments(argc, argv);
  if (!parsed.command) {
    std::fputs(parsed.out.c_str(), stdout);
    std::fputs(parsed.err.c_str(), stderr);
    return parsed.exit_code;
  }
  try {
    return parsed.command->run(parsed.arguments);
  } catch (const Ended& ended) {
    return ended.code;
  }
}

}  // namespace headrace::cli
