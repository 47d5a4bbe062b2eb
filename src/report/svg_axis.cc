#include "report/svg_axis.h"

#include <algorithm>
#include <cmath>

namespace headrace::report {

double Scale::place(double value) const {
  const double part = logarithmic ? std::log(std::max(value, low) / low) / std::log(high / low)
                                  : (value - low) / (high - low);
  return begin + (end - begin) * std::clamp(part, 0.0, 1.0);
}

double step_for(double span, int most) {
  const double power = std::pow(10, std::floor(std::log10(span / most)));
  for (double factor : {1.0, 2.0, 5.0, 10.0}) {
    if (span / (factor * power) <= most) return factor * power;
  }
  return 10 * power;
}

std::vector<double> marks(const Scale& scale, int most) {
  std::vector<double> out;
  if (scale.logarithmic) {
    const double decades = std::log10(scale.high / scale.low);
    const int stride = std::max(1, static_cast<int>(std::ceil(decades / most)));
    for (int power = static_cast<int>(std::ceil(std::log10(scale.low) - 1e-9));
         std::pow(10, power) <= scale.high * (1 + 1e-9); power += stride)
      out.push_back(std::pow(10, power));
    return out;
  }
  const double step = step_for(scale.high - scale.low, most);
  for (double mark = std::ceil(scale.low / step) * step; mark <= scale.high + step / 1e6;
       mark += step)
    out.push_back(std::abs(mark) < step / 1e6 ? 0 : mark);
  return out;
}

}  // namespace headrace::report
