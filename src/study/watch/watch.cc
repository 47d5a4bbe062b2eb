#include "study/watch/watch.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/workers.h"
#include "summary/quantile.h"

namespace headrace::study {
namespace {

using Draws = std::vector<uint32_t>;

std::vector<double> taken(const std::vector<double>& values, const Draws& draws) {
  std::vector<double> out;
  out.reserve(draws.size());
  for (uint32_t d : draws) out.push_back(values[d]);
  return out;
}

// Draws in which every question and every option has an answer.
Draws sound_draws(const WatchColumns& columns) {
  size_t n = 0;
  for (const auto& question : columns.questions) n = question.values.size();
  for (const auto& utility : columns.utilities) n = utility.size();
  Draws out;
  for (uint32_t d = 0; d < n; ++d) {
    const bool sound =
        std::ranges::none_of(columns.questions,
                             [&](const auto& q) { return std::isnan(q.values[d]); }) &&
        std::ranges::all_of(columns.utilities, [&](const auto& u) { return std::isfinite(u[d]); });
    if (sound) out.push_back(d);
  }
  return out;
}

Belief belief(const std::vector<double>& values, bool claim) {
  std::vector<double> sound;
  for (double v : values) {
    if (!std::isnan(v)) sound.push_back(v);
  }
  const double places[] = {0.1, 0.5, 0.9};
  const auto q = summary::quantiles(sound, places);
  Belief out{q[0], q[1], q[2], 0};
  if (claim) {
    out.odds = std::accumulate(sound.begin(), sound.end(), 0.0) / static_cast<double>(sound.size());
  }
  return out;
}

// The draws in which a reading is a number, and the readings there.
struct Readings {
  Draws places;  // in the draws that count
  SortedReadings sorted;
  bool enough = false;
};

Readings readings(const WatchColumns::Indicator& indicator, const Draws& draws, uint64_t seed) {
  Readings out;
  const auto all =
      simulated_readings(taken(indicator.quantity, draws), indicator.error, seed, indicator.id);
  for (uint32_t i = 0; i < all.size(); ++i) {
    if (!std::isnan(all[i])) out.places.push_back(i);
  }
  out.enough = out.places.size() >= kFewestDraws;
  if (out.enough) out.sorted = sorted(taken(all, out.places));
  return out;
}

Watch::Advice advise(const WatchColumns& columns, const std::vector<Readings>& read,
                     const std::vector<std::vector<double>>& before,
                     const std::vector<std::vector<double>>& after) {
  Watch::Advice out{choose(before), choose(after), {}, {}};
  out.indicators.resize(read.size());
  base::parallel_for(read.size(), columns.threads, [&](size_t i, unsigned) {
    if (!read[i].enough || columns.indicators[i].late) return;
    std::vector<std::vector<double>> utilities;
    for (const auto& utility : after) utilities.push_back(taken(utility, read[i].places));
    out.indicators[i] = decide(read[i].sorted, utilities);
  });
  out.ranked.resize(read.size());
  std::iota(out.ranked.begin(), out.ranked.end(), size_t{0});
  std::stable_sort(out.ranked.begin(), out.ranked.end(), [&](size_t a, size_t b) {
    return out.indicators[a].worth > out.indicators[b].worth;
  });
  return out;
}

}  // namespace

std::optional<Watch> watch(const WatchColumns& columns) {
  const Draws sound = sound_draws(columns);
  if (sound.size() < kFewestDraws) return std::nullopt;
  Watch out;
  out.draws = sound.size();
  out.effective = static_cast<double>(sound.size());
  Draws draws = sound;
  if (!columns.log_weights.empty()) {
    const auto weights = normalized(taken(columns.log_weights, sound));
    if (weights.empty()) return std::nullopt;
    out.effective = effective_draws(weights);
    const Draws places = resampled(weights, columns.seed);
    for (size_t d = 0; d < draws.size(); ++d) draws[d] = sound[places[d]];
  }

  std::vector<Readings> read;
  for (const auto& indicator : columns.indicators) {
    out.indicators.push_back(belief(taken(indicator.quantity, draws), false));
    read.push_back(readings(indicator, draws, columns.seed));
  }
  for (const auto& question : columns.questions) {
    const auto after = taken(question.values, draws);
    Watch::Answer answer;
    answer.before = belief(taken(question.values, sound), question.claim);
    answer.after = belief(after, question.claim);
    answer.ranked.resize(read.size());
    base::parallel_for(read.size(), columns.threads, [&](size_t i, unsigned) {
      answer.ranked[i].indicator = i;
      if (!read[i].enough) return;
      answer.ranked[i].learned =
          learn(read[i].sorted, taken(after, read[i].places), question.claim);
    });
    std::stable_sort(
        answer.ranked.begin(), answer.ranked.end(),
        [](const Watched& a, const Watched& b) { return a.learned.worth > b.learned.worth; });
    out.questions.push_back(std::move(answer));
  }
  if (!columns.utilities.empty()) {
    std::vector<std::vector<double>> before, after;
    for (const auto& utility : columns.utilities) {
      before.push_back(taken(utility, sound));
      after.push_back(taken(utility, draws));
    }
    out.decision = advise(columns, read, before, after);
  }
  return out;
}

}  // namespace headrace::study
