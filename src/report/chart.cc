// A cell of the chart stands for a short stretch of time and a band of values. For each column
// the quantiles are read at the column's time (linear between saved times); a cell that holds
// the median is a line, else the innermost band that holds the cell's middle gives its shade.
// Two rows make one interval of the vertical axis, and intervals are round numbers: 1, 2 or 5
// times a power of ten on a linear axis, factors of 2, sqrt(10), 10, ... on a logarithmic one.

#include "report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "report/numbers.h"

namespace headrace::report {
namespace {

constexpr int kIntervals = 6;
constexpr double kLogFrom = 20;  // ratio of largest to smallest from which the axis is logarithmic

struct Glyphs {
  const char *outer, *middle, *inner, *median, *wall, *corner, *floor, *tick;
};
constexpr Glyphs kBlocks = {"░", "▒", "▓", "━", "┤", "└", "─", "┬"};
constexpr Glyphs kAscii = {".", ":", "#", "-", "|", "+", "-", "+"};

struct Axis {
  bool log = false;
  double low = 0;       // of the lowest row's middle, in axis coordinates
  double interval = 1;  // two rows

  double coordinate(double value) const { return log ? std::log10(value) : value; }
  // The row of a value, as a real number; row 0 is the lowest.
  double row(double value) const { return (coordinate(value) - low) / interval * 2; }
  double value(int row) const {
    const double at = low + interval * row / 2;
    return log ? std::pow(10, at) : at;
  }
};

// The smallest of 1, 2, 2.5, 5, 10, ... times a power of ten that is at least `least`.
double round_up(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (double step : {1.0, 2.0, 2.5, 5.0}) {
    if (step * power >= least * (1 - 1e-9)) return step * power;
  }
  return 10 * power;
}

Axis linear_axis(double low, double high) {
  if (low > 0 && low < 0.5 * high) low = 0;
  if (high < 0 && high > 0.5 * low) high = 0;
  if (high <= low) {
    const double room = low == 0 ? 1 : std::abs(low) * 0.1;
    low -= room;
    high += room;
  }
  Axis axis;
  for (double least = (high - low) / kIntervals;; least = axis.interval * 1.01) {
    axis.interval = round_up(least);
    axis.low = std::floor(low / axis.interval + 1e-9) * axis.interval;
    if (axis.low + kIntervals * axis.interval >= high * (1 - 1e-12) || !std::isfinite(least)) break;
  }
  return axis;
}

Axis log_axis(double low, double high) {
  Axis axis;
  axis.log = true;
  const double power = std::floor(std::log10(low));
  axis.low = power;
  for (double digit : {2.0, 5.0}) {
    if (std::log10(digit) + power <= std::log10(low)) axis.low = std::log10(digit) + power;
  }
  const double span = std::log10(high) - axis.low;
  for (double interval : {std::log10(2.0), 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 110.0}) {
    axis.interval = interval;
    if (interval * kIntervals >= span) break;
  }
  return axis;
}

bool find_range(const Fan& fan, double& low, double& high) {
  low = std::numeric_limits<double>::infinity();
  high = -low;
  for (const Spread& spread : fan.spreads) {
    for (double value : {spread.p5, spread.p50, spread.p95}) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  return low <= high && std::isfinite(high - low);
}

// The quantiles at any time within the range.
Spread at_time(const Fan& fan, double time) {
  const auto after = std::upper_bound(fan.times.begin(), fan.times.end(), time);
  const size_t right =
      std::clamp<size_t>(static_cast<size_t>(after - fan.times.begin()), 1, fan.times.size() - 1);
  const Spread &a = fan.spreads[right - 1], &b = fan.spreads[right];
  const double weight =
      std::clamp((time - fan.times[right - 1]) / (fan.times[right] - fan.times[right - 1]), 0., 1.);
  auto between = [weight](double x, double y) {
    if (weight == 0) return x;
    return weight == 1 ? y : x + (y - x) * weight;
  };
  return {between(a.mean, b.mean), between(a.p5, b.p5),   between(a.p10, b.p10),
          between(a.p25, b.p25),   between(a.p50, b.p50), between(a.p75, b.p75),
          between(a.p90, b.p90),   between(a.p95, b.p95)};
}

const char* cell(const Spread& spread, const Axis& axis, int row, const Glyphs& glyphs) {
  const int median = static_cast<int>(std::lround(axis.row(spread.p50)));
  auto holds = [&](double low, double high) {
    return axis.row(low) <= row && row <= axis.row(high);
  };
  if (std::isfinite(spread.p50) && row == median) return glyphs.median;
  if (holds(spread.p25, spread.p75)) return glyphs.inner;
  if (holds(spread.p10, spread.p90)) return glyphs.middle;
  if (holds(spread.p5, spread.p95)) return glyphs.outer;
  return " ";
}

struct Ticks {
  std::vector<std::pair<size_t, std::string>> at;  // column, label
};

Ticks time_ticks(const Fan& fan, size_t columns) {
  const double start = fan.times.front(), end = fan.times.back();
  const double per_column = (end - start) / static_cast<double>(columns - 1);
  double step = round_up(9 * per_column);
  if (fan.calendar) step = std::max(1.0, step == 2.5 ? 5.0 : step);
  Ticks ticks;
  for (double k = std::ceil(start / step - 1e-9); k * step <= end + per_column / 2; ++k) {
    const double time = k * step;
    const auto column = static_cast<size_t>(std::lround(std::max(0., time - start) / per_column));
    if (column < columns) ticks.at.emplace_back(column, fan.calendar ? exact(time) : rounded(time));
  }
  if (ticks.at.empty()) ticks.at.emplace_back(0, exact_time(start, fan.calendar));
  return ticks;
}

std::string time_axis(const Ticks& ticks, size_t columns, size_t left, const Glyphs& glyphs) {
  std::string line = std::string(left, ' ') + glyphs.corner;
  for (size_t c = 0; c < columns; ++c) {
    const bool marked = std::any_of(ticks.at.begin(), ticks.at.end(),
                                    [c](const auto& tick) { return tick.first == c; });
    line += marked ? glyphs.tick : glyphs.floor;
  }
  std::string labels;
  for (const auto& [column, label] : ticks.at) {
    const size_t middle = left + 1 + column;
    size_t at = middle > label.size() / 2 ? middle - label.size() / 2 : 0;
    if (!labels.empty() && at <= labels.size()) at = labels.size() + 1;
    if (at + label.size() > left + 1 + columns + 2) continue;
    labels = pad_right(labels, at) + label;
  }
  return line + "\n" + labels + "\n";
}

bool is_single(const Fan& fan) {
  return std::all_of(fan.spreads.begin(), fan.spreads.end(),
                     [](const Spread& spread) { return !(spread.p5 < spread.p95); });
}

}  // namespace

std::string draw(const Fan& fan, const Look& look) {
  double low, high;
  if (fan.times.size() < 2 || !find_range(fan, low, high)) return "";
  const bool log = low > 0 && high / low > kLogFrom;
  const Axis axis = log ? log_axis(low, high) : linear_axis(low, high);
  const Glyphs& glyphs = look.ascii ? kAscii : kBlocks;

  // Intervals above the highest value are not drawn.
  const int rows =
      2 * std::clamp(static_cast<int>(std::ceil(axis.row(high) / 2 - 1e-6)), 1, kIntervals) + 1;

  std::vector<std::string> labels(rows);
  size_t left = 7;
  for (int row = 0; row < rows; row += 2) {
    const double value = axis.value(row);
    labels[row] = rounded(std::abs(value) < axis.interval * 1e-9 && !log ? 0 : value);
    left = std::max(left, labels[row].size() + 1);
  }
  const size_t columns = std::max<size_t>(16, std::clamp<size_t>(look.width, 40, 120) - left - 4);
  const double start = fan.times.front(), end = fan.times.back();

  std::vector<Spread> spreads;
  for (size_t c = 0; c < columns; ++c) {
    const double part = static_cast<double>(c) / static_cast<double>(columns - 1);
    spreads.push_back(at_time(fan, start + (end - start) * part));
  }
  std::string out;
  for (int row = rows - 1; row >= 0; --row) {
    std::string line = pad_left(labels[row], left - 1) + " " + glyphs.wall;
    for (const Spread& spread : spreads) line += cell(spread, axis, row, glyphs);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  out += time_axis(time_ticks(fan, columns), columns, left, glyphs);
  if (is_single(fan)) return out;
  const std::string indent(left + 1, ' ');
  const std::string inside =
      fmt::format("{}{} median   {} 5 in 10", indent, glyphs.median, glyphs.inner);
  const std::string outside = fmt::format("{} 8 in 10   {} 9 in 10\n", glyphs.middle, glyphs.outer);
  const bool fits = width_of(inside) + width_of(outside) + 3 <= look.width + 1;
  out += inside + (fits ? "   " : "\n" + indent) + outside;
  return out;
}

}  // namespace headrace::report
