#define HEADRACE_KERNEL_TABLE kernels_avx512
#define HEADRACE_KERNEL_NAME "AVX-512"
#define HEADRACE_KERNEL_VECTOR double8

#include "math/kernels.inc"
