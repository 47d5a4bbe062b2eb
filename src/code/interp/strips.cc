#include "code/interp/strips.h"

namespace headrace::code {

extern const StripSet strips_baseline;
extern const StripSet strips_avx2;
extern const StripSet strips_avx512;

StripList available_strips() {
  StripList list = {{&strips_baseline}, 1};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) list.entry[list.count++] = &strips_avx2;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    list.entry[list.count++] = &strips_avx512;
  }
#endif
  return list;
}

const StripSet& strips() {
  static const StripList list = available_strips();
  return *list.entry[list.count - 1];
}

}  // namespace headrace::code
