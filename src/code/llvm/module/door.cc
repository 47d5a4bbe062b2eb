#include "code/llvm/door.h"

namespace headrace::code {

extern "C" __attribute__((visibility("default"))) const LlvmDoor* headrace_llvm_door() {
  static const LlvmDoor door{kLlvmDoorVersion, &compile, &dump_llvm, &target_name};
  return &door;
}

}  // namespace headrace::code
