#pragma once

#include "report/netcdf/write.h"

namespace headrace::report {

// What headrace_netcdf.so offers. Program and module are built together; `version` tells when they
// were not.
struct NetcdfDoor {
  const char* version;
  base::Result<std::string> (*to_netcdf)(const RunReport&);
};

inline constexpr const char* kNetcdfDoorName = "headrace_netcdf_door";
inline constexpr const char* kNetcdfDoorVersion = HEADRACE_VERSION " door 1";

extern "C" const NetcdfDoor* headrace_netcdf_door();

}  // namespace headrace::report
