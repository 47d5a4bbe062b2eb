#pragma once

#include <optional>

#include "ir/program.h"

namespace headrace::code {

// Division by a known number y as two operations: x / y = fma(x, high, x * low), for high + low
// close to 1 / y (Brisebarre, Muller and Raina, "Accelerating Correctly Rounded Floating-Point
// Division when the Divisor Is Known in Advance", IEEE Transactions on Computers 53, 2004).
struct Reciprocal {
  double high, low;  // of the same sign
};

// Only for such y that every x gives the quotient of IEEE 754, provided that x * low does not
// underflow, which processors note. None for powers of two, where one product is enough.
std::optional<Reciprocal> find_reciprocal(double y);

// Whether code for the program can use reciprocals.
bool divides_by_constants(const ir::Program& program);

}  // namespace headrace::code
