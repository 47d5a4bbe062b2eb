#include "server/drivers.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace headrace::server {
namespace {

Driver driver_of(const std::vector<double>& x, const std::vector<double>& y, double mean,
                 double variance) {
  constexpr size_t kGroups = 64;
  std::vector<uint32_t> order(x.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return x[a] != x[b] ? x[a] < x[b] : a < b; });
  Driver driver;
  // Equal values stay together, so that a choice among few has as many groups as values.
  double between = 0;
  size_t groups = 0;
  for (size_t begin = 0; begin < order.size();) {
    size_t end = std::min(order.size(), begin + std::max<size_t>(1, order.size() / kGroups));
    while (end < order.size() && x[order[end]] == x[order[end - 1]]) ++end;
    double sum = 0;
    for (size_t i = begin; i < end; ++i) sum += y[order[i]];
    const double group_mean = sum / static_cast<double>(end - begin);
    between += static_cast<double>(end - begin) * (group_mean - mean) * (group_mean - mean);
    driver.means.push_back(group_mean);
    ++groups;
    begin = end;
  }
  const double n = static_cast<double>(y.size());
  const double chance = static_cast<double>(groups > 0 ? groups - 1 : 0) * variance / n;
  driver.share = variance > 0 ? std::max(0.0, (between / n - chance) / variance) : 0;
  if (!driver.means.empty()) {
    const size_t tenth = driver.means.size() / 10;
    driver.low = driver.means[tenth];
    driver.high = driver.means[driver.means.size() - 1 - tenth];
  }
  return driver;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         std::max<double>(1, static_cast<double>(values.size()));
}

}  // namespace

std::optional<std::vector<Driver>> drivers_of(std::span<const std::string> names,
                                              std::span<const std::vector<double>> inputs,
                                              std::span<const double> number,
                                              const std::atomic<bool>& stop) {
  std::vector<uint32_t> sound;
  for (uint32_t d = 0; d < number.size(); ++d) {
    if (std::isfinite(number[d])) sound.push_back(d);
  }
  std::vector<double> y(sound.size()), x(sound.size());
  for (size_t i = 0; i < sound.size(); ++i) y[i] = number[sound[i]];
  const double mean = mean_of(y);
  double variance = 0;
  for (double value : y) variance += (value - mean) * (value - mean);
  variance /= std::max<double>(1, static_cast<double>(y.size()));

  std::vector<Driver> drivers;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (stop) return std::nullopt;
    for (size_t k = 0; k < sound.size(); ++k) x[k] = inputs[i][sound[k]];
    drivers.push_back(driver_of(x, y, mean, variance));
    drivers.back().input = names[i];
  }
  std::sort(drivers.begin(), drivers.end(), [](const Driver& a, const Driver& b) {
    return a.share != b.share ? a.share > b.share : a.input < b.input;
  });
  return drivers;
}

}  // namespace headrace::server
