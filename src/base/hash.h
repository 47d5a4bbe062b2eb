#pragma once

#include <cstdint>
#include <string_view>

namespace headrace::base {

// A finaliser that spreads every input bit over the word (Steele, Lea and Flood 2014, SplitMix64).
constexpr uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// The hash of a name, the same on every machine and in every version: it keys random streams
// and cache files. FNV-1a, then mixed.
constexpr uint64_t hash(std::string_view text, uint64_t seed = 0) {
  uint64_t h = 0xcbf29ce484222325u ^ mix(seed);
  for (char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return mix(h);
}

constexpr uint64_t combine(uint64_t a, uint64_t b) {
  return mix(a ^ (b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2)));
}

}  // namespace headrace::base
