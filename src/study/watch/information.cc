#include "study/watch/information.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <tuple>

#include "summary/quantile.h"

namespace headrace::study {
namespace {

constexpr double kSteady = 0.2;  // change of the worth between numbers of bins
constexpr double kShareNoise = 0.005;
constexpr double kStandardErrors = 2;  // below so many, a decision's worth may be nothing

double median(std::vector<double> values) {
  const double half[] = {0.5};
  return values.empty() ? std::nan("") : summary::quantiles(values, half)[0];
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

// The draws whose reading lies in the tenth around a quantile, those with an equal reading
// included.
std::vector<uint32_t> around(const SortedReadings& readings, double probability) {
  const auto& [reading, order] = std::tie(readings.values, readings.order);
  const auto last = static_cast<double>(order.size() - 1);
  const auto at = [&](double p) { return reading[order[static_cast<size_t>(p * last + 0.5)]]; };
  const double from = at(probability - 0.05), to = at(probability + 0.05);
  std::vector<uint32_t> near;
  for (uint32_t i : order) {
    if (reading[i] >= from && reading[i] <= to) near.push_back(i);
  }
  return near;
}

std::vector<double> taken(std::span<const double> values, const std::vector<uint32_t>& draws) {
  std::vector<double> out;
  for (uint32_t i : draws) out.push_back(values[i]);
  return out;
}

std::vector<std::vector<uint32_t>> members(const Bins& bins) {
  std::vector<std::vector<uint32_t>> out(bins.count);
  for (uint32_t i = 0; i < bins.of.size(); ++i) out[bins.of[i]].push_back(i);
  return out;
}

// The longer of the two runs of bins from an end on in which `differs`; none when all do.
Tripwire tripwire(const SortedReadings& readings, const std::function<bool(size_t)>& differs) {
  const auto& bins = readings.members;
  const std::vector<double>& reading = readings.values;
  size_t low = 0, high = bins.size();
  while (low < bins.size() && differs(low)) ++low;
  while (high > low && differs(high - 1)) --high;
  const auto share = [&](size_t from, size_t to) {
    size_t draws = 0;
    for (size_t b = from; b < to; ++b) draws += bins[b].size();
    return static_cast<double>(draws) / static_cast<double>(reading.size());
  };
  const double below = share(0, low), above = share(high, bins.size());
  Tripwire out;
  if (low == bins.size() || (below == 0 && above == 0)) return out;
  out.there = true;
  out.above = above >= below;
  out.chance = std::max(above, below);
  const std::vector<uint32_t>& last = bins[out.above ? high : low - 1];
  out.reading = reading[last[0]];
  for (uint32_t i : last) {
    out.reading = out.above ? std::min(out.reading, reading[i]) : std::max(out.reading, reading[i]);
  }
  return out;
}

// `noise`: what the worth of a reading that tells nothing may differ by.
bool agree(double a, double b, double worth, double noise) {
  return std::fabs(a - b) <= kSteady * worth + noise;
}

double width(std::vector<double> values) {
  const double ends[] = {0.1, 0.9};
  const auto q = summary::quantiles(values, ends);
  return q[1] - q[0];
}

Tripwire claim_tripwire(const SortedReadings& readings, std::span<const double> target) {
  const auto& bins = readings.members;
  const auto likely = [](double odds) { return odds >= 0.5; };
  const bool now = likely(mean({target.begin(), target.end()}));
  return tripwire(readings, [&](size_t b) { return likely(mean(taken(target, bins[b]))) != now; });
}

Tripwire number_tripwire(const SortedReadings& readings, std::span<const double> target) {
  const auto& bins = readings.members;
  std::vector<double> all(target.begin(), target.end());
  const double quarters[] = {0.25, 0.75};
  const auto half = summary::quantiles(all, quarters);
  return tripwire(readings, [&](size_t b) {
    const double m = median(taken(target, bins[b]));
    return m < half[0] || m > half[1];
  });
}

// Which half of the draws one belongs to. Draws that resampling repeats are neighbours and mostly
// fall into one half.
uint32_t half_of(uint32_t draw) { return draw / 16 % 2; }

// The utility gained by each option over `best`, in the draws of a bin whose number has this
// parity.
std::vector<double> gains(const std::vector<std::vector<double>>& utilities, uint32_t best,
                          const std::vector<uint32_t>& draws, uint32_t parity) {
  std::vector<double> sum(utilities.size());
  for (uint32_t i : draws) {
    if (half_of(i) != parity) continue;
    for (size_t o = 0; o < sum.size(); ++o) sum[o] += utilities[o][i] - utilities[best][i];
  }
  return sum;
}

uint32_t highest(const std::vector<double>& values, uint32_t preferred) {
  uint32_t best = preferred;
  for (uint32_t o = 0; o < values.size(); ++o) {
    if (values[o] > values[best]) best = o;
  }
  return best;
}

// The mean gain when each half of a bin's draws takes what is best in the other, and its standard
// error.
struct Gain {
  double mean = 0, error = 0;
};
Gain expected_gain(const std::vector<std::vector<double>>& utilities, uint32_t best,
                   const std::vector<std::vector<uint32_t>>& bins) {
  double sum = 0, squares = 0, n = 0;
  for (const auto& draws : bins) {
    for (uint32_t parity : {0u, 1u}) {
      const uint32_t option = highest(gains(utilities, best, draws, 1 - parity), best);
      for (uint32_t i : draws) {
        if (half_of(i) != parity) continue;
        const double gain = utilities[option][i] - utilities[best][i];
        sum += gain, squares += gain * gain, n += 1;
      }
    }
  }
  const double mean = sum / n;
  return {mean, std::sqrt(std::max(0.0, squares / n - mean * mean) / n)};
}

uint32_t best_of(const std::vector<std::vector<double>>& utilities, uint32_t preferred,
                 const std::vector<uint32_t>& draws) {
  std::vector<double> sum = gains(utilities, preferred, draws, 0);
  const std::vector<double> odd = gains(utilities, preferred, draws, 1);
  for (size_t o = 0; o < sum.size(); ++o) sum[o] += odd[o];
  return highest(sum, preferred);
}

}  // namespace

SortedReadings sorted(std::vector<double> readings) {
  SortedReadings out;
  out.values = std::move(readings);
  out.order = ascending(out.values);
  const uint32_t count = bins_for(out.values.size());
  out.fewer = bin_by(out.values, std::max(2u, count / 2));
  out.bins = bin_by(out.values, count);
  out.more = bin_by(out.values, 2 * count);
  out.members = members(out.bins);
  return out;
}

Learned learn(const SortedReadings& readings, std::span<const double> target, bool claim) {
  const bool infinite =
      std::any_of(target.begin(), target.end(), [](double y) { return std::isinf(y); });
  const std::vector<double> ranks = infinite ? ranks_of(target) : std::vector<double>();
  const std::span<const double> scored = infinite ? std::span<const double>(ranks) : target;
  const auto share = [&](const Bins& bins) {
    return std::clamp(explained_share(bins, scored, readings.values), 0.0, 1.0);
  };
  Learned out;
  out.worth = share(readings.bins);
  out.steady = agree(share(readings.fewer), share(readings.more), out.worth, kShareNoise);
  if (claim) {
    const double odds = mean({target.begin(), target.end()});
    out.narrowing = std::sqrt(out.worth * odds * (1 - odds));
    out.tripwire = claim_tripwire(readings, target);
  } else {
    const double now = width({target.begin(), target.end()});
    double after = 0;
    for (const auto& draws : readings.members) {
      after += width(taken(target, draws)) * static_cast<double>(draws.size());
    }
    out.narrowing = now > 0 && std::isfinite(now)
                        ? 1 - after / static_cast<double>(target.size()) / now
                        : std::nan("");
    out.tripwire = number_tripwire(readings, target);
  }
  const auto middle = [&](double p) {
    const auto near = taken(target, around(readings, p));
    return claim ? mean(near) : median(near);
  };
  out.if_low = middle(0.1), out.if_high = middle(0.9);
  return out;
}

Choice choose(const std::vector<std::vector<double>>& utilities) {
  Choice out;
  const size_t n = utilities[0].size();
  for (const auto& of_option : utilities) out.mean.push_back(mean(of_option));
  out.best = highest(out.mean, 0);
  out.best_in.resize(utilities.size());
  for (size_t i = 0; i < n; ++i) {
    uint32_t best = out.best;
    for (uint32_t o = 0; o < utilities.size(); ++o) {
      if (utilities[o][i] > utilities[best][i]) best = o;
    }
    out.best_in[best] += 1 / static_cast<double>(n);
    out.perfect += (utilities[best][i] - utilities[out.best][i]) / static_cast<double>(n);
  }
  return out;
}

Decided decide(const SortedReadings& readings, const std::vector<std::vector<double>>& utilities) {
  const uint32_t best = choose(utilities).best;
  const auto gain = [&](const std::vector<std::vector<uint32_t>>& bins) {
    return expected_gain(utilities, best, bins);
  };
  Decided out;
  const Gain found = gain(readings.members);
  out.worth = std::max(0.0, found.mean);
  out.error = found.error;
  const double fewer = gain(members(readings.fewer)).mean, more = gain(members(readings.more)).mean;
  out.steady =
      agree(std::max(0.0, fewer), std::max(0.0, more), out.worth, kStandardErrors * found.error);
  out.if_low = best_of(utilities, best, around(readings, 0.1));
  out.if_high = best_of(utilities, best, around(readings, 0.9));
  if (!(out.worth > kStandardErrors * out.error)) return out;
  const auto& bins = readings.members;
  out.tripwire =
      tripwire(readings, [&](size_t b) { return best_of(utilities, best, bins[b]) != best; });
  if (out.tripwire.there) {
    const auto& end = out.tripwire.above ? bins.back() : bins.front();
    out.tripwire.option = best_of(utilities, best, end);
  }
  return out;
}

}  // namespace headrace::study
