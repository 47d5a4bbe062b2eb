#define HEADRACE_STRIP_SET strips_baseline
#define HEADRACE_STRIP_NAME "SSE2"
#define HEADRACE_STRIP_VECTOR double2

#include "code/interp/strips.inc"
