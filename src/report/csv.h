#pragma once

// Results as RFC 4180 text: a header always, dots in numbers, ISO dates, lines that end in LF.

#include <string>

#include "report/run_report.h"

namespace headrace::report {

// A single run is wide: `time`, then a column a series, a row a saved time. An ensemble is long:
// `time,variable,mean,p5,p25,p50,p75,p95,p10,p90,unit`, all times of one series after each other.
// Moments and measures that were asked for by name come as columns with one value throughout, or
// as rows (moments with their time, measures with an empty one).
std::string to_csv(const RunReport& report);

// Claims, one a row: id,text,measure,unit,p5,p50,p95,odds,sources.
std::string claims_to_csv(const RunReport& report);

// A cell as it stands in a row: quoted when it holds a comma, a quote or a line break.
std::string csv_cell(const std::string& text);

}  // namespace headrace::report
