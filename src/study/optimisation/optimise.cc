#include "study/optimisation/optimise.h"

#include <algorithm>
#include <cmath>
#include <nlopt.hpp>
#include <numeric>

#include "math/design.h"
#include "summary/quantile.h"

namespace headrace::study {
namespace {

constexpr size_t kMostDesign = 256;
constexpr uint64_t kDesignSeed = 1;
constexpr double kTolerance = 1e-4;  // of a lever's range

double quantile(const std::vector<double>& values, double p) {
  const double at[] = {p};
  return summary::quantiles(values, at)[0];
}

double mean(const std::vector<double>& values) {
  double sum = 0, n = 0;
  for (double v : values) {
    if (!std::isnan(v)) sum += v, n += 1;
  }
  return sum / n;
}

std::vector<double> regrets(const std::vector<double>& values, const std::vector<double>& best) {
  std::vector<double> out(values.size());
  for (size_t d = 0; d < out.size(); ++d) {
    // A trial beyond the design may do better than all of it.
    out[d] = std::isnan(values[d]) ? values[d] : std::max(0.0, best[d] - values[d]);
  }
  return out;
}

// The standard error of the mean; of a quantile that of a normal distribution with this spread,
// which is of the right size and no more.
double standard_error(const std::vector<double>& values) {
  const double m = mean(values);
  double squares = 0, n = 0;
  for (double v : values) {
    if (std::isfinite(v)) squares += (v - m) * (v - m), n += 1;
  }
  return n > 1 ? std::sqrt(squares / (n - 1) / n) : 0;
}

class Search {
 public:
  Search(const std::vector<Range>& levers, const OptimiseOptions& options, const Simulate& simulate)
      : levers_(levers), options_(options), simulate_(simulate) {}

  // False: stopped, or failed with `error`.
  bool design();
  bool local();
  Optimum finish();

  base::Result<void> error = {};

 private:
  struct Ranked {
    double score, broken;
    // Whether this is better.
    bool operator>(const Ranked& other) const {
      if (broken != other.broken) return broken < other.broken;
      return score > other.score;
    }
  };

  std::vector<double> placed(const std::vector<double>& unit) const {
    std::vector<double> out;
    for (size_t i = 0; i < unit.size(); ++i) {
      out.push_back(levers_[i].low + unit[i] * (levers_[i].high - levers_[i].low));
    }
    return out;
  }
  std::optional<Trial> simulate(const std::vector<double>& unit);
  void note(const std::vector<double>& unit, const Trial& trial);
  // One number that ranks trials as Ranked does.
  static double height(double score, double broken) {
    if (broken > 0) return -1e200 * (1 + broken);
    return std::isfinite(score) ? score : -1e199;
  }
  static double call(const std::vector<double>& z, std::vector<double>&, void* search);
  std::vector<std::vector<double>> starts() const;

  const std::vector<Range>& levers_;
  const OptimiseOptions& options_;
  const Simulate& simulate_;
  std::vector<std::vector<double>> units_;  // of tried_
  std::vector<Tried> tried_;
  std::vector<double> best_values_, ends_;
  std::vector<double> best_trial_;  // its values
  Ranked best_{-HUGE_VAL, HUGE_VAL};
  bool stopped_ = false;
};

std::optional<Trial> Search::simulate(const std::vector<double>& unit) {
  auto trial = simulate_(placed(unit));
  if (!trial) {
    error = std::unexpected(trial.error());
    return std::nullopt;
  }
  stopped_ = stopped_ || !*trial;
  return std::move(*trial);
}

void Search::note(const std::vector<double>& unit, const Trial& trial) {
  const Ranked ranked{score(trial.values, options_, best_values_), trial.broken};
  tried_.push_back({placed(unit), ranked.score, ranked.broken});
  units_.push_back(unit);
  if (tried_.size() == 1 || ranked > best_) best_ = ranked, best_trial_ = trial.values;
}

// Regret needs the whole design before the first score, so the scores come after it.
bool Search::design() {
  const size_t d = levers_.size();
  const size_t count = options_.design > 0 ? options_.design : std::min(kMostDesign, 16 * (d + 1));
  std::vector<std::vector<double>> columns(d, std::vector<double>(count));
  for (size_t i = 0; i < d; ++i) {
    math::sample(math::Design::kSobol, kDesignSeed, i, 0, count, columns[i],
                 static_cast<uint32_t>(i));
  }
  std::vector<std::vector<double>> units;
  std::vector<Trial> trials;
  for (size_t k = 0; k < count; ++k) {
    std::vector<double> unit;
    for (size_t i = 0; i < d; ++i) unit.push_back(columns[i][k]);
    auto trial = simulate(unit);
    if (!trial) break;
    units.push_back(std::move(unit));
    trials.push_back(std::move(*trial));
  }
  best_values_ = options_.elsewhere;
  for (const Trial& trial : trials) {
    best_values_.resize(trial.values.size(), std::nan(""));
    for (size_t i = 0; i < trial.values.size() && trial.broken == 0; ++i) {
      best_values_[i] = std::fmax(best_values_[i], trial.values[i]);
    }
  }
  for (size_t k = 0; k < trials.size(); ++k) note(units[k], trials[k]);
  return error.has_value() && !stopped_;
}

double Search::call(const std::vector<double>& z, std::vector<double>&, void* search) {
  Search& self = *static_cast<Search*>(search);
  const auto trial = self.simulate(z);
  if (!trial) throw nlopt::forced_stop();
  self.note(z, *trial);
  return height(self.tried_.back().score, self.tried_.back().broken);
}

std::vector<std::vector<double>> Search::starts() const {
  std::vector<size_t> order(tried_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return Ranked{tried_[a].score, tried_[a].broken} > Ranked{tried_[b].score, tried_[b].broken};
  });
  std::vector<std::vector<double>> out;
  for (size_t k = 0; k < std::min(options_.starts, order.size()); ++k) {
    out.push_back(units_[order[k]]);
  }
  return out;
}

bool Search::local() {
  const size_t d = levers_.size();
  for (std::vector<double> z : starts()) {
    nlopt::opt search(nlopt::LN_SBPLX, static_cast<unsigned>(d));
    search.set_max_objective(call, this);
    search.set_lower_bounds(0);
    search.set_upper_bounds(1);
    search.set_initial_step(0.15);
    search.set_xtol_abs(kTolerance);
    search.set_maxeval(static_cast<int>(options_.evaluations * d));
    const size_t before = tried_.size();
    double value = 0;
    try {
      search.optimize(z, value);
    } catch (const std::exception&) {
      // Rounding ended the search, or it was stopped: what was tried counts.
    }
    if (!error || stopped_) return false;
    double end = -HUGE_VAL;
    for (size_t k = before; k < tried_.size(); ++k) {
      end = std::max(end, height(tried_[k].score, tried_[k].broken));
    }
    ends_.push_back(end);
  }
  return true;
}

Optimum Search::finish() {
  Optimum out;
  out.tried = std::move(tried_);
  out.best_values = std::move(best_values_);
  out.stopped = stopped_;
  if (out.tried.empty()) return out;
  const auto better = [](const Tried& a, const Tried& b) {
    return Ranked{a.score, a.broken} > Ranked{b.score, b.broken};
  };
  const Tried& best = *std::min_element(out.tried.begin(), out.tried.end(), better);
  out.levers = best.levers, out.score = best.score, out.broken = best.broken;
  out.flat = standard_error(options_.aim == Aim::kRegret ? regrets(best_trial_, out.best_values)
                                                         : best_trial_);
  for (size_t i = 0; i < levers_.size(); ++i) {
    Range range{out.levers[i], out.levers[i]};
    for (const Tried& each : out.tried) {
      if (each.broken != out.broken || each.score < out.score - out.flat) continue;
      range.low = std::min(range.low, each.levers[i]);
      range.high = std::max(range.high, each.levers[i]);
    }
    out.plateau.push_back(range);
  }
  out.starts = ends_.size();
  for (double end : ends_) out.agreeing += end >= height(out.score, out.broken) - out.flat;
  return out;
}

}  // namespace

double score(const std::vector<double>& values, const OptimiseOptions& options,
             const std::vector<double>& best) {
  switch (options.aim) {
    case Aim::kMean:
      return mean(values);
    case Aim::kQuantile:
      return quantile(values, options.quantile);
    case Aim::kRegret:
      return -quantile(regrets(values, best), options.quantile);
  }
  return std::nan("");
}

base::Result<std::optional<std::vector<double>>> best_of_design(const std::vector<Range>& levers,
                                                                const OptimiseOptions& options,
                                                                const Simulate& simulate) {
  Search search(levers, options, simulate);
  search.design();
  if (!search.error) return std::unexpected(search.error.error());
  Optimum found = search.finish();
  if (found.stopped) return std::optional<std::vector<double>>();
  return std::optional(std::move(found.best_values));
}

base::Result<Optimum> optimise(const std::vector<Range>& levers, const OptimiseOptions& options,
                               const Simulate& simulate) {
  Search search(levers, options, simulate);
  if (search.design()) search.local();
  if (!search.error) return std::unexpected(search.error.error());
  return search.finish();
}

}  // namespace headrace::study
