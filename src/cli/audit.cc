#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "report/audit_report.h"
#include "report/json.h"
#include "workbench/register.h"

namespace headrace::cli {
namespace {

constexpr uint64_t kAuditDraws = 10'000;

std::string render(const report::AuditReport& report, const Arguments& args) {
  const Format format = args.format.value_or(Format::kTable);
  return format == Format::kJson ? report::to_json(report) : report::render(report, look_of(args));
}

}  // namespace

int audit_command(const Arguments& args) {
  check_output(args);
  if (args.format == Format::kCsv || args.format == Format::kMarkdown) {
    end_with(kUsage, "audit writes a table or json");
  }
  Arguments quick = args;
  quick.draws = args.draws.value_or(kAuditDraws);
  Session session = open_session(quick, model_path(args));
  model::Model model = resolve(session, quick);
  const workbench::Compiled compiled = workbench::compile(std::move(model), {});
  const run::RunResult result = simulate(compiled, quick);
  run::RunOptions options;
  options.draws = result.draws;
  options.seed = quick.seed;
  options.threads = quick.threads;
  options.design = quick.design;
  const auto inputs = run::sample_inputs(compiled.model, options);
  const report::RunReport run =
      report::make_run_report(compiled.model, result, report_options(session, quick));
  const report::AuditReport report = report::make_audit_report(
      compiled.model, result, inputs, workbench::read_register(*session.project),
      workbench::untold_numbers(*session.project), run.context);
  write_result(args, render(report, args));
  const int code = verdict(session, quick, compiled.model, result);
  return code == kDone && args.strict && !report.clean() ? kCheckFailed : code;
}

}  // namespace headrace::cli
