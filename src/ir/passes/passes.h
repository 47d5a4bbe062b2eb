#pragma once

#include <vector>

#include "ir/program.h"

namespace headrace::ir {

// Removes instructions whose values nobody uses, and loops that store nothing.
void remove_dead_code(Program& program);

// Moves what only one bracket with a `when` in the step block uses into that bracket. Slots must be
// assigned.
void sink(Program& program);

// Gives every array its slot. States lie side by side, and so do their rates, in the same order.
void assign_slots(Program& program, const std::vector<ArrayId>& states,
                  const std::vector<ArrayId>& rates);

}  // namespace headrace::ir
