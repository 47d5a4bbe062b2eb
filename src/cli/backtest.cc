#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/parts.h"
#include "cli/study.h"
#include "report/backtest_report.h"
#include "report/numbers.h"
#include "study/calibration/assessment.h"

namespace headrace::cli {
namespace {

using report::BacktestReport;

constexpr uint64_t kExpectedDraws = 300'000;
constexpr uint64_t kForecastDraws = 4000;
constexpr size_t kRows = 4000;

// In the model's time unit: `1 year`, `18 month`, or a number of them.
double horizon_of(const std::string& text, bool calendar) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string unit(end, text.data() + text.size());
  std::erase(unit, ' ');
  if (unit.ends_with('s')) unit.pop_back();
  const double years = unit == "year"      ? 1
                       : unit == "quarter" ? 0.25
                       : unit == "month"   ? 1 / 12.
                                           : 0;
  const bool plain = unit.empty();
  if (failure != std::errc() || !(value > 0) || (calendar ? years == 0 : !plain)) {
    end_with(kUsage, fmt::format("--horizon '{}': expected {}", text,
                                 calendar ? "a duration, as in '18 month'" : "a number"));
  }
  return value * (calendar ? years : 1);
}

workbench::RunSettings settings_of(const Arguments& args) {
  workbench::RunSettings settings;
  settings.backend = args.backend;
  settings.abandon_compilation = true;
  settings.options.seed = args.seed;
  settings.options.threads = args.threads;
  settings.options.draws = kForecastDraws;
  settings.options.stop = &stop_requested();
  return settings;
}

// The posterior of what was known, with its diagnostics. Nothing when stopped.
std::optional<study::Assessment> calibrated(const study::Problem& problem, const Arguments& args,
                                            const std::function<void(double)>& show) {
  const workbench::Laboratory laboratory = or_end(
      workbench::equip(workbench::compile(problem.model, {}), settings_of(args), kExpectedDraws));
  const study::Subject subject = laboratory.subject();
  const study::Evaluator evaluator(problem, subject);
  study::CalibrationOptions options;
  options.smc.seed = options.chains.seed = args.seed;
  if (args.most_steps) options.chains.most_steps = *args.most_steps;
  study::CalibrationState state;
  for (;;) {
    const study::Standing standing = study::standing(state, options);
    using Phase = study::Standing::Phase;
    if (show) {
      show(standing.phase == Phase::kChains ? 0.5 + std::min(0.45, standing.least_ess / 3000)
                                            : 0.5 * std::pow(standing.temper, 0.2));
    }
    if (standing.phase == Phase::kDone) break;
    const bool went_on =
        or_end(study::advance(state, problem.inputs.size(), options, evaluator.function()));
    if (!went_on || stop_requested()) return std::nullopt;
  }
  return or_end(study::assess(state, options, problem, evaluator, kRows));
}

// Nothing when stopped.
std::optional<run::RunResult> forecast(const workbench::Compiled& compiled, const Arguments& args,
                                       std::shared_ptr<const study::Posterior> posterior) {
  workbench::RunSettings settings = settings_of(args);
  settings.posterior = std::move(posterior);
  return or_end(workbench::run(compiled, settings));
}

// What came of one origin.
struct Stand {
  double calibrated = 0, converged = 0;  // 1: yes
  double rhat = 0, ess = 0;
  std::vector<study::Outcome> outcomes;
};

// A stand as numbers, and back; both visit them in this order.
template <class Visit>
void visit_score(study::Score& score, Visit& visit) {
  visit(score.place), visit(score.crps), visit(score.log_score);
}
template <class Visit>
void visit_stand(Stand& stand, Visit& visit) {
  visit(stand.calibrated), visit(stand.converged), visit(stand.rhat), visit(stand.ess);
  auto count = static_cast<double>(stand.outcomes.size());
  visit(count);
  stand.outcomes.resize(static_cast<size_t>(count));
  for (study::Outcome& o : stand.outcomes) {
    double observation = o.observation, naive = o.naive ? 1 : 0;
    visit(observation), visit(o.reading), visit(o.p5), visit(o.p50), visit(o.p95);
    o.observation = static_cast<uint32_t>(observation);
    visit_score(o.model, visit), visit_score(o.prior, visit);
    visit(naive);
    if (naive == 0) continue;
    if (!o.naive) o.naive.emplace();
    visit_score(*o.naive, visit);
  }
}
std::vector<double> numbers_of(Stand stand) {
  std::vector<double> out;
  const auto write = [&out](double& value) { out.push_back(value); };
  visit_stand(stand, write);
  return out;
}
Stand stand_of(const std::vector<double>& numbers) {
  Stand out;
  auto read = [&numbers, at = size_t{0}](double& value) mutable { value = numbers[at++]; };
  visit_stand(out, read);
  return out;
}

// Nothing when stopped.
std::optional<Stand> stand_at(const model::Model& model, double origin, const study::Sides& sides,
                              const Arguments& args, const std::function<void(double)>& show) {
  Stand out;
  std::shared_ptr<const study::Posterior> posterior;
  if (!sides.before.empty()) {
    study::ProblemOptions options;
    options.known_until = origin;
    const auto assessed = calibrated(or_end(study::pose(model, options)), args, show);
    if (!assessed) return std::nullopt;
    out.calibrated = 1;
    out.converged = assessed->converged ? 1 : 0;
    out.rhat = assessed->worst_rhat;
    out.ess = std::min(assessed->least_bulk, assessed->least_tail);
    posterior = std::make_shared<const study::Posterior>(assessed->posterior);
  }
  model::Model later = model;
  later.measures.clear(), later.claims.clear(), later.checks.clear();
  const auto asked = study::ask_observations(later, sides.after);
  const workbench::Compiled compiled = workbench::compile(std::move(later), {});
  const auto prior = forecast(compiled, args, nullptr);
  const auto informed = posterior ? forecast(compiled, args, posterior) : prior;
  if (!prior || !informed) return std::nullopt;
  out.outcomes =
      study::score_outcomes(compiled.model, asked, *informed, *prior, sides.before, args.seed);
  return out;
}

// Each origin is a part of the study. Nothing when stopped.
std::optional<BacktestReport::Origin> report_at(const model::Model& model, double origin,
                                                double horizon, const Arguments& args,
                                                const study::Remember& remember,
                                                const std::function<void(double)>& show) {
  const bool calendar = model.clock.calendar;
  BacktestReport::Origin out;
  out.date = report::exact_time(origin, calendar);
  out.until = report::exact_time(origin + horizon, calendar);
  const study::Sides sides = study::split_observations(model, origin, origin + horizon);
  out.known = sides.before.size();
  out.unscored = sides.unscored;
  if (sides.after.empty()) return out;
  const auto numbers = or_end(remember([&]() -> study::PartResult {
    auto stand = stand_at(model, origin, sides, args, show);
    if (!stand) return std::optional<std::vector<double>>();
    return numbers_of(std::move(*stand));
  }));
  if (!numbers) return std::nullopt;
  const Stand stand = stand_of(*numbers);
  out.calibrated = stand.calibrated != 0, out.converged = stand.converged != 0;
  out.rhat = stand.rhat, out.ess = stand.ess;
  for (const study::Outcome& outcome : stand.outcomes) {
    const model::Observation& o = model.observations[outcome.observation];
    out.outcomes.push_back({o.text, o.unit_text, outcome});
  }
  return out;
}

// The dates asked for; else the ends of the years between which something became known.
std::vector<double> origins_of(const model::Model& model, const Arguments& args) {
  std::vector<double> out;
  for (const std::string& word : args.origins) {
    out.push_back(or_end(workbench::moment_value(word, model.clock.calendar)));
  }
  if (!out.empty()) return out;
  if (!model.clock.calendar) end_with(kUsage, "stand where? Say --origins: times of the model");
  double first = HUGE_VAL, last = -HUGE_VAL;
  for (const model::Observation& observation : model.observations) {
    const auto known = study::known_at(model, observation);
    if (known) first = std::min(first, *known), last = std::max(last, *known);
  }
  for (double year = std::ceil(first); year < last; ++year) out.push_back(year);
  return out;
}

}  // namespace

int backtest_command(const Arguments& given) {
  check_output(given);
  const Arguments args = split_words(given, 0, "no word").args;
  Session session = open_session(args, model_path(args));
  const model::Model model = resolve(session, args);
  if (model.observations.empty()) {
    end_with(kInvalid, "the model has no observations to be tested against");
  }
  const double horizon = horizon_of(args.horizon, model.clock.calendar);
  BacktestReport report;
  report.context = report::study_context(model, report_options(session, args), args.seed);
  const std::vector<double> origins = origins_of(model, args);
  report.asked = origins.size();
  Parts parts(session, args);
  {
    Progress progress(args, "backtest");
    for (const double origin : origins) {
      std::function<void(double)> show;
      if (const auto all = progress.callback()) {
        show = [all, done = report.origins.size(), n = origins.size()](double fraction) {
          all((static_cast<double>(done) + fraction) / static_cast<double>(n));
        };
      }
      auto one = report_at(model, origin, horizon, args, parts.remember(), show);
      if (!one) break;
      report.origins.push_back(std::move(*one));
    }
  }
  const bool stopped = report.origins.size() < origins.size();
  size_t outcomes = 0;
  for (const auto& origin : report.origins) outcomes += origin.outcomes.size();
  const std::string so_far = fmt::format("{} of {} origins", report.origins.size(), origins.size());
  if (stopped) parts.stop(so_far, outcomes > 0);
  if (outcomes == 0) {
    end_with(kInvalid,
             "no observation with a reading of fixed error became known within the "
             "horizon of an origin; nothing can be scored");
  }
  write_result(args, in_format(report, args), WhenStopped::kWrites);
  if (stopped) {
    say("stopped after " + so_far);
    return signal_exit_code();
  }
  parts.forget();
  const bool poor = std::ranges::any_of(report.origins,
                                        [](const auto& o) { return o.calibrated && !o.converged; });
  if (poor && !args.accept_poor) {
    say("the chains of an origin have not found one distribution\n  give them more --steps, or "
        "take the scores as they are with --accept-poor");
    return kNotConverged;
  }
  return kDone;
}

}  // namespace headrace::cli
