#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/hash.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/parts.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "cli/study.h"
#include "cli/terminal.h"
#include "report/calibration_page.h"
#include "report/calibration_report.h"
#include "report/mode_report.h"
#include "study/calibration/assessment.h"
#include "study/calibration/mode.h"
#include "workbench/laboratory.h"
#include "workbench/posterior.h"

namespace headrace::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr uint64_t kExpectedDraws = 300'000;
constexpr size_t kDefaultRows = 4000;
constexpr double kSaveEverySeconds = 0.5;

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

// The work that is not finished, beside the posterior that it is for.
class Unfinished {
 public:
  Unfinished(const Arguments& args, uint64_t fingerprint)
      : path_(args.resume ? path_to_resume(args) : unfinished_path(args)),
        fingerprint_(fingerprint) {}

  const std::string& path() const { return path_; }

  study::CalibrationState resume() const {
    std::ifstream file(path_, std::ios::binary);
    if (!file) return {};
    std::ostringstream bytes;
    bytes << file.rdbuf();
    auto state = study::from_bytes(bytes.view(), fingerprint_);
    if (!state) refuse_to_resume(path_);
    return std::move(*state);
  }

  void save(const study::CalibrationState& state, bool now) {
    if (path_.empty() || (!now && seconds_since(saved_) < pause_seconds_)) return;
    const auto start = SteadyClock::now();
    or_end(replace_file(path_, study::to_bytes(state, fingerprint_), WhenStopped::kWrites));
    saved_ = SteadyClock::now();
    // Saving takes no more than a twentieth of the time.
    pause_seconds_ = std::max(kSaveEverySeconds, 20 * seconds_since(start));
  }

  void forget() const {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
  }

 private:
  std::string path_;
  uint64_t fingerprint_;
  SteadyClock::time_point saved_ = SteadyClock::now();
  double pause_seconds_ = kSaveEverySeconds;
};

study::ProblemOptions problem_options(const Arguments& args, const model::Model& model) {
  study::ProblemOptions options;
  options.widen = !args.no_widening;
  if (!args.until.empty()) {
    options.known_until = or_end(workbench::moment_value(args.until, model.clock.calendar));
  }
  return options;
}

// Of everything that the numbers of a calibration hang on.
uint64_t fingerprint(const study::Problem& problem, const Session& session, const Arguments& args,
                     const study::CalibrationOptions& options) {
  std::string text = HEADRACE_VERSION + session.project->hash();
  for (const std::string& name : session.scenarios) text += "\ns " + name;
  for (const std::string& set : args.set) text += "\nd " + set;
  for (const auto& input : problem.model.inputs) {
    text += "\ni " + input.name + " " + input.distribution.describe();
  }
  for (const auto& asked : problem.asked) {
    const model::Observation& o = problem.model.observations[asked.observation];
    text += fmt::format("\no {} {}", o.text, asked.widen);
    for (const auto& term : o.terms) text += fmt::format(" {}", term.value);
  }
  text +=
      fmt::format("\n{} {} {}", options.smc.seed, options.smc.particles, options.chains.most_steps);
  return base::hash(text);
}

// How much is done, as far as one can say before it is.
double fraction(const study::Standing& standing) {
  using Phase = study::Standing::Phase;
  switch (standing.phase) {
    case Phase::kPrior:
      return 0;
    case Phase::kTempering:
      return 0.05 + 0.45 * std::pow(standing.temper, 0.2);
    case Phase::kChains:
      return 0.5 + 0.5 * std::min(0.98, standing.least_ess / 1500);
    case Phase::kDone:
      return 1;
  }
  return 1;
}

// What stopped work ends with.
[[noreturn]] void keep_and_end(Unfinished& unfinished, const study::CalibrationState& state) {
  unfinished.save(state, true);
  if (!unfinished.path().empty()) {
    say(fmt::format("stopped; what was done is in '{}': go on with --resume", unfinished.path()));
  }
  throw Ended{signal_exit_code()};
}

study::CalibrationState work(const study::Problem& problem, const study::Evaluator& evaluator,
                             const study::CalibrationOptions& options, Unfinished& unfinished,
                             const Arguments& args) {
  using Phase = study::Standing::Phase;
  Progress progress(args, "calibrating");
  const auto show = progress.callback();
  study::CalibrationState state = args.resume ? unfinished.resume() : study::CalibrationState();
  for (;;) {
    if (stop_requested()) break;
    const study::Standing standing = study::standing(state, options);
    if (show) show(fraction(standing));
    if (standing.phase == Phase::kDone) return state;
    const bool went_on =
        or_end(study::advance(state, problem.inputs.size(), options, evaluator.function()));
    unfinished.save(state, !went_on);
    if (!went_on) break;
  }
  keep_and_end(unfinished, state);
}

std::string render(const study::Assessment& assessment, const report::Context& context,
                   const Arguments& args) {
  switch (args.format.value_or(Format::kTable)) {
    case Format::kJson:
      return report::calibration_to_json(assessment, context);
    case Format::kMarkdown:
      return report::calibration_to_markdown(assessment, context);
    case Format::kCsv:
      return report::calibration_to_csv(assessment);
    default:
      return report::render(assessment, context, look_of(args));
  }
}

report::Context context_of(const Session& session, const study::Problem& problem,
                           const Arguments& args) {
  report::Context context;
  context.model = problem.model.name;
  context.title = problem.model.title;
  context.hash = session.project->hash();
  context.scenarios = session.scenarios;
  context.set = args.set;
  context.seed = args.seed;
  context.calendar = problem.model.clock.calendar;
  if (problem.later > 0) {
    context.warnings.push_back(fmt::format("{} observation{} not known by {} and left out",
                                           problem.later, problem.later == 1 ? " was" : "s were",
                                           args.until));
  }
  return context;
}

// The most likely point alone, by searches from the best of many draws of the prior.
int find_mode(const study::Problem& problem, const study::Evaluator& evaluator,
              const Session& session, const Arguments& args) {
  Progress progress(args, "searching");
  study::SmcOptions options;
  options.seed = args.seed;
  study::SmcState prior;
  const auto likelihood = evaluator.function();
  if (!or_end(study::begin_smc(prior, problem.inputs.size(), options, likelihood))) {
    throw Ended{signal_exit_code()};
  }
  const auto found = or_end(study::find_mode(prior.population, {}, likelihood));
  if (!found) throw Ended{signal_exit_code()};
  study::Points z;
  for (double score : found->z) z.push_back({score});
  const study::Columns values = evaluator.inputs(z);
  const auto answers = or_end(evaluator.answers(z));
  if (!answers) throw Ended{signal_exit_code()};

  report::ModeReport report;
  report.context = context_of(session, problem, args);
  report.log_likelihood = found->log_likelihood;
  report.agreeing = found->agreeing, report.starts = found->starts;
  study::Posterior point;
  for (size_t i = 0; i < problem.inputs.size(); ++i) {
    const model::Input& input = problem.model.inputs[problem.inputs[i]];
    report.inputs.push_back({input.name, problem.model[input.variable].unit_text,
                             input.distribution.quantile(0.5), values[i][0], found->z[i]});
    point.inputs.push_back({input.name, input.distribution.describe()});
  }
  for (const study::Asked& asked : problem.asked) {
    const model::Observation& o = problem.model.observations[asked.observation];
    report.observations.push_back(
        {o.text, o.unit_text, study::reading(o), study::seen(o, asked, *answers, 0).quantity});
  }
  print_warnings(report.context.warnings);
  Arguments to_screen = args;
  to_screen.out.clear();
  write_result(to_screen, in_format(report, args));
  if (args.out.empty()) return kDone;
  point.model = problem.model.name, point.hash = session.project->hash();
  point.seed = args.seed, point.observations = problem.asked.size();
  point.draws = values;
  write_result(args, workbench::posterior_text(point));
  return kDone;
}

Arguments page_of(const Arguments& args) {
  Arguments page = args;
  page.out = args.report;
  return page;
}

}  // namespace

int calibrate_command(const Arguments& args) {
  check_output(args);
  if (!args.report.empty()) {
    if (args.mode) end_with(kUsage, "--report shows the chains, and --mode has none");
    check_output(page_of(args));
  }
  Session session = open_session(args, model_path(args));
  const model::Model model = resolve(session, args);
  const study::Problem problem = or_end(study::pose(model, problem_options(args, model)));
  workbench::RunSettings settings;
  settings.backend = args.backend;
  settings.abandon_compilation = true;
  settings.options.seed = args.seed;
  settings.options.threads = args.threads;
  settings.options.stop = &stop_requested();
  const workbench::Laboratory laboratory =
      or_end(workbench::equip(workbench::compile(problem.model, {}), settings, kExpectedDraws));
  const study::Subject subject = laboratory.subject();
  const study::Evaluator evaluator(problem, subject);
  if (args.mode) return find_mode(problem, evaluator, session, args);

  study::CalibrationOptions options;
  options.smc.seed = options.chains.seed = args.seed;
  if (args.most_steps) options.chains.most_steps = *args.most_steps;
  Unfinished unfinished(args, fingerprint(problem, session, args, options));
  const auto start = SteadyClock::now();
  const study::CalibrationState state = work(problem, evaluator, options, unfinished, args);
  auto assessed =
      or_end(study::assess(state, options, problem, evaluator, args.rows.value_or(kDefaultRows)));
  if (!assessed) keep_and_end(unfinished, state);
  const double seconds = seconds_since(start);
  assessed->posterior.hash = session.project->hash();

  const report::Context context = context_of(session, problem, args);
  print_warnings(context.warnings);
  Arguments to_screen = args;
  to_screen.out.clear();
  write_result(to_screen, render(*assessed, context, args));
  if (!args.report.empty()) {
    write_result(page_of(args), report::calibration_to_html(*assessed, context));
  }
  if (args.verbose) {
    say(fmt::format("{:.1f} s, {} evaluations, {:.0f} effective draws a second", seconds,
                    assessed->evaluations, assessed->least_bulk / seconds));
  }
  if (!assessed->converged && !args.accept_poor) {
    say(
        fmt::format("the chains have not found one distribution: R-hat {:.3f}, {:.0f} effective "
                    "draws\n  give them more --steps, or write what there is with --accept-poor",
                    assessed->worst_rhat, std::min(assessed->least_bulk, assessed->least_tail)));
    return kNotConverged;
  }
  if (args.out.empty()) return kDone;
  write_result(args, workbench::posterior_text(assessed->posterior));
  unfinished.forget();
  return kDone;
}

}  // namespace headrace::cli
