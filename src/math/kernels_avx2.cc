#define HEADRACE_KERNEL_TABLE kernels_avx2
#define HEADRACE_KERNEL_NAME "AVX2"
#define HEADRACE_KERNEL_VECTOR double4

#include "math/kernels.inc"
