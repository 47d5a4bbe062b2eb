#pragma once

// NetCDF behind a door that opens on first use: the library brings forty others and takes 20 ms to
// load. The module headrace_netcdf.so is looked for as base/module.h says;
// HEADRACE_NETCDF_MODULE names another file.

#include <string>

#include "base/result.h"
#include "report/run_report.h"

namespace headrace::report {

// As to_netcdf(). Fails with a message when the module or NetCDF itself is not there.
base::Result<std::string> write_netcdf(const RunReport& report);

}  // namespace headrace::report
