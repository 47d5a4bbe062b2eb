#include <algorithm>
#include <cstdio>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "report/check_report.h"
#include "report/json.h"

namespace headrace::cli {
namespace {

constexpr uint64_t kQuickDraws = 1000;

std::string render(const report::CheckReport& report, const Arguments& args) {
  const Format format = args.format.value_or(Format::kTable);
  return format == Format::kJson ? report::to_json(report) : report::render(report, look_of(args));
}

bool all_hold(const report::CheckReport& report) {
  return std::all_of(report.check_lines.begin(), report.check_lines.end(),
                     [](const auto& check) { return check.violations == 0; });
}

}  // namespace

int check_command(const Arguments& args) {
  check_output(args, {Format::kTable, Format::kJson});
  Session session = open_session(args, model_path(args));
  if (!args.dump.empty()) return dump(session, args);
  model::Model model = resolve(session, args);
  report::CheckReport report = report::make_check_report(model, 0);
  Arguments quick = args;
  quick.draws = args.draws.value_or(kQuickDraws);
  const workbench::Compiled compiled = workbench::compile(std::move(model), {});
  const run::RunResult result = simulate(compiled, quick);
  const report::RunReport run =
      report::make_run_report(compiled.model, result, report_options(session, quick));
  report::add_run(report, run);
  // Checks have lines of their own below; what is left to warn of are failed draws.
  if (result.failed > 0) print_warnings({run.context.warnings.front()});
  write_result(args, render(report, args));
  const int code = verdict(session, quick, compiled.model, result);
  return code == kDone && !all_hold(report) ? kCheckFailed : code;
}

}  // namespace headrace::cli
