#pragma once

// Expressions put to a model, answered under any of its scenarios on the same draws.

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "report/chart.h"
#include "text/csv.h"
#include "workbench/project.h"

namespace headrace::race {

// Opens a model and adds one measure for each expression. Errors name what cannot be read.
base::Result<std::unique_ptr<workbench::Project>> open_with(
    const std::string& model, const std::vector<std::string>& expressions);

// One vector an expression, `draws` values each, NaN where a draw failed.
using Answers = std::vector<std::vector<double>>;

// Under the scenario of this name; "" is the model as it stands. Expressions that the model's rules
// of units, time or names refuse are kInvalid, with the diagnostics as the message.
base::Result<Answers> answer(workbench::Project& project, size_t expressions,
                             const std::string& scenario, uint64_t draws);

// Of the values that are numbers.
report::Spread spread_of(const std::vector<double>& values);

// The rows of a CSV file by column name; a missing file or column is an error that names it.
struct Rows {
  text::CsvTable table;
  const std::string& at(size_t row, const std::string& column) const;
  size_t size() const { return table.rows.size(); }
};
base::Result<Rows> read_rows(const std::string& path, const std::vector<std::string>& columns);

// All ids of the model's register: its `source` statements and the rows of the files they name.
base::Result<std::vector<std::string>> register_ids(const std::string& model);

}  // namespace headrace::race
