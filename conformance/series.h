#pragma once

// Values over time, as tools write them: tables, or Vensim's blocks.

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

// Reads a table with commas or tabs and any kind of line ends: a header of names, then a row for
// each time, with the time first.
base::Result<Series> read_series(const std::string& text);

// Reads blocks, as in a `.dat` of Vensim: a line with a name, then a line for each time of its own,
// with the time, a tab and the value. The series has all times of all blocks.
base::Result<Series> read_blocks(const std::string& text);

}  // namespace headrace::conformance
