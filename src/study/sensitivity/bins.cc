#include "study/sensitivity/bins.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace headrace::study {

std::vector<uint32_t> ascending(std::span<const double> values) {
  std::vector<std::pair<double, uint32_t>> keyed(values.size());
  for (uint32_t i = 0; i < values.size(); ++i) keyed[i] = {values[i], i};
  std::sort(keyed.begin(), keyed.end());
  std::vector<uint32_t> order(values.size());
  for (size_t i = 0; i < keyed.size(); ++i) order[i] = keyed[i].second;
  return order;
}

Bins bin_by(std::span<const double> values, uint32_t count) {
  const std::vector<uint32_t> order = ascending(values);
  Bins bins{std::vector<uint32_t>(values.size()), 0};
  uint64_t last = UINT64_MAX;
  for (size_t first = 0; first < order.size();) {
    size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const uint64_t wanted = uint64_t{first} * count / order.size();
    if (wanted != last) ++bins.count;
    last = wanted;
    for (; first < end; ++first) bins.of[order[first]] = bins.count - 1;
  }
  return bins;
}

Bins cross(const std::vector<Bins>& bins) {
  Bins out = bins[0];
  for (size_t b = 1; b < bins.size(); ++b) {
    std::vector<uint32_t> name(size_t{out.count} * bins[b].count, UINT32_MAX);
    uint32_t used = 0;
    for (size_t draw = 0; draw < out.of.size(); ++draw) {
      uint32_t& cell = name[size_t{out.of[draw]} * bins[b].count + bins[b].of[draw]];
      if (cell == UINT32_MAX) cell = used++;
      out.of[draw] = cell;
    }
    out.count = used;
  }
  return out;
}

uint32_t bins_for(uint64_t draws, size_t together) {
  constexpr double kDrawsInABin = 50, kMost = 64;
  const double cells = static_cast<double>(draws) / kDrawsInABin;
  const double each = std::pow(cells, 1.0 / static_cast<double>(together));
  return static_cast<uint32_t>(std::clamp(std::floor(each + 1e-9), 1.0, kMost));
}

std::vector<double> ranks_of(std::span<const double> values) {
  std::vector<double> ranks(values.size(), std::nan(""));
  std::vector<std::pair<double, uint32_t>> keyed;
  for (uint32_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) keyed.emplace_back(values[i], i);
  }
  std::sort(keyed.begin(), keyed.end());
  for (size_t first = 0; first < keyed.size();) {
    size_t end = first + 1;
    while (end < keyed.size() && keyed[end].first == keyed[first].first) ++end;
    const double rank = (static_cast<double>(first + 1) + static_cast<double>(end)) / 2;
    for (; first < end; ++first) ranks[keyed[first].second] = rank;
  }
  return ranks;
}

namespace {

// What is needed of one bin; the mean of x stays 0 when x does not count.
struct Cell {
  double n = 0, x = 0, y = 0;                // count and means
  double xx = 0, xy = 0, yy = 0;             // about the means
  bool has_slope() const { return xx > 0; }  // false for NaN, where x is infinite
  double within() const { return has_slope() ? std::max(0.0, yy - xy * xy / xx) : yy; }
};

}  // namespace

double explained_share(const Bins& bins, std::span<const double> y, std::span<const double> x) {
  std::vector<Cell> cells(bins.count);
  const auto each = [&](auto&& visit) {
    for (size_t draw = 0; draw < y.size(); ++draw) {
      if (!std::isnan(y[draw])) visit(cells[bins.of[draw]], x.empty() ? 0 : x[draw], y[draw]);
    }
  };
  each([](Cell& cell, double a, double b) { cell.n += 1, cell.x += a, cell.y += b; });
  double n = 0, total = 0, used = 0;
  for (Cell& cell : cells) {
    if (cell.n == 0) continue;
    n += cell.n, total += cell.y, used += 1;
    cell.x /= cell.n, cell.y /= cell.n;
  }
  const double mean = total / n;
  double all = 0, within = 0, slopes = 0;
  each([&](Cell& cell, double a, double b) {
    const double dx = a - cell.x, dy = b - cell.y;
    cell.xx += dx * dx, cell.xy += dx * dy, cell.yy += dy * dy;
    all += (b - mean) * (b - mean);
  });
  for (const Cell& cell : cells) within += cell.within(), slopes += cell.has_slope();
  if (n < 2 * used + slopes || n < 3) return std::nan("");
  if (!(all > 0)) return 0;
  return 1 - (within / (n - used - slopes)) / (all / (n - 1));
}

}  // namespace headrace::study
