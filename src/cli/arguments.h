#pragma once

// Every option of every command, read in one place. A command's table entry says which groups of
// options it takes.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "math/design.h"
#include "workbench/backend.h"

namespace headrace::cli {

enum class Format { kTable, kCsv, kJson, kMarkdown, kNetcdf };

struct Arguments {
  std::string command;  // as in the table

  // The model and which version of it
  std::vector<std::string> words;  // positional: MODEL first, see each command
  std::string model;               // -m, or taken from `words`
  std::vector<std::string> scenarios, set;

  // The run
  std::optional<uint64_t> draws;
  uint64_t seed = 1;
  unsigned threads = 0;
  workbench::Backend backend = workbench::Backend::kAuto;
  math::Design design = math::Design::kMonteCarlo;
  double max_failed = 0.01;  // share of draws
  std::vector<std::string> asserts;

  // What to report
  std::vector<std::string> variables, at;
  std::string from, to;
  bool plot = false;

  // How
  std::optional<Format> format;
  std::string out;  // "" and "-": stdout
  bool force = false, quiet = false, verbose = false;
  bool plain = false, no_color = false, ascii = false;
  unsigned width = 0;  // 0: the terminal's
  std::string dump;    // tokens, tree, model, ir, llvm

  // import
  bool dry_run = false;

  // fmt
  bool check_only = false;

  // serve
  std::optional<unsigned> port;
  bool open = false, edit = false, watch = false, lan = false;
  std::string host = "127.0.0.1", ui_dir, token;
};

enum Groups : unsigned {
  kModelGroup = 1,     // MODEL -m
  kVariantGroup = 2,   // --scenario --set
  kRunGroup = 4,       // --draws --seed --threads --backend --design --max-failed
  kOutputGroup = 8,    // --var --at
  kRangeGroup = 16,    // --from --to --plot
  kFormatGroup = 32,   // --format --json --csv --out --force
  kLookGroup = 64,     // --quiet --plain --no-color --ascii --width
  kAssertGroup = 128,  // --assert
  kDumpGroup = 256,    // --dump
  kFmtGroup = 512,     // --check
  kOutGroup = 1024,    // --out --force --quiet
  kDryGroup = 2048,    // --dry-run
  kServeGroup = 4096,  // --port --open --edit --watch ...
};

struct Command {
  const char* name;
  const char* summary;   // one line
  const char* usage;     // after `headrace`
  const char* examples;  // lines
  unsigned groups;
  int (*run)(const Arguments&);
};

// The word for a format on the command line.
const char* name_of(Format format);

// What came of reading the command line: a command to run, or text to print and an exit code.
struct Parsed {
  const Command* command = nullptr;
  Arguments arguments;
  std::string out, err;
  int exit_code = 0;
};

Parsed parse_arguments(int argc, char** argv);

// The help of one command, generated from its entry and its options.
std::string help(const Command& command);

}  // namespace headrace::cli
