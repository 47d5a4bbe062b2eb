#pragma once

// Numbers out of sheets: blocks of them, and series along a row or column of times.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sheet/books.h"

namespace headrace::sheet {

// Where reading begins: a cell, or all of an area that has a name.
struct Spot {
  Address first;
  std::optional<Area> area;  // of a name; then nothing beyond it is read
};

// "B2", or a name defined in the workbook. `last`, where it is not empty, is the last cell.
base::Result<Spot> find_spot(const View& view, std::string_view text, std::string_view last = {});

// The number that a cell holds: a text counts when it is a number from end to end.
std::optional<double> number_of(const Cell& cell);
// What stands in the cell, for people: "cell B2 is empty", "cell B2 holds `n/a`".
std::string describe(const View& view, Address address);

// Numbers row by row from the spot to the right and down; transposed, what is a row of the result
// goes down in the sheet. A cell without a number is an error that names it.
base::Result<std::vector<double>> read_block(const View& view, const Spot& spot, size_t rows,
                                             size_t columns, bool transposed);

// The times of a series.
struct TimeAxis {
  enum class Kind { kRow, kColumn, kArea };
  Kind kind = Kind::kColumn;
  uint32_t place = 0;  // kRow, kColumn: counted from 0; the times begin beside the spot
  Area area;           // kArea: one row or one column of times, from its first cell on
  bool gaps = false;   // cells without a time are passed over; else the first of them is the end
};

// Row "4", column "A", or the cells of a name.
base::Result<TimeAxis> row_axis(std::string_view row);
base::Result<TimeAxis> column_axis(std::string_view column);
base::Result<TimeAxis> area_axis(const View& view, std::string_view name);

// Points by ascending time.
using Points = std::vector<std::pair<double, double>>;

// One series for each element: the first at the spot, the others beside it, away from the
// direction of time. Cells without a number are left out. `time` reads the cell of a time. An error
// when there are no times, a time stands twice, or an element has no number at all.
base::Result<std::vector<Points>> read_series(
    const View& view, const Spot& spot, const TimeAxis& axis, size_t elements,
    const std::function<std::optional<double>(const Cell&)>& time = number_of);

}  // namespace headrace::sheet
