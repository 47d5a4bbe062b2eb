#include "study/calibration/chains.h"

#include <algorithm>

#include "base/workers.h"

namespace headrace::study {
namespace {

void keep(ChainState& state, const ChainOptions& options) {
  auto& row = state.kept.emplace_back();
  for (const auto& column : state.chains.z) row.insert(row.end(), column.begin(), column.end());
  if (state.kept.size() < options.most_kept) return;
  std::vector<std::vector<double>> fewer;
  for (size_t i = 1; i < state.kept.size(); i += 2) fewer.push_back(std::move(state.kept[i]));
  state.kept = std::move(fewer);
  state.thin *= 2;
}

}  // namespace

void begin_chains(ChainState& state, const Population& archive, const ChainOptions& options) {
  state = {};
  state.chains.z.resize(archive.z.size());
  // Neighbours in the population may stem from one point, so the chains start far apart in it.
  for (size_t c = 0; c < options.chains; ++c) {
    const size_t k = c * archive.size() / options.chains;
    for (size_t i = 0; i < archive.z.size(); ++i) state.chains.z[i].push_back(archive.z[i][k]);
    state.chains.likelihood.push_back(archive.likelihood[k]);
  }
  state.started = true;
}

base::Result<bool> run_chains(ChainState& state, const Guide& guide, const ChainOptions& options,
                              const LogLikelihood& likelihood) {
  ChainState next = state;
  const Random random(options.seed, "calibrate/chains");
  // A check costs as much as many steps, so they become rarer: each adds at least a fifth.
  const uint64_t rounds = std::max<uint64_t>(1, next.steps / (5 * options.check_every));
  const uint64_t end =
      next.steps + rounds * options.check_every + (next.steps == 0 ? options.warm_up : 0);
  while (next.steps < end) {
    const auto result = move(next.chains, guide, 1, random, next.steps + 1, likelihood);
    if (!result) return std::unexpected(result.error());
    if (result->stopped) return false;
    ++next.steps;
    next.evaluations += options.chains;
    if (next.steps <= options.warm_up) continue;
    next.accepted += result->accepted;
    if ((next.steps - options.warm_up) % next.thin == 0) keep(next, options);
  }
  state = std::move(next);
  return true;
}

Traces traces(const ChainState& state, size_t coordinate) {
  Traces out;
  out.chains = state.chains.size();
  for (const auto& row : state.kept) {
    const auto from = row.begin() + static_cast<std::ptrdiff_t>(coordinate * out.chains);
    out.values.insert(out.values.end(), from, from + static_cast<std::ptrdiff_t>(out.chains));
  }
  return out;
}

std::vector<Convergence> diagnose(const ChainState& state) {
  std::vector<Convergence> out(state.chains.z.size());
  base::parallel_for(out.size(), 0,
                     [&](size_t i, unsigned) { out[i] = convergence(traces(state, i)); });
  return out;
}

bool converged(const std::vector<Convergence>& diagnosis, const ChainOptions& options) {
  return std::all_of(diagnosis.begin(), diagnosis.end(), [&](const Convergence& c) {
    return c.rhat < options.worst_rhat && std::min(c.ess_bulk, c.ess_tail) >= options.least_ess;
  });
}

}  // namespace headrace::study
