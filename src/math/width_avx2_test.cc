// Standard headers come before the target, so that no shared inline function is compiled for it.
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#pragma GCC target("avx2")

#include "math/width_test.h"

namespace headrace::math {

void values_avx2(const double* x, const double* y, size_t n, double* out) {
  append_values<double4>(x, y, n, out);
}

}  // namespace headrace::math
