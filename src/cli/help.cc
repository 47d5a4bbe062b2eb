#include <fmt/format.h>

#include <cstdio>
#include <map>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "workbench/backend.h"

namespace headrace::cli {
namespace {

constexpr const char* kExitCodes =
    "exit codes\n"
    "    0  done (also: warnings only)\n"
    "    1  internal error: a bug in headrace\n"
    "    2  wrong usage: command, option, argument, --set grammar\n"
    "    3  input invalid: model, scenario or data file\n"
    "    4  check failed: check, fmt --check\n"
    "    5  not found: unknown variable, scenario, input\n"
    "    6  numerical trouble: more than --max-failed draws failed\n"
    "    7  --assert is false\n"
    "    8  did not converge\n"
    "    9  cannot read or write\n"
    "  130  interrupted; 143 terminated; 141 the reader closed the pipe\n";

constexpr const char* kSetGrammar =
    "--set replaces an input for this run, as a scenario would\n"
    "  --set 'growth=0.5'              one value\n"
    "  --set 'growth=0.5 to 0.8'       a 90 % interval\n"
    "  --set 'growth=lognormal(median 0.6, gsd 1.2)'\n"
    "  --set 'tariff[China]=25%'       one member of an array\n"
    "Plain numbers take the input's unit. Names are those of param and let statements.\n";

constexpr const char* kAssertGrammar =
    "--assert STATISTIC(WHAT) COMPARISON NUMBER       exit 7 unless true\n"
    "  'p(gap_ratio@2030 > 5) >= 0.8'    the share of futures in which a condition holds\n"
    "  'median(gap_ratio@2030) < 3'      median, mean, p5, p10, p25, p50, p75, p90 or p95\n"
    "  'mean(adoption over 2028) > 1e6'  any measure, as in the language\n"
    "x@2030 is short for `x at 2030`. The number is in the unit of what stands in the brackets.\n";

constexpr const char* kFormats =
    "--format table   for people; fits the terminal\n"
    "--format csv     one run: time,<variable>...; many: "
    "time,variable,mean,p5,p25,p50,p75,p95,...\n"
    "--format json    one object with a schema name; null where there is no finite value\n"
    "--format md      tables for a draft\n"
    "--format nc      NetCDF, for runs: arrays over time, their dimensions and statistics\n"
    "Numbers in csv and json have full precision. The same model, seed and version give the same\n"
    "bytes, for any number of threads and either back end. Without --var, csv and json hold every\n"
    "variable of a single run, and every stock, flow and let of an ensemble.\n";

const std::map<std::string, const char*> kTopics = {{"exit-codes", kExitCodes},
                                                    {"set-grammar", kSetGrammar},
                                                    {"assert", kAssertGrammar},
                                                    {"formats", kFormats}};

// The commands' names, as many on a line as fit.
std::string command_names() {
  std::string out = "commands:";
  size_t width = out.size();
  for (const Command& command : commands()) {
    const std::string name = command.name;
    if (width + 1 + name.size() > 79) {
      out += "\n ";
      width = 1;
    }
    out += " " + name;
    width += 1 + name.size();
  }
  return out + "\n";
}

}  // namespace

std::string welcome() {
  return "headrace runs models of stocks and flows under uncertainty\n"
         "\n"
         "  headrace claims models/race                 what holds, and how likely\n"
         "  headrace run models/examples/sir.hr         simulate and report\n"
         "  headrace compare MODEL base my_scenario     the difference a scenario makes\n"
         "\n" +
         command_names() +
         "\n"
         "A model is a .hr file or a folder of them. Results go to standard output,\n"
         "as a table, or with --csv or --json for machines.\n"
         "More: headrace help\n";
}

std::string overview() {
  std::string out = "usage: headrace COMMAND [arguments] [options]\n\ncommands\n";
  for (const Command& command : commands()) {
    out += fmt::format("  {:<13}{}\n", command.name, command.summary);
  }
  return out +
         fmt::format("\nheadrace help COMMAND shows its options. Topics: {}\n", topic_names());
}

std::string topic(const std::string& name) {
  const auto found = kTopics.find(name);
  return found == kTopics.end() ? "" : found->second;
}

std::string topic_names() {
  std::string names;
  for (const auto& [name, text] : kTopics) names += (names.empty() ? "" : ", ") + name;
  return names;
}

int help_command(const Arguments& args) {
  if (args.words.empty()) {
    fmt::print("{}", overview());
    return kDone;
  }
  if (const Command* command = find_command(args.words[0])) {
    fmt::print("{}", help(*command));
    return kDone;
  }
  const std::string text = topic(args.words[0]);
  if (text.empty()) {
    end_with(kNotFound, fmt::format("no help on '{}'\n  there are the commands and: {}",
                                    args.words[0], topic_names()));
  }
  fmt::print("{}", text);
  return kDone;
}

int version_command(const Arguments&) {
  fmt::print("headrace {} ({})\n", HEADRACE_VERSION,
             workbench::has_llvm() ? "with LLVM" : "without LLVM");
  return kDone;
}

}  // namespace headrace::cli
