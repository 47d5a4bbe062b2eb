#pragma once

// Chains that start from the population of the tempering and run until their diagnostics hold. What
// is kept of the chains is thinned by two whenever it grows past a limit, so memory stays bounded.

#include "study/calibration/convergence.h"
#include "study/calibration/moves.h"

namespace headrace::study {

struct ChainState {
  Population chains;
  uint64_t steps = 0, accepted = 0, evaluations = 0;
  uint64_t thin = 1;
  // [iteration][coordinate * chains + chain]; a coordinate more holds the log likelihoods.
  std::vector<std::vector<double>> kept;
  bool started = false;
};

struct ChainOptions {
  size_t chains = 128;
  uint64_t seed = 1;
  uint64_t warm_up = 100;      // steps that are not kept
  uint64_t check_every = 200;  // steps
  uint64_t most_steps = 20000;
  size_t most_kept = 2000;           // iterations
  size_t most_numbers = 16'000'000;  // in all that is kept, 8 bytes each
  double worst_rhat = 1.01;
  double least_ess = 1000;  // in the bulk and in each tail, of every coordinate
};

void begin_chains(ChainState& state, const Population& archive, const ChainOptions& options);

// Up to the next check. False: stopped, and the state is as before.
base::Result<bool> run_chains(ChainState& state, const Guide& guide, const ChainOptions& options,
                              const LogLikelihood& likelihood);

// One coordinate of what is kept; the one past the last is the log likelihood.
Traces traces(const ChainState& state, size_t coordinate);

// Of each coordinate, and of the log likelihood at the end.
std::vector<Convergence> diagnose(const ChainState& state);
bool converged(const std::vector<Convergence>& diagnosis, const ChainOptions& options);

// Whether all of these are there, with the worst figures among those that were looked at: the
// search starts where the means of the chains differ most and ends with the first that is not.
struct Verdict {
  bool converged = false;
  double worst_rhat = 0, least_ess = 0;
};
Verdict judge(const ChainState& state, const ChainOptions& options);

}  // namespace headrace::study
