#pragma once

// A fan chart as SVG: the median as a line, the middle five and nine in ten futures as bands. The
// picture is a function of its numbers alone, so the same run draws the same bytes.

#include <string>

#include "report/chart.h"

namespace headrace::report {

struct FanSize {
  double width = 250, height = 150;
  bool from_zero = true;  // the vertical axis, unless it is logarithmic
};

// With axes, three to five marks a side, and the last median written out. The vertical axis is
// logarithmic when all values are positive and span more than a factor of 20, as in `draw`. Nothing
// to draw gives "".
std::string fan_svg(const Fan& fan, const std::string& title, FanSize size = {});

}  // namespace headrace::report
