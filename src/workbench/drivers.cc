#include "workbench/drivers.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "study/sensitivity/bins.h"

namespace headrace::workbench {
namespace {

// The mean of y in each bin.
std::vector<double> means_of(const study::Bins& bins, std::span<const double> y) {
  std::vector<double> sum(bins.count), count(bins.count);
  for (size_t draw = 0; draw < y.size(); ++draw) {
    sum[bins.of[draw]] += y[draw];
    count[bins.of[draw]] += 1;
  }
  for (uint32_t bin = 0; bin < bins.count; ++bin) sum[bin] /= count[bin];
  return sum;
}

Driver driver_of(const std::string& input, std::span<const double> x, std::span<const double> y) {
  const study::Bins bins = study::bin_by(x, study::bins_for(x.size()));
  const double share = study::explained_share(bins, y, x);
  Driver driver{input, std::isnan(share) ? 0 : std::max(0.0, share), 0, 0, means_of(bins, y)};
  if (!driver.means.empty()) {
    const size_t tenth = driver.means.size() / 10;
    driver.low = driver.means[tenth];
    driver.high = driver.means[driver.means.size() - 1 - tenth];
  }
  return driver;
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

  std::vector<Driver> drivers;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (stop) return std::nullopt;
    for (size_t k = 0; k < sound.size(); ++k) x[k] = inputs[i][sound[k]];
    drivers.push_back(driver_of(names[i], x, y));
  }
  std::sort(drivers.begin(), drivers.end(), [](const Driver& a, const Driver& b) {
    return a.share != b.share ? a.share > b.share : a.input < b.input;
  });
  return drivers;
}

}  // namespace headrace::workbench
