// Sampling designs: which uniform number each draw of a named input gets.
//
// Every number is computed from (design, seed, name, draw index) alone, so threads, tiles and
// resumed runs agree, and a new input changes no other input's numbers.
//
//                   one input                    all inputs together    first N stay when N grows
//   Monte Carlo     independent                  independent            yes
//   Latin hypercube one draw in each of N        independent            no: the strata change
//                   equal strata                 permutations
//   Sobol, padded   one draw in each stratum     independent            yes
//                   of every aligned 2^k block   permutations
//   Sobol with      the same                     low discrepancy        yes
//   a dimension
//
// Latin hypercube (McKay, Beckman and Conover 1979): draw i lies in stratum pi(i), at a random
// place inside it. pi is a keyed permutation of [0, N): a Feistel network on the next even power
// of two, walked until it lands below N (Black and Rogaway 2002), so nothing is stored.
//
// Sobol: the sequence of Sobol (1967) with the direction numbers of Joe and Kuo (2008). The points
// are scrambled by nested permutations of their bits (Owen 1995) in the manner of Laine and Karras
// (2011) and Burley (2020): on the reversed bits, additions and multiplications carry each bit
// only upwards, which is what nesting asks for. Multipliers and addends come from the key.
//
// Who uses which dimension? Numbering the inputs would make an added input shift the others. A
// dimension chosen by a hash of the name fails too: among the first good dimensions two names
// soon meet, and two inputs of one dimension are tied to each other however they are scrambled;
// among all 3667 two inputs share the pattern of their first bit about once in N / 2 pairs, a
// correlation of 3/4 that nobody would notice. So an input without a dimension of its own is
// padded (Burley 2020): it takes the first dimension, in an order of the draws that its name
// shuffles inside aligned blocks (neighbours stay together, so products of two inputs are
// integrated with up to twice the variance of Monte Carlo; the Latin hypercube has no such loss).
// A caller that can number its inputs for good (a study with a
// fixed list) passes the numbers and gains low discrepancy over all inputs together; it is worth
// most for the first few dozen. Best with N a power of two; other N are valid.
#pragma once

#include <cstdint>
#include <span>

namespace headrace::math {

enum class Design { kMonteCarlo, kLatinHypercube, kSobol };

inline constexpr uint32_t kPadded = UINT32_MAX;
inline constexpr uint32_t kSobolDimensions = 3667;

// out[i] is the number in (0, 1) of draw first_draw + i out of draws_total for one input.
// first_draw + out.size() must not exceed draws_total, which must be below 2^48 and is read
// otherwise by the Latin hypercube only. `dimension` is read by the Sobol design only; two inputs
// of one study must not have the same one, unless it is kPadded.
void sample(Design design, uint64_t seed, uint64_t name_key, uint64_t first_draw,
            uint64_t draws_total, std::span<double> out, uint32_t dimension = kPadded);

}  // namespace headrace::math
