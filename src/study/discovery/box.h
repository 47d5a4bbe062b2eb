#pragma once

// Boxes in the space of inputs, and the draws of interest that lie in them.

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "study/subject.h"

namespace headrace::study {

// What is searched: points with a yes or no each.
struct Cases {
  const Columns& columns;       // [column][draw]
  std::vector<uint8_t> hit;     // of each draw: 1 when it is of interest
  std::vector<uint32_t> draws;  // that count: those that did not fail
  uint64_t hits() const;
};
// `holds` is 1 or 0 a draw, NaN where it failed.
Cases cases_of(const Columns& columns, std::span<const double> holds);

// low <= value <= high; a side without a limit is infinite.
struct Limit {
  uint32_t column = 0;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool holds(double value) const { return value >= low && value <= high; }
};

struct Box {
  std::vector<Limit> limits;  // one a column at most, by column
  uint64_t inside = 0, hits = 0;
  double coverage = 0;  // of all hits, those inside
  double density = 0;   // of what is inside, hits
  double mass = 0;      // of all draws, those inside
};

bool contains(const std::vector<Limit>& limits, const Columns& columns, uint32_t draw);
// Counts again and fills in the shares. `all` are the shares' whole.
Box measured(std::vector<Limit> limits, const Cases& within, const Cases& all);
// The limit on a column, made when it is not there yet.
Limit& limit_on(std::vector<Limit>& limits, uint32_t column);

}  // namespace headrace::study
