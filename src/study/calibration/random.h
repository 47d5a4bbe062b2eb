#pragma once

// Random numbers of the samplers: functions of (seed, purpose, chain, step), so that a resumed
// calibration draws what it would have drawn.

#include <cstdint>
#include <string_view>

#include "base/hash.h"
#include "math/normal_quantile.h"
#include "math/philox.h"

namespace headrace::study {

class Random {
 public:
  Random(uint64_t seed, std::string_view purpose)
      : key_(math::stream_key(seed, base::hash(purpose))) {}

  // In (0, 1).
  double uniform(uint64_t chain, uint64_t step, uint64_t which = 0) const {
    return math::uniform_pair<double>(key_ + 0x9e3779b97f4a7c15u * which,
                                      static_cast<int64_t>(chain), static_cast<int64_t>(step))
        .first;
  }
  double normal(uint64_t chain, uint64_t step, uint64_t which = 0) const {
    return math::normal_quantile(uniform(chain, step, which));
  }
  // In 0 .. n - 1.
  size_t below(size_t n, uint64_t chain, uint64_t step, uint64_t which = 0) const {
    const auto k = static_cast<size_t>(uniform(chain, step, which) * static_cast<double>(n));
    return k < n ? k : n - 1;
  }

 private:
  uint64_t key_;
};

}  // namespace headrace::study
