#define HEADRACE_KERNEL_TABLE kernels_baseline
#define HEADRACE_KERNEL_NAME "baseline"
#define HEADRACE_KERNEL_VECTOR double2

#include "math/kernels.inc"
