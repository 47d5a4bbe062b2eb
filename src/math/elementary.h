// Elementary functions, written once for every width and every back end.
//
// libm, the vector libraries and the code generators all round differently, so a model that
// calls them prints other digits on other machines. Here each function is a fixed sequence of
// IEEE operations over an abstract vector V (see vec.h): no branch on data, no table, no fused
// multiply-add. The scalar interpreter, the AVX2 and AVX-512 kernels, generated machine code and
// WebAssembly execute the same sequence and agree in every bit.
//
//            largest error found       domain
//   exp      0.8 ulp                   all; subnormal results included
//   log      0.9 ulp                   all; subnormal arguments included
//   pow      1.0 ulp                   all, with the special cases of C99 Annex F
//   sin cos  0.8 ulp                   |x| <= 1.6e6
//   tan      2.1 ulp                   |x| <= 1.6e6
//   atan     1.2 ulp                   all
//
// Beyond 1.6e6 the absolute error of sin and cos grows as |x| 2^-52, as if x had been rounded
// once more; beyond 2^50 the value still lies in [-1, 1] and is the same everywhere, but says
// nothing about x. Infinite arguments give NaN.
//
// Sources. Range reduction in two or three parts: Cody and Waite, Software Manual for the
// Elementary Functions (1980). The series of log in s = f / (2 + f), and the double-double
// logarithm with 26-bit leading parts whose products are exact: Tang, Table-driven
// implementation of the logarithm (1990), and the fdlibm essays of K. C. Ng (1993). Exact sums:
// Dekker, A floating-point technique for extending the available precision (1971). The
// polynomials are minimax fits computed for this file by Remez exchange in 300 bits.
#pragma once

#include <limits>

#include "math/vec.h"

namespace headrace::math {

namespace detail {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
inline constexpr int64_t kSignBit = std::numeric_limits<int64_t>::min();
// Adding 1.5 * 2^52 rounds |x| < 2^51 to an integer, which then stands in the low bits.
inline constexpr double kRounder = 0x1.8p52;

template <class V>
HEADRACE_INLINE V size_of(V x) {
  return Ops<V>::value(Ops<V>::bits(x) & ~kSignBit);
}

// The leading 26 bits of x. The product of two such numbers is exact.
template <class V>
HEADRACE_INLINE V leading(V x) {
  return Ops<V>::value(Ops<V>::bits(x) & int64_t{-0x8000000});
}

// y 2^n for an integer n in [-1100, 1100] and y near 1, rounded once when it is subnormal. 2^n
// may not be a number, so it is applied in two halves.
template <class V>
HEADRACE_INLINE V scale(V y, V n) {
  using O = Ops<V>;
  const V half_bits = n * 0.5 + kRounder;
  const V half = half_bits - kRounder;
  const V rest_bits = (n - half) + kRounder;
  return y * O::value((O::bits(half_bits) + 1023) << 52) *
         O::value((O::bits(rest_bits) + 1023) << 52);
}

// e^(u + v) for |u| <= ln(2) / 2 and a correction v far below it.
template <class V>
HEADRACE_INLINE V exp_near_zero(V u, V v) {
  const V r = u + v;
  const V z = r * r;
  const V even =
      (((0x1.28b047cf05e80p-22 * z + 0x1.a019969553b99p-16) * z + 0x1.6c16c185a6a6cp-10) * z +
       0x1.5555555550034p-5) *
          z +
      0x1.000000000000bp-1;
  const V odd =
      (((0x1.af85bdbfbcde1p-26 * z + 0x1.71dddfa51c03fp-19) * z + 0x1.a01a01baf5c3ep-13) * z +
       0x1.111111110d5fap-7) *
          z +
      0x1.5555555555561p-3;
  const V sum = 1.0 + u;
  const V lost = u - (sum - 1.0);
  return sum + (lost + (v + z * (even + r * odd)));
}

// A positive number as 2^k m with m in [sqrt(1/2), sqrt(2)). Zero, infinity and NaN give some
// numbers without meaning.
template <class V>
struct Parts {
  V k, m;
};

template <class V>
HEADRACE_INLINE Parts<V> split_normal(V x) {
  using O = Ops<V>;
  constexpr int64_t kRootHalf = 0x3fe6a09e667f3bcd;
  const auto shifted = O::bits(x) + (0x3ff0000000000000 - kRootHalf);
  const auto biased = O::shift_right(shifted, 52);
  const V k = O::value(biased | std::bit_cast<int64_t>(0x1p52)) - (0x1p52 + 1023);
  return {k, O::value((shifted & 0x000fffffffffffff) + kRootHalf)};
}

// The same, for subnormal numbers too.
template <class V>
HEADRACE_INLINE Parts<V> split_exponent(V x) {
  using O = Ops<V>;
  const auto tiny = x < 0x1p-1022;
  const auto [k, m] = split_normal(O::select(tiny, x * 0x1p54, x));
  return {O::select(tiny, k - 54.0, k), m};
}

}  // namespace detail

// The smaller and the larger of two numbers; NaN when either is. Of two zeros, the first.
template <class V>
HEADRACE_INLINE V minimum(V a, V b) {
  return Ops<V>::select((b < a) | (b != b), b, a);
}

template <class V>
HEADRACE_INLINE V maximum(V a, V b) {
  return Ops<V>::select((b > a) | (b != b), b, a);
}

template <class V>
HEADRACE_INLINE V abs(V x) {
  return detail::size_of(x);
}

template <class V>
HEADRACE_INLINE V sqrt(V x) {
  return Ops<V>::sqrt(x);
}

template <class V>
HEADRACE_INLINE V floor(V x) {
  return Ops<V>::floor(x);
}

template <class V>
HEADRACE_INLINE V ceil(V x) {
  return -Ops<V>::floor(-x);
}

// Towards zero; the sign stays, so -0.5 gives -0.
template <class V>
HEADRACE_INLINE V trunc(V x) {
  using O = Ops<V>;
  const auto sign = O::bits(x) & detail::kSignBit;
  return O::value(O::bits(O::floor(detail::size_of(x))) | sign);
}

// To the nearest integer; halves go away from zero.
template <class V>
HEADRACE_INLINE V round(V x) {
  using O = Ops<V>;
  const V whole = trunc(x);
  const V size = detail::size_of(whole);
  // The difference is exact; adding 0.5 first would carry 0.49999999999999994 to 1.
  const V away = O::select(detail::size_of(x) - size >= 0.5, size + 1.0, size);
  const V finite = O::value(O::bits(away) | (O::bits(x) & detail::kSignBit));
  return O::select(detail::size_of(x) < 0x1p52, finite, x);
}

template <class V>
HEADRACE_INLINE V exp(V x) {
  using O = Ops<V>;
  const V below = O::select(x > 710.0, O::constant(x, 710.0), x);
  const V bounded = O::select(below < -746.0, O::constant(x, -746.0), below);
  const V n = (bounded * 0x1.71547652b82fep+0 + detail::kRounder) - detail::kRounder;
  const V u = bounded - n * 0x1.62e42feep-1;
  const V v = n * -0x1.a39ef35793c76p-33;
  return detail::scale(detail::exp_near_zero(u, v), n);
}

namespace detail {

// log(2^k m), for m from sqrt(1/2) to sqrt(2).
template <class V>
HEADRACE_INLINE V log_of_parts(Parts<V> parts) {
  const auto [k, m] = parts;
  const V f = m - 1.0;
  const V s = f / (f + 2.0);
  const V z = s * s;
  const V w = z * z;
  const V even =
      ((0x1.2f0b6f5bff01fp-3 * w + 0x1.746643b35eb7ep-3) * w + 0x1.2492494204ab5p-2) * w +
      0x1.5555555555592p-1;
  const V odd = (0x1.39a12f4794a69p-3 * w + 0x1.c71c51f569fcep-3) * w + 0x1.999999997fccbp-2;
  const V series = z * (even + z * odd);
  const V half_square = 0.5 * f * f;
  const V small = s * (half_square + series) + k * 0x1.a39ef35793c76p-33;
  return k * 0x1.62e42feep-1 - ((half_square - small) - f);
}

}  // namespace detail

template <class V>
HEADRACE_INLINE V log(V x) {
  using O = Ops<V>;
  const V y = detail::log_of_parts(detail::split_exponent(x));
  const V with_infinity = O::select(x == detail::kInfinity, x, y);
  const V with_zero = O::select(x == 0.0, O::constant(x, -detail::kInfinity), with_infinity);
  return O::select((x < 0.0) | (x != x), O::constant(x, detail::kNaN), with_zero);
}

namespace detail {

// log2 of a positive number as a sum of a 26-bit head and a tail, good to 2^-65 of its size.
//
// With s = (m - 1) / (m + 1), log2(m) = 2 / (3 ln 2) * s (3 + s^2 + s^4 R(s^2)). Each factor is
// cut into a 26-bit head, whose products are exact, and a tail, whose products may be rounded.
template <class V>
struct HeadTail {
  V head, tail;
};

template <class V>
HEADRACE_INLINE HeadTail<V> log2_in_two(V x) {
  const auto [k, m] = split_exponent(x);
  const V f = m - 1.0;
  const V d = m + 1.0;
  const V d_head = leading(d);
  const V d_tail = m - (d_head - 1.0);
  const V inverse = 1.0 / d;
  const V s_near = f * inverse;
  const V s_head = leading(s_near);
  const V s_tail = ((f - s_head * d_head) - s_head * d_tail) * inverse;
  const V s = s_head + s_tail;

  const V z = s * s;
  const V w = z * z;
  const V even =
      ((0x1.956d835e365d5p-3 * w + 0x1.d8ae6c1721ec3p-3) * w + 0x1.555555a2517b7p-2) * w +
      0x1.3333333333465p-1;
  const V odd = (0x1.973ee5d8d9c54p-3 * w + 0x1.1745af50b1759p-2) * w + 0x1.b6db6db68369dp-2;
  const V rest = w * (even + z * odd) + s_tail * (s_head + s);
  const V square = s_head * s_head;
  const V sum_head = leading(3.0 + square + rest);
  const V sum_tail = rest - ((sum_head - 3.0) - square);

  const V u = s_head * sum_head;
  const V v = s_tail * sum_head + sum_tail * s;
  const V p_head = leading(u + v);
  const V p_tail = v - (p_head - u);
  const V q_head = 0x1.ec709d8p-1 * p_head;
  const V q_tail = 0x1.0e80ff5d27f05p-27 * p_head + 0x1.ec709dc3a03fdp-1 * p_tail;
  const V head = leading((q_head + q_tail) + k);
  return {head, q_tail - ((head - k) - q_head)};
}

// 2^(head + tail), where head has at most 52 bits after its leading one.
template <class V>
HEADRACE_INLINE V exp2_of_two(V head, V tail) {
  using O = Ops<V>;
  const V sum = head + tail;
  const auto outside = (sum > 1100.0) | (sum < -1100.0);
  const V edge = O::select(sum > 0.0, O::constant(sum, 1100.0), O::constant(sum, -1100.0));
  const V w_head = O::select(outside, edge, head);
  const V w_tail = O::select(outside, O::constant(sum, 0.0), tail);
  const V n = ((w_head + w_tail) + kRounder) - kRounder;
  const V a = w_head - n;
  const V t_head = leading(a + w_tail);
  const V t_tail = w_tail - (t_head - a);
  const V u = t_head * 0x1.62e42f8p-1;
  const V v = t_tail * 0x1.62e42fefa39efp-1 + t_head * 0x1.be8e7bcd5e4f2p-27;
  return scale(exp_near_zero(u, v), n);
}

}  // namespace detail

// x^y as C99 Annex F defines it: 1 when x is 1 or y is 0, whatever the other; NaN for a negative
// finite x and a y that is not an integer.
template <class V>
HEADRACE_INLINE V pow(V x, V y) {
  using O = Ops<V>;
  const V size = detail::size_of(x);
  const auto logarithm = detail::log2_in_two(size);
  // No |y| above 2^65 differs from 2^65: the result is 0, 1 or infinite.
  const V y_below = O::select(y > 0x1p65, O::constant(y, 0x1p65), y);
  const V y_bounded = O::select(y_below < -0x1p65, O::constant(y, -0x1p65), y_below);
  const V y_head = detail::leading(y_bounded);
  const V y_tail = y_bounded - y_head;
  const V head = y_head * logarithm.head;
  const V tail = y_tail * logarithm.head + y_bounded * logarithm.tail;
  const V core = detail::exp2_of_two(head, tail);

  const auto zero = size == 0.0;
  const auto infinite = size == detail::kInfinity;
  const auto to_infinity = (zero & (y < 0.0)) | (infinite & (y > 0.0));
  const auto to_zero = (zero & (y > 0.0)) | (infinite & (y < 0.0));
  const V with_zero = O::select(to_zero, O::constant(x, 0.0), core);
  const V with_infinity = O::select(to_infinity, O::constant(x, detail::kInfinity), with_zero);

  const V half = y * 0.5;
  const auto whole = O::floor(y) == y;
  const auto odd = whole & (O::floor(half) != half);
  const V signed_size = O::value(O::bits(with_infinity) | (O::bits(x) & detail::kSignBit));
  const V with_sign = O::select(odd, signed_size, with_infinity);

  const auto no_root = (x < 0.0) & O::invert(infinite) & O::invert(whole);
  const auto undefined = no_root | (x != x) | (y != y);
  const V with_nan = O::select(undefined, O::constant(x, detail::kNaN), with_sign);
  return O::select((y == 0.0) | (x == 1.0), O::constant(x, 1.0), with_nan);
}

namespace detail {

// x = quarter * pi / 2 + (head + tail), with |head| <= pi / 4 or very little more.
template <class V>
struct Angle {
  typename Ops<V>::Int quarter;
  V head, tail;
};

template <class V>
HEADRACE_INLINE Angle<V> reduce_angle(V x) {
  using O = Ops<V>;
  const V below = O::select(x > 0x1p50, O::constant(x, 0x1p50), x);
  const V bounded = O::select(below < -0x1p50, O::constant(x, -0x1p50), below);
  const V turned = bounded * 0x1.45f306dc9c883p-1 + kRounder;
  const V n = turned - kRounder;
  const V a = bounded - n * 0x1.921fb544p+0;
  const V b = n * 0x1.0b4611a6p-34;
  const V r = a - b;
  const V b_seen = a - r;  // Knuth's exact difference: a may be the smaller one
  const V lost = (a - (r + b_seen)) + (b_seen - b);
  const V low = lost - n * 0x1.3198a2e037073p-69;
  const V sum = r + low;
  // Only for |x| far beyond the stated domain does this change anything.
  const V head_below = O::select(sum > 1.0, O::constant(x, 1.0), sum);
  const V head = O::select(head_below < -1.0, O::constant(x, -1.0), head_below);
  const V tail = O::select(head == sum, (r - sum) + low, O::constant(x, 0.0));
  return {O::bits(turned), head, tail};
}

// For |x| <= pi / 4 and z = x^2: sin(x) = x + x z S(z), cos(x) = 1 - z / 2 + z^2 C(z).
template <class V>
HEADRACE_INLINE V sine_series(V z) {
  const V w = z * z;
  const V even = (-0x1.ae5e66a3e1899p-26 * w + -0x1.a01a019c1267bp-13) * w + -0x1.5555555555549p-3;
  const V odd = (0x1.5d931c675a38bp-33 * w + 0x1.71de35784f7f2p-19) * w + 0x1.111111110f882p-7;
  return even + z * odd;
}
template <class V>
HEADRACE_INLINE V cosine_series(V z) {
  const V w = z * z;
  const V even = (0x1.1ee9edbde2cb6p-29 * w + 0x1.a01a019cb661ap-16) * w + 0x1.555555555554cp-5;
  const V odd = (-0x1.8faf7ae997ef8p-37 * w + -0x1.27e4f80ceb0f4p-22) * w + -0x1.6c16c16c151b4p-10;
  return even + z * odd;
}

// The same to about 1 ulp, without a tail and without the last correction.
template <class V>
HEADRACE_INLINE V sin_near_zero(V x) {
  const V z = x * x;
  return x + x * z * sine_series(z);
}
template <class V>
HEADRACE_INLINE V cos_near_zero(V x) {
  const V z = x * x;
  return 1.0 - (0.5 * z - z * z * cosine_series(z));
}

template <class V>
HEADRACE_INLINE V sin_near_zero(V head, V tail) {
  const V z = head * head;
  return head + (head * z * sine_series(z) + tail * (1.0 - 0.5 * z));
}

template <class V>
HEADRACE_INLINE V cos_near_zero(V head, V tail) {
  const V z = head * head;
  const V half = 0.5 * z;
  const V sum = 1.0 - half;
  const V lost = (1.0 - sum) - half;
  return sum + (lost + (z * z * cosine_series(z) - head * tail));
}

// sin(x + shift pi / 2), NaN for infinite x.
template <class V>
HEADRACE_INLINE V sine_shifted(V x, int64_t shift) {
  using O = Ops<V>;
  const Angle<V> angle = reduce_angle(x);
  const auto quarter = angle.quarter + shift;
  const V s = sin_near_zero(angle.head, angle.tail);
  const V c = cos_near_zero(angle.head, angle.tail);
  const V size = O::select(O::is_zero(quarter & 1), s, c);
  const V y = O::value(O::bits(size) ^ ((quarter & 2) << 62));
  return O::select(size_of(x) < kInfinity, y, O::constant(x, kNaN));
}

}  // namespace detail

template <class V>
HEADRACE_INLINE V sin(V x) {
  // A tiny x is its own sine, and keeps the sign of zero.
  return Ops<V>::select(detail::size_of(x) < 0x1p-27, x, detail::sine_shifted(x, 0));
}

template <class V>
HEADRACE_INLINE V cos(V x) {
  return detail::sine_shifted(x, 1);
}

template <class V>
HEADRACE_INLINE V tan(V x) {
  using O = Ops<V>;
  const detail::Angle<V> angle = detail::reduce_angle(x);
  const V s = detail::sin_near_zero(angle.head, angle.tail);
  const V c = detail::cos_near_zero(angle.head, angle.tail);
  const auto even = O::is_zero(angle.quarter & 1);
  const V size = O::select(even, s, -c) / O::select(even, c, s);
  const V y = O::select(detail::size_of(x) < detail::kInfinity, size, O::constant(x, detail::kNaN));
  return O::select(detail::size_of(x) < 0x1p-27, x, y);
}

// atan(x) = atan(c) + atan((x - c) / (1 + c x)) with c one of 0, 1 and infinity.
template <class V>
HEADRACE_INLINE V atan(V x) {
  using O = Ops<V>;
  const V size = detail::size_of(x);
  const auto middle = size > 0x1.a827999fcef32p-2;  // tan(pi / 8)
  const auto large = size > 0x1.3504f333f9de6p+1;   // tan(3 pi / 8)
  const V one = O::constant(x, 1.0);
  const V zero = O::constant(x, 0.0);
  const V top = O::select(large, -one, O::select(middle, size - 1.0, size));
  const V bottom = O::select(large, size, O::select(middle, size + 1.0, one));
  const V base = O::select(large, O::constant(x, 0x1.921fb54442d18p+0),
                           O::select(middle, O::constant(x, 0x1.921fb54442d18p-1), zero));
  const V base_tail = O::select(large, O::constant(x, 0x1.1a62633145c07p-54),
                                O::select(middle, O::constant(x, 0x1.1a62633145c07p-55), zero));
  const V t = top / bottom;
  const V z = t * t;
  const V w = z * z;
  const V even =
      ((((-0x1.25a5cf11959f5p-6 * w + -0x1.9cdebb69c7c92p-5) * w + -0x1.10ebed4496be1p-4) * w +
        -0x1.745cf929628cep-4) *
           w +
       -0x1.24924922b56c0p-3) *
          w +
      -0x1.555555555553ep-2;
  const V odd =
      (((0x1.37f261fd20c14p-5 * w + 0x1.df121f336f57ap-5) * w + 0x1.3b111e17b81bdp-4) * w +
       0x1.c71c70e8f3336p-4) *
          w +
      0x1.99999999959d2p-3;
  const V y = base + (t + (t * z * (even + z * odd) + base_tail));
  return O::value(O::bits(y) | (O::bits(x) & detail::kSignBit));
}

}  // namespace headrace::math
