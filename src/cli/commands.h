#pragma once

// The table of commands; help is made from it.

#include <span>
#include <string>

#include "cli/arguments.h"

namespace headrace::cli {

std::span<const Command> commands();
const Command* find_command(const std::string& name);

std::string welcome();   // `headrace` alone
std::string overview();  // `headrace help`
// A topic that is not a command: `exit-codes`, `set-grammar`, `assert`, `formats`. "" if unknown.
std::string topic(const std::string& name);
std::string topic_names();

int run_command(const Arguments& args);
int claims_command(const Arguments& args);
int check_command(const Arguments& args);
int calibrate_command(const Arguments& args);
int compare_command(const Arguments& args);
int classify_command(const Arguments& args);
int rules_command(const Arguments& args);
int chips_command(const Arguments& args);
int sensitivity_command(const Arguments& args);
int discover_command(const Arguments& args);
int explain_command(const Arguments& args);
int watch_command(const Arguments& args);
int optimise_command(const Arguments& args);
int backtest_command(const Arguments& args);
int serve_command(const Arguments& args);
int verify_command(const Arguments& args);
int audit_command(const Arguments& args);
int brief_command(const Arguments& args);
int fmt_command(const Arguments& args);
int import_command(const Arguments& args);
int export_command(const Arguments& args);
int library_command(const Arguments& args);
int version_command(const Arguments& args);
int help_command(const Arguments& args);

}  // namespace headrace::cli
