#include <string>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "model/resolve.h"

namespace headrace::cli {

int library_command(const Arguments& args) {
  write_result(args, std::string(model::library_text()));
  return kDone;
}

}  // namespace headrace::cli
