#pragma once

// Morris's screening: which inputs matter at all, with few runs.
//
// Inputs live on a grid of four levels of their probability. A trajectory starts at a random point
// and moves each factor once, in random order, by two thirds of the range; the change of the
// output over that of the level is an elementary effect (Morris, Technometrics 33(2), 1991). Over
// all trajectories: mu their mean, mu* the mean of their sizes (Campolongo, Cariboni, Saltelli,
// Environmental Modelling & Software 22, 2007), sigma their spread, large where the effect depends
// on other inputs or is curved. All are in the unit of the output.
//
// All trajectories take their steps side by side, each its own factor, so a study that is stopped
// has some effects of each.

#include <cstdint>
#include <vector>

#include "study/parts.h"
#include "study/subject.h"

namespace headrace::study {

struct MorrisOptions {
  uint64_t trajectories = 200;
  Remember remember = {};  // of points
};

struct MorrisEffect {
  Factor factor;
  double mu_star = 0, error = 0;  // with its standard error
  double mu = 0, sigma = 0;       // NaN for a group, which has no direction
};

struct MorrisEffects {
  std::vector<MorrisEffect> effects;  // largest mu* first
  uint64_t runs = 0, trajectories = 0;
  size_t steps = 0, asked = 0;  // of a trajectory; fewer than asked for when stopped
  uint64_t failed = 0;          // runs; effects with one at either end are left out
};

// The level a share of the range stands for: of a bounded input the ends of the grid are its ends;
// of an unbounded one they are the quantiles at kTrim and 1 - kTrim.
inline constexpr double kTrim = 0.01;
double probability_of_level(const math::Distribution& distribution, double level);

base::Result<MorrisEffects> morris_effects(const Subject& subject,
                                           const std::vector<Factor>& factors, const Target& target,
                                           const MorrisOptions& options);

}  // namespace headrace::study
