#include "cli/commands.h"

#include <array>

namespace headrace::cli {
namespace {

constexpr unsigned kSimulation = kModelGroup | kVariantGroup | kRunGroup | kLookGroup;

constexpr std::array<Command, 10> kCommands = {{
    {"run", "simulate a model and report what comes of it", "run MODEL [options]",
     "  headrace run models/examples/sir.hr\n"
     "  headrace run models/examples/sir.hr -y ill --plot\n"
     "  headrace run models/examples/sir.hr -s distance --set 'illness=4 to 9' --json\n"
     "  headrace run models/examples/sir.hr --draws 0 --csv -o sir.csv",
     kSimulation | kOutputGroup | kRangeGroup | kFormatGroup | kAssertGroup | kDumpGroup,
     run_command},
    {"claims", "ask a model, claim by claim, how likely each is to hold", "claims MODEL [options]",
     "  headrace claims models/race\n"
     "  headrace claims models/race -s deny_all --json",
     kSimulation | kFormatGroup | kAssertGroup, claims_command},
    {"compare", "compare 2 to 4 scenarios on the same draws",
     "compare MODEL SCENARIO SCENARIO... [options]",
     "  headrace compare models/examples/s_curve.hr base subsidy\n"
     "  headrace compare models/examples/s_curve.hr base subsidy -y share --at 2028,2030",
     kSimulation | kOutputGroup | kFormatGroup, compare_command},
    {"check", "read a model, show its parts and test its checks", "check MODEL [options]",
     "  headrace check models/race\n"
     "  headrace check models/race --draws 10000\n"
     "  headrace check models/examples/sir.hr --dump=model",
     kSimulation | kFormatGroup | kDumpGroup, check_command},
    {"serve", "show a model as a page whose sliders move the bands", "serve MODEL [options]",
     "  headrace serve models/race --open\n"
     "  headrace serve models/examples/sir.hr --edit --watch\n"
     "  headrace serve models/race --port 9000 --json",
     kModelGroup | kServeGroup, serve_command},
    {"fmt", "put model files into the usual form", "fmt FILE... [--check]",
     "  headrace fmt models/race\n"
     "  headrace fmt --check models/race\n"
     "  headrace fmt - < draft.hr",
     kFmtGroup, fmt_command},
    {"import", "write a model of Vensim or Stella as model text", "import MODEL [-o FILE]",
     "  headrace import model.xmile -o model.hr\n"
     "  headrace import model.stmx --dry-run",
     kModelGroup | kOutGroup | kDryGroup, import_command},
    {"library", "print the standard library, written in the language", "library",
     "  headrace library", 0, library_command},
    {"version", "print the version", "version", "", 0, version_command},
    {"help", "explain a command or a topic", "help [COMMAND or TOPIC]",
     "  headrace help run\n"
     "  headrace help exit-codes",
     0, help_command},
}};

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(const std::string& name) {
  for (const Command& command : kCommands) {
    if (name == command.name) return &command;
  }
  return nullptr;
}

}  // namespace headrace::cli
