#include <fmt/format.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "report/compare_report.h"
#include "report/json.h"
#include "workbench/assumptions.h"

namespace headrace::cli {
namespace {

constexpr size_t kMostVersions = 4;

// The words are MODEL SCENARIO...; MODEL may be left out, so the first word is a model when there
// is such a file or folder and it is not the only way to read it.
struct Words {
  std::string model;
  std::vector<std::string> versions;
};

Words split_words(const Arguments& args) {
  Words words;
  words.model = args.model;
  words.versions = args.words;
  std::error_code failure;
  if (!words.versions.empty() && words.model.empty() &&
      std::filesystem::exists(words.versions[0], failure)) {
    words.model = words.versions[0];
    words.versions.erase(words.versions.begin());
  }
  words.versions.insert(words.versions.end(), args.scenarios.begin(), args.scenarios.end());
  if (words.versions.size() == 1) words.versions.insert(words.versions.begin(), "base");
  if (words.versions.size() < 2 || words.versions.size() > kMostVersions) {
    end_with(kUsage, fmt::format("expected 2 to {} scenarios to compare, not {}\n"
                                 "  usage: headrace compare MODEL SCENARIO SCENARIO...",
                                 kMostVersions, words.versions.size()));
  }
  return words;
}

std::vector<report::Assumption> assumptions(const workbench::Project& project,
                                            const std::vector<std::vector<std::string>>& stacks) {
  std::vector<report::Assumption> out;
  for (workbench::ChangedInput& input : workbench::changed_inputs(project, stacks)) {
    out.push_back({std::move(input.name), std::move(input.values)});
  }
  return out;
}

std::string render(const report::CompareReport& report, const Arguments& args) {
  switch (args.format.value_or(Format::kTable)) {
    case Format::kCsv:
      return report::to_csv(report);
    case Format::kJson:
      return report::to_json(report);
    case Format::kMarkdown:
      return report::to_markdown(report);
    case Format::kTable:
    case Format::kNetcdf:  // refused by check_output
      break;
  }
  return report::render(report, look_of(args));
}

}  // namespace

int compare_command(const Arguments& args) {
  check_output(args);
  const Words words = split_words(args);
  Arguments without_scenarios = args;  // they are versions here, not a stack below all of them
  without_scenarios.scenarios.clear();
  without_scenarios.words.clear();
  without_scenarios.model = words.model;
  Session session = open_session(without_scenarios, model_path(without_scenarios));

  std::vector<std::vector<std::string>> stacks;
  for (const std::string& version : words.versions) {
    stacks.push_back(or_end(workbench::find_scenarios(*session.project, version)));
  }
  std::vector<report::RunReport> reports;
  int code = kDone;
  for (size_t v = 0; v < stacks.size(); ++v) {
    Arguments quieter = args;
    quieter.quiet = args.quiet || v > 0;  // the same warnings once
    model::Model model = resolve(session, quieter, stacks[v]);
    or_end(workbench::find_outputs(model, args.variables));
    const workbench::Compiled compiled = workbench::compile(std::move(model), {});
    const run::RunResult result = simulate(compiled, args);
    report::RunReportOptions options = report_options(session, args);
    options.scenarios = stacks[v];
    options.keep_draws = true;
    reports.push_back(report::make_run_report(compiled.model, result, options));
    if (!session.moments.empty()) reports.back().measures.clear();
    code = std::max(code, verdict(session, args, compiled.model, result));
  }
  const report::CompareReport report =
      report::make_compare_report(words.versions, reports, assumptions(*session.project, stacks));
  print_warnings(report.context.warnings);
  write_result(args, render(report, args));
  return code;
}

}  // namespace headrace::cli
