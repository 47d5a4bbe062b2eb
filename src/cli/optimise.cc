#include "study/optimisation/optimise.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/parts.h"
#include "cli/study.h"
#include "report/optimise_report.h"
#include "study/calibration/posterior.h"
#include "summary/bands.h"
#include "workbench/levers.h"
#include "workbench/names.h"
#include "workbench/targets.h"

namespace headrace::cli {
namespace {

using report::OptimiseReport;

constexpr uint64_t kDefaultDraws = 2000;
constexpr double kRegretQuantile = 0.9;

struct Question {
  std::vector<workbench::Lever> levers;
  workbench::AskedTarget objective;
  std::vector<workbench::Assertion> conditions;
  study::OptimiseOptions options;
  double sign = 1;  // -1: what is asked about should be small
};

study::OptimiseOptions options_of(const Arguments& args, double sign) {
  study::OptimiseOptions options;
  if (args.aim == "regret") {
    options.aim = study::Aim::kRegret, options.quantile = kRegretQuantile;
  } else if (args.aim != "mean") {
    options.aim = study::Aim::kQuantile;
    options.quantile = args.aim == "median" ? 0.5 : std::stod(args.aim.substr(1)) / 100;
    // The search sees what should be small with its sign turned.
    if (sign < 0) options.quantile = 1 - options.quantile;
  }
  return options;
}

Question ask(Session& session, const Arguments& args) {
  if (args.make_large.empty() == args.make_small.empty()) {
    end_with(kUsage, "what should the levers serve? Say one of --maximise and --minimise");
  }
  if (args.levers.empty() && args.among.empty()) {
    end_with(kUsage, "what may be moved? Say --lever 'name=LOW to HIGH', or --among scenarios");
  }
  Question question;
  question.sign = args.make_small.empty() ? 1 : -1;
  for (const std::string& text : args.levers) {
    workbench::Lever& lever = question.levers.emplace_back(or_end(workbench::parse_lever(text)));
    lever.name = workbench::own_spelling(*session.project, lever.name);
  }
  question.objective = or_end(workbench::ask_target(
      *session.project, args.make_small.empty() ? args.make_large : args.make_small, ""));
  for (const std::string& text : args.conditions) {
    question.conditions.push_back(or_end(workbench::ask_assertion(*session.project, text)));
  }
  question.options = options_of(args, question.sign);
  return question;
}

// One scenario's model, ready to be run at any levers.
class Bench {
 public:
  Bench(const Question& question, model::Model model, const workbench::RunSettings& settings,
        const std::shared_ptr<const study::Posterior>& posterior)
      : question_(question) {
    target_ = or_end(workbench::find_target(model, question.objective));
    places_ = or_end(workbench::place_levers(model, question.levers));
    laboratory_ = or_end(workbench::equip(workbench::compile(std::move(model), {}), settings,
                                          settings.options.draws * 200));
    posterior_ = posterior;
    inputs_ = inputs(0);
  }

  const model::Model& model() const { return laboratory_.compiled.model; }
  const study::Target& target() const { return target_; }
  const std::vector<uint32_t>& places() const { return places_; }
  uint64_t draws() const { return laboratory_.settings.options.draws; }

  // The inputs of the search (block 0), or fresh ones.
  study::Columns inputs(uint64_t block) const {
    run::RunOptions options = laboratory_.settings.options;
    options.first_draw = block * options.draws;
    return posterior_ ? study::posterior_inputs(*posterior_, model(), options)
                      : run::sample_inputs(model(), options);
  }

  base::Result<std::optional<run::RunResult>> at(const std::vector<double>& levers) {
    return at(levers, inputs_, 0);
  }
  base::Result<std::optional<run::RunResult>> at(const std::vector<double>& levers,
                                                 study::Columns& inputs, uint64_t block) const {
    for (size_t l = 0; l < levers.size(); ++l) {
      std::fill(inputs[places_[l]].begin(), inputs[places_[l]].end(), levers[l]);
    }
    study::Subject subject = laboratory_.subject();
    subject.options.progress = nullptr;
    return study::run_at(subject, inputs, draws(), block * draws());
  }

  // What should be large, one number a draw.
  std::vector<double> values(const run::RunResult& result) const {
    std::vector<double> out = target_.kind == study::Target::Kind::kClaim
                                  ? result.claims[target_.index].holds
                                  : study::values_of(result, target_);
    for (double& v : out) v *= question_.sign;
    return out;
  }
  double broken(const run::RunResult& result) const {
    double sum = 0;
    for (const workbench::Assertion& condition : question_.conditions) {
      const workbench::Verdict verdict = workbench::judge(condition, model(), result);
      const double scale = condition.bound == 0 ? 1 : std::fabs(condition.bound);
      if (!verdict.holds) sum += 1e-12 + std::fabs(verdict.value - condition.bound) / scale;
    }
    return std::isnan(sum) ? HUGE_VAL : sum;
  }

  // Where each lever stands without the study: its value, or the median of its distribution.
  std::vector<double> now() const {
    std::vector<double> out;
    for (uint32_t place : places_) out.push_back(model().inputs[place].distribution.quantile(0.5));
    return out;
  }

 private:
  const Question& question_;
  study::Target target_;
  std::vector<uint32_t> places_;
  workbench::Laboratory laboratory_;
  std::shared_ptr<const study::Posterior> posterior_;
  study::Columns inputs_;
};

// The search of one scenario: its ranges, its options, and how it simulates.
struct Task {
  std::vector<study::Range> ranges;
  study::OptimiseOptions options;
  study::Simulate simulate;
};

// A trial is a part of the study: the values, then how far conditions are broken.
Task task_of(Bench& bench, const Question& question, Parts& parts,
             std::function<void(double)> progress) {
  const size_t d = std::max<size_t>(1, question.levers.size());
  const double expected = 16.0 * static_cast<double>(d + 1) + 60.0 * static_cast<double>(d);
  Task task;
  task.simulate =
      [&bench, remember = parts.remember(), progress = std::move(progress), expected, done = 0.0](
          const std::vector<double>& levers) mutable -> base::Result<std::optional<study::Trial>> {
    if (progress) progress(std::min(0.99, ++done / expected));
    const auto numbers = remember([&]() -> study::PartResult {
      const auto result = bench.at(levers);
      if (!result) return std::unexpected(result.error());
      if (!*result) return std::optional<std::vector<double>>();
      std::vector<double> out = bench.values(**result);
      out.push_back(bench.broken(**result));
      return out;
    });
    if (!numbers) return std::unexpected(numbers.error());
    if (!*numbers) return std::optional<study::Trial>();
    study::Trial trial{std::move(**numbers), 0};
    trial.broken = trial.values.back();
    trial.values.pop_back();
    return trial;
  };
  for (const workbench::Lever& lever : question.levers) {
    task.ranges.push_back({lever.low, lever.high});
  }
  task.options = question.options;
  if (task.ranges.empty()) task.options.design = 1, task.options.starts = 0;
  return task;
}

// What the best of all options gives in each draw: regret of one of them is measured from that.
std::vector<double> best_of_all(const std::vector<std::unique_ptr<Bench>>& benches,
                                const Question& question, const Arguments& args, Parts& parts) {
  std::vector<double> best;
  for (size_t o = 0; o < benches.size(); ++o) {
    Progress progress(args, "looking at all options");
    const Task task = task_of(*benches[o], question, parts, progress.callback());
    const auto own = or_end(study::best_of_design(task.ranges, task.options, task.simulate));
    if (!own) parts.stop(fmt::format("a look at {} of {} options", o, benches.size()), false);
    best.resize(own->size(), std::nan(""));
    for (size_t d = 0; d < best.size(); ++d) best[d] = std::fmax(best[d], (*own)[d]);
  }
  return best;
}

// The share of the draws in which each option is the best, on fresh draws.
void share_out(std::vector<OptimiseReport::Option>& options,
               const std::vector<std::vector<double>>& fresh) {
  double count = 0;
  for (size_t d = 0; d < fresh[0].size(); ++d) {
    size_t best = 0;
    bool sound = true;
    for (size_t o = 0; o < fresh.size(); ++o) {
      sound = sound && !std::isnan(fresh[o][d]);
      if (fresh[o][d] > fresh[best][d]) best = o;
    }
    if (!sound) continue;
    options[best].best_in += 1, count += 1;
  }
  for (auto& option : options) option.best_in /= count;
}

report::Spread spread(const std::vector<double>& values, double sign) {
  std::vector<double> turned = values;
  for (double& v : turned) v *= sign;
  return report::spread_of(turned);
}

// On draws that the search has not seen. Gives what should be large in each of them; nothing when
// stopped.
std::optional<std::vector<double>> confirm(OptimiseReport::Option& option, Bench& bench,
                                           const Question& question,
                                           const std::vector<double>& best, uint64_t& failed) {
  study::Columns inputs = bench.inputs(1);
  const auto before = or_end(bench.at(bench.now(), inputs, 1));
  const auto after = or_end(bench.at(best, inputs, 1));
  if (!before || !after) return std::nullopt;
  failed += before->failed + after->failed;
  const std::vector<double> now = bench.values(*before), then = bench.values(*after);
  option.now = spread(now, question.sign), option.best = spread(then, question.sign);
  double sum = 0, squares = 0, n = 0, larger = 0;
  for (size_t d = 0; d < now.size(); ++d) {
    const double gain = question.sign * (then[d] - now[d]);
    if (!std::isfinite(gain)) continue;
    sum += gain, squares += gain * gain, n += 1, larger += gain > 0 ? 1 : 0;
  }
  option.gain = sum / n;
  option.gain_error = std::sqrt(std::max(0.0, squares / n - option.gain * option.gain) / n);
  option.better_in = larger / n;
  for (const workbench::Assertion& condition : question.conditions) {
    const workbench::Verdict verdict = workbench::judge(condition, bench.model(), *after);
    option.conditions.push_back({condition.text, verdict.value, verdict.holds});
  }
  option.confirmed = true;
  return then;
}

OptimiseReport::Option describe(Bench& bench, const Question& question, const study::Optimum& found,
                                const std::string& name) {
  OptimiseReport::Option option;
  option.name = name;
  option.score = found.score, option.error = found.flat;
  option.possible = found.broken == 0;
  option.agreeing = found.agreeing, option.starts = found.starts;
  const std::vector<double> now = bench.now();
  const auto present = or_end(bench.at(now));
  option.score_now = present
                         ? study::score(bench.values(*present), question.options, found.best_values)
                         : std::nan("");
  for (size_t l = 0; l < question.levers.size(); ++l) {
    const workbench::Lever& lever = question.levers[l];
    const model::Input& input = bench.model().inputs[bench.places()[l]];
    option.levers.push_back({lever.name, bench.model()[input.variable].unit_text, lever.low,
                             lever.high, now[l], found.levers[l], found.plateau[l].low,
                             found.plateau[l].high});
  }
  return option;
}

// A mean that is infinite ranks nothing.
void refuse_infinite(const study::Optimum& found, const Question& question) {
  if (question.options.aim != study::Aim::kMean || !std::isinf(found.score)) return;
  end_with(kInvalid, fmt::format("the mean of '{}' is infinite: in some futures it is \"never\"\n"
                                 "  take another --aim, as median, or the odds of a claim",
                                 question.objective.word));
}

void name_objective(OptimiseReport& report, const Bench& bench, const Question& question) {
  report.objective = question.objective.word;
  report.claim = bench.target().kind == study::Target::Kind::kClaim;
  if (report.claim) {
    report.title = bench.model().claims[bench.target().index].title;
  } else {
    const model::Measure& measure = bench.model().measures[bench.target().index];
    report.title = measure.title, report.unit = measure.unit_text, report.type = measure.type;
  }
}

}  // namespace

int optimise_command(const Arguments& given) {
  check_output(given);
  const Arguments args = split_words(given, 0, "no word").args;
  Session session = open_session(args, model_path(args));
  Question question = ask(session, args);
  std::vector<std::string> among = args.among;
  if (among.empty()) among.emplace_back("base");
  OptimiseReport report;
  report.aim = args.aim, report.minimise = question.sign < 0;
  std::vector<std::unique_ptr<Bench>> benches;
  Progress silent(args, "");
  for (const std::string& name : among) {
    const auto stack = or_end(workbench::find_scenarios(*session.project, name));
    std::vector<std::string> scenarios = session.scenarios;
    scenarios.insert(scenarios.end(), stack.begin(), stack.end());
    model::Model model = resolve(session, args, scenarios);
    if (report.context.model.empty()) {
      report.context = report::study_context(model, report_options(session, args), args.seed);
    }
    const auto posterior = posterior_for(model, args);
    benches.push_back(std::make_unique<Bench>(
        question, std::move(model), study_settings(args, kDefaultDraws, silent), posterior));
  }
  name_objective(report, *benches[0], question);
  report.context.draws = benches[0]->draws();
  report.among = among.size();
  Parts parts(session, args);
  if (question.options.aim == study::Aim::kRegret && benches.size() > 1) {
    question.options.elsewhere = best_of_all(benches, question, args, parts);
  }
  uint64_t failed = 0;
  std::vector<std::vector<double>> fresh;
  for (size_t o = 0; o < among.size() && !report.stopped; ++o) {
    Bench& bench = *benches[o];
    Progress progress(args, fmt::format("optimising {}", among[o]));
    const Task task = task_of(bench, question, parts, progress.callback());
    const study::Optimum found = or_end(study::optimise(task.ranges, task.options, task.simulate));
    report.trials += found.tried.size();
    report.stopped = found.stopped;
    if (found.tried.empty()) break;
    refuse_infinite(found, question);
    report.options.push_back(describe(bench, question, found, among[o]));
    if (report.stopped) break;
    auto values = confirm(report.options.back(), bench, question, found.levers, failed);
    report.stopped = !values;
    if (values) fresh.push_back(std::move(*values));
  }
  if (report.stopped) {
    parts.stop(fmt::format("{} trials", report.trials), !report.options.empty());
  } else {
    share_out(report.options, fresh);
  }
  std::stable_sort(report.options.begin(), report.options.end(), [](const auto& a, const auto& b) {
    return a.possible != b.possible ? a.possible : a.score > b.score;
  });
  write_result(args, in_format(report, args), WhenStopped::kWrites);
  if (report.stopped) {
    say(fmt::format("stopped after {} trials; what is shown is the best so far", report.trials));
    return signal_exit_code();
  }
  parts.forget();
  if (!report.options[0].possible) {
    say("no trial keeps all conditions; what is shown breaks them least");
    return kNotConverged;
  }
  return failed_verdict(args, failed, 2 * report.context.draws * report.options.size());
}

}  // namespace headrace::cli
