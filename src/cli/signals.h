#pragma once

// Ctrl-C and its kin. The first SIGINT or SIGTERM sets a flag that runs look at; the second ends
// the process at once. A closed pipe ends it silently with 141.

#include <atomic>

namespace headrace::cli {

void install_signals();

// Set by SIGINT and SIGTERM.
const std::atomic<bool>& stop_requested();

// 130 or 143, after the flag was set.
int signal_exit_code();

}  // namespace headrace::cli
