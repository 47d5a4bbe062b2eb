#pragma once

#include <cstdint>

#include "code/device/device.h"

namespace headrace::code {

// What generated functions are handed: the memory of one tile and where it stands in the run.
// Generated code reads and writes the fields by their offsets.
struct Context {
  double* tile = nullptr;
  double* scratch = nullptr;  // [slot][lane], contents do not outlive a call
  const double* run = nullptr;
  const double* time = nullptr;
  const double* row = nullptr;  // of `time`, at step moment.k
  double* history = nullptr;
  uint64_t seed = 0, first_draw = 0;
  double now = 0, step_time = 0;
  Moment moment;
};

using StartFunction = void(Context*);
using AdvanceFunction = void(Context*, uint64_t steps);

}  // namespace headrace::code
