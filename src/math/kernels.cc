#include "math/kernels.h"

namespace headrace::math {

extern const Kernels kernels_baseline;
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;

KernelList available_kernels() {
  KernelList list = {{&kernels_baseline}, 1};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) list.entry[list.count++] = &kernels_avx2;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    list.entry[list.count++] = &kernels_avx512;
  }
#endif
  return list;
}

const Kernels& kernels() {
  static const KernelList list = available_kernels();
  return *list.entry[list.count - 1];
}

}  // namespace headrace::math
