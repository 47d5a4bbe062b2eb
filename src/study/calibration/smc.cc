#include "study/calibration/smc.h"

#include <algorithm>
#include <cmath>

namespace headrace::study {
namespace {

double highest(const std::vector<double>& values) {
  double high = -HUGE_VAL;
  for (double x : values) high = std::max(high, x);
  return high;
}

// exp(step * (l - highest)): 0 for what is impossible.
std::vector<double> weights(const std::vector<double>& likelihood, double step, double high) {
  std::vector<double> w;
  for (double l : likelihood) w.push_back(l > -HUGE_VAL ? std::exp(step * (l - high)) : 0.0);
  return w;
}

double effective_share(const std::vector<double>& w) {
  double sum = 0, squares = 0;
  for (double x : w) sum += x, squares += x * x;
  return squares > 0 ? sum * sum / (squares * static_cast<double>(w.size())) : 0;
}

// The step in t that leaves half of the effective size, or what is left to 1.
double next_step(const std::vector<double>& likelihood, double high, double rest) {
  const auto share = [&](double step) { return effective_share(weights(likelihood, step, high)); };
  // What is impossible is lost at any step; half of what is left is the aim.
  const double aim = 0.5 * share(0);
  if (share(rest) >= aim) return rest;
  double low = 0, up = rest;
  for (int i = 0; i < 60 && up - low > 1e-12 * up; ++i) {
    const double middle = low > 0 ? std::sqrt(low * up) : up / 16;
    (share(middle) >= aim ? low : up) = middle;
  }
  return low > 0 ? low : up;
}

Population pick(const Population& from, const std::vector<size_t>& which) {
  Population out;
  for (const auto& column : from.z) {
    auto& to = out.z.emplace_back();
    for (size_t k : which) to.push_back(column[k]);
  }
  for (size_t k : which) out.likelihood.push_back(from.likelihood[k]);
  return out;
}

// Systematic resampling: each point about as often as its weight says.
std::vector<size_t> resample(const std::vector<double>& w, double u) {
  double total = 0;
  for (double x : w) total += x;
  std::vector<size_t> out;
  const auto n = static_cast<double>(w.size());
  double sum = 0;
  for (size_t k = 0; k < w.size(); ++k) {
    sum += w[k];
    while (out.size() < w.size() && (static_cast<double>(out.size()) + u) / n * total < sum) {
      out.push_back(k);
    }
  }
  while (out.size() < w.size()) out.push_back(out.back());
  return out;
}

}  // namespace

base::Result<bool> begin_smc(SmcState& state, size_t dimensions, const SmcOptions& options,
                             const LogLikelihood& likelihood) {
  const Random random(options.seed, "calibrate/start");
  Population start{Points(dimensions, std::vector<double>(options.particles)), {}};
  for (size_t i = 0; i < dimensions; ++i) {
    for (size_t k = 0; k < options.particles; ++k) start.z[i][k] = random.normal(k, i);
  }
  const auto done = likelihood(start.z, start.likelihood);
  if (!done) return std::unexpected(done.error());
  if (!*done) return false;
  if (!(highest(start.likelihood) > -HUGE_VAL)) {
    return base::fail(base::Error::Kind::kInvalid,
                      "in none of the draws of the prior are the observations possible; are their "
                      "errors too small, or a limit beyond what the inputs allow?");
  }
  state = {};
  state.population = std::move(start);
  state.evaluations = options.particles;
  state.started = true;
  return true;
}

base::Result<bool> temper(SmcState& state, const SmcOptions& options,
                          const LogLikelihood& likelihood) {
  SmcState next = state;
  const double high = highest(state.population.likelihood);
  const double step = next_step(state.population.likelihood, high, 1 - state.temper);
  const std::vector<double> w = weights(state.population.likelihood, step, high);
  double mean = 0;
  for (double x : w) mean += x / static_cast<double>(w.size());
  next.log_evidence += std::log(mean) + step * high;
  next.temper = step >= 1 - state.temper ? 1 : state.temper + step;
  ++next.stage;

  const Random random(options.seed, "calibrate/temper");
  next.population = pick(state.population, resample(w, random.uniform(UINT32_MAX, next.stage)));
  auto found = find_subspace(next.population, next.temper, random, next.stage, likelihood);
  if (!found) return std::unexpected(found.error());
  if (!*found) return false;
  next.subspace = std::move(**found);
  next.evaluations += subspace_evaluations(next.population.z.size(), next.population.size());
  const Guide guide(next.subspace, next.population);
  double moved = 0;
  for (size_t i = 0; i < options.most_steps && moved < options.moves_each; ++i) {
    const auto result =
        move(next.population, guide, next.temper, random, 1'000'000 + next.steps, likelihood);
    if (!result) return std::unexpected(result.error());
    if (result->stopped) return false;
    ++next.steps;
    next.evaluations += next.population.size();
    moved += static_cast<double>(result->accepted) / static_cast<double>(next.population.size());
  }
  state = std::move(next);
  return true;
}

}  // namespace headrace::study
