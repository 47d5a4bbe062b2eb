#include "report/calibration_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/fan_svg.h"
#include "report/numbers.h"
#include "report/svg_axis.h"
#include "text/markup.h"

namespace headrace::report {
namespace {

constexpr double kWidth = 220, kLeft = 8, kRight = 8;

std::string open_svg(double height, const std::string& title) {
  return fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n", kWidth,
                     height, text::escape_markup(title));
}

std::string tick(double x, double y, const std::string& text, const char* anchor = "middle") {
  return fmt::format(
      "<text class=\"tick\" text-anchor=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", anchor, x, y,
      text);
}

// Marks along the bottom; those whose words would leave the picture are left out.
std::string bottom(const Scale& x, double y) {
  std::string out;
  double free_from = 0;
  for (double mark : marks(x, 4)) {
    const std::string text = rounded(mark);
    const double at = x.place(mark), half = 3.2 * static_cast<double>(text.size());
    if (mark < x.low || mark > x.high || at - half < free_from || at + half > kWidth) continue;
    out += tick(at, y, text);
    free_from = at + half + 4;
  }
  return out;
}

// The outline of bins as a stair. Heights are shares of the highest.
std::string stair(const study::Shares& shares, const std::vector<double>& heights, const Scale& x,
                  double base, double top, double highest) {
  std::string out = fmt::format("{:.1f},{:.1f} ", x.place(shares.edges.front()), base);
  for (size_t k = 0; k < heights.size(); ++k) {
    const double y = base + (top - base) * heights[k] / highest;
    out += fmt::format("{:.1f},{:.1f} {:.1f},{:.1f} ", x.place(shares.edges[k]), y,
                       x.place(shares.edges[k + 1]), y);
  }
  return out + fmt::format("{:.1f},{:.1f}", x.place(shares.edges.back()), base);
}

}  // namespace

std::string shares_svg(const study::Shares& shares, const std::string& title) {
  if (shares.edges.empty()) return "";
  constexpr double kHeight = 88, kBase = 70, kTop = 6;
  const Scale x{shares.edges.front(), shares.edges.back(), kLeft, kWidth - kRight,
                shares.by_factors};
  const double highest =
      std::max(*std::max_element(shares.prior.begin(), shares.prior.end()),
               *std::max_element(shares.posterior.begin(), shares.posterior.end()));
  if (!(highest > 0)) return "";
  std::string out = open_svg(kHeight, title);
  out += fmt::format("<polygon class=\"after\" points=\"{}\"/>\n",
                     stair(shares, shares.posterior, x, kBase, kTop, highest));
  out += fmt::format("<polyline class=\"before\" points=\"{}\"/>\n",
                     stair(shares, shares.prior, x, kBase, kTop, highest));
  return out + bottom(x, kHeight - 5) + "</svg>\n";
}

std::string ranks_svg(const study::Trail& trail, double effective) {
  if (trail.ranks.empty() || !(effective > 0)) return "";
  constexpr double kHeight = 110, kBase = 92, kTop = 6, kAxis = 30;
  const auto bins = static_cast<double>(trail.ranks[0].size());
  const auto groups = static_cast<double>(trail.ranks.size());
  // A bin of a group holds `effective / groups / bins` draws that count; 99 in 100 lie within this.
  const double around = 2.576 * std::sqrt(groups * (bins - 1) / effective);
  double far = std::max(0.1, 1.5 * around);
  for (const auto& group : trail.ranks) {
    for (double share : group) far = std::max(far, 1.1 * std::fabs(share - 1));
  }
  const Scale x{0, 1, kAxis, kWidth - kRight}, y{1 - far, 1 + far, kBase, kTop};
  std::string out = open_svg(kHeight, "ranks of " + trail.name);
  out += fmt::format(
      "<rect class=\"expected\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
      x.begin, y.place(1 + around), x.end - x.begin, y.place(1 - around) - y.place(1 + around));
  for (double mark : {1 - around, 1.0, 1 + around}) {
    out += tick(kAxis - 4, y.place(mark) + 3, fmt::format("{:.2f}", mark), "end");
  }
  for (size_t g = 0; g < trail.ranks.size(); ++g) {
    std::string points;
    for (size_t k = 0; k < trail.ranks[g].size(); ++k) {
      points += fmt::format("{:.1f},{:.1f} ", x.place((static_cast<double>(k) + 0.5) / bins),
                            y.place(trail.ranks[g][k]));
    }
    out += fmt::format("<polyline class=\"group{}\" points=\"{}\"/>\n", g + 1, points);
  }
  out += tick(x.begin, kHeight - 4, "lowest", "start");
  return out + tick(x.end, kHeight - 4, "highest rank", "end") + "</svg>\n";
}

std::string trail_svg(const study::Trail& trail) {
  Fan fan;
  fan.times = trail.steps;
  for (const auto& band : trail.bands) {
    Spread& spread = fan.spreads.emplace_back();
    spread.p5 = band.p5, spread.p25 = band.p25, spread.p50 = band.p50;
    spread.p75 = band.p75, spread.p95 = band.p95;
  }
  return fan_svg(fan, trail.name + " over the steps of the chains", {kWidth, 110, false});
}

std::string interval_svg(const study::Spread5& before, const study::Spread5& after, double reading,
                         const std::string& title) {
  constexpr double kHeight = 26, kWide = 30;
  const bool seen = std::isfinite(reading);
  double low = std::min(before.p5, after.p5), high = std::max(before.p95, after.p95);
  if (seen) low = std::min(low, reading), high = std::max(high, reading);
  if (!(low < high)) return "";
  const double room = 0.04 * (high - low);
  Scale x{low - room, high + room, 2, kWidth - 2};
  if (low > 0 && high > kWide * low) x = {low / 1.1, high * 1.1, 2, kWidth - 2, true};
  std::string out = open_svg(kHeight, title);
  const auto bar = [&](const char* kind, double from, double to, double top, double height) {
    out += fmt::format(
        "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n", kind,
        x.place(from), top, std::max(1.0, x.place(to) - x.place(from)), height);
  };
  bar("prior", before.p5, before.p95, 3, 5);
  bar("posterior", after.p5, after.p95, 10, 9);
  out += fmt::format("<line class=\"centre\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"10\" y2=\"19\"/>\n",
                     x.place(after.p50));
  if (seen) {
    out += fmt::format("<line class=\"seen\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"1\" y2=\"25\"/>\n",
                       x.place(reading));
  }
  return out + "</svg>\n";
}

}  // namespace headrace::report
