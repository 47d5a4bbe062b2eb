#pragma once

// Which inputs move an output, read off the draws of an ordinary run: no simulation more.
//
// An input's first-order share is the part of the output's variance that knowing the input alone
// would take away: Var(E[y | x]) / Var(y). The draws are sorted into bins of x, and the mean of y
// in each stands for E[y | x]. See docs/methods/sensitivity.md.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "study/subject.h"

namespace headrace::study {

struct InputMove {
  uint32_t input = 0;  // in Model::inputs
  double rank = 0;     // Spearman's correlation with the output
  // Its 10 % and 90 % quantiles, and the median of the output in the draws around each (the tenth
  // of the draws that lie nearest by rank).
  double input_low = 0, input_high = 0, low = 0, high = 0;
};

struct Effect {
  Factor factor;
  double share = 0;     // first order; of a group: of its inputs together. NaN: see `refused`
  std::string refused;  // why there is no share
  std::vector<InputMove> moves;  // one for each of the factor's inputs
};

struct FromDraws {
  std::vector<Effect> effects;  // largest share first
  double sum = 0;               // of the shares that are there
  uint64_t used = 0;            // draws that did not fail
  // The output is infinite in some draws ("never"), so shares are those of the variance of its
  // rank.
  bool by_rank = false;
  bool varies = true;
};

// `inputs` as in Model::inputs, `output` one number a draw, NaN where the draw failed.
FromDraws effects_from_draws(const std::vector<Factor>& factors, const Columns& inputs,
                             std::span<const double> output, unsigned threads);

// The share of each factor in a series of outputs, `series` as [save][draw]; [factor][save].
std::vector<std::vector<double>> shares_over_time(const std::vector<Factor>& factors,
                                                  const Columns& inputs,
                                                  std::span<const double> series, unsigned threads);

}  // namespace headrace::study
