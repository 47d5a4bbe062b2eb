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
  std::vector<std::string> data;  // files with series of variables that have no equation
  std::string data_root;  // folder that data files may lie in; empty: the model's repository

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

  // export
  bool lossy = false;
  // A sale put to the law
  std::vector<std::pair<std::string, std::string>> facts;  // name, value
  std::string date, batch, affects;
  bool timeline = false, svg = false;
  // The posterior to run with; calibrate
  std::string posterior;
  std::string until;  // observations known by then
  bool accept_poor = false, resume = false, no_widening = false;
  std::optional<uint64_t> rows, most_steps;

  // fmt
  bool check_only = false;

  // Studies
  std::string method;  // of the command's methods
  size_t top = 0;      // lines to show; 0: all
  bool top_given = false;
  bool over_time = false;
  std::string when;
  double density = 0.8;
  unsigned boxes = 1;
  std::optional<unsigned> depth;
  std::string from_scenario, to_scenario;
  // watch
  std::vector<std::string> learn, indicators, log;
  std::string decide, utility, since, by, as_of, list;
  bool minimise = false, ics = false;
  // optimise
  std::vector<std::string> levers, among, conditions;
  std::string make_large, make_small, aim = "mean";
  // backtest
  std::vector<std::string> origins;
  std::string horizon = "1 year";
  // calibrate
  bool mode = false;
  std::string report;  // a page of diagnostics
  // serve
  std::optional<unsigned> port;
  bool open = false, edit = false, watch = false, lan = false;
  std::string host = "127.0.0.1", ui_dir, token;
  // audit
  bool strict = false;
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
  kLossyGroup = 4096,  // --lossy
  kCaseGroup = 8192,   // the facts of a sale; --batch --timeline
  kLawGroup = 16384,   // -s --affects
  kSensitivityGroup = 1 << 15,
  kDiscoverGroup = 1 << 16,
  kExplainGroup = 1 << 17,
  kPosteriorGroup = 1 << 18,  // --posterior
  kCalibrateGroup = 1 << 19,  // --until --rows --steps --resume --accept-poor --no-widening
  kServeGroup = 1 << 20,      // --port --open --edit --watch ...
  kAuditGroup = 1 << 21,      // --strict
  kWatchGroup = 1 << 22,      // --learn --decide --utility --log --since --by --as-of --list ...
  kOptimiseGroup = 1 << 23,   // --lever --among --maximise --minimise --aim --subject-to
  kBacktestGroup = 1 << 24,   // --origins --horizon
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
