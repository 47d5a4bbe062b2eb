#pragma once

// A table of sales put to the law row by row.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "workbench/classify.h"

namespace headrace::workbench {

// The input's text with `class,outcome,reasons` after each row. A wrong row says so in `reasons`,
// and is counted in `wrong` with its message in `errors`.
struct Batch {
  std::string text;
  std::vector<std::string> errors;  // the first hundred
  size_t rows = 0, wrong = 0;
};

// The first line names the columns, of which `date` and `destination` must be there; a table
// without such a line has the columns chip, date and destination. Rows are answered on up to
// `threads` threads (0: all cores), and the answer is the same for any number of them.
base::Result<Batch> classify_table(const LawBook& law, std::string_view text, unsigned threads = 0);

}  // namespace headrace::workbench
