#pragma once

// Numbers of which only a range is known, and conditions of which nothing may be known.

#include <cstdint>

#include "syntax/tree.h"

namespace headrace::rules {

enum class Truth : uint8_t { kNo, kYes, kOpen };

struct Interval {
  double low = 0, high = 0;
  bool is_point() const { return low == high; }
};

Truth both(Truth a, Truth b);
Truth inverse(Truth a);
Truth compared(syntax::CompareOp op, Interval a, Interval b);
Interval sum(Interval a, Interval b);
Interval difference(Interval a, Interval b);
Interval product(Interval a, Interval b);
// Nothing is known of a division that may be by 0, but its sign when nothing is negative.
Interval quotient(Interval a, Interval b);

}  // namespace headrace::rules
