#include "math/philox.h"

#include "base/hash.h"
#include "math/kernels.h"

namespace headrace::math {

uint64_t stream_key(uint64_t seed, uint64_t name_key) { return base::combine(seed, name_key); }

void uniforms(uint64_t seed, uint64_t name_key, uint64_t first_draw, uint64_t step,
              std::span<double> out) {
  kernels().uniforms(stream_key(seed, name_key), first_draw, step, out.data(), out.size());
}

}  // namespace headrace::math
