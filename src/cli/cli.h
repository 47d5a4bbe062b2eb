#pragma once

namespace headrace::cli {

// The command `headrace`. Returns the exit code.
int main(int argc, char** argv);

}  // namespace headrace::cli
