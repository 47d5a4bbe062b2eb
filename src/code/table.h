// Lookup tables made ready for execution, and exactly what a lookup computes.
//
// With n points, segment i (0 .. n - 1) starts at x[i]; the last one starts at the last point.
//
//   t      input; for clamped and stepped tables  input < x[0] ? x[0] : input,
//          then  t > x[n-1] ? x[n-1] : t          (NaN passes both)
//   i      the last segment with x[i] <= t, or 0 when there is none
//   value  y[i] + (t - x[i]) * slope[i]           (three operations, each rounded)
//
// slope[i] = (y[i+1] - y[i]) / (x[i+1] - x[i]) for i < n - 1. The last slope is 0 when clamped,
// slope[n-2] when extrapolated; all slopes are 0 when stepped. So a point gives its own y exactly,
// both ends clamp exactly, and NaN gives NaN. A slope too large for a double gives no number at
// the points beside it. A back end may find i in any way it likes.
#pragma once

#include <cstddef>
#include <vector>

#include "base/check.h"
#include "model/model.h"

namespace headrace::code {

struct Table {
  size_t points = 0;
  bool clamped = true;              // t is clamped; else extrapolated
  std::vector<double> x, y, slope;  // `points` each
  // The same side by side, {x, y, slope, next x}, for searches that load one row. The next x of
  // the last row is +inf.
  std::vector<double> rows;
};

inline Table prepare(const model::Table& table) {
  const size_t n = table.x.size();
  CHECK(n > 0 && table.y.size() == n);
  Table t{n, table.beyond != model::Table::Beyond::kExtrapolate, table.x, table.y, {}, {}};
  t.slope.assign(n, 0.0);
  if (table.beyond != model::Table::Beyond::kStep) {
    for (size_t i = 0; i + 1 < n; ++i) t.slope[i] = (t.y[i + 1] - t.y[i]) / (t.x[i + 1] - t.x[i]);
  }
  if (!t.clamped && n > 1) t.slope[n - 1] = t.slope[n - 2];
  for (size_t i = 0; i < n; ++i) {
    const double next = i + 1 < n ? t.x[i + 1] : __builtin_inf();
    t.rows.insert(t.rows.end(), {t.x[i], t.y[i], t.slope[i], next});
  }
  return t;
}

// The definition, in scalar form: the reference that tests hold every back end against.
inline double lookup(const Table& table, double input) {
  double t = input;
  if (table.clamped) {
    t = t < table.x[0] ? table.x[0] : t;
    t = t > table.x[table.points - 1] ? table.x[table.points - 1] : t;
  }
  size_t i = 0;
  while (i + 1 < table.points && table.x[i + 1] <= t) ++i;
  return table.y[i] + (t - table.x[i]) * table.slope[i];
}

}  // namespace headrace::code
