// The frame around the equations that by_hand.mjs writes: as many draws a vector as the processor
// has lanes.
//
//   by_hand INPUTS.csv OUTPUT.csv    rows of inputs, one a draw; percentiles of the outputs out

#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "frame.h"

namespace {

// Points at even distances, clamped: the start of each piece and its slope.
template <int N>
struct Table {
  double first, gap;
  double y[N], slope[N];
};

#ifdef __AVX512DQ__
using V = __m512d;
inline V all(double x) { return _mm512_set1_pd(x); }
inline V load(const double* from) { return _mm512_loadu_pd(from); }
inline void store(double* to, V x) { _mm512_storeu_pd(to, x); }
inline V max_of(V a, V b) { return _mm512_max_pd(a, b); }
inline V min_of(V a, V b) { return _mm512_min_pd(a, b); }
using Pieces = __m512i;
inline Pieces pieces(V x) { return _mm512_cvttpd_epi64(x); }
inline V numbers(Pieces x) { return _mm512_cvtepi64_pd(x); }
// Up to 16 of them stay in two registers.
template <int N>
inline V pick(const double (&from)[N], Pieces at) {
  if constexpr (N > 16) return _mm512_i64gather_pd(at, from, 8);
  const auto half = [&](int begin) {
    const int count = std::clamp(N - begin, 0, 8);
    return _mm512_maskz_loadu_pd(static_cast<__mmask8>((1 << count) - 1), from + begin);
  };
  return _mm512_permutex2var_pd(half(0), at, half(N > 8 ? 8 : 0));
}
#else
using V = __m256d;
inline V all(double x) { return _mm256_set1_pd(x); }
inline V load(const double* from) { return _mm256_loadu_pd(from); }
inline void store(double* to, V x) { _mm256_storeu_pd(to, x); }
inline V max_of(V a, V b) { return _mm256_max_pd(a, b); }
inline V min_of(V a, V b) { return _mm256_min_pd(a, b); }
using Pieces = __m128i;
inline Pieces pieces(V x) { return _mm256_cvttpd_epi32(x); }
inline V numbers(Pieces x) { return _mm256_cvtepi32_pd(x); }
template <int N>
inline V pick(const double (&from)[N], Pieces at) {
  return _mm256_i32gather_pd(from, at, 8);
}
#endif

constexpr size_t kLanes = sizeof(V) / sizeof(double);

template <int N>
inline V read(const Table<N>& table, V x) {
  const V scaled = (x - all(table.first)) * all(1 / table.gap);
  const V held = min_of(max_of(scaled, all(0)), all(N - 1));
  const Pieces piece = pieces(min_of(held, all(N - 2 > 0 ? N - 2 : 0)));
  return pick(table.y, piece) +
         pick(table.slope, piece) * ((held - numbers(piece)) * all(table.gap));
}

template <class F>
inline V each(F f, V a, V b) {
  double x[kLanes], y[kLanes];
  store(x, a);
  store(y, b);
  for (size_t i = 0; i < kLanes; ++i) x[i] = f(x[i], y[i]);
  return load(x);
}
inline V power(V a, V b) {
  return each([](double x, double y) { return std::pow(x, y); }, a, b);
}
inline V log10_of(V a) {
  return each([](double x, double) { return std::log10(x); }, a, a);
}

#include "equations.inc"

}  // namespace

int main(int, char** arguments) {
  const std::vector<std::vector<double>> rows = read_rows(arguments[1]);
  const size_t draws = (rows.size() + kLanes - 1) / kLanes * kLanes, count = rows[0].size();
  std::vector<double> inputs(draws * count),
      out(static_cast<size_t>(kSteps + 1) * kOutputs * draws);
  for (size_t d = 0; d < draws; ++d)
    for (size_t i = 0; i < count; ++i)
      inputs[i * draws + d] = rows[std::min(d, rows.size() - 1)][i];
  for (double& x : out) x = 0;  // the pages are there before the clock starts
  double simulate = 1e9, summarise = 1e9;
  std::vector<double> bands;
  for (int repeat = 0; repeat < 5; ++repeat) {
    double begin = seconds();
    for (size_t d = 0; d < draws; d += kLanes) run(inputs.data(), draws, d, out.data());
    simulate = std::min(simulate, seconds() - begin);
    begin = seconds();
    bands = percentiles(out, draws, rows.size());
    summarise = std::min(summarise, seconds() - begin);
  }
  write_bands(arguments[2], bands, kOutputs);
  std::printf("%.6f %.6f\n", simulate, summarise);
}
