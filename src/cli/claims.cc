#include "cli/commands.h"
#include "cli/session.h"
#include "cli/study.h"
#include "cli/terminal.h"
#include "report/csv.h"
#include "report/influence.h"
#include "report/json.h"
#include "report/tables.h"
#include "workbench/posterior.h"

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

constexpr uint64_t kRead = 10'000;             // draws that tell what a claim hangs on
constexpr uint64_t kMostStratified = 100'000;  // of which the inputs are drawn again

// The inputs of the first draws of a run; none when there are none or too many to draw again.
study::Columns first_inputs(const model::Model& model, const run::RunResult& result,
                            const Arguments& args) {
  // A Latin hypercube has no beginning: each draw depends on how many there are.
  const bool whole = args.design == math::Design::kLatinHypercube;
  if (result.single || (whole && result.draws > kMostStratified)) return {};
  workbench::RunSettings settings;
  settings.options.draws = whole ? result.draws : std::min(result.draws, kRead);
  settings.options.seed = args.seed;
  settings.options.threads = args.threads;
  settings.options.design = args.design;
  if (!args.posterior.empty())
    settings.posterior = or_end(workbench::read_posterior(args.posterior));
  return inputs_of(model, settings);
}

}  // namespace

int claims_command(const Arguments& args) {
  check_output(args);
  Session session = open_session(args, model_path(args));
  model::Model model = resolve(session, args);
  const workbench::Compiled compiled = workbench::compile(std::move(model), {});
  const run::RunResult result = simulate(compiled, args);
  report::RunReport report =
      report::make_run_report(compiled.model, result, report_options(session, args));
  report::add_hangs_on(report, compiled.model, result, first_inputs(compiled.model, result, args));
  print_warnings(report.context.warnings);
  write_result(args, render(report, args));
  return verdict(session, args, compiled.model, result);
}

}  // namespace headrace::cli
