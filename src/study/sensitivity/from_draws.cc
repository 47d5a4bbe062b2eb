#include "study/sensitivity/from_draws.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "base/workers.h"
#include "study/sensitivity/bins.h"
#include "summary/quantile.h"

namespace headrace::study {
namespace {

constexpr uint32_t kFewestInAGrid = 4;  // bins of each input
constexpr uint32_t kFewest = 2;         // bins of one input alone

// Nothing when there are too few draws for so many inputs together.
std::optional<Bins> bins_of(const Factor& factor, const Columns& inputs) {
  const uint64_t draws = inputs[factor.inputs[0]].size();
  const uint32_t each = bins_for(draws, factor.inputs.size());
  if (each < (factor.inputs.size() > 1 ? kFewestInAGrid : kFewest)) return std::nullopt;
  std::vector<Bins> bins;
  for (const uint32_t input : factor.inputs) bins.push_back(bin_by(inputs[input], each));
  return cross(bins);
}

// What the bins of a factor are of; nothing for several inputs together, whose cells are a grid.
std::span<const double> values_of(const Factor& factor, const Columns& inputs) {
  return factor.inputs.size() == 1 ? std::span<const double>(inputs[factor.inputs[0]])
                                   : std::span<const double>();
}

double correlation(std::span<const double> a, std::span<const double> b) {
  const auto n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double aa = 0, ab = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

// The median of y in the draws whose x lies within 5 % of the draws around a quantile; draws with
// the same x as one of them count too.
struct Around {
  double x = 0, y = 0;
};
Around median_around(std::span<const double> x, std::span<const double> y,
                     std::span<const uint32_t> order, double probability) {
  const auto last = static_cast<double>(order.size() - 1);
  const auto at = [&](double p) {
    return x[order[static_cast<size_t>(std::clamp(p, 0.0, 1.0) * last + 0.5)]];
  };
  const double from = at(probability - 0.05), to = at(probability + 0.05);
  std::vector<double> near;
  for (const uint32_t i : order) {
    if (x[i] >= from && x[i] <= to) near.push_back(y[i]);
  }
  const double half[] = {0.5};
  return {at(probability), summary::quantiles(near, half)[0]};
}

InputMove move_of(uint32_t input, std::span<const double> x, std::span<const double> y) {
  std::vector<double> sound_x, sound_y;
  for (size_t draw = 0; draw < y.size(); ++draw) {
    if (std::isnan(y[draw])) continue;
    sound_x.push_back(x[draw]);
    sound_y.push_back(y[draw]);
  }
  if (sound_y.empty()) return {input, NAN, NAN, NAN, NAN, NAN};
  InputMove move{input, correlation(ranks_of(sound_x), ranks_of(sound_y)), 0, 0, 0, 0};
  const std::vector<uint32_t> order = ascending(sound_x);
  const Around low = median_around(sound_x, sound_y, order, 0.1);
  const Around high = median_around(sound_x, sound_y, order, 0.9);
  move.input_low = low.x, move.low = low.y;
  move.input_high = high.x, move.high = high.y;
  return move;
}

Effect effect_of(const Factor& factor, const Columns& inputs, std::span<const double> output,
                 std::span<const double> scored) {
  Effect effect;
  effect.factor = factor;
  for (const uint32_t input : factor.inputs) {
    effect.moves.push_back(move_of(input, inputs[input], output));
  }
  if (const auto bins = bins_of(factor, inputs)) {
    effect.share = explained_share(*bins, scored, values_of(factor, inputs));
  } else {
    effect.share = NAN;
    const size_t n = factor.inputs.size(), draws = inputs[factor.inputs[0]].size();
    effect.refused =
        n > 1 ? fmt::format(
                    "{} correlated inputs together need more draws than {}; use more, or "
                    "--method sobol",
                    n, draws)
              : fmt::format("{} draws are too few to tell a share; use more", draws);
  }
  return effect;
}

}  // namespace

FromDraws effects_from_draws(const std::vector<Factor>& factors, const Columns& inputs,
                             std::span<const double> output, unsigned threads) {
  FromDraws out;
  out.by_rank = any_infinite(output);
  const std::vector<double> ranks = out.by_rank ? ranks_of(output) : std::vector<double>();
  const std::span<const double> scored = out.by_rank ? std::span<const double>(ranks) : output;
  const double* first = nullptr;
  out.varies = false;
  for (const double& value : output) {
    if (std::isnan(value)) continue;
    if (!first) first = &value;
    out.varies = out.varies || value != *first;
    ++out.used;
  }
  out.effects.resize(factors.size());
  base::parallel_for(factors.size(), threads, [&](size_t f, unsigned) {
    out.effects[f] = effect_of(factors[f], inputs, output, scored);
  });
  std::stable_sort(out.effects.begin(), out.effects.end(), [](const Effect& a, const Effect& b) {
    const double x = std::isnan(a.share) ? 2 : a.share, y = std::isnan(b.share) ? 2 : b.share;
    return x > y;
  });
  for (const Effect& effect : out.effects) {
    if (!std::isnan(effect.share)) out.sum += effect.share;
  }
  return out;
}

std::vector<std::vector<double>> shares_over_time(const std::vector<Factor>& factors,
                                                  const Columns& inputs,
                                                  std::span<const double> series,
                                                  unsigned threads) {
  const size_t draws = inputs.empty() ? 1 : inputs[0].size(), saves = series.size() / draws;
  std::vector<std::vector<double>> shares(factors.size(), std::vector<double>(saves, NAN));
  std::vector<std::vector<double>> ranked(saves);
  base::parallel_for(saves, threads, [&](size_t save, unsigned) {
    const auto values = series.subspan(save * draws, draws);
    if (any_infinite(values)) ranked[save] = ranks_of(values);
  });
  base::parallel_for(factors.size(), threads, [&](size_t f, unsigned) {
    const auto bins = bins_of(factors[f], inputs);
    const auto x = values_of(factors[f], inputs);
    for (size_t save = 0; bins && save < saves; ++save) {
      shares[f][save] = ranked[save].empty()
                            ? explained_share(*bins, series.subspan(save * draws, draws), x)
                            : explained_share(*bins, ranked[save], x);
    }
  });
  return shares;
}

}  // namespace headrace::study
