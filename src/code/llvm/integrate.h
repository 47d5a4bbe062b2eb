#pragma once

// Where a step of Euler's takes place.
//
// A loop over all states would do little else than wait for memory. So a state moves on in the
// first segment of the next step that touches it or its rate: S := S + h * R, before anything else
// there. What moves so has the rate -0 before the first step, which changes no state, not even the
// sign of a zero.

#include <cstdint>
#include <utility>
#include <vector>

#include "code/llvm/plan.h"
#include "ir/program.h"

namespace headrace::code {

// States are numbered from 0 in the order of their slots.
struct Integration {
  using Runs = std::vector<std::pair<uint32_t, uint32_t>>;  // [first, last)
  std::vector<std::vector<uint32_t>> in_segment;            // by segment: the states that it moves
  Runs within, before;  // those that segments move; those moved before the step begins
};

// Of a program that Euler's method integrates.
Integration find_integration(const ir::Program& program, const Plan& plan);

}  // namespace headrace::code
