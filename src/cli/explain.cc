#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/study.h"
#include "ir/lower.h"
#include "report/explain_report.h"
#include "report/numbers.h"
#include "workbench/names.h"

namespace headrace::cli {
namespace {

constexpr uint64_t kDefaultDraws = 500;
constexpr double kMostBytes = 400e6;  // of kept values

// A run that keeps everything the variable depends on, at every step.
struct Kept {
  std::unique_ptr<workbench::Compiled> compiled;
  std::unique_ptr<run::RunResult> result;
  std::unique_ptr<study::Values> values;
};

Kept run_all(Session& session, const Arguments& args, const std::vector<std::string>& scenarios,
             model::VarId variable, uint64_t draws) {
  model::Model model = resolve(session, args, scenarios);
  model.clock.save_every = 1;
  const auto needed = ir::needed_variables(model, {.outputs = {variable}, .answers = false});
  Kept kept;
  kept.compiled =
      std::make_unique<workbench::Compiled>(workbench::compile(std::move(model), needed));
  Progress progress(args, "simulating");
  workbench::RunSettings settings = study_settings(args, draws, progress);
  settings.options.draws = draws;
  settings.options.keep_series = true;
  settings.posterior = posterior_for(kept.compiled->model, args);
  kept.result = std::make_unique<run::RunResult>(finish(workbench::run(*kept.compiled, settings)));
  kept.values = std::make_unique<study::Values>(kept.compiled->model, *kept.result);
  return kept;
}

uint64_t fitting_draws(const model::Model& model, model::VarId variable, const Arguments& args) {
  double elements = 0;
  for (const model::VarId id :
       ir::needed_variables(model, {.outputs = {variable}, .answers = false})) {
    elements += static_cast<double>(model[id].size(model));
  }
  const double a_draw = elements * (static_cast<double>(model.clock.steps) + 1) * 8;
  const auto most = static_cast<uint64_t>(std::max(1.0, kMostBytes / a_draw));
  const uint64_t wanted = args.draws.value_or(kDefaultDraws);
  if (wanted > most && args.draws) {
    warn(fmt::format("{} draws of all that it depends on do not fit; {} are used", wanted, most));
  }
  return std::min(wanted, most);
}

size_t step_at(const model::Clock& clock, double time, const std::string& word) {
  const double step = std::floor((time - clock.start) / clock.step + 1e-6);
  if (step < 0 || step > static_cast<double>(clock.steps)) {
    end_with(kUsage, fmt::format("'{}' is outside the run", word));
  }
  return static_cast<size_t>(step);
}

study::Node node_of(const model::Model& model, const workbench::Pick& pick) {
  if (!pick.variable.valid()) {
    end_with(kUsage, fmt::format("'{}' is a measure; explain a variable that it reads", pick.name));
  }
  for (uint32_t e = 0; e < model[pick.variable].size(model); ++e) {
    if (model.element_name(pick.variable, e) == pick.name) return {pick.variable, e};
  }
  end_with(kUsage,
           fmt::format("'{}' has {} elements; name one, such as {}", pick.name,
                       model[pick.variable].size(model), model.element_name(pick.variable, 0)));
}

}  // namespace

int explain_command(const Arguments& given) {
  check_output(given);
  const Words words = split_words(given, 1, "a VARIABLE");
  Arguments args = words.args;
  if (args.at.size() > 1) end_with(kUsage, "one --at is enough");
  const std::string at = args.at.empty() ? "" : args.at[0];
  args.at.clear();
  const bool two = !args.from_scenario.empty() || !args.to_scenario.empty();
  if (two && !args.from.empty()) end_with(kUsage, "--from goes with one run, not with scenarios");
  Session session = open_session(args, model_path(args));
  const model::Model model = resolve(session, args);
  const model::Clock& clock = model.clock;
  if (clock.is_static) end_with(kInvalid, "the model has no time, so nothing changes");
  const auto picks = or_end(workbench::find_outputs(model, {words.rest[0]}));
  const study::Node node = node_of(model, picks[0]);
  const auto moment = [&](const std::string& word, double otherwise) {
    return word.empty() ? otherwise : or_end(workbench::moment_value(word, clock.calendar));
  };
  const double end = clock.time(clock.steps);
  const size_t step = step_at(clock, moment(at, end), at);
  const size_t first = step_at(clock, moment(args.from, clock.start), args.from);
  if (!two && first >= step) end_with(kUsage, "--from must lie before the moment to explain");
  const uint64_t draws = fitting_draws(model, node.variable, args);
  const auto scenarios = [&](const std::string& word) {
    std::vector<std::string> stack = session.scenarios;
    if (!word.empty()) {
      for (auto& name : or_end(workbench::find_scenarios(*session.project, word))) {
        stack.push_back(name);
      }
    }
    return stack;
  };
  Arguments quiet = args;
  quiet.quiet = true;  // the warnings of the model were told
  const Kept b = run_all(session, quiet, scenarios(args.to_scenario), node.variable, draws);
  Kept a;
  if (two) a = run_all(session, quiet, scenarios(args.from_scenario), node.variable, draws);
  const study::State later{b.values.get(), step};
  const study::State earlier =
      two ? study::State{a.values.get(), step} : study::State{b.values.get(), first};
  study::TraceOptions options;
  options.depth = args.depth.value_or(options.depth);

  report::ExplainReport report;
  const model::Model& m = b.compiled->model;
  report.context = report::study_context(m, report_options(session, args), args.seed);
  report.context.draws = b.result->draws;
  report.context.single = b.result->single;
  report.context.failed = b.result->failed;
  report.context.warnings = report::warnings_of(m, *b.result);
  report.variable = picks[0].name;
  report.title = m[node.variable].title;
  report.at = report::exact_time(clock.time(step), clock.calendar);
  report.from = report::exact_time(clock.time(first), clock.calendar);
  if (two) {
    report.from = args.from_scenario.empty() ? "base" : args.from_scenario;
    report.to_scenario = args.to_scenario.empty() ? "base" : args.to_scenario;
  }
  report.trace = report::trace_line(m, study::trace_change(earlier, later, node, options));
  std::vector<size_t> steps;
  for (size_t s = clock.save_every; args.over_time && s < step; s += clock.save_every) {
    steps.push_back(s);
  }
  if (step > 0) steps.push_back(step);
  const study::LoopScores loops = study::score_loops(*b.values, node, steps, args.threads);
  report.loops = report::loop_lines(m, loops);
  report.loops_searched = loops.searched;
  for (const size_t s : loops.steps) report.times.push_back(clock.time(s));
  print_warnings(report.context.warnings);
  write_result(args, in_format(report, args));
  return verdict(session, args, m, *b.result);
}

}  // namespace headrace::cli
