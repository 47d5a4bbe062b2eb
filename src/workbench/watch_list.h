#pragma once

// The watch list and the decisions of a model: CSV files beside it, `watch.csv` and
// `decisions.csv`.
//
//   watch.csv       id,title,reads,unit,error,next,every,source,note
//   decisions.csv   id,title,options,utility,unit,note
//
// `reads` and `utility` are expressions as a measure has them; see docs/methods/watch.md.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "study/watch/reading.h"
#include "text/calendar.h"
#include "workbench/project.h"

namespace headrace::workbench {

struct WatchLine {
  std::string id, title, reads, unit, source, note;
  study::ReadingError error;
  std::optional<text::Date> next;  // when a reading comes out, the first time
  int every_months = 0;            // and after that; 0: once
};

struct DecisionLine {
  std::string id, title, utility, unit, note;
  std::vector<std::string> options;  // scenarios, or stacks of them: `a+b`
};

// The file at `path`, or the model's own for "". No own file: no lines. Errors name file and line.
base::Result<std::vector<WatchLine>> read_watch_list(Project& project, const std::string& path);
base::Result<std::vector<DecisionLine>> read_decisions(Project& project);

// `gsd 1.3`, `sd 0.05`, `0.05` or `10%` (a geometric standard deviation of 1.1); "" is exact.
base::Result<study::ReadingError> parse_reading_error(const std::string& text);

// The first date on or after `day` on which a reading comes out; nothing when none is to come.
std::optional<text::Date> next_release(const WatchLine& line, text::Date day);

}  // namespace headrace::workbench
