// What each elementwise operation computes, written once for all back ends.
//
// The functions are templates over a vector type V with math::Ops<V> (see math/vec.h): the
// interpreter's kernels use the vectors of GCC, a code generator a V whose operators append
// instructions. Both execute the same IEEE operations in the same order and agree in every bit.
//
// Truth is a number that is not 0, so NaN is true: not(NaN) is 0, and select takes its second
// argument. Where a result could be a NaN of either sign or of any payload, it is any NaN.
//
// Kernels for wide instruction sets include this file, so it includes no file with functions that
// other code might share.
#pragma once

#include <cstdint>
#include <type_traits>

#include "math/elementary.h"

namespace headrace::code {

enum class Op : uint8_t {  // the same numbers as model::Op and the first of ir::Code
#define OP(name, spelling, arity) name,
#include "model/ops.def"
#undef OP
};

template <class V>
HEADRACE_INLINE V truth(V like, typename math::Ops<V>::Mask m) {
  using O = math::Ops<V>;
  return O::select(m, O::constant(like, 1.0), O::constant(like, 0.0));
}

// To the nearest integer, halves to the even one. Adding 2^52 leaves no room for a fraction.
template <class V>
HEADRACE_INLINE V round_to_even(V x) {
  using O = math::Ops<V>;
  const auto sign = O::bits(x) & math::detail::kSignBit;
  const V size = math::detail::size_of(x);
  const V whole = (size + 0x1p52) - 0x1p52;
  return O::select(size < 0x1p52, O::value(O::bits(whole) | sign), x);
}

// a - b floor(a / b), which has the sign of b and is exact for quotients below 2^53: the product
// is formed in two parts (Dekker 1971), and a quotient that was rounded up to the next integer is
// taken back. An infinite or zero divisor gives NaN.
template <class V>
HEADRACE_INLINE V modulo(V a, V b) {
  using O = math::Ops<V>;
  const V q = O::floor(a / b);
  const V q_head = math::detail::leading(q);
  const V b_head = math::detail::leading(b);
  const V q_tail = q - q_head;
  const V b_tail = b - b_head;
  const V near = q * b;
  const V lost = (((q_head * b_head - near) + q_head * b_tail) + q_tail * b_head) + q_tail * b_tail;
  const V r = (a - near) - lost;
  const auto positive = b > 0.0;
  const auto below = O::select(positive, r, -r) < 0.0;
  const V up = O::select(below, r + b, r);
  const auto above = O::select(positive, up - b, b - up) >= 0.0;
  return O::select(above, up - b, up);
}

// asin(x) = atan(x / sqrt(1 - x^2)), acos(x) = 2 atan(sqrt((1 - x) / (1 + x))); about 3 ulp.
// Outside [-1, 1] the root of a negative number gives NaN.
template <class V>
HEADRACE_INLINE V arc_sine(V x) {
  return math::atan(x / math::sqrt((1.0 - x) * (1.0 + x)));
}
template <class V>
HEADRACE_INLINE V arc_cosine(V x) {
  return math::atan(math::sqrt((1.0 - x) / (1.0 + x))) * 2.0;
}

// The processor's own: b when either is NaN, and of two zeros b.
template <class V>
HEADRACE_INLINE V least(V a, V b) {
#if defined(__AVX2__)
  if constexpr (std::is_same_v<V, math::double4>) return _mm256_min_pd(a, b);
#endif
#if defined(__AVX512F__)
  if constexpr (std::is_same_v<V, math::double8>) return _mm512_min_pd(a, b);
#endif
  return math::Ops<V>::select(a < b, a, b);
}
template <class V>
HEADRACE_INLINE V greatest(V a, V b) {
#if defined(__AVX2__)
  if constexpr (std::is_same_v<V, math::double4>) return _mm256_max_pd(a, b);
#endif
#if defined(__AVX512F__)
  if constexpr (std::is_same_v<V, math::double8>) return _mm512_max_pd(a, b);
#endif
  return math::Ops<V>::select(a > b, a, b);
}

// NaN when either is.
template <class V>
HEADRACE_INLINE V smaller(V a, V b) {
  return math::Ops<V>::select(a != a, a, least(a, b));
}
template <class V>
HEADRACE_INLINE V larger(V a, V b) {
  return math::Ops<V>::select(a != a, a, greatest(a, b));
}

template <Op op, class V>
HEADRACE_INLINE V apply_unary(V x) {
  using O = math::Ops<V>;
  using enum Op;
  if constexpr (op == kNegate) return -x;
  if constexpr (op == kAbs) return math::abs(x);
  if constexpr (op == kSqrt) return math::sqrt(x);
  if constexpr (op == kExp) return math::exp(x);
  if constexpr (op == kLn) return math::log(x);
  if constexpr (op == kSin) return math::sin(x);
  if constexpr (op == kCos) return math::cos(x);
  if constexpr (op == kTan) return math::tan(x);
  if constexpr (op == kAsin) return arc_sine(x);
  if constexpr (op == kAcos) return arc_cosine(x);
  if constexpr (op == kAtan) return math::atan(x);
  if constexpr (op == kFloor) return math::floor(x);
  if constexpr (op == kCeil) return math::ceil(x);
  if constexpr (op == kRound) return round_to_even(x);
  if constexpr (op == kTrunc) return math::trunc(x);
  if constexpr (op == kSign) {
    const V not_above = O::select(x < 0.0, O::constant(x, -1.0), O::constant(x, 0.0));
    return O::select(x != x, x, O::select(x > 0.0, O::constant(x, 1.0), not_above));
  }
  if constexpr (op == kNot) return truth(x, x == 0.0);
}

// The mask of a comparison, for code that selects by it at once.
template <Op op, class V>
HEADRACE_INLINE auto compare(V a, V b) {
  using enum Op;
  if constexpr (op == kLess) return a < b;
  if constexpr (op == kLessEqual) return a <= b;
  if constexpr (op == kEqual) return a == b;
  if constexpr (op == kNotEqual) return a != b;
}

template <Op op, class V>
HEADRACE_INLINE V apply_binary(V a, V b) {
  using enum Op;
  if constexpr (op == kAdd) return a + b;
  if constexpr (op == kSubtract) return a - b;
  if constexpr (op == kMultiply) return a * b;
  if constexpr (op == kDivide) return a / b;
  if constexpr (op == kPower) return math::pow(a, b);
  if constexpr (op == kMin) return smaller(a, b);
  if constexpr (op == kMax) return larger(a, b);
  if constexpr (op == kMod) return modulo(a, b);
  if constexpr (op == kLess || op == kLessEqual || op == kEqual || op == kNotEqual) {
    return truth(a, compare<op>(a, b));
  }
  if constexpr (op == kAnd) return truth(a, (a != 0.0) & (b != 0.0));
  if constexpr (op == kOr) return truth(a, (a != 0.0) | (b != 0.0));
}

template <class V>
HEADRACE_INLINE V choose(V condition, V yes, V no) {
  return math::Ops<V>::select(condition != 0.0, yes, no);
}

}  // namespace headrace::code
