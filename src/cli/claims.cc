#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "report/csv.h"
#include "report/json.h"
#include "report/tables.h"

namespace headrace::cli {
namespace {

std::string render(const report::RunReport& report, const Arguments& args) {
  switch (args.format.value_or(Format::kTable)) {
    case Format::kCsv:
      return report::claims_to_csv(report);
    case Format::kJson:
      return report::claims_to_json(report);
    case Format::kMarkdown:
      return report::claims_to_markdown(report);
    case Format::kTable:
    case Format::kNetcdf:  // refused by check_output
      break;
  }
  return report::render_claims(report, look_of(args));
}

}  // namespace

int claims_command(const Arguments& args) {
  check_output(args);
  Session session = open_session(args, model_path(args));
  model::Model model = resolve(session, args);
  const workbench::Compiled compiled = workbench::compile(std::move(model), {});
  const run::RunResult result = simulate(compiled, args);
  const report::RunReport report =
      report::make_run_report(compiled.model, result, report_options(session, args));
  print_warnings(report.context.warnings);
  write_result(args, render(report, args));
  return verdict(session, args, compiled.model, result);
}

}  // namespace headrace::cli
