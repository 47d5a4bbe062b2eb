#define HEADRACE_STRIP_SET strips_avx512
#define HEADRACE_STRIP_NAME "AVX-512"
#define HEADRACE_STRIP_VECTOR double8

#include "code/interp/strips.inc"
