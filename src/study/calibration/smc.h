#pragma once

// Sequential Monte Carlo with tempering (Del Moral, Doucet and Jasra 2006): a population drawn from
// the prior moves to the posterior through prior * likelihood^t, t from 0 to 1. Each stage raises t
// so far that half of the population's weight would be lost (the conditional effective size of
// Zhou, Johansen and Aston 2016 falls to one half), draws again in proportion to the weights, and
// moves every point until it has been replaced three times on average.
//
// The products of the mean weights estimate the evidence, the probability of the observations under
// the model: p(y) = prod_s mean_k exp((t_s - t_{s-1}) log L_k).

#include "study/calibration/moves.h"

namespace headrace::study {

struct SmcState {
  Population population;
  double temper = 0;        // where the population stands
  double log_evidence = 0;  // so far
  uint64_t stage = 0, steps = 0, evaluations = 0;
  Subspace subspace;  // of the last stage
  bool started = false;
  bool done() const { return temper >= 1; }
};

struct SmcOptions {
  size_t particles = 2048;
  uint64_t seed = 1;
  double moves_each = 3;   // replacements of each point in a stage, on average
  size_t most_steps = 40;  // in a stage
};

// Draws the population from the prior. False: stopped. An error when nothing that the prior holds
// possible agrees with the observations.
base::Result<bool> begin_smc(SmcState& state, size_t dimensions, const SmcOptions& options,
                             const LogLikelihood& likelihood);

// One stage. False: stopped, and the state is as before.
base::Result<bool> temper(SmcState& state, const SmcOptions& options,
                          const LogLikelihood& likelihood);

}  // namespace headrace::study
