// Counter-based random numbers: Philox4x32 with 10 rounds.
//
// Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3 (SC 2011). A round
// multiplies two of the four 32-bit words of a counter by constants, and mixes the halves of the
// products with the other two words and a key that grows by a constant each round. After ten
// rounds the words pass every known statistical test. There is no state: the number that belongs
// to (seed, name, draw, step) is computed from these four alone, so no tile, thread or order of
// evaluation can change it, and any draw can be computed again by itself.
//
// The counter is (draw low, draw high, step low, step high), the key is made of seed and name.
// The first two of the four result words become a uniform number, the last two a second one. Inputs
// take the first one only; noise takes both (noise.h).
#pragma once

#include <cstdint>
#include <span>

#include "math/vec.h"

namespace headrace::math {

// The step of numbers that are drawn once per draw, before the first step.
inline constexpr uint64_t kBeforeSteps = UINT64_MAX;

// The key of a stream from the seed of the run and the hash of the name of what is drawn.
uint64_t stream_key(uint64_t seed, uint64_t name_key);

namespace detail {

// Four 32-bit words, each in the low half of a 64-bit lane.
template <class V>
struct Words {
  typename Ops<V>::Int word[4];
};

template <class V>
HEADRACE_INLINE Words<V> philox(Words<V> counter, uint64_t key) {
  using O = Ops<V>;
  using Int = typename O::Int;
  constexpr int64_t kLow = 0xffffffff;
  uint32_t key0 = static_cast<uint32_t>(key);
  uint32_t key1 = static_cast<uint32_t>(key >> 32);
  auto [c0, c1, c2, c3] = counter.word;
  for (int round = 0; round < 10; ++round) {
    const Int p = O::multiply_low(c0, 0xd2511f53u);
    const Int q = O::multiply_low(c2, 0xcd9e8d57u);
    // What stands above the low half of a word is not read before the end.
    c0 = O::shift_right(q, 32) ^ c1 ^ int64_t { key0 };
    c2 = O::shift_right(p, 32) ^ c3 ^ int64_t { key1 };
    c1 = q;
    c3 = p;
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
  return {{c0 & kLow, c1 & kLow, c2 & kLow, c3 & kLow}};
}

// The 64 bits of two words as one of the 2^52 numbers (k + 1/2) 2^-52: never 0, never 1, and
// 1 - u is such a number too.
template <class V>
HEADRACE_INLINE V open_uniform(typename Ops<V>::Int low, typename Ops<V>::Int high) {
  using O = Ops<V>;
  const auto fraction = O::shift_right(low | (high << 32), 12);
  return O::value(fraction | int64_t{0x3ff0000000000000}) - (1.0 - 0x1p-53);
}

}  // namespace detail

template <class V>
struct UniformPair {
  V first, second;
};

// Two independent numbers in the open interval (0, 1) for each lane's draw index at one step.
template <class V>
HEADRACE_INLINE UniformPair<V> uniform_pair(uint64_t key, typename Ops<V>::Int draw,
                                            typename Ops<V>::Int step) {
  using O = Ops<V>;
  constexpr int64_t kLow = 0xffffffff;
  const auto [word] = detail::philox<V>(
      {{draw & kLow, O::shift_right(draw, 32), step & kLow, O::shift_right(step, 32)}}, key);
  return {detail::open_uniform<V>(word[0], word[1]), detail::open_uniform<V>(word[2], word[3])};
}

// One stream of numbers: all draws and steps of one named quantity under one seed.
class Stream {
 public:
  Stream(uint64_t seed, uint64_t name_key) : key_(stream_key(seed, name_key)) {}

  uint64_t key() const { return key_; }
  double uniform(uint64_t draw, uint64_t step) const {
    return uniform_pair<double>(key_, draw, step).first;
  }

 private:
  uint64_t key_;
};

// out[i] is the number of draw first_draw + i at `step`.
void uniforms(uint64_t seed, uint64_t name_key, uint64_t first_draw, uint64_t step,
              std::span<double> out);

}  // namespace headrace::math
