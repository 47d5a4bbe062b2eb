#include "math/design.h"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/random/detail/sobol_table.hpp>
#include <cmath>

#include "base/check.h"
#include "base/hash.h"
#include "math/philox.h"

namespace headrace::math {
namespace {

// A permutation of [0, size) chosen by a key.
class Permutation {
 public:
  Permutation(uint64_t size, uint64_t key) : size_(size) {
    half_bits_ = std::max(1, (static_cast<int>(std::bit_width(size - 1)) + 1) / 2);
    half_mask_ = (uint64_t{1} << half_bits_) - 1;
    for (uint64_t& round_key : round_keys_) round_key = key = base::mix(key);
  }

  uint64_t operator()(uint64_t i) const {
    // The network permutes at most 4 * size numbers, so the walk is short; it returns to a number
    // below size because the cycle through i contains one, i itself.
    do i = network(i);
    while (i >= size_);
    return i;
  }

 private:
  uint64_t network(uint64_t i) const {
    uint64_t left = i >> half_bits_;
    uint64_t right = i & half_mask_;
    for (uint64_t round_key : round_keys_) {
      const uint64_t mixed = left ^ (base::mix(right ^ round_key) & half_mask_);
      left = right;
      right = mixed;
    }
    return (left << half_bits_) | right;
  }

  uint64_t size_;
  int half_bits_;
  uint64_t half_mask_;
  std::array<uint64_t, 6> round_keys_;
};

void latin_hypercube(uint64_t seed, uint64_t name_key, uint64_t first_draw, uint64_t draws_total,
                     std::span<double> out) {
  uniforms(seed, name_key, first_draw, kBeforeSteps, out);  // the places inside the strata
  const Permutation permutation(draws_total, base::mix(stream_key(seed, name_key) ^ 1));
  // The place keeps as many bits as the sum with the stratum can hold: no draw is rounded into
  // the stratum above.
  const double places = std::ldexp(1.0, 52 - std::bit_width(draws_total));
  for (size_t i = 0; i < out.size(); ++i) {
    const double place = (std::floor(out[i] * places) + 0.5) / places;
    const double stratum = static_cast<double>(permutation(first_draw + i));
    out[i] = (stratum + place) / static_cast<double>(draws_total);
  }
}

uint64_t reverse_bits(uint64_t x) {
  x = ((x >> 1) & 0x5555555555555555u) | ((x & 0x5555555555555555u) << 1);
  x = ((x >> 2) & 0x3333333333333333u) | ((x & 0x3333333333333333u) << 2);
  x = ((x >> 4) & 0x0f0f0f0f0f0f0f0fu) | ((x & 0x0f0f0f0f0f0f0f0fu) << 4);
  return __builtin_bswap64(x);
}

// Direction numbers with their bits reversed: bit 0 is the half, bit 1 the quarter.
using Directions = std::array<uint64_t, 64>;

Directions directions(uint32_t dimension) {
  using Table = boost::random::detail::qrng_tables::sobol;
  static_assert(Table::max_dimension == kSobolDimensions);
  Directions reversed;
  if (dimension == 0) {
    for (size_t k = 0; k < 64; ++k) reversed[k] = uint64_t{1} << k;
    return reversed;
  }
  const uint64_t polynomial = Table::polynomial(dimension - 1);
  const size_t degree = static_cast<size_t>(std::bit_width(polynomial)) - 1;
  std::array<uint64_t, 64> m;  // m[k] is odd and below 2^(k + 1)
  for (size_t k = 0; k < degree; ++k) m[k] = Table::minit(dimension - 1, k);
  for (size_t k = degree; k < 64; ++k) {
    m[k] = m[k - degree] ^ (m[k - degree] << degree);
    for (size_t j = 1; j < degree; ++j) {
      if ((polynomial >> (degree - j)) & 1) m[k] ^= m[k - j] << j;
    }
  }
  for (size_t k = 0; k < 64; ++k) reversed[k] = reverse_bits(m[k] << (63 - k));
  return reversed;
}

// A nested permutation of reversed bits: what happens to a bit depends on the key and the bits
// below it only. Every step is invertible.
class Scramble {
 public:
  explicit Scramble(uint64_t key) {
    for (Round& round : rounds_) {
      round.addend = key = base::mix(key);
      round.odd = (key = base::mix(key)) | 1;
      round.even = (key = base::mix(key)) & ~uint64_t{1};
    }
  }

  uint64_t operator()(uint64_t x) const {
    for (const Round& round : rounds_) {
      x = x * round.odd + round.addend;
      x ^= x * round.even;
    }
    return x;
  }

 private:
  struct Round {
    uint64_t addend, odd, even;
  };
  std::array<Round, 4> rounds_;
};

double scrambled(const Scramble& scramble, uint64_t reversed_point) {
  const uint64_t bits = reverse_bits(scramble(reversed_point)) >> 12;
  return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

// The first dimension is the index itself with its bits reversed. The index is shuffled by a
// nested permutation from its highest bit down, which carries aligned blocks to aligned blocks.
void padded_sobol(uint64_t key, uint64_t first_draw, std::span<double> out) {
  const Scramble shuffle(base::mix(key ^ 2));
  const Scramble scramble(base::mix(key ^ 3));
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = scrambled(scramble, reverse_bits(shuffle(reverse_bits(first_draw + i))));
  }
}

// Points in the order of the Gray code, in which neighbours differ by one direction number. Each
// aligned block of 2^k indices still holds the same points.
void sobol(uint64_t key, uint32_t dimension, uint64_t first_draw, std::span<double> out) {
  const Directions direction = directions(dimension);
  const Scramble scramble(base::mix(key ^ 3));
  uint64_t point = 0;
  for (uint64_t gray = first_draw ^ (first_draw >> 1); gray != 0; gray &= gray - 1) {
    point ^= direction[static_cast<size_t>(std::countr_zero(gray))];
  }
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = scrambled(scramble, point);
    point ^= direction[static_cast<size_t>(std::countr_zero(first_draw + i + 1))];
  }
}

}  // namespace

void sample(Design design, uint64_t seed, uint64_t name_key, uint64_t first_draw,
            uint64_t draws_total, std::span<double> out, uint32_t dimension) {
  CHECK(draws_total < (uint64_t{1} << 48));
  CHECK(first_draw <= draws_total && out.size() <= draws_total - first_draw);
  CHECK(dimension == kPadded || dimension < kSobolDimensions);
  if (out.empty()) return;
  switch (design) {
    case Design::kMonteCarlo:
      return uniforms(seed, name_key, first_draw, kBeforeSteps, out);
    case Design::kLatinHypercube:
      return latin_hypercube(seed, name_key, first_draw, draws_total, out);
    case Design::kSobol:
      if (dimension == kPadded) return padded_sobol(stream_key(seed, name_key), first_draw, out);
      return sobol(stream_key(seed, name_key), dimension, first_draw, out);
  }
}

}  // namespace headrace::math
