// Any bytes as a file of XMILE.

#include "import/xmile/import.h"
#include "importer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return read_or_refuse(headrace::import::xmile::import, data, size);
}
