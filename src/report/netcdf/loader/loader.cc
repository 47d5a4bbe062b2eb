#include "report/netcdf/loader.h"

#include "base/module.h"
#include "report/netcdf/door.h"

namespace headrace::report {

base::Result<std::string> write_netcdf(const RunReport& report) {
  const auto door = base::open_module("headrace_netcdf.so", "HEADRACE_NETCDF_MODULE",
                                      kNetcdfDoorName, kNetcdfDoorVersion, "NetCDF output");
  if (!door) return std::unexpected(door.error());
  return static_cast<const NetcdfDoor*>(*door)->to_netcdf(report);
}

}  // namespace headrace::report
