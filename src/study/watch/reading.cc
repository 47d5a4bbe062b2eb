#include "study/watch/reading.h"

#include <cmath>
#include <limits>

#include "study/calibration/random.h"

namespace headrace::study {

using Form = ReadingError::Form;

std::vector<double> simulated_readings(std::span<const double> quantity, const ReadingError& error,
                                       uint64_t seed, std::string_view name) {
  const Random random(seed ^ base::hash(name), "watch/readings");
  std::vector<double> out(quantity.begin(), quantity.end());
  for (size_t d = 0; d < out.size(); ++d) {
    const double z = error.form == Form::kNone ? 0 : random.normal(d, 0);
    if (error.form == Form::kNormal) out[d] += error.spread * z;
    if (error.form == Form::kLognormal) {
      out[d] = out[d] > 0 ? out[d] * std::exp(error.spread * z) : std::nan("");
    }
  }
  return out;
}

std::vector<double> log_likelihoods(std::span<const double> quantity, const ReadingError& error,
                                    double reading) {
  std::vector<double> out;
  for (double q : quantity) {
    const double off = error.form == Form::kLognormal ? std::log(reading / q) : reading - q;
    const double z = off / error.spread;
    out.push_back(std::isfinite(z) ? -0.5 * z * z : -std::numeric_limits<double>::infinity());
  }
  return out;
}

std::vector<double> normalized(std::span<const double> log_weights) {
  double highest = -HUGE_VAL, sum = 0;
  for (double l : log_weights) highest = std::max(highest, l);
  if (!std::isfinite(highest)) return {};
  std::vector<double> out;
  for (double l : log_weights) out.push_back(std::exp(l - highest)), sum += out.back();
  for (double& w : out) w /= sum;
  return out;
}

double effective_draws(std::span<const double> weights) {
  double squares = 0;
  for (double w : weights) squares += w * w;
  return squares > 0 ? 1 / squares : 0;
}

std::vector<uint32_t> resampled(std::span<const double> weights, uint64_t seed) {
  const auto n = static_cast<double>(weights.size());
  const double offset = Random(seed, "watch/resample").uniform(0, 0);
  std::vector<uint32_t> out;
  double reached = 0;
  for (uint32_t d = 0; d < weights.size(); ++d) {
    reached += weights[d] * n;
    while (static_cast<double>(out.size()) + offset < reached && out.size() < weights.size()) {
      out.push_back(d);
    }
  }
  // Rounding may leave the last place empty.
  while (out.size() < weights.size()) out.push_back(out.back());
  return out;
}

}  // namespace headrace::study
