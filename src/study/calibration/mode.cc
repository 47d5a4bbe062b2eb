#include "study/calibration/mode.h"

#include <algorithm>
#include <cmath>
#include <nlopt.hpp>
#include <numeric>

namespace headrace::study {
namespace {

constexpr double kStep = 1e-4;
constexpr double kWorst = -1e12;  // stands for -inf, which the search cannot use

// What the search sees of the model.
class Objective {
 public:
  Objective(size_t dimensions, const LogLikelihood& likelihood)
      : points_(dimensions, std::vector<double>(2 * dimensions + 1)), likelihood_(likelihood) {}

  bool stopped = false;
  base::Result<bool> outcome = true;
  std::vector<double> best;
  double best_value = -HUGE_VAL, best_likelihood = 0;

  double operator()(const std::vector<double>& z, std::vector<double>& gradient) {
    const size_t d = z.size();
    for (size_t i = 0; i < d; ++i) {
      std::fill(points_[i].begin(), points_[i].end(), z[i]);
      points_[i][2 * i + 1] += kStep;
      points_[i][2 * i + 2] -= kStep;
    }
    outcome = likelihood_(points_, values_);
    if (!outcome || !*outcome) {
      stopped = true;
      throw nlopt::forced_stop();
    }
    const double value = at(0);
    if (value > best_value) best_value = value, best = z, best_likelihood = values_[0];
    for (size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] = (at(2 * i + 1) - at(2 * i + 2)) / (2 * kStep);
    }
    return value;
  }

 private:
  double at(size_t point) const {
    const double value = values_[point] + log_prior(points_, point);
    return std::isfinite(value) ? value : kWorst;
  }

  Points points_;
  std::vector<double> values_;
  const LogLikelihood& likelihood_;
};

double call(const std::vector<double>& z, std::vector<double>& gradient, void* objective) {
  return (*static_cast<Objective*>(objective))(z, gradient);
}

std::vector<size_t> best_points(const Population& from, size_t count) {
  std::vector<double> density;
  for (size_t k = 0; k < from.size(); ++k)
    density.push_back(from.likelihood[k] + log_prior(from.z, k));
  std::vector<size_t> order(from.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return density[a] > density[b]; });
  // Every second of the better half: near points would lead to the same end.
  std::vector<size_t> out;
  const size_t stride = std::max<size_t>(1, order.size() / (2 * std::max<size_t>(count, 1)));
  for (size_t i = 0; i < order.size() && out.size() < count; i += stride) out.push_back(order[i]);
  return out;
}

}  // namespace

base::Result<std::optional<Mode>> find_mode(const Population& from, const ModeOptions& options,
                                            const LogLikelihood& likelihood) {
  Mode mode;
  double highest = -HUGE_VAL;
  std::vector<double> ends;
  for (size_t k : best_points(from, options.starts)) {
    Objective objective(from.z.size(), likelihood);
    nlopt::opt search(nlopt::LD_LBFGS, static_cast<unsigned>(from.z.size()));
    search.set_max_objective(call, &objective);
    search.set_lower_bounds(-7.5);
    search.set_upper_bounds(7.5);
    search.set_ftol_abs(1e-7);
    search.set_maxeval(static_cast<int>(options.evaluations));
    std::vector<double> z;
    for (const auto& column : from.z) z.push_back(std::clamp(column[k], -7.4, 7.4));
    double value = 0;
    try {
      search.optimize(z, value);
    } catch (const std::exception&) {
      // Rounding ended the search: what was best so far counts.
    }
    if (!objective.outcome) return std::unexpected(objective.outcome.error());
    if (objective.stopped) return std::optional<Mode>();
    ends.push_back(objective.best_value);
    ++mode.starts;
    if (objective.best_value > highest) {
      highest = objective.best_value;
      mode.z = objective.best;
      mode.log_likelihood = objective.best_likelihood;
    }
  }
  for (double end : ends) mode.agreeing += end > highest - 0.01;
  return std::optional<Mode>(std::move(mode));
}

}  // namespace headrace::study
