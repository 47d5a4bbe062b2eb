#pragma once

#include <memory>
#include <vector>

#include "code/kernel.h"

namespace headrace::code {

struct InterpOptions {
  size_t lanes = 0;  // 0: chosen so that the working set stays near the caches
};

// The portable back end and the referee: one operation at a time over a tile.
std::unique_ptr<Kernel> interpret(const ir::Program& program, const InterpOptions& options = {});

// Computes what all draws share. `run` is [run_slots], `time` [steps + 1][time_slots].
void evaluate_shared(const ir::Program& program, std::vector<double>& run, std::vector<double>& time);

}  // namespace headrace::code
