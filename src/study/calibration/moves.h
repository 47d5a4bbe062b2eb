#pragma once

// One Metropolis-Hastings step of many chains at once.
//
// Each chain draws one of four kinds of proposal. All leave the target where it is, because the
// archive of points and the envelope stay the same while the chains run:
//
//   independent   a point of the envelope, wherever the chain stands (Tierney 1994)
//   difference    z + g (a - b), with a and b from the archive and g = 2.38 / sqrt(2 d) (ter Braak
//                 and Vrugt 2008, DE-MC(Z)); one in ten with g = 1, which jumps between modes
//   snooker       along the line through z and a point of the archive, by the difference of two
//                 others projected on it; the density is weighted by (|z' - c| / |z - c|)^(d - 1)
//   scaled        z + g e with a tenth of the difference's step, for narrow places
//
// The target is prior * likelihood^temper.

#include "study/calibration/population.h"
#include "study/calibration/random.h"

namespace headrace::study {

struct Step {
  size_t accepted = 0;
  bool stopped = false;
};

base::Result<Step> move(Population& chains, const Population& archive, const Envelope& envelope,
                        double temper, const Random& random, uint64_t step,
                        const LogLikelihood& likelihood);

}  // namespace headrace::study
