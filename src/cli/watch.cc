#include "workbench/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/study.h"
#include "report/watch_report.h"
#include "text/calendar.h"

namespace headrace::cli {
namespace {

constexpr uint64_t kDefaultDraws = 20'000;
constexpr double kFewestEffective = 100;

std::string today() {
  const std::chrono::year_month_day day(
      std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
  return text::iso({static_cast<int>(day.year()), static_cast<int>(unsigned{day.month()}),
                    static_cast<int>(unsigned{day.day()})});
}

workbench::WatchOptions watch_options(const Arguments& args) {
  workbench::WatchOptions options;
  options.learn = args.learn;
  options.decide = args.decide;
  options.utility = args.utility;
  options.minimise = args.minimise;
  options.only = args.indicators;
  options.log = args.log;
  options.since = args.since;
  options.by = args.by;
  options.as_of = args.as_of.empty() ? today() : args.as_of;
  options.list = args.list;
  return options;
}

// The model as it stands, and with each of the other options on top.
std::vector<model::Model> models_of(Session& session, const Arguments& args,
                                    const workbench::WatchAsked& asked) {
  std::vector<model::Model> models{resolve(session, args)};
  for (const auto& stack : asked.others) {
    std::vector<std::string> scenarios = session.scenarios;
    scenarios.insert(scenarios.end(), stack.begin(), stack.end());
    models.push_back(resolve(session, args, scenarios));
  }
  return models;
}

int too_few_left(const report::WatchReport& report) {
  if (report.readings.empty() || report.watch.effective >= kFewestEffective) return kDone;
  say(
      fmt::format("the readings leave {} effective futures of {}: too few to say anything\n"
                  "  ask for more --draws, or calibrate to them and take --posterior",
                  static_cast<uint64_t>(report.watch.effective), report.watch.draws));
  return kNumerical;
}

}  // namespace

int watch_command(const Arguments& given) {
  check_output(given);
  const Arguments args = split_words(given, 0, "no word").args;
  if (args.utility.empty() && args.minimise) {
    end_with(kUsage, "--minimise goes with --utility: what should be small?");
  }
  if (!args.utility.empty() && args.decide.empty()) {
    end_with(kUsage, "--utility goes with --decide: between which scenarios?");
  }
  Session session = open_session(args, model_path(args));
  const workbench::WatchAsked asked =
      or_end(workbench::ask_watch(*session.project, watch_options(args)));
  std::vector<model::Model> models = models_of(session, args, asked);
  report::Context context =
      report::study_context(models[0], report_options(session, args), args.seed);

  Progress progress(args, "simulating");
  workbench::RunSettings settings = study_settings(args, kDefaultDraws, progress);
  settings.posterior = posterior_for(models[0], args);
  report::WatchReport report = finish(workbench::answer_watch(asked, std::move(models), settings));
  context.draws = report.context.draws;
  context.failed = report.context.failed;
  context.warnings = report.context.warnings;
  report.context = std::move(context);
  report.top = args.top_given ? args.top : report.top;
  if (!args.since.empty() && report.readings.size() == args.log.size()) {
    report.context.warnings.push_back(
        fmt::format("no observation of the model became known after {}", args.since));
  }
  const bool dated =
      std::ranges::any_of(report.indicators, [](const auto& i) { return !i.next.empty(); });
  if (args.ics && !dated) {
    end_with(kInvalid,
             "no indicator has a next reading, and a calendar of nothing is none\n"
             "  say when they come out in the columns `next` and `every` of watch.csv");
  }
  print_warnings(report.context.warnings);
  write_result(args, args.ics ? report::to_ics(report) : in_format(report, args));
  const int failed =
      failed_verdict(args, report.context.failed, report.context.draws * (1 + asked.others.size()));
  return failed != kDone ? failed : too_few_left(report);
}

}  // namespace headrace::cli
