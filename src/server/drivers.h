#pragma once

// What moves a number: each input's share of its variance.

#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace headrace::server {

// The share of the variance of a number that its conditional means in bins of the input carry, less
// what chance alone would put there, and those means where the input is low and high.
struct Driver {
  std::string input;
  double share = 0, low = 0, high = 0;
  std::vector<double> means;
};

// The largest share first, equal ones by name, so that neither the order of the inputs nor that of
// the draws decides. `inputs`: [input][draw]; draws in which `number` is not finite say nothing.
// Nothing when stopped.
std::optional<std::vector<Driver>> drivers_of(std::span<const std::string> names,
                                              std::span<const std::vector<double>> inputs,
                                              std::span<const double> number,
                                              const std::atomic<bool>& stop);

}  // namespace headrace::server
