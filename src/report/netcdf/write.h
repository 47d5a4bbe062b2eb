#pragma once

// Results as a NetCDF file (the classic format with 64-bit offsets, conventions CF-1.8), as xarray,
// R, MATLAB and the tools of climate science read it.

#include <string>

#include "base/result.h"
#include "report/run_report.h"

namespace headrace::report {

// The bytes of the file. Dimensions: `time`, those of the model's arrays, and for ensembles
// `statistic` (mean, p5, p10, p25, p50, p75, p90, p95), which runs fastest. An array of which all
// elements are reported is one variable over its dimensions; an element by itself keeps its name,
// `x[US]`. Units, titles, and what was run stand in attributes. In calendar models `time` counts
// days, and so do dates among the values; a moment that never comes is infinite, and what has no
// value NaN. Errors: the format's own limits.
base::Result<std::string> to_netcdf(const RunReport& report);

}  // namespace headrace::report
