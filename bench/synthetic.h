#pragma once

// Made-up models for measuring: the same random equations as Headrace text and as C++ that a
// careful person would write by hand. Per hundred equations: 25 stocks, 20 lookups of 5 to 12
// points (6 in 10 evenly spaced), 3 of exp, ln and pow, 16 divisions, the rest sums, products,
// minima and conditionals. Every equation matters to some stock, and every value stays between -50
// and 50.

#include <cstdint>
#include <string>

namespace headrace::bench {

struct Synthetic {
  int equations = 0, stocks = 0, params = 0;
  std::string text;  // a Headrace model; its stocks are s0, s1, ...
  std::string
      code;  // extern "C" void run(const double* params, double* stocks, size_t draws, int steps,
             // double h); params and stocks are [number][draw], draws a multiple of 8
};

// `steps` fixes the time statement of the text.
Synthetic make_synthetic(int equations, int steps, uint64_t seed);

}  // namespace headrace::bench
