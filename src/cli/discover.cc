#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/study.h"
#include "report/discovery_report.h"
#include "workbench/targets.h"

namespace headrace::cli {
namespace {

constexpr uint64_t kDefaultDraws = 20'000;

}  // namespace

int discover_command(const Arguments& given) {
  check_output(given);
  const Arguments args = split_words(given, 0, "no word").args;
  if (args.when.empty()) {
    end_with(kUsage, "what should be explained? Say it with --when, as in --when 'gap@2030 > 5'");
  }
  const bool tree = args.method == "cart";
  Session session = open_session(args, model_path(args));
  const workbench::AskedTarget asked =
      workbench::ask_condition(*session.project, "--when", args.when);
  model::Model model = resolve(session, args);
  const study::Target target = or_end(workbench::find_target(model, asked));
  std::vector<uint32_t> moving;
  for (const study::Factor& factor :
       study::factors_behind(model, model.claims[target.index].condition)) {
    moving.insert(moving.end(), factor.inputs.begin(), factor.inputs.end());
  }
  if (moving.empty()) {
    end_with(kInvalid,
             "no uncertain input decides whether this holds\n  make some for this run: --set "
             "'name=LOW to HIGH'");
  }
  const workbench::Compiled compiled = workbench::compile(std::move(model), {});
  const model::Model& m = compiled.model;

  Progress progress(args, "simulating");
  workbench::RunSettings settings = study_settings(args, kDefaultDraws, progress);
  settings.posterior = posterior_for(m, args);
  const run::RunResult result = finish(workbench::run(compiled, settings));
  auto inputs = inputs_of(m, settings);
  study::Columns columns;
  for (const uint32_t input : moving) columns.push_back(std::move(inputs[input]));
  const study::Cases cases = study::cases_of(columns, result.claims[target.index].holds);

  report::DiscoveryReport report;
  report.context = report::study_context(m, report_options(session, args), args.seed);
  report.context.draws = result.draws;
  report.context.failed = result.failed;
  report.context.warnings = report::warnings_of(m, result);
  report.when = args.when;
  report.hits = cases.hits();
  report.sound = cases.draws.size();
  report.density = args.density;
  if (report.hits > 0 && report.hits < report.sound) {
    if (tree) {
      study::TreeOptions options;
      options.depth = args.depth.value_or(options.depth);
      options.seed = args.seed, options.threads = args.threads;
      add(report, m, moving, study::grow_tree(cases, options));
    } else {
      study::PrimOptions options;
      options.density = args.density, options.boxes = args.boxes;
      options.seed = args.seed, options.threads = args.threads;
      options.stop = &stop_requested();
      const auto boxes = study::find_boxes(cases, options);
      if (!boxes) throw Ended{signal_exit_code()};
      add(report, m, moving, *boxes);
    }
  }
  print_warnings(report.context.warnings);
  write_result(args, in_format(report, args));
  return verdict(session, args, m, result);
}

}  // namespace headrace::cli
