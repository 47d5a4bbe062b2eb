#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "ir/program.h"

namespace headrace::code {

// One tile: `lanes` neighbouring draws and all the memory they need. The owner allocates; the tile
// memory is 64-byte aligned and zeroed once (slot 0 must stay 0).
struct Frame {
  double* tile = nullptr;        // [Program::tile_slots][lanes]
  const double* run = nullptr;   // [Program::run_slots]
  const double* time = nullptr;  // [steps + 1][Program::time_slots]
  double* history = nullptr;     // [Program::history_slots][steps + 1][lanes]
  uint64_t seed = 0;
  uint64_t first_draw = 0;  // the draw of lane 0
  uint64_t k = 0;           // the step that was evaluated last
};

// A program made ready for one machine. Kernels are immutable and used from many threads at once,
// each with frames of its own. All kernels of one program give the same bits.
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual size_t lanes() const = 0;  // draws in a tile, a multiple of 8
  // Computes draw constants (inputs are in place), initial states and step 0.
  virtual void start(Frame& frame) const = 0;
  // Integrates and evaluates `steps` further steps, from frame.k.
  virtual void advance(Frame& frame, uint64_t steps) const = 0;
  // Computes the answers, after the last step.
  virtual void finish(Frame& frame) const = 0;
};

}  // namespace headrace::code
