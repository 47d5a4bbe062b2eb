#pragma once

// What came of a calibration, in numbers: each input before and after, each observation against
// what the calibrated model would have seen, and the posterior itself.

#include "study/calibration/calibration.h"
#include "study/calibration/posterior.h"
#include "study/calibration/problem.h"

namespace headrace::study {

struct Spread5 {
  double mean = 0, sd = 0, p5 = 0, p50 = 0, p95 = 0;
};

// How prior and posterior share out over the same bins, edges.size() - 1 of them; nothing where all
// values are equal. The edges ascend, evenly or, for a range of many times its low end, by factors.
struct Shares {
  std::vector<double> edges, prior, posterior;
  bool by_factors = false;
};

// What the chains did, for the eye: the spread of all of them over their steps, and how the ranks
// of groups of chains fall into bins of equal probability, 1 being the expected share.
struct Trail {
  std::string name, unit;
  Convergence convergence;
  struct Band {
    double p5 = 0, p25 = 0, p50 = 0, p75 = 0, p95 = 0;
  };
  std::vector<double> steps;
  std::vector<Band> bands;                 // one a step
  std::vector<std::vector<double>> ranks;  // [group][bin]
};

struct FittedInput {
  std::string name, unit;
  Spread5 prior, posterior;
  Shares shares;
  Convergence convergence;
  double overlap = 0;  // shared area of the two densities, 0 to 1
  double pull = 0;     // how many of the prior's standard deviations its centre moved, in scores
};

struct FittedObservation {
  std::string text, unit;
  std::vector<std::string> sources;
  double reading = 0;  // NaN: an opinion or a limit
  Spread5 before;      // of the model with its prior
  Spread5 quantity;    // of the calibrated model
  double widen = 1;
  // The share of readings of the calibrated model below the one seen, half of the equal ones
  // counted: near 0 or 1 is a bad fit. NaN where there is none. For limits and opinions the mean
  // likelihood's place is not known either.
  double place = 0;
};

struct Assessment {
  std::vector<FittedInput> inputs;
  std::vector<FittedObservation> observations;
  std::vector<Trail> trails;  // of the log likelihood, then of the inputs that mixed worst
  double worst_rhat = 0, least_bulk = 0, least_tail = 0, least_mean = 0;
  double log_evidence = 0, accepted = 0;
  uint64_t stages = 0, steps = 0, evaluations = 0;
  size_t chains = 0, kept = 0;
  bool converged = false;
  Posterior posterior;
};

// `rows` draws of the posterior are kept. Nothing when stopped.
base::Result<std::optional<Assessment>> assess(const CalibrationState& state,
                                               const CalibrationOptions& options,
                                               const Problem& problem, const Evaluator& evaluator,
                                               size_t rows);

}  // namespace headrace::study
