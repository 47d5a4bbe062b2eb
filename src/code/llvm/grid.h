// Grids: the segment of a table by arithmetic on the input, where its points allow that.
//
// A cell is a monotone function of t, so that for every double t the segment of its cell is the
// segment that holds t, if each point begins a new cell and the double just below it does not
// share that cell. This is checked for the points of the table when code is made, not assumed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "code/table.h"

namespace headrace::code {

// cell = trunc((t - origin) * scale), each operation rounded, in [0, segment.size()).
struct Grid {
  double origin, scale, step;
  // Rounding may carry cells one too high: where t lies below the edge of its cell,
  // origin + cell * step, it belongs to the cell before.
  bool corrected = false;
  std::vector<uint32_t> segment;  // of each cell

  double cell(double t) const;
  double edge(double cell) const;
};

std::optional<Grid> find_grid(const Table& table);

// cell = floor((t - origin) * scale + offset), the difference rounded, the rest exact: one fused
// multiplication that rounds down. An origin of 0 needs no subtraction; the offset is whole.
struct ExactGrid {
  double origin, scale, offset;
  // Cells may come out one too high: where t lies below the first point of its segment, it belongs
  // to the cell and the segment before.
  bool corrected = false;
  std::vector<uint32_t> segment;  // of each cell

  double cell(double t) const;
};

std::optional<ExactGrid> find_exact_grid(const Table& table);

}  // namespace headrace::code
