// Standard headers come before the target, so that no shared inline function is compiled for it.
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#pragma GCC target("avx512f,avx512dq,avx512vl")

#include "math/width_test.h"

namespace headrace::math {

void values_avx512(const double* x, const double* y, size_t n, double* out) {
  append_values<double8>(x, y, n, out);
}

}  // namespace headrace::math
