// Bulk loops, compiled once for each instruction set and chosen when the program starts.
//
// kernels.inc holds the loops as templates; kernels_baseline.cc, kernels_avx2.cc and
// kernels_avx512.cc compile them for SSE2, AVX2 and AVX-512. All give the same bits. The kernel
// files include nothing whose inline functions could leak instructions into other code.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace::math {

struct Kernels {
  const char* name;
  void (*uniforms)(uint64_t key, uint64_t first_draw, uint64_t step, double* out, size_t n);
  // Noise of draws first_draw .. first_draw + n - 1 at one step: uniform in (0, 1), or normal.
  void (*uniform_noise)(uint64_t key, uint64_t first_draw, uint64_t step, double* out, size_t n);
  void (*normal_noise)(uint64_t key, uint64_t first_draw, uint64_t step, double* out, size_t n);
  // The loops below may work in place.
  void (*normal)(double mean, double sd, const double* u, double* out, size_t n);
  void (*lognormal)(double mu, double sigma, const double* u, double* out, size_t n);
  void (*exponential)(double mean, const double* u, double* out, size_t n);
  void (*uniform)(double low, double high, const double* u, double* out, size_t n);
  void (*triangular)(double low, double mode, double high, const double* u, double* out, size_t n);
  void (*exponentiate)(const double* x, double* out, size_t n);
  void (*normal_cdf)(const double* z, double* out, size_t n);
};

// The kernels for the best instruction set of this machine.
const Kernels& kernels();

// All kernels this machine can run, for tests; baseline first.
struct KernelList {
  const Kernels* entry[3];
  size_t count;
};
KernelList available_kernels();

}  // namespace headrace::math
