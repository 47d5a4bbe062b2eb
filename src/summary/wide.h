// Loops that are compiled once for each instruction set, in place.
//
//   template <...> HEADRACE_WIDE_BODY R body(A a) { ... }     the loop, as plain C++
//   HEADRACE_WIDE(R, name, (A a), body(a))                    name(a) runs the widest one
//
// The body has no reductions that the compiler could reorder, only lanes, so all of them give the
// same bits; contraction is off.
#pragma once

#define HEADRACE_WIDE_BODY [[gnu::always_inline]] inline

namespace headrace::summary {

// 2: AVX-512, 1: AVX2, 0: what every machine has.
inline int widest() {
#ifdef __x86_64__
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) {
    return 2;
  }
  return __builtin_cpu_supports("avx2") ? 1 : 0;
#else
  return 0;
#endif
}

}  // namespace headrace::summary

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define HEADRACE_WIDE(Result, name, parameters, call)                                          \
  [[gnu::target("avx512f,avx512dq,avx512vl,avx512bw,prefer-vector-width=512")]] static Result  \
      name##_avx512 parameters {                                                               \
    return call;                                                                               \
  }                                                                                            \
  [[gnu::target("avx2")]] static Result name##_avx2 parameters { return call; }                \
  static Result name##_baseline parameters { return call; }                                    \
  static Result(*const name) parameters = ::headrace::summary::widest() == 2   ? name##_avx512 \
                                          : ::headrace::summary::widest() == 1 ? name##_avx2   \
                                                                               : name##_baseline;
#else
#define HEADRACE_WIDE(Result, name, parameters, call) \
  static Result name parameters { return call; }
#endif
