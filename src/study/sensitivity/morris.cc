#include "study/sensitivity/morris.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/hash.h"
#include "math/philox.h"

namespace headrace::study {
namespace {

constexpr double kJump = 2.0 / 3;  // p / (2 (p - 1)) of the range, with p = 4 levels

// All trajectories side by side: point s of trajectory t has its factors at level[f][t].
struct Walks {
  std::vector<std::vector<double>> level;    // [factor][trajectory], of the current point
  std::vector<std::vector<uint32_t>> order;  // [trajectory][step]: the factor that moves
};

Walks start(size_t factors, uint64_t trajectories, uint64_t seed) {
  Walks walks{std::vector(factors, std::vector<double>(trajectories)), {}};
  const math::Stream levels(seed, base::hash("morris levels"));
  const math::Stream order(seed, base::hash("morris order"));
  for (uint64_t t = 0; t < trajectories; ++t) {
    for (size_t f = 0; f < factors; ++f) {
      walks.level[f][t] = std::floor(4 * levels.uniform(t, f)) / 3;
    }
    std::vector<uint32_t> shuffled(factors);
    std::iota(shuffled.begin(), shuffled.end(), 0u);
    for (size_t f = factors; f > 1; --f) {
      std::swap(shuffled[f - 1],
                shuffled[static_cast<size_t>(order.uniform(t, f) * static_cast<double>(f))]);
    }
    walks.order.push_back(std::move(shuffled));
  }
  return walks;
}

// Two of the four levels lie below one half; from there the way is up.
double jump_from(double level) { return level < 0.5 ? kJump : -kJump; }

Columns inputs_at(const Subject& subject, const std::vector<Factor>& factors, const Walks& walks) {
  const size_t trajectories = walks.order.size();
  Columns columns(subject.model.inputs.size(), std::vector<double>(trajectories, 0.5));
  for (size_t f = 0; f < factors.size(); ++f) {
    for (const uint32_t input : factors[f].inputs) {
      const math::Distribution& distribution = subject.model.inputs[input].distribution;
      for (size_t t = 0; t < trajectories; ++t) {
        columns[input][t] = probability_of_level(distribution, walks.level[f][t]);
      }
    }
  }
  run::transform_inputs(subject.model, columns, subject.options.threads);
  return columns;
}

// The outputs at the trajectories' present points, and how many runs failed. Trajectory t is draw t
// at each of its points, so that all of them have the same noise.
PartResult outputs_at(const Subject& subject, const std::vector<Factor>& factors,
                      const Walks& walks, const Target& target, Part part) {
  const auto result =
      run_at(subject, inputs_at(subject, factors, walks), walks.order.size(), 0, part);
  if (!result) return std::unexpected(result.error());
  if (!*result) return std::optional<std::vector<double>>();
  std::vector<double> out = values_of(**result, target);
  out.push_back(static_cast<double>((*result)->failed));
  return out;
}

MorrisEffect summarize(const Factor& factor, const std::vector<double>& effects) {
  MorrisEffect out;
  out.factor = factor;
  const auto n = static_cast<double>(effects.size());
  if (effects.empty()) {
    out.mu_star = out.error = out.mu = out.sigma = NAN;
    return out;
  }
  for (const double e : effects) out.mu += e / n, out.mu_star += std::abs(e) / n;
  double squares = 0, size_squares = 0;
  for (const double e : effects) {
    squares += (e - out.mu) * (e - out.mu);
    size_squares += (std::abs(e) - out.mu_star) * (std::abs(e) - out.mu_star);
  }
  out.sigma = n > 1 ? std::sqrt(squares / (n - 1)) : NAN;
  out.error = n > 1 ? std::sqrt(size_squares / (n - 1) / n) : NAN;
  if (factor.inputs.size() > 1) out.mu = out.sigma = NAN;
  return out;
}

}  // namespace

double probability_of_level(const math::Distribution& distribution, double level) {
  const double low = std::isfinite(distribution.quantile(0)) ? 0x1p-53 : kTrim;
  const double high = std::isfinite(distribution.quantile(1)) ? 1 - 0x1p-53 : 1 - kTrim;
  return low + level * (high - low);
}

base::Result<MorrisEffects> morris_effects(const Subject& subject,
                                           const std::vector<Factor>& factors, const Target& target,
                                           const MorrisOptions& options) {
  const uint64_t n = options.trajectories;
  Walks walks = start(factors.size(), n, subject.options.seed);
  MorrisEffects out;
  out.trajectories = n;
  out.asked = factors.size();
  std::vector<std::vector<double>> effects(factors.size());
  std::vector<double> before;
  std::vector<double> jumps(n);
  for (size_t point = 0; point <= factors.size(); ++point) {
    for (uint64_t t = 0; point > 0 && t < n; ++t) {
      double& level = walks.level[walks.order[t][point - 1]][t];
      jumps[t] = jump_from(level);
      level += jumps[t];
    }
    auto outputs = do_part(options.remember, [&] {
      return outputs_at(subject, factors, walks, target, {point, factors.size() + 1});
    });
    if (!outputs) return std::unexpected(outputs.error());
    if (!*outputs) break;
    std::vector<double>& now = **outputs;
    out.failed += static_cast<uint64_t>(now.back());
    out.runs += n;
    out.steps = point;
    for (uint64_t t = 0; point > 0 && t < n; ++t) {
      const double effect = (now[t] - before[t]) / jumps[t];
      if (std::isfinite(effect)) effects[walks.order[t][point - 1]].push_back(effect);
    }
    before = std::move(now);
  }
  for (size_t f = 0; f < factors.size(); ++f) {
    out.effects.push_back(summarize(factors[f], effects[f]));
  }
  const auto size = [](const MorrisEffect& e) { return std::isnan(e.mu_star) ? -1 : e.mu_star; };
  std::stable_sort(out.effects.begin(), out.effects.end(),
                   [&](const MorrisEffect& a, const MorrisEffect& b) { return size(a) > size(b); });
  return out;
}

}  // namespace headrace::study
