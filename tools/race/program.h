#pragma once

// The frame of the programs in this folder: what each is asked, and how it ends.

#include <string>
#include <string_view>

#include "base/result.h"

namespace headrace::race {

struct Options {
  std::string model, page;
  std::string headrace;  // the program, for those that run it
  bool update = false;   // write the page
};

// Reads the words and runs `body`, whose answer is the exit code; 2 when it, or the words, have an
// error, told under the program's name.
int run_program(std::string_view name, int count, char** words,
                base::Result<int> (*body)(const Options&));

}  // namespace headrace::race
