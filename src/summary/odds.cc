#include "summary/odds.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headrace::summary {

double Odds::share() const {
  if (count == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(holds) / static_cast<double>(count);
}

double Odds::standard_error() const {
  const double p = share();
  return std::sqrt(p * (1 - p) / static_cast<double>(count));
}

Interval wilson(const Odds& odds, double z) {
  if (odds.count == 0) return {0, 1};
  const auto n = static_cast<double>(odds.count);
  const double p = odds.share();
  const double scale = 1 / (1 + z * z / n);
  const double middle = (p + z * z / (2 * n)) * scale;
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) * scale;
  return {odds.holds == 0 ? 0 : std::max(0.0, middle - half),
          odds.holds == odds.count ? 1 : std::min(1.0, middle + half)};
}

Odds odds(std::span<const double> values) {
  Odds result;
  for (double x : values) {
    result.count += x == x;
    result.holds += x == x && x != 0;
  }
  return result;
}

}  // namespace headrace::summary
