#define HEADRACE_STRIP_SET strips_avx2
#define HEADRACE_STRIP_NAME "AVX2"
#define HEADRACE_STRIP_VECTOR double4

#include "code/interp/strips.inc"
