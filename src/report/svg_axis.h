#pragma once

// Axes of charts in SVG.

#include <string>
#include <vector>

namespace headrace::report {

// One axis: values to pixels.
struct Scale {
  double low = 0, high = 1, begin = 0, end = 1;
  bool logarithmic = false;

  double place(double value) const;
};

// 1, 2 or 5 times a power of ten, so that at most `most` steps cover the span.
double step_for(double span, int most);

// Round values along an axis, at most about `most`.
std::vector<double> marks(const Scale& scale, int most);

}  // namespace headrace::report
