#pragma once

// Tables of values over time, as tools write them: a header of names, then a row for each time,
// with the time first.

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace headrace::conformance {

struct Series {
  std::vector<double> times;
  std::map<std::string, std::vector<double>> columns;  // by canonical name; NaN where empty
};

// Names are the same for other tools when they differ in case, quotes, and in how many spaces or
// underscores stand between the words.
std::string canonical(const std::string& name);

// Reads text with commas or tabs and any kind of line ends.
base::Result<Series> read_series(const std::string& text);

}  // namespace headrace::conformance
