#include "study/backtest/score.h"

#include <algorithm>
#include <cmath>

#include "math/normal_quantile.h"

namespace headrace::study {

double crps(std::vector<double> draws, double seen) {
  std::sort(draws.begin(), draws.end());
  const auto n = static_cast<double>(draws.size());
  double off = 0, apart = 0;
  for (size_t i = 0; i < draws.size(); ++i) {
    off += std::fabs(draws[i] - seen);
    // The sum over pairs of |x_i - x_j|, each pair once, from the order.
    apart += draws[i] * (2 * static_cast<double>(i) + 1 - n);
  }
  return off / n - apart / (n * n);
}

double crps_normal(double mean, double sd, double seen) {
  const double z = (seen - mean) / sd;
  const double density = std::exp(-0.5 * z * z) / std::sqrt(2 * M_PI);
  return sd * (z * (2 * math::normal_cdf(z) - 1) + 2 * density - 1 / std::sqrt(M_PI));
}

double log_density_normal(double mean, double sd, double seen) {
  const double z = (seen - mean) / sd;
  return -0.5 * z * z - std::log(sd) - 0.5 * std::log(2 * M_PI);
}

double place(std::span<const double> draws, double seen) {
  double below = 0;
  for (double x : draws) below += x < seen ? 1 : x == seen ? 0.5 : 0;
  return below / static_cast<double>(draws.size());
}

bool covers(double place, double share) { return std::fabs(place - 0.5) <= share / 2; }

}  // namespace headrace::study
