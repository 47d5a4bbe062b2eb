#pragma once

// One Metropolis-Hastings step of many chains at once.
//
// A point z has a part w in the subspace in which the observations tell something, and a rest in
// which the posterior is nearly the prior. The rest takes the step of Crank and Nicolson (Cotter,
// Roberts, Stuart and White, Stat. Sci. 28, 2013),
//
//   rest' = sqrt(1 - b^2) rest + b e,   e from the prior,
//
// which leaves the prior as it is for each b, 1 included: a new rest altogether. The part w takes
// one of six steps (after Cui, Law and Marzouk, Dimension-independent likelihood-informed MCMC, J.
// Comput. Phys. 304, 2016, who treat the two parts apart):
//
//   independent   a point of the envelope, wherever the chain stands (Tierney 1994)
//   crank         the step above, for a t distribution: with y = w whitened by the envelope,
//                 s^2 = (n + |y|^2) / chi^2(n + r) and y' = sqrt(1 - b^2) y + b s e; it leaves the
//                 envelope as it is (Kamatani, Bernoulli 24, 2018)
//   difference    w + g (a - b), with a and b from the archive and g = 2.38 / sqrt(2 r) (ter Braak
//                 and Vrugt 2008, DE-MC(Z)); one in ten with g = 1, which jumps between modes
//   snooker       along the line through w and a point of the archive, by the difference of two
//                 others projected on it; the density is weighted by (|w' - c| / |w - c|)^(r - 1)
//   scaled        w + g e with a tenth of the difference's step, for narrow places
//   none          the rest moves alone
//
// All leave the target prior * likelihood^temper where it is, because the guide stays the same
// while the chains run.

#include "study/calibration/population.h"
#include "study/calibration/random.h"
#include "study/calibration/subspace.h"

namespace headrace::study {

// What the proposals are made from.
struct Guide {
  Subspace subspace;
  Points archive;  // [direction][point]
  Envelope envelope;

  Guide(Subspace within, const Population& population)
      : subspace(std::move(within)), archive(subspace.project(population.z)), envelope(archive) {}
};

struct Step {
  size_t accepted = 0;
  bool stopped = false;
};

base::Result<Step> move(Population& chains, const Guide& guide, double temper, const Random& random,
                        uint64_t step, const LogLikelihood& likelihood);

}  // namespace headrace::study
