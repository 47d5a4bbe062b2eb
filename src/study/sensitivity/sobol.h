#pragma once

// Sobol indices by Saltelli's design.
//
// Two independent matrices A and B of inputs, `rows` draws each, and for each factor a matrix AB
// that is A with the factor's inputs taken from B. With f the output and V its variance,
//   first order  S = mean(f(B) (f(AB) - f(A))) / V           Saltelli et al. 2010, Table 2 (b)
//   total order  T = mean((f(A) - f(AB))^2) / (2 V)          Jansen 1999; ibid. (f)
// where f is taken less its mean, which changes nothing but the error. S is the share of the
// variance that the factor explains by itself, T what it explains together with all others; the
// rest, T - S, are interactions. The intervals come from 95 % of bootstrap resamples of rows.
// Noise of a model is one more factor: A and B have noise of their own.
//
// The rows are worked through in blocks, each with all matrices, so a study that is stopped has
// indices of the rows until then.

#include <cstdint>
#include <string>
#include <vector>

#include "study/parts.h"
#include "study/subject.h"

namespace headrace::study {

struct SobolOptions {
  uint64_t rows = 4096;  // a power of two serves the design best
  unsigned resamples = 200;
  Remember remember = {};  // of blocks of rows
};

struct Estimate {
  double value = 0, low = 0, high = 0;  // with a 95 % interval
};

struct SobolIndex {
  Factor factor;  // without inputs: noise
  Estimate first, total;
};

struct SobolIndices {
  std::vector<SobolIndex> indices;  // largest total order first
  double sum_first = 0;
  uint64_t rows = 0, asked = 0;  // less than asked for when stopped; none: nothing else is there
  uint64_t runs = 0;
  uint64_t failed = 0;  // runs that failed; rows with one are left out where it matters
  bool varies = true;
};

// Errors: those of a run, an output that is infinite in some draws, and rows that failed
// altogether.
base::Result<SobolIndices> sobol_indices(const Subject& subject, const std::vector<Factor>& factors,
                                         const Target& target, const SobolOptions& options);

}  // namespace headrace::study
