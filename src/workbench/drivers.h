#pragma once

// What moves a number: each input's share of its variance.

#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace headrace::workbench {

// The share of the variance of a number that bins of the input explain, as `headrace sensitivity`
// has it (study/sensitivity/bins.h), 0 at least; the means in the bins, and those where the input
// is low and high.
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

}  // namespace headrace::workbench
