#pragma once

#include <cmath>

namespace headrace::summary {

// The point at `fraction` in [0, 1) of the way from low to high, which may be infinite: then it
// is the infinity, or NaN between both. Never -0.
inline double interpolate(double low, double high, double fraction) {
  if (fraction == 0 || low == high) return low + 0.0;
  if (std::isfinite(low) && std::isfinite(high)) return std::lerp(low, high, fraction) + 0.0;
  return low + high;
}

}  // namespace headrace::summary
