// Noise over time: one number for each draw and step.

#include "base/hash.h"
#include "code/device/device.h"
#include "math/kernels.h"
#include "math/philox.h"

namespace headrace::code {

void headrace_noise(const Moment* moment, uint64_t seed, uint64_t key, uint64_t element,
                    bool normal, uint64_t first_draw, double* out, size_t lanes) {
  const uint64_t stream = math::stream_key(seed, base::combine(key, element));
  const math::Kernels& kernels = math::kernels();
  const auto fill = normal ? kernels.normal_noise : kernels.uniform_noise;
  fill(stream, first_draw, moment->k, out, lanes);
}

}  // namespace headrace::code
