// One comparison, compiled for each vector type under each instruction set: every lane has the
// bits of the scalar function. Included by tests after they chose their target.
#pragma once

#include <vector>

#include "math/elementary.h"

namespace headrace::math {

// Arguments of all sizes and signs, with special values among them. The count divides by 8.
std::vector<double> width_arguments();

// The values of every function on all arguments with the scalar type, one after the other.
std::vector<double> scalar_values(const std::vector<double>& x);

// Whether two lists agree in every bit, two NaN being equal.
bool same_bits(const std::vector<double>& a, const std::vector<double>& b);

// The same list as scalar_values, computed with the vector type V.
template <class V>
HEADRACE_INLINE void append_values(const double* x, const double* y, size_t n, double* out) {
  constexpr size_t kStep = Ops<V>::kLanes;
  for (size_t i = 0; i < n; i += kStep) {
    const V a = load<V>(x + i);
    const V b = load<V>(y + i);
    store(exp(a), out + i);
    store(log(a), out + n + i);
    store(pow(a, b), out + 2 * n + i);
    store(sin(a), out + 3 * n + i);
    store(cos(a), out + 4 * n + i);
    store(tan(a), out + 5 * n + i);
    store(atan(a), out + 6 * n + i);
    store(floor(a), out + 7 * n + i);
    store(ceil(a), out + 8 * n + i);
    store(round(a), out + 9 * n + i);
    store(trunc(a), out + 10 * n + i);
    store(sqrt(a), out + 11 * n + i);
    store(minimum(a, b), out + 12 * n + i);
    store(maximum(a, b), out + 13 * n + i);
  }
}

constexpr size_t kWidthFunctions = 14;

}  // namespace headrace::math
