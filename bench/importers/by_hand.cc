// The frame around the equations that by_hand.mjs writes: eight draws a vector of AVX-512.
//
//   by_hand INPUTS.csv OUTPUT.csv    rows of inputs, one a draw; percentiles of the outputs out

#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

using V = __m512d;

inline V all(double x) { return _mm512_set1_pd(x); }
inline V load(const double* from) { return _mm512_loadu_pd(from); }
inline void store(double* to, V x) { _mm512_storeu_pd(to, x); }
inline V max_of(V a, V b) { return _mm512_max_pd(a, b); }
inline V min_of(V a, V b) { return _mm512_min_pd(a, b); }

template <class F>
inline V each(F f, V a, V b) {
  alignas(64) double x[8], y[8];
  _mm512_store_pd(x, a);
  _mm512_store_pd(y, b);
  for (int i = 0; i < 8; ++i) x[i] = f(x[i], y[i]);
  return _mm512_load_pd(x);
}
inline V power(V a, V b) {
  return each([](double x, double y) { return std::pow(x, y); }, a, b);
}
inline V log10_of(V a) {
  return each([](double x, double) { return std::log10(x); }, a, a);
}

// Points at even distances, clamped: the start of each piece and its slope, up to 16 of them in two
// registers each.
template <int N>
struct Table {
  double first, gap;
  double y[N], slope[N];
};

template <int N>
inline V read(const Table<N>& table, V x) {
  const V scaled = (x - all(table.first)) * all(1 / table.gap);
  const V held = min_of(max_of(scaled, all(0)), all(N - 1));
  const __m512i piece = _mm512_cvttpd_epi64(min_of(held, all(N - 2 > 0 ? N - 2 : 0)));
  V y, slope;
  if constexpr (N <= 16) {
    const auto half = [](const double* from, int begin) {
      return _mm512_maskz_loadu_pd(static_cast<__mmask8>((1 << std::clamp(N - begin, 0, 8)) - 1),
                                   from + begin);
    };
    y = _mm512_permutex2var_pd(half(table.y, 0), piece, half(table.y, N > 8 ? 8 : 0));
    slope = _mm512_permutex2var_pd(half(table.slope, 0), piece, half(table.slope, N > 8 ? 8 : 0));
  } else {
    y = _mm512_i64gather_pd(piece, table.y, 8);
    slope = _mm512_i64gather_pd(piece, table.slope, 8);
  }
  return y + slope * ((held - _mm512_cvtepi64_pd(piece)) * all(table.gap));
}

#include "equations.inc"

// Of the processor: another program on the machine does not count.
double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

int main(int, char** arguments) {
  std::vector<std::vector<double>> rows;
  std::ifstream in(arguments[1]);
  for (std::string line; std::getline(in, line);) {
    std::vector<double> row;
    std::stringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(std::atof(cell.c_str()));
    rows.push_back(row);
  }
  const size_t draws = (rows.size() + 7) / 8 * 8, count = rows[0].size();
  std::vector<double> inputs(draws * count),
      out(static_cast<size_t>(kSteps + 1) * kOutputs * draws);
  for (size_t d = 0; d < draws; ++d)
    for (size_t i = 0; i < count; ++i)
      inputs[i * draws + d] = rows[std::min(d, rows.size() - 1)][i];
  for (double& x : out) x = 0;  // the pages are there before the clock starts
  double simulate = 1e9, percentiles = 1e9;
  std::vector<double> bands;
  for (int repeat = 0; repeat < 5; ++repeat) {
    double begin = seconds();
    for (size_t d = 0; d < draws; d += 8) run(inputs.data(), draws, d, out.data());
    simulate = std::min(simulate, seconds() - begin);
    begin = seconds();
    bands.clear();
    std::vector<double> values(rows.size());
    for (size_t k = 0; k < static_cast<size_t>(kSteps + 1) * kOutputs; ++k) {
      std::copy_n(out.begin() + static_cast<ptrdiff_t>(k * draws), rows.size(), values.begin());
      auto from = values.begin();
      for (const double share : {0.05, 0.5, 0.95}) {
        const auto place =
            values.begin() +
            static_cast<ptrdiff_t>(std::ceil(share * static_cast<double>(rows.size())) - 1);
        std::nth_element(from, place, values.end());
        bands.push_back(*place);
        from = place;
      }
    }
    percentiles = std::min(percentiles, seconds() - begin);
  }
  std::ofstream file(arguments[2]);
  file.precision(17);
  for (size_t k = 0; k < bands.size(); k += 3)
    file << k / 3 / kOutputs << ',' << k / 3 % kOutputs << ',' << bands[k] << ',' << bands[k + 1]
         << ',' << bands[k + 2] << '\n';
  std::printf("%.6f %.6f\n", simulate, percentiles);
}
