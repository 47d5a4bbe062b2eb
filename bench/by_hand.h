#pragma once

// What a careful person writes once for a hand-made SIMD model: eight doubles at a time, as one
// AVX-512 register or two of AVX2, tables read by comparing, and the elementary functions of the
// project itself, which are faster than those of libm. Compiled with -O3 -march=native.

#include <cstddef>
#include <cstring>

#include "math/elementary.h"

namespace {

using headrace::math::Ops;
namespace math = headrace::math;

#if defined(__AVX512F__)
using V = math::double8;
constexpr size_t kLanes = 8;
#else
using V = math::double4;
constexpr size_t kLanes = 4;
#endif

inline V all(double x) { return Ops<V>::constant(V{}, x); }
inline V get(const double* p) {
  V v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline void put(double* p, V v) { std::memcpy(p, &v, sizeof v); }
template <class Mask>
inline V pick(Mask m, V a, V b) {
  return Ops<V>::select(m, a, b);
}
template <class A, class B>
inline V min(A a, B b) {
  const V x = a + V{}, y = b + V{};
  return pick(x < y, x, y);
}
template <class A, class B>
inline V max(A a, B b) {
  const V x = a + V{}, y = b + V{};
  return pick(x > y, x, y);
}
inline V abs(V a) { return math::abs(a); }
inline V exp(V a) { return math::exp(a); }
inline V log(V a) { return math::log(a); }
inline V pow(V a, V b) { return math::pow(a, b); }

// Piecewise linear, constant beyond the ends: slope and intercept of each segment, picked by
// comparing.
template <int N>
struct Table {
  double x[N], y[N];
  V operator()(V input) const {
    const V in = min(max(input, x[0]), x[N - 1]);
    V slope = all((y[1] - y[0]) / (x[1] - x[0]));
    V base = all(y[0] - x[0] * ((y[1] - y[0]) / (x[1] - x[0])));
    for (int i = 1; i + 1 < N; ++i) {
      const double m = (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
      const auto past = in >= x[i];
      slope = pick(past, all(m), slope);
      base = pick(past, all(y[i] - x[i] * m), base);
    }
    return base + slope * in;
  }
};

}  // namespace
