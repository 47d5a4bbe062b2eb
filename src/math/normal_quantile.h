// The quantile of the normal distribution, for every width and back end.
//
// Wichura, Algorithm AS 241: The percentage points of the normal distribution, Applied
// Statistics 37 (1988), routine PPND16: three rational functions of degree 7, one for
// |p - 1/2| <= 0.425 and two for the tails in r = sqrt(-log(tail)). Without branches each lane
// selects its coefficients first and evaluates one rational function. The relative error stays
// below 1e-15. p = 0 gives -infinity, p = 1 infinity, anything outside [0, 1] NaN.
#pragma once

#include "math/elementary.h"

namespace headrace::math {

namespace detail {

// Coefficients of numerator and denominator, from the constant up.
struct Rational {
  double top[8];
  double bottom[8];
};

inline constexpr Rational kCentre = {
    {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
     1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
     3.3430575583588128105e4, 2.5090809287301226727e3},
    {1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
     2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
     5.2264952788528545610e3}};
inline constexpr Rational kTail = {
    {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
     3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
     2.27238449892691845833e-2, 7.74545014278341407640e-4},
    {1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
     1.05075007164441684324e-9}};
inline constexpr Rational kFarTail = {
    {6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
     2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
     2.71155556874348757815e-5, 2.01033439929228813265e-7},
    {1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
     2.04426310338993978564e-15}};

template <class V>
HEADRACE_INLINE V coefficient(typename Ops<V>::Mask centre, typename Ops<V>::Mask far, V shape,
                              double c, double t, double f) {
  using O = Ops<V>;
  const V tail = O::select(far, O::constant(shape, f), O::constant(shape, t));
  return O::select(centre, O::constant(shape, c), tail);
}

template <class V>
HEADRACE_INLINE V selected_polynomial(typename Ops<V>::Mask centre, typename Ops<V>::Mask far, V r,
                                      const double (&c)[8], const double (&t)[8],
                                      const double (&f)[8]) {
  V sum = coefficient(centre, far, r, c[7], t[7], f[7]);
  for (int i = 6; i >= 0; --i) sum = sum * r + coefficient(centre, far, r, c[i], t[i], f[i]);
  return sum;
}

}  // namespace detail

// normal_quantile(p) for |p - 1/2| <= 0.425, by the same operations without the selections.
template <class V>
HEADRACE_INLINE V normal_quantile_centre(V p) {
  const V q = p - 0.5;
  const V r = 0.180625 - q * q;
  V top = Ops<V>::constant(p, detail::kCentre.top[7]);
  V bottom = Ops<V>::constant(p, detail::kCentre.bottom[7]);
  for (int i = 6; i >= 0; --i) {
    top = top * r + detail::kCentre.top[i];
    bottom = bottom * r + detail::kCentre.bottom[i];
  }
  return q * (top / bottom);
}

template <class V>
HEADRACE_INLINE V normal_quantile(V p) {
  using O = Ops<V>;
  const V q = p - 0.5;
  const auto centre = detail::size_of(q) <= 0.425;
  const V tail = O::select(q < 0.0, p, 1.0 - p);
  const V root = O::sqrt(-log(tail));
  const auto far = root > 5.0;
  const V tail_r = root - O::select(far, O::constant(p, 5.0), O::constant(p, 1.6));
  const V r = O::select(centre, 0.180625 - q * q, tail_r);
  const V top = detail::selected_polynomial(centre, far, r, detail::kCentre.top, detail::kTail.top,
                                            detail::kFarTail.top);
  const V bottom = detail::selected_polynomial(centre, far, r, detail::kCentre.bottom,
                                               detail::kTail.bottom, detail::kFarTail.bottom);
  const V ratio = top / bottom;
  const V size = O::select(tail == 0.0, O::constant(p, detail::kInfinity), ratio);
  const V signed_size = O::value(O::bits(size) | (O::bits(q) & detail::kSignBit));
  return O::select(centre, q * ratio, signed_size);
}

namespace detail {

// (z + 4) e^(z^2 / 2) P(Z > z) for z in [0, 39] as a polynomial in t = (z - 4) / (z + 4), from
// the constant up; a minimax fit, good to 1.5e-18.
inline constexpr double kUpperTail[24] = {
    0x1.82b4bb8c94dcep-1,  -0x1.373e3a893c28ap-1,  0x1.8c6dbf2cfc2b5p-2,   -0x1.7dff2bff68399p-3,
    0x1.eec4cc3e4d202p-5,  -0x1.ee2761047f33fp-8,  -0x1.c81719d53e9dfp-9,  0x1.ab825fc0fa580p-10,
    0x1.17a4ae2a08c1bp-13, -0x1.e4a4256e03ad2p-13, -0x1.001e486f6a63cp-19, 0x1.26d09970f53a9p-15,
    0x1.80b167106439ap-21, -0x1.8d4b1ed7738e2p-18, -0x1.51e412784b050p-21, 0x1.1236ba61678e5p-20,
    0x1.233bbe4df1532p-22, -0x1.4cec5dc3d013ep-23, -0x1.6c2123f29f650p-24, 0x1.ce494e06cc324p-27,
    0x1.4a57764cd93aep-26, 0x1.e30cb2bb4ca1ap-30,  -0x1.4c1c8c287a178p-29, -0x1.70d7332f40929p-31};

// Every fourth coefficient from number k on, in powers of t^4.
template <class V>
HEADRACE_INLINE V upper_tail_part(V fourth, int k) {
  V sum = Ops<V>::constant(fourth, kUpperTail[20 + k]);
  for (int i = 16 + k; i >= 0; i -= 4) sum = sum * fourth + kUpperTail[i];
  return sum;
}

}  // namespace detail

// The probability that a standard normal is at most z. Its relative error stays below 1e-15
// where the result is a normal number, in the lower tail too.
template <class V>
HEADRACE_INLINE V normal_cdf(V z) {
  using O = Ops<V>;
  const V size = detail::size_of(z);
  const V bounded = O::select(size > 39.0, O::constant(z, 39.0), size);
  const V t = (bounded - 4.0) / (bounded + 4.0);
  // Four interleaved polynomials in t^4, so that the additions do not wait for each other.
  const V square = t * t;
  const V fourth = square * square;
  const V sum =
      (detail::upper_tail_part(fourth, 0) + detail::upper_tail_part(fourth, 1) * t) +
      square * (detail::upper_tail_part(fourth, 2) + detail::upper_tail_part(fourth, 3) * t);
  // z^2 / 2 in two parts, because its rounding error would be multiplied by z^2.
  const V head = detail::leading(bounded);
  const V density = exp(-0.5 * head * head) * exp(-0.5 * (bounded - head) * (bounded + head));
  const V tail = density * (sum / (bounded + 4.0));
  return O::select(z > 0.0, 1.0 - tail, tail);
}

}  // namespace headrace::math
