#include "report/fan_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "report/numbers.h"
#include "report/svg_axis.h"
#include "text/markup.h"

namespace headrace::report {
namespace {

constexpr double kLeft = 38, kRight = 8, kTop = 8, kBottom = 18;
constexpr double kLogarithmicFrom = 20;

std::optional<Scale> vertical(const Fan& fan, FanSize size) {
  double low = INFINITY, high = -INFINITY;
  for (const Spread& spread : fan.spreads) {
    if (!std::isfinite(spread.p5) || !std::isfinite(spread.p95)) continue;
    low = std::min(low, spread.p5);
    high = std::max(high, spread.p95);
  }
  if (!std::isfinite(low) || !std::isfinite(high)) return std::nullopt;
  Scale scale{low, high, size.height - kBottom, kTop};
  scale.logarithmic = low > 0 && high > kLogarithmicFrom * low;
  if (scale.logarithmic) {
    scale.low = std::pow(10, std::floor(std::log10(low)));
    scale.low = std::max(scale.low, high / 1e4);
  } else {
    if (size.from_zero && low >= 0) scale.low = 0;
    if (size.from_zero && high <= 0) scale.high = 0;
    if (scale.low == scale.high) scale.high = scale.low + 1;
    const double step = step_for(scale.high - scale.low, 4);
    scale.high = std::ceil(scale.high / step - 1e-9) * step;
    scale.low = std::floor(scale.low / step + 1e-9) * step;
  }
  return scale;
}

using Edge = double Spread::*;

std::string points(const Fan& fan, const Scale& x, const Scale& y, Edge edge, bool backwards) {
  std::string out;
  for (size_t i = 0; i < fan.times.size(); ++i) {
    const size_t at = backwards ? fan.times.size() - 1 - i : i;
    const double value = fan.spreads[at].*edge;
    if (!std::isfinite(value)) continue;
    out += fmt::format("{:.1f},{:.1f} ", x.place(fan.times[at]), y.place(value));
  }
  return out;
}

std::string band(const Fan& fan, const Scale& x, const Scale& y, Edge low, Edge high,
                 const char* kind) {
  return fmt::format("<polygon class=\"{}\" points=\"{}{}\"/>\n", kind,
                     points(fan, x, y, high, false), points(fan, x, y, low, true));
}

std::string frame(const Scale& x, const Scale& y) {
  std::string out;
  for (double mark : marks(y, 4)) {
    const double at = y.place(mark);
    out += fmt::format(
        "<line class=\"grid\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
        "<text class=\"tick\" text-anchor=\"end\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
        x.begin, x.end, at, at, x.begin - 4, at + 3, rounded(mark));
  }
  for (double mark : marks(x, 4)) {
    const double at = x.place(mark);
    out += fmt::format(
        "<text class=\"tick\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{:.1f}\">{:.6g}</text>\n", at,
        y.begin + 12, mark);
  }
  return out;
}

}  // namespace

std::string fan_svg(const Fan& fan, const std::string& title, FanSize size) {
  const auto y = vertical(fan, size);
  if (fan.times.size() < 2 || !y) return "";
  const Scale x{fan.times.front(), fan.times.back(), kLeft, size.width - kRight};
  std::string out =
      fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n",
                  size.width, size.height, text::escape_markup(title));
  out += frame(x, *y);
  out += band(fan, x, *y, &Spread::p5, &Spread::p95, "outer");
  out += band(fan, x, *y, &Spread::p25, &Spread::p75, "inner");
  out += fmt::format("<polyline class=\"median\" points=\"{}\"/>\n",
                     points(fan, x, *y, &Spread::p50, false));
  const double last = fan.spreads.back().p50;
  if (std::isfinite(last)) {
    out += fmt::format("<circle class=\"end\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2\"/>", x.end,
                       y->place(last));
    out += fmt::format(
        "<text class=\"last\" text-anchor=\"end\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x.end - 4,
        std::max(kTop + 8, y->place(last) - 5), rounded(last));
  }
  return out + "</svg>\n";
}

}  // namespace headrace::report
