#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "code/kernel.h"

namespace headrace::code {

struct StripSet;

struct InterpOptions {
  size_t lanes = 0;                  // 0: chosen so that the working set stays near the caches
  uint64_t draws = UINT64_MAX;       // chosen lanes are not many more than these
  const StripSet* strips = nullptr;  // the inner loops; null: the best for this machine
};

// The portable back end and the referee: one operation at a time over a tile. The program must
// outlive the kernel.
std::unique_ptr<Kernel> interpret(const ir::Program& program, const InterpOptions& options = {});

// Computes what all draws share. `run` is [run_slots], `time` [steps + 1][time_slots].
void evaluate_shared(const ir::Program& program, std::vector<double>& run,
                     std::vector<double>& time);

// What a draw computed first that is no number, or infinite where that counts: the first variable,
// else the first part of an equation.
struct BadValue {
  ir::ArrayId array;
  uint32_t element = 0;
  uint64_t k = 0;
  double time = 0;
};

// Computes one draw by itself and looks at each value as it is stored, states after each
// integration included. `inputs` are as in Program::input_slots; `infinite_counts` says of each
// array whether an infinite value in it counts. `draw` keys the noise.
std::optional<BadValue> find_bad_value(const ir::Program& program, std::span<const double> run,
                                       std::span<const double> time, std::span<const double> inputs,
                                       uint64_t seed, uint64_t draw,
                                       const std::vector<bool>& infinite_counts);

}  // namespace headrace::code
