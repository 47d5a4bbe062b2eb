#include "report/netcdf/door.h"

namespace headrace::report {

extern "C" __attribute__((visibility("default"))) const NetcdfDoor* headrace_netcdf_door() {
  static const NetcdfDoor door{kNetcdfDoorVersion, &to_netcdf};
  return &door;
}

}  // namespace headrace::report
