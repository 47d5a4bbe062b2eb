#include "study/calibration/chains.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/workers.h"

namespace headrace::study {
namespace {

using Row = std::vector<double>;

size_t most_rows(const ChainState& state, const ChainOptions& options) {
  const size_t width = (state.chains.z.size() + 1) * options.chains;
  return std::clamp<size_t>(options.most_numbers / width, 16, options.most_kept);
}

void keep(ChainState& state, uint64_t step, Row row, const ChainOptions& options) {
  if (step % state.thin != 0) return;
  state.kept.push_back(std::move(row));
  if (state.kept.size() < most_rows(state, options)) return;
  std::vector<Row> fewer;
  for (size_t i = 1; i < state.kept.size(); i += 2) fewer.push_back(std::move(state.kept[i]));
  state.kept = std::move(fewer);
  state.thin *= 2;
}

Row row_of(const Population& chains) {
  Row row;
  for (const auto& column : chains.z) row.insert(row.end(), column.begin(), column.end());
  row.insert(row.end(), chains.likelihood.begin(), chains.likelihood.end());
  return row;
}

// R-hat of the means alone, without ranks: a cheap guess at which coordinates are the worst.
std::vector<double> rough_rhat(const ChainState& state) {
  const size_t n = state.chains.size();
  std::vector<double> out(state.chains.z.size() + 1);
  base::parallel_for(out.size(), 0, [&](size_t i, unsigned) {
    std::vector<std::vector<double>> halves(2 * n);
    for (size_t row = 0; row < state.kept.size(); ++row) {
      const size_t half = 2 * row < state.kept.size() ? 0 : n;
      for (size_t c = 0; c < n; ++c) halves[half + c].push_back(state.kept[row][i * n + c]);
    }
    const size_t least = state.kept.size() / 2;
    for (auto& half : halves) half.resize(least);
    out[i] = least > 1 ? split_rhat(halves) : 1;
  });
  return out;
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
  const Random random(options.seed, "calibrate/chains");
  // A check costs as much as many steps, so they become rarer: each adds at least a fifth.
  const uint64_t rounds = std::max<uint64_t>(1, state.steps / (5 * options.check_every));
  const uint64_t end =
      state.steps + rounds * options.check_every + (state.steps == 0 ? options.warm_up : 0);
  Population chains = state.chains;
  uint64_t accepted = 0;
  std::vector<std::pair<uint64_t, Row>> fresh;
  for (uint64_t step = state.steps + 1; step <= end; ++step) {
    const auto result = move(chains, guide, 1, random, step, likelihood);
    if (!result) return std::unexpected(result.error());
    if (result->stopped) return false;
    if (step <= options.warm_up) continue;
    accepted += result->accepted;
    const uint64_t counted = step - options.warm_up;
    if (counted % state.thin == 0) fresh.emplace_back(counted, row_of(chains));
  }
  state.chains = std::move(chains);
  state.accepted += accepted;
  state.evaluations += (end - state.steps) * options.chains;
  state.steps = end;
  for (auto& [step, row] : fresh) keep(state, step, std::move(row), options);
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
  std::vector<Convergence> out(state.chains.z.size() + 1);
  base::parallel_for(out.size(), 0,
                     [&](size_t i, unsigned) { out[i] = convergence(traces(state, i)); });
  return out;
}

Verdict judge(const ChainState& state, const ChainOptions& options) {
  constexpr size_t kAtOnce = 8;
  const std::vector<double> rough = rough_rhat(state);
  std::vector<size_t> order(rough.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return rough[a] > rough[b]; });
  Verdict out{true, 0, HUGE_VAL};
  for (size_t from = 0; from < order.size() && out.converged; from += kAtOnce) {
    std::vector<Convergence> some(std::min(kAtOnce, order.size() - from));
    base::parallel_for(some.size(), 0, [&](size_t i, unsigned) {
      some[i] = convergence(traces(state, order[from + i]));
    });
    out.converged = converged(some, options);
    for (const Convergence& c : some) {
      out.worst_rhat = std::max(out.worst_rhat, c.rhat);
      out.least_ess = std::min({out.least_ess, c.ess_bulk, c.ess_tail});
    }
  }
  return out;
}

bool converged(const std::vector<Convergence>& diagnosis, const ChainOptions& options) {
  return std::all_of(diagnosis.begin(), diagnosis.end(), [&](const Convergence& c) {
    return c.rhat < options.worst_rhat && std::min(c.ess_bulk, c.ess_tail) >= options.least_ess;
  });
}

}  // namespace headrace::study
