#pragma once

// Our run of a model beside that of the tool it came from.

#include <string>
#include <vector>

#include "series.h"

namespace headrace::conformance {

struct Comparison {
  size_t columns = 0, cells = 0;     // compared
  std::vector<std::string> missing;  // columns or times of theirs that ours does not have
  size_t wrong = 0;                  // cells beyond the tolerance
  std::string worst;                 // where, and both values
  double worst_error = 0;  // |ours - theirs| as a share of what is allowed; above 1 is wrong

  bool agrees() const { return missing.empty() && wrong == 0 && cells > 0; }
};

// A cell agrees when the difference is at most `tolerance` of theirs and a hundredth of that of the
// largest value of the column, since files carry some six digits. Cells that are empty on their
// side, and columns that Vensim makes for itself (their names begin with `#`), are passed over.
Comparison compare(const Series& ours, const Series& theirs, double tolerance);

}  // namespace headrace::conformance
