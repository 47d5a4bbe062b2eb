// Noise: one number for each draw and step of a stream, uniform or normal.
//
// Noise is drawn anew at every step, so what one number costs is felt in the whole run. A call of
// Philox gives two uniform numbers, and both are used: eight neighbouring draws 8b .. 8b + 7 have
// the counters 4b .. 4b + 3 in the place of the draw, the first four draws the first number of
// each, the other four the second one. So one vector of counters makes two vectors of neighbouring
// draws, and nothing is shuffled. Any draw can still be computed by itself.
//
// Normal numbers are made from the pair by the method of Box and Muller, A note on the generation
// of random normal deviates, Annals of Mathematical Statistics 29 (1958):
//
//   sqrt(-2 log u) cos(2 pi v)   for the first four draws,
//   sqrt(-2 log u) sin(2 pi v)   for the others,
//
// which are independent and normal to the last bit of u and v. Nothing in it branches, and two
// numbers share one logarithm and one root; inverting the distribution function (normal_quantile.h)
// costs twice as much. Inputs are inverted all the same, because designs and correlations want
// numbers that grow with u; noise has no design.
#pragma once

#include "math/elementary.h"
#include "math/philox.h"

namespace headrace::math {

inline constexpr uint64_t kNoiseGroup = 8;  // draws that share their counters in pairs

template <class V>
struct NormalPair {
  V first, second;
};

// Two independent standard normal numbers from two uniform ones in the open interval. The relative
// error is below 1e-15, but where one of them is near 0 its error is relative to the other.
template <class V>
HEADRACE_INLINE NormalPair<V> normal_pair(UniformPair<V> u) {
  using O = Ops<V>;
  const V size = O::sqrt(-2.0 * detail::log_of_parts(detail::split_normal(u.first)));
  // 2 pi v = quarter pi / 2 + angle; the place in the quarter is exact.
  const V quarters = 4.0 * u.second;
  const V turned = quarters + detail::kRounder;
  const V angle = (quarters - (turned - detail::kRounder)) * 0x1.921fb54442d18p+0;
  const V sine = size * detail::sin_near_zero(angle);
  const V cosine = size * detail::cos_near_zero(angle);
  const auto quarter = O::bits(turned);
  const auto even = O::is_zero(quarter & 1);
  return {O::value(O::bits(O::select(even, cosine, sine)) ^ (((quarter + 1) & 2) << 62)),
          O::value(O::bits(O::select(even, sine, cosine)) ^ ((quarter & 2) << 62))};
}

inline UniformPair<double> noise_pair(uint64_t key, uint64_t draw, uint64_t step) {
  constexpr uint64_t kHalf = kNoiseGroup / 2;
  return uniform_pair<double>(key, draw / kNoiseGroup * kHalf + draw % kHalf, step);
}

// The number of one draw at one step.
inline double uniform_noise(uint64_t key, uint64_t draw, uint64_t step) {
  const auto [first, second] = noise_pair(key, draw, step);
  return draw % kNoiseGroup < kNoiseGroup / 2 ? first : second;
}

inline double normal_noise(uint64_t key, uint64_t draw, uint64_t step) {
  const auto [first, second] = normal_pair(noise_pair(key, draw, step));
  return draw % kNoiseGroup < kNoiseGroup / 2 ? first : second;
}

}  // namespace headrace::math
