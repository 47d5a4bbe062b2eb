// The vector types of the engine and the few operations that the operators of C++ do not give.
//
// The algorithms of elementary.h, philox.h and normal_quantile.h are templates over a type V and
// its Ops<V>. V is a plain double or a GCC vector here; a code generator gives a V of its own
// whose operators append instructions. So V must have
//
//   + - * / between V and V, V and double, double and V; unary -
//   < <= > >= == != with the same operands, giving Ops<V>::Mask
//
// Ops<V>::Int, whose lanes are 64-bit integers that wrap, must have + - & | ^ with Int and with
// int64_t constants and << by a constant; Mask must have & and |. Everything else stands in Ops.
// No operation may be contracted, reassociated or replaced by an estimate: each is the IEEE
// operation rounded to nearest even, and so every width and every back end gives the same bits.
// What differs between machines is the payload and the sign of a NaN, which no algorithm reads.
//
// Which width: double4 is one AVX2 register, double8 one AVX-512 register, double2 one SSE2
// register. A type wider than the registers of the target is right but slow, because GCC 12
// takes its comparisons apart lane by lane.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#define HEADRACE_INLINE [[gnu::always_inline]] inline
// The same for a lambda, after its parameters.
#define HEADRACE_LAMBDA __attribute__((always_inline))

namespace headrace::math {

using double2 = double __attribute__((vector_size(16)));
using double4 = double __attribute__((vector_size(32)));
using double8 = double __attribute__((vector_size(64)));
using int64x2 = int64_t __attribute__((vector_size(16)));
using int64x4 = int64_t __attribute__((vector_size(32)));
using int64x8 = int64_t __attribute__((vector_size(64)));
using uint64x2 = uint64_t __attribute__((vector_size(16)));
using uint64x4 = uint64_t __attribute__((vector_size(32)));
using uint64x8 = uint64_t __attribute__((vector_size(64)));

template <class V>
struct Ops;

template <>
struct Ops<double> {
  using Int = uint64_t;  // not int64_t, whose overflow is undefined
  using Mask = bool;
  static constexpr int kLanes = 1;

  // A value with this constant in every lane; the first argument only lends its shape.
  HEADRACE_INLINE static double constant(double, double c) { return c; }
  HEADRACE_INLINE static double select(bool m, double a, double b) { return m ? a : b; }
  HEADRACE_INLINE static bool invert(bool m) { return !m; }
  HEADRACE_INLINE static uint64_t bits(double x) { return std::bit_cast<uint64_t>(x); }
  HEADRACE_INLINE static double value(uint64_t i) { return std::bit_cast<double>(i); }
  HEADRACE_INLINE static bool is_zero(uint64_t i) { return i == 0; }
  HEADRACE_INLINE static uint64_t shift_right(uint64_t i, int n) { return i >> n; }  // fills with 0
  // The 64-bit product of the low 32 bits of each lane and a constant.
  HEADRACE_INLINE static uint64_t multiply_low(uint64_t i, uint32_t c) {
    return (i & 0xffffffffu) * c;
  }
  HEADRACE_INLINE static double sqrt(double x) { return std::sqrt(x); }
  HEADRACE_INLINE static double floor(double x) { return std::floor(x); }
};

namespace detail {

// The largest integer not above x, from additions alone: |x| + 2^52 has no room for a fraction.
template <class V>
HEADRACE_INLINE V floor_by_addition(V x) {
  using O = Ops<V>;
  const auto sign = O::bits(x) & std::bit_cast<int64_t>(-0.0);
  const V size = O::value(O::bits(x) ^ sign);
  const V even = (size + 0x1p52) - 0x1p52;
  const V near = O::value(O::bits(even) | sign);
  const V down = O::select(near > x, near - 1.0, near);
  return O::select(size < 0x1p52, down, x);
}

// What all GCC vectors share. `Wide` is the vector of doubles.
template <class Wide, class WideInt, class WideUnsigned, int kCount>
struct VectorOps {
  using Int = WideInt;
  using Mask = WideInt;
  static constexpr int kLanes = kCount;

  HEADRACE_INLINE static Wide constant(Wide, double c) { return c - Wide{}; }
  HEADRACE_INLINE static Wide select(Mask m, Wide a, Wide b) { return m ? a : b; }
  HEADRACE_INLINE static Mask invert(Mask m) { return ~m; }
  HEADRACE_INLINE static Int bits(Wide x) { return reinterpret_cast<Int>(x); }
  HEADRACE_INLINE static Wide value(Int i) { return reinterpret_cast<Wide>(i); }
  HEADRACE_INLINE static Mask is_zero(Int i) { return i == 0; }
  HEADRACE_INLINE static Int shift_right(Int i, int n) {
    return reinterpret_cast<Int>(reinterpret_cast<WideUnsigned>(i) >> n);
  }
  HEADRACE_INLINE static Int multiply_low(Int i, uint32_t c) {
    return reinterpret_cast<Int>((reinterpret_cast<WideUnsigned>(i) & 0xffffffffu) *
                                 static_cast<uint64_t>(c));
  }
  HEADRACE_INLINE static Wide sqrt(Wide x) {
    for (int lane = 0; lane < kCount; ++lane) x[lane] = std::sqrt(x[lane]);
    return x;
  }
  HEADRACE_INLINE static Wide floor(Wide x) { return floor_by_addition(x); }
};

}  // namespace detail

// The specialisations below only name the instruction where GCC does not find it.
template <>
struct Ops<double2> : detail::VectorOps<double2, int64x2, uint64x2, 2> {
#if defined(__SSE2__)
  HEADRACE_INLINE static double2 sqrt(double2 x) { return _mm_sqrt_pd(x); }
  HEADRACE_INLINE static int64x2 multiply_low(int64x2 i, uint32_t c) {
    return reinterpret_cast<int64x2>(
        _mm_mul_epu32(reinterpret_cast<__m128i>(i), _mm_set1_epi64x(c)));
  }
#endif
};

template <>
struct Ops<double4> : detail::VectorOps<double4, int64x4, uint64x4, 4> {
#if defined(__AVX2__)
  HEADRACE_INLINE static double4 sqrt(double4 x) { return _mm256_sqrt_pd(x); }
  HEADRACE_INLINE static double4 floor(double4 x) { return _mm256_floor_pd(x); }
  HEADRACE_INLINE static int64x4 multiply_low(int64x4 i, uint32_t c) {
    return reinterpret_cast<int64x4>(
        _mm256_mul_epu32(reinterpret_cast<__m256i>(i), _mm256_set1_epi64x(c)));
  }
#endif
};

template <>
struct Ops<double8> : detail::VectorOps<double8, int64x8, uint64x8, 8> {
#if defined(__AVX512F__)
  // The plain intrinsics make GCC 12 warn of an unset register; those with a full mask do not.
  HEADRACE_INLINE static double8 sqrt(double8 x) { return _mm512_maskz_sqrt_pd(0xff, x); }
  HEADRACE_INLINE static double8 floor(double8 x) {
    return _mm512_maskz_roundscale_pd(0xff, x, 0x09);
  }
  HEADRACE_INLINE static int64x8 multiply_low(int64x8 i, uint32_t c) {
    return reinterpret_cast<int64x8>(
        _mm512_maskz_mul_epu32(0xff, reinterpret_cast<__m512i>(i), _mm512_set1_epi64(c)));
  }
#endif
};

// Vectors read from and written to memory of any alignment.
template <class V>
HEADRACE_INLINE V load(const double* from) {
  V x;
  __builtin_memcpy(&x, from, sizeof x);
  return x;
}

template <class V>
HEADRACE_INLINE void store(V x, double* to) {
  __builtin_memcpy(to, &x, sizeof x);
}

}  // namespace headrace::math
