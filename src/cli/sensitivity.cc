#include <fmt/format.h>

#include <cmath>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/parts.h"
#include "cli/study.h"
#include "report/sensitivity_report.h"
#include "workbench/targets.h"

namespace headrace::cli {
namespace {

constexpr uint64_t kDefaultRows = 4096;  // of a Sobol design
constexpr uint64_t kLeastRows = 8;
constexpr uint64_t kDefaultTrajectories = 200;  // of Morris's

// A session whose model answers the question.
struct Question {
  Session session;
  workbench::AskedTarget asked;
  Arguments args;
};

Question ask(const Arguments& given) {
  Words words = split_words(given, 1, "an OUTPUT");
  if (given.at.size() > 1) end_with(kUsage, "one --at is enough; --over-time shows all moments");
  Question question;
  question.args = words.args;
  question.args.at.clear();
  question.session = open_session(question.args, model_path(question.args));
  question.asked = or_end(workbench::ask_target(*question.session.project, words.rest[0],
                                                given.at.empty() ? "" : given.at[0]));
  return question;
}

// Everything that can be seen from the draws of one run.
int from_draws(Question& question, model::Model model, const study::Target& target) {
  const Arguments& args = question.args;
  std::vector<model::VarId> outputs;
  std::string element = question.asked.word;
  if (args.over_time) {
    const auto picks = or_end(workbench::find_outputs(model, {question.asked.word}));
    if (!picks[0].variable.valid() || model.clock.is_static) {
      end_with(kUsage, "--over-time is for variables of a model with time");
    }
    outputs = {picks[0].variable};
    element = picks[0].name;
  }
  if (model.inputs.empty()) {
    end_with(
        kInvalid,
        "the model has no uncertain inputs\n  make some for this run: --set 'name=LOW to HIGH'");
  }
  const workbench::Compiled compiled = workbench::compile(std::move(model), outputs);
  const model::Model& m = compiled.model;
  Progress progress(args, "simulating");
  workbench::RunSettings settings = study_settings(args, 100'000, progress);
  settings.options.keep_series = args.over_time;
  settings.posterior = posterior_for(m, args);
  const run::RunResult result = finish(workbench::run(compiled, settings));
  const auto inputs = inputs_of(m, settings);
  const auto factors = study::factors_behind(m, study::expression_of(m, target));

  report::RunReportOptions options = report_options(question.session, args);
  report::Context context = report::study_context(m, options, args.seed);
  context.draws = result.draws;
  context.failed = result.failed;
  context.warnings = report::warnings_of(m, result);
  if (settings.posterior) {
    context.warnings.push_back(
        "the inputs of a posterior hang together, so their shares overlap and need not add up to "
        "100 %");
  }
  report::SensitivityReport report =
      report::describe(m, context, target, question.asked.word, question.asked.at);
  const study::FromDraws found =
      study::effects_from_draws(factors, inputs, study::values_of(result, target), args.threads);
  report::add(report, m, found);
  report.noisy = !compiled.program->noises.empty();
  report.top = args.top;
  for (const run::SeriesResult& series : result.series) {
    if (series.name != element) continue;
    std::vector<study::Factor> ordered;
    for (const study::Effect& effect : found.effects) ordered.push_back(effect.factor);
    const auto shares = study::shares_over_time(ordered, inputs, series.values, args.threads);
    for (size_t f = 0; f < shares.size(); ++f) report.lines[f].over_time = shares[f];
    report.times = result.times;
  }
  print_warnings(context.warnings);
  write_result(args, in_format(report, args));
  return verdict(question.session, args, m, result);
}

// Adds what a design found, and where it was stopped, to the report.
void ask_design(report::SensitivityReport& report, const study::Subject& subject,
                const std::vector<study::Factor>& factors, const study::Target& target,
                uint64_t rows, Parts& parts) {
  if (report.context.design == "sobol") {
    study::SobolOptions options;
    options.rows = rows, options.remember = parts.remember();
    const auto found = or_end(study::sobol_indices(subject, factors, target, options));
    if (found.rows < found.asked) {
      const std::string so_far = fmt::format("{} of {} rows", found.rows, found.asked);
      parts.stop(so_far, found.rows >= kLeastRows);
      report.stopped = so_far + "; indices and intervals are of those";
    }
    if (found.indices.empty()) {
      say(
          fmt::format("no row of the design went through whole: {} of {} simulations failed\n"
                      "  see why with: headrace run MODEL",
                      found.failed, found.runs));
      throw Ended{kNumerical};
    }
    report::add(report, subject.model, found);
    return;
  }
  const auto found = or_end(study::morris_effects(
      subject, factors, target, {.trajectories = rows, .remember = parts.remember()}));
  if (found.steps < found.asked) {
    const std::string so_far = fmt::format("{} of {} steps", found.steps, found.asked);
    parts.stop(so_far, found.steps > 0);
    report.stopped = so_far + " of each trajectory; effects are of those";
  }
  report::add(report, subject.model, found);
}

int by_design(Question& question, model::Model model, const study::Target& target,
              const Arguments& given) {
  const Arguments& args = question.args;
  if (args.over_time) end_with(kUsage, "--over-time goes with --method draws");
  if (!args.posterior.empty()) {
    end_with(kUsage,
             "--posterior goes with --method draws: a design moves inputs one by one, and a "
             "posterior has no law for one alone");
  }
  const bool sobol = args.method == "sobol";
  const auto factors = study::factors_behind(model, study::expression_of(model, target));
  if (factors.empty()) end_with(kInvalid, "no uncertain input moves this output");
  Progress progress(args, sobol ? "Sobol indices" : "screening");
  const workbench::RunSettings settings =
      study_settings(args, sobol ? kDefaultRows : kDefaultTrajectories, progress);
  const uint64_t rows = settings.options.draws;
  if (rows < kLeastRows) {
    end_with(kUsage, fmt::format("--draws: at least {} rows are needed", kLeastRows));
  }
  Parts parts(question.session, given);
  workbench::Laboratory laboratory = or_end(workbench::equip(
      workbench::compile(std::move(model), {}), settings, rows * (factors.size() + 2)));
  const study::Subject subject = laboratory.subject();
  report::Context context =
      report::study_context(subject.model, report_options(question.session, args), args.seed);
  context.design = args.method;
  report::SensitivityReport report =
      report::describe(subject.model, context, target, question.asked.word, question.asked.at);
  ask_design(report, subject, factors, target, rows, parts);
  report.top = args.top;
  write_result(args, in_format(report, args), WhenStopped::kWrites);
  if (!report.stopped.empty()) {
    say("stopped after " + report.stopped);
    return signal_exit_code();
  }
  parts.forget();
  return failed_verdict(args, report.context.failed, report.runs);
}

}  // namespace

int sensitivity_command(const Arguments& args) {
  check_output(args);
  Question question = ask(args);
  model::Model model = resolve(question.session, question.args);
  const study::Target target = or_end(workbench::find_target(model, question.asked));
  if (args.method != "draws") return by_design(question, std::move(model), target, args);
  if (args.resume) end_with(kUsage, "--resume goes with --method sobol and --method morris");
  return from_draws(question, std::move(model), target);
}

}  // namespace headrace::cli
