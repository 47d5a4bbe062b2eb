// VECTOR LOOKUP of Vensim: a curve through values that stand at even distances of x, the first at
// `low` and the last at `high`. Modes:
//
//   0  straight lines between them, the ends held          3  going on beyond the ends
//   1  the area below the curve from `low` to x            7  going on beyond the ends
//   2  the last value at or below x                        4  the next value at or above x
//   5  the x at which the curve has the value `x`          8  going on beyond the ends
//   6  the slope at x, 0 beyond the ends                   9  going on beyond the ends
//
// At a point the slope is that of the line behind it. An inverse is the first place from the left;
// of a value that the curve does not reach it is the end whose value is nearer.
//
// Source: the page on VECTOR LOOKUP of the Vensim manual.

#include <algorithm>
#include <cmath>
#include <limits>

#include "code/device/arrays.h"

namespace headrace::code {

namespace {

class Curve {
 public:
  Curve(const Values& values, double low, double high)
      : y_(values), low_(low), step_((high - low) / static_cast<double>(values.size() - 1)) {}

  double value(double x, bool on) const {
    const double at = on ? place(x) : std::clamp(place(x), 0.0, last());
    const size_t k = segment(at);
    return y_[k] + (at - static_cast<double>(k)) * (y_[k + 1] - y_[k]);
  }

  double backward(double x) const { return y_[index(std::floor(place(x)))]; }
  double forward(double x) const { return y_[index(std::ceil(place(x)))]; }

  double slope(double x, bool on) const {
    const double at = place(x);
    if (!on && !(at >= 0 && at < last())) return 0;
    const size_t k = segment(at);
    return (y_[k + 1] - y_[k]) / step_;
  }

  double area(double x, bool on) const {
    const double at = on ? place(x) : std::clamp(place(x), 0.0, last());
    const size_t end = segment(at);
    double sum = 0;
    for (size_t k = 0; k < end; ++k) sum += (y_[k] + y_[k + 1]) / 2;
    const double part = at - static_cast<double>(end);
    sum += part * (y_[end] + part * (y_[end + 1] - y_[end]) / 2);
    return sum * step_;
  }

  double inverse(double y, bool on) const {
    for (size_t k = 0; k + 1 < y_.size(); ++k) {
      const double a = y_[k], b = y_[k + 1];
      if (std::min(a, b) <= y && y <= std::max(a, b))
        return x_of(static_cast<double>(k) + (a == b ? 0 : (y - a) / (b - a)));
    }
    const bool first = std::fabs(y - y_[0]) <= std::fabs(y - y_[y_.size() - 1]);
    const size_t k = first ? 0 : y_.size() - 2;
    const double rise = y_[k + 1] - y_[k];
    if (!on || rise == 0) return x_of(first ? 0 : last());
    return x_of(static_cast<double>(k) + (y - y_[k]) / rise);
  }

 private:
  double place(double x) const { return (x - low_) / step_; }
  double x_of(double place) const { return low_ + place * step_; }
  double last() const { return static_cast<double>(y_.size() - 1); }
  size_t index(double place) const { return static_cast<size_t>(std::clamp(place, 0.0, last())); }
  size_t segment(double place) const {
    return static_cast<size_t>(std::clamp(std::floor(place), 0.0, last() - 1));
  }

  const Values& y_;
  double low_, step_;
};

}  // namespace

double vector_lookup(const Values& values, double x, double low, double high, double mode) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const double what = std::nearbyint(mode);
  if (!(what >= 0 && what <= 9) || std::isnan(x) || !std::isfinite(low) || !std::isfinite(high))
    return none;
  if (std::ranges::any_of(values.of, [](double y) { return std::isnan(y); })) return none;
  if (values.size() == 1 || low == high)
    return what == 0 || what == 2 || what == 4 ? values[0] : none;
  const Curve curve(values, low, high);
  switch (static_cast<int>(what)) {
    case 1:
      return curve.area(x, false);
    case 2:
      return curve.backward(x);
    case 3:
      return curve.value(x, true);
    case 4:
      return curve.forward(x);
    case 5:
      return curve.inverse(x, false);
    case 6:
      return curve.slope(x, false);
    case 7:
      return curve.area(x, true);
    case 8:
      return curve.inverse(x, true);
    case 9:
      return curve.slope(x, true);
    default:
      return curve.value(x, false);
  }
}

}  // namespace headrace::code
