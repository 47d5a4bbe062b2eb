#include "study/calibration/assessment.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/workers.h"
#include "math/normal_quantile.h"

namespace headrace::study {
namespace {

constexpr size_t kOverlapBins = 40;
constexpr size_t kReplicates = 4000;

double at_share(const std::vector<double>& sorted, double p) {
  if (sorted.empty()) return NAN;
  const double place = p * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<size_t>(place);
  const size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (place - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

Spread5 spread(std::vector<double> values) {
  std::erase_if(values, [](double x) { return std::isnan(x); });
  std::sort(values.begin(), values.end());
  Spread5 out;
  const auto n = static_cast<double>(values.size());
  for (double x : values) out.mean += x / n;
  for (double x : values) out.sd += (x - out.mean) * (x - out.mean) / std::max(1.0, n - 1);
  out.sd = std::sqrt(out.sd);
  out.p5 = at_share(values, 0.05), out.p50 = at_share(values, 0.5);
  out.p95 = at_share(values, 0.95);
  return out;
}

Spread5 spread(const math::Distribution& d) {
  return {d.mean(), d.sd(), d.quantile(0.05), d.quantile(0.5), d.quantile(0.95)};
}

// The area that the draws' density shares with that of the standard normal distribution.
double overlap(const std::vector<double>& scores) {
  std::vector<double> share(kOverlapBins);
  for (double z : scores) {
    const auto bin = static_cast<size_t>(math::normal_cdf(z) * kOverlapBins);
    share[std::min(bin, kOverlapBins - 1)] += 1.0 / static_cast<double>(scores.size());
  }
  double sum = 0;
  for (double s : share) sum += std::min(s, 1.0 / kOverlapBins);
  return sum;
}

// All draws that the chains kept, [coordinate][draw].
Points kept_points(const ChainState& chains) {
  Points out;
  for (size_t i = 0; i < chains.chains.z.size(); ++i) out.push_back(traces(chains, i).values);
  return out;
}

// Evenly spread draws in an order that a key shuffles, so that the first rows are as good as all.
Points thinned(const Points& from, size_t rows, uint64_t seed) {
  const size_t total = from[0].size();
  rows = std::min(rows, total);
  std::vector<size_t> which(rows);
  for (size_t r = 0; r < rows; ++r) which[r] = r * total / rows;
  const Random random(seed, "calibrate/rows");
  for (size_t r = rows; r > 1; --r) std::swap(which[r - 1], which[random.below(r, r, 0)]);
  Points out;
  for (const auto& column : from) {
    auto& to = out.emplace_back();
    for (size_t k : which) to.push_back(column[k]);
  }
  return out;
}

// Bins from the outermost values that either has more than a five-hundredth beyond.
Shares shares(const math::Distribution& prior, std::vector<double> posterior) {
  constexpr size_t kBins = 40;
  constexpr double kTail = 0.002, kWide = 30;
  std::sort(posterior.begin(), posterior.end());
  double low = std::min(prior.quantile(kTail), at_share(posterior, kTail));
  double high = std::max(prior.quantile(1 - kTail), at_share(posterior, 1 - kTail));
  Shares out;
  if (!(low < high)) return out;
  out.by_factors = low > 0 && high > kWide * low;
  const auto bins = static_cast<double>(kBins);
  for (size_t k = 0; k <= kBins; ++k) {
    // An atom at an end lies within.
    const double part = (static_cast<double>(k) + (k == 0 ? -1e-6 : k == kBins ? 1e-6 : 0)) / bins;
    out.edges.push_back(out.by_factors ? low * std::pow(high / low, part)
                                       : low + (high - low) * part);
  }
  const auto below = [&](double x) {
    const auto up = std::upper_bound(posterior.begin(), posterior.end(), x);
    return static_cast<double>(up - posterior.begin()) / static_cast<double>(posterior.size());
  };
  for (size_t k = 0; k < kBins; ++k) {
    out.prior.push_back(prior.cdf(out.edges[k + 1]) - prior.cdf(out.edges[k]));
    out.posterior.push_back(below(out.edges[k + 1]) - below(out.edges[k]));
  }
  return out;
}

// The spread over all chains of each of at most sixty stretches of steps.
void add_bands(Trail& trail, const Traces& traces, const ChainState& state, uint64_t warm_up) {
  constexpr size_t kStretches = 60;
  const size_t rows = traces.iterations(), n = traces.chains;
  const size_t stretches = std::min(kStretches, rows);
  for (size_t s = 0; s < stretches; ++s) {
    const size_t from = s * rows / stretches, to = (s + 1) * rows / stretches;
    std::vector<double> values(traces.values.begin() + static_cast<std::ptrdiff_t>(from * n),
                               traces.values.begin() + static_cast<std::ptrdiff_t>(to * n));
    std::sort(values.begin(), values.end());
    trail.steps.push_back(static_cast<double>(warm_up + to * state.thin));
    trail.bands.push_back({at_share(values, 0.05), at_share(values, 0.25), at_share(values, 0.5),
                           at_share(values, 0.75), at_share(values, 0.95)});
  }
}

void add_ranks(Trail& trail, const Traces& traces) {
  constexpr size_t kGroups = 4, kBins = 20;
  const size_t total = traces.values.size(), n = traces.chains;
  std::vector<size_t> order(total);
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(traces.values[a], a) < std::pair(traces.values[b], b);
  });
  const size_t groups = std::min(kGroups, n);
  trail.ranks.assign(groups, std::vector<double>(kBins));
  std::vector<double> size(groups);
  for (size_t i = 0; i < total; ++i) size[i % n * groups / n] += 1;
  for (size_t rank = 0; rank < total; ++rank) {
    const size_t group = order[rank] % n * groups / n;
    trail.ranks[group][rank * kBins / total] += static_cast<double>(kBins) / size[group];
  }
}

Trail trail(std::string name, std::string unit, const Traces& traces, const ChainState& state,
            uint64_t warm_up) {
  Trail out{std::move(name), std::move(unit), convergence(traces), {}, {}, {}};
  add_bands(out, traces, state, warm_up);
  add_ranks(out, traces);
  return out;
}

std::vector<Trail> trails(const std::vector<FittedInput>& inputs, const Columns& values,
                          const ChainState& state, uint64_t warm_up) {
  constexpr size_t kWorst = 5;
  std::vector<Trail> out;
  const size_t last = state.chains.z.size();
  out.push_back(trail("log likelihood", "", traces(state, last), state, warm_up));
  std::vector<size_t> order(inputs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return inputs[a].convergence.rhat > inputs[b].convergence.rhat;
  });
  for (size_t k = 0; k < std::min(kWorst, order.size()); ++k) {
    const FittedInput& input = inputs[order[k]];
    const Traces of_values{state.chains.size(), values[order[k]]};
    out.push_back(trail(input.name, input.unit, of_values, state, warm_up));
  }
  return out;
}

std::vector<FittedInput> fitted_inputs(const Problem& problem, const Columns& values,
                                       const Points& all, const ChainState& chains) {
  std::vector<FittedInput> out(problem.inputs.size());
  base::parallel_for(out.size(), 0, [&](size_t i, unsigned) {
    const model::Input& input = problem.model.inputs[problem.inputs[i]];
    FittedInput& one = out[i];
    one.name = input.name;
    one.unit = problem.model[input.variable].unit_text;
    one.prior = spread(input.distribution);
    one.posterior = spread(values[i]);
    one.shares = shares(input.distribution, values[i]);
    Traces of_values{chains.chains.size(), values[i]};
    one.convergence = convergence(of_values);
    const Spread5 scores = spread(all[i]);
    one.overlap = overlap(all[i]);
    one.pull = scores.p50;
  });
  return out;
}

// Draws of the prior.
Points prior_points(size_t coordinates, uint64_t seed) {
  const Random random(seed, "calibrate/before");
  Points out(coordinates, std::vector<double>(kReplicates));
  for (size_t i = 0; i < coordinates; ++i) {
    for (size_t k = 0; k < kReplicates; ++k) out[i][k] = random.normal(k, i);
  }
  return out;
}

std::vector<FittedObservation> fitted_observations(const Problem& problem,
                                                   const run::RunResult& prior,
                                                   const run::RunResult& result, uint64_t seed) {
  const Random random(seed, "calibrate/replicates");
  std::vector<FittedObservation> out;
  for (const Asked& asked : problem.asked) {
    const model::Observation& observation = problem.model.observations[asked.observation];
    FittedObservation one;
    one.text = observation.text;
    one.unit = observation.unit_text;
    one.sources = observation.sources;
    one.reading = reading(observation);
    one.widen = asked.widen;
    one.before = spread(prior.measures[asked.quantity].values);
    one.quantity = spread(result.measures[asked.quantity].values);
    double below = 0, count = 0;
    for (size_t k = 0; k < result.draws && !std::isnan(one.reading); ++k) {
      const Seen there = seen(observation, asked, result, k);
      const auto other = replicate(observation, there, asked.widen, random, k, asked.observation);
      if (!other || std::isnan(*other)) continue;
      below += *other < one.reading ? 1 : *other == one.reading ? 0.5 : 0;
      ++count;
    }
    one.place = count > 0 ? below / count : NAN;
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

base::Result<std::optional<Assessment>> assess(const CalibrationState& state,
                                               const CalibrationOptions& options,
                                               const Problem& problem, const Evaluator& evaluator,
                                               size_t rows) {
  Assessment out;
  const Points all = kept_points(state.chains);
  const Columns values = evaluator.inputs(all);
  out.inputs = fitted_inputs(problem, values, all, state.chains);
  out.trails = trails(out.inputs, values, state.chains, options.chains.warm_up);
  out.least_bulk = out.least_tail = out.least_mean = HUGE_VAL;
  for (const FittedInput& input : out.inputs) {
    out.worst_rhat = std::max(out.worst_rhat, input.convergence.rhat);
    out.least_bulk = std::min(out.least_bulk, input.convergence.ess_bulk);
    out.least_tail = std::min(out.least_tail, input.convergence.ess_tail);
    out.least_mean = std::min(out.least_mean, input.convergence.ess_mean);
  }
  out.converged = judge(state.chains, options.chains).converged;
  out.log_evidence = state.smc.log_evidence;
  out.stages = state.smc.stage;
  out.steps = state.chains.steps;
  out.chains = state.chains.chains.size();
  out.kept = all[0].size();
  out.evaluations = state.smc.evaluations + state.chains.evaluations;
  const double tried = static_cast<double>((state.chains.steps - options.chains.warm_up) *
                                           state.chains.chains.size());
  out.accepted = static_cast<double>(state.chains.accepted) / std::max(1.0, tried);

  const uint64_t seed = options.chains.seed;
  const auto result = evaluator.answers(thinned(all, kReplicates, seed));
  if (!result) return std::unexpected(result.error());
  if (!*result) return std::optional<Assessment>();
  const auto before = evaluator.answers(prior_points(problem.inputs.size(), seed));
  if (!before) return std::unexpected(before.error());
  if (!*before) return std::optional<Assessment>();
  out.observations = fitted_observations(problem, **before, **result, seed);

  out.posterior.model = problem.model.name;
  out.posterior.seed = seed;
  out.posterior.observations = problem.asked.size();
  out.posterior.rhat = out.worst_rhat;
  out.posterior.ess_bulk = out.least_bulk;
  out.posterior.ess_tail = out.least_tail;
  out.posterior.log_evidence = out.log_evidence;
  out.posterior.poor = !out.converged;
  for (uint32_t i : problem.inputs) {
    const model::Input& input = problem.model.inputs[i];
    out.posterior.inputs.push_back({input.name, input.distribution.describe()});
  }
  out.posterior.draws = evaluator.inputs(thinned(all, rows, seed));
  return std::optional<Assessment>(std::move(out));
}

}  // namespace headrace::study
