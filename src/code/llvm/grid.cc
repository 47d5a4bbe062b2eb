#include "code/llvm/grid.h"

#include <algorithm>
#include <cmath>

namespace headrace::code {

namespace {

constexpr size_t kMostCells = 64;
// The smallest distance of two points is divided by each of these in turn.
constexpr double kDivisors[] = {1, 2, 3};

double least_distance(const Table& table) {
  double least = HUGE_VAL;
  for (size_t i = 0; i + 1 < table.points; ++i)
    least = std::min(least, table.x[i + 1] - table.x[i]);
  return least;
}

bool has_finite_range(const Table& table) {
  return std::isfinite(table.x[table.points - 1] - table.x[0]);
}

// Whether the last point has a cell that is not the first one; makes room for all cells.
template <class AnyGrid>
bool make_room(const Table& table, AnyGrid& grid) {
  const double last = grid.cell(table.x[table.points - 1]);
  if (!(last >= 1 && last < kMostCells)) return false;
  grid.segment.assign(static_cast<size_t>(last) + 1, 0);
  return true;
}

template <class AnyGrid>
void begin_segment(AnyGrid& grid, double cell, size_t segment) {
  std::fill(grid.segment.begin() + static_cast<ptrdiff_t>(cell), grid.segment.end(),
            static_cast<uint32_t>(segment));
}

// Whether the cells of the grid begin at points exactly, with a correction if need be.
bool fits(const Table& table, Grid& grid) {
  if (!make_room(table, grid)) return false;
  grid.corrected = false;
  for (size_t i = 1; i < table.points; ++i) {
    const double at = grid.cell(table.x[i]);
    const double below = grid.cell(std::nextafter(table.x[i], -HUGE_VAL));
    if (at < 1 || below < at - 1) return false;
    grid.corrected |= below == at;
    begin_segment(grid, at, i);
  }
  if (!grid.corrected) return true;
  for (size_t i = 0; i < table.points; ++i) {
    if (grid.edge(grid.cell(table.x[i])) != table.x[i]) return false;
  }
  return true;
}

bool fits(const Table& table, ExactGrid& grid) {
  if (grid.cell(table.x[0]) != 0 || !make_room(table, grid)) return false;
  for (size_t i = 1; i < table.points; ++i) {
    const double at = grid.cell(table.x[i]);
    const double before = grid.cell(table.x[i - 1]);
    if (at <= before) return false;
    grid.corrected |= grid.cell(std::nextafter(table.x[i], -HUGE_VAL)) == at;
    begin_segment(grid, at, i);
  }
  return true;
}

// floor(a * b + c) of the exact sum, for a whole c and results that are small.
double floor_of_sum(double a, double b, double c) {
  const double near = std::floor(std::fma(a, b, c));
  return std::fma(a, b, c - near) < 0 ? near - 1 : near;
}

}  // namespace

double Grid::cell(double t) const { return std::trunc((t - origin) * scale); }

double Grid::edge(double cell) const { return origin + cell * step; }

std::optional<Grid> find_grid(const Table& table) {
  if (!has_finite_range(table)) return std::nullopt;
  const double least = least_distance(table);
  std::optional<Grid> corrected;
  for (const double divisor : kDivisors) {
    Grid grid{table.x[0], divisor / least, least / divisor, false, {}};
    if (!std::isfinite(grid.scale)) continue;
    for (int nudge = 0; nudge < 5; ++nudge) {
      if (fits(table, grid)) {
        if (!grid.corrected) return grid;
        if (!corrected) corrected = grid;
      }
      grid.scale = std::nextafter(grid.scale, nudge == 2 ? 0.0 : HUGE_VAL);
    }
  }
  return corrected;
}

double ExactGrid::cell(double t) const { return floor_of_sum(t - origin, scale, offset); }

std::optional<ExactGrid> find_exact_grid(const Table& table) {
  if (!has_finite_range(table)) return std::nullopt;
  const double least = least_distance(table), first = table.x[0];
  std::optional<ExactGrid> corrected;
  for (const double divisor : kDivisors) {
    for (const double nudge : {0, 1, -1, 2, -2}) {
      const double scale = divisor / least * (1 + nudge * 0x1p-52);
      // Products of this size leave no room for a cell beside them.
      if (!(std::abs(first) * scale < 0x1p50)) break;
      for (const double origin : {0.0, first}) {
        ExactGrid grid{origin, scale, -floor_of_sum(first - origin, scale, 0), false, {}};
        if (!fits(table, grid)) continue;
        if (!grid.corrected) return grid;
        if (!corrected) corrected = std::move(grid);
      }
    }
  }
  return corrected;
}

}  // namespace headrace::code
