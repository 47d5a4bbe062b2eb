#include "study/calibration/problem.h"

#include <algorithm>
#include <cmath>

#include "ir/analysis.h"
#include "math/kernels.h"
#include "text/calendar.h"

namespace headrace::study {
namespace {

// Beyond these a standard normal number is no uniform one in (0, 1) any more.
constexpr double kFarthest = 8;

run::RunOptions sampling(unsigned threads) {
  run::RunOptions options;
  options.threads = threads;
  return options;
}

std::vector<uint32_t> inputs_behind(const model::Model& model) {
  std::vector<model::VarId> roots;
  for (const model::Measure& measure : model.measures) {
    ir::collect_reads(model, measure.value, roots);
  }
  std::vector<uint32_t> inputs;
  for (const Factor& factor : factors_behind(model, roots)) {
    inputs.insert(inputs.end(), factor.inputs.begin(), factor.inputs.end());
  }
  std::sort(inputs.begin(), inputs.end());
  return inputs;
}

bool noisy(const model::Model& model) {
  std::vector<model::VarId> roots;
  for (const model::Measure& measure : model.measures) {
    ir::collect_reads(model, measure.value, roots);
  }
  const ir::Needs needs = ir::find_needs(model, roots);
  for (size_t v = 0; v < model.variables.size(); ++v) {
    if (model.variables[v].kind == model::VarKind::kNoise && needs.variable[v]) return true;
  }
  return false;
}

// How many steps the answers need: those up to the last moment that a tally looks at. What hangs on
// the end of the run, or on when something first happens, needs them all.
uint64_t steps_needed(const model::Model& model) {
  const model::Clock& clock = model.clock;
  std::vector<model::VarId> roots;
  for (const model::Measure& measure : model.measures) {
    ir::collect_reads(model, measure.value, roots);
  }
  const ir::Needs needs = ir::find_needs(model, roots);
  double last = 0;
  for (size_t v = 0; v < model.variables.size(); ++v) {
    const model::Variable& variable = model.variables[v];
    if (!needs.variable[v] || variable.kind != model::VarKind::kTally) continue;
    using Kind = model::Tally::Kind;
    const model::Tally& tally = variable.tally;
    if (tally.kind == Kind::kEnd || tally.kind == Kind::kFirstTime) return clock.steps;
    const double end = tally.kind == Kind::kAt ? tally.from : tally.to;
    last = std::max(last, (end - clock.start) / clock.step);
  }
  // The step that begins at the last moment is the one whose value holds then.
  const double steps = std::floor(std::max(0.0, last) + 1e-6) + 1;
  const auto saves = static_cast<double>(clock.save_every);
  const double whole = std::ceil(steps / saves) * saves;
  return whole < static_cast<double>(clock.steps) ? static_cast<uint64_t>(whole) : clock.steps;
}

}  // namespace

std::optional<double> known_at(const model::Model& model, const model::Observation& observation) {
  std::optional<double> when = observation.moment;
  if (!model.clock.calendar) return when;
  for (const std::string& id : observation.sources) {
    for (const model::Reference& source : model.sources) {
      if (source.id != id) continue;
      if (const auto date = text::parse_date(source.date)) {
        when = std::max(when.value_or(-HUGE_VAL), text::to_years(*date));
      }
    }
  }
  return when;
}

base::Result<Problem> pose(const model::Model& model, const ProblemOptions& options) {
  using Kind = base::Error::Kind;
  if (model.observations.empty()) {
    return base::fail(Kind::kInvalid,
                      "the model has no observations to calibrate to; state some, for example "
                      "`observe x over 2024 ~ lognormal(median 200, gsd 1.4)`");
  }
  Problem problem;
  problem.model = model;
  problem.model.measures.clear();
  problem.model.claims.clear();
  problem.model.checks.clear();
  std::vector<uint32_t> which;
  for (uint32_t o = 0; o < model.observations.size(); ++o) {
    const auto known = known_at(model, model.observations[o]);
    if (known && *known > options.known_until) {
      ++problem.later;
    } else {
      which.push_back(o);
    }
  }
  if (which.empty()) {
    return base::fail(Kind::kInvalid, "none of the observations was known by then");
  }
  problem.asked = ask_observations(problem.model, which);
  if (options.widen) widen_disagreeing(problem.model, problem.asked);
  problem.model.clock.steps = steps_needed(problem.model);
  problem.inputs = inputs_behind(problem.model);
  if (problem.inputs.empty()) {
    return base::fail(Kind::kInvalid, "what is observed hangs on no uncertain input");
  }
  if (noisy(problem.model)) {
    return base::fail(Kind::kInvalid,
                      "what is observed hangs on noise at each step, and calibration needs the "
                      "same answer each time it asks; make the noise a param, or observe "
                      "something before it");
  }
  return problem;
}

Evaluator::Evaluator(const Problem& problem, const Subject& subject)
    : problem_(problem),
      subject_(subject),
      sampler_(problem.model, sampling(subject.options.threads)) {}

Columns Evaluator::all_inputs(const Points& z) const {
  const size_t n = z.empty() ? 0 : z[0].size();
  Columns columns(problem_.model.inputs.size(), std::vector<double>(n, 0.5));
  for (size_t i = 0; i < z.size(); ++i) {
    auto& column = columns[problem_.inputs[i]];
    for (size_t k = 0; k < n; ++k) column[k] = std::clamp(z[i][k], -kFarthest, kFarthest);
    math::kernels().normal_cdf(column.data(), column.data(), n);
  }
  std::vector<double*> rows;
  for (auto& column : columns) rows.push_back(column.data());
  sampler_.transform(n, rows);
  return columns;
}

Columns Evaluator::inputs(const Points& z) const {
  const Columns all = all_inputs(z);
  Columns out;
  for (uint32_t input : problem_.inputs) out.push_back(all[input]);
  return out;
}

base::Result<std::optional<run::RunResult>> Evaluator::answers(const Points& z) const {
  return run_at(subject_, all_inputs(z), z[0].size());
}

double Evaluator::total(const run::RunResult& result, size_t draw) const {
  double sum = 0;
  for (const Asked& asked : problem_.asked) {
    const model::Observation& observation = problem_.model.observations[asked.observation];
    sum += study::log_likelihood(observation, seen(observation, asked, result, draw), asked.widen);
    if (!(sum > -HUGE_VAL)) break;
  }
  return sum;
}

base::Result<bool> Evaluator::log_likelihood(const Points& z, std::vector<double>& out) const {
  const auto result = answers(z);
  if (!result) return std::unexpected(result.error());
  if (!*result) return false;
  out.resize(z[0].size());
  for (size_t k = 0; k < out.size(); ++k) out[k] = total(**result, k);
  return true;
}

}  // namespace headrace::study
