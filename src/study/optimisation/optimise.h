#pragma once

// The values of a few levers that serve best over all futures at once.
//
// Each trial sets the levers and simulates the same draws, so two trials differ by their levers
// alone. What is made large is one number of the trial's draws: their mean, a quantile (the worst
// tenth: 0.1), or less a quantile of the regret, which is what the best trial of the design would
// have given in a draw beyond what this one gives (Savage 1951; for models under deep uncertainty
// Lempert, Popper and Bankes 2003).
//
// The search has two parts: a Sobol design over the box of the levers, then the subplex method
// (Rowan 1990, NLopt's) from its best points. A trial that breaks a condition ranks below all that
// break none, by how far it breaks it; the subplex method looks at ranks alone.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace headrace::study {

enum class Aim { kMean, kQuantile, kRegret };

struct OptimiseOptions {
  Aim aim = Aim::kMean;
  double quantile = 0.1;    // kQuantile: of the values; kRegret: of the regret, near 1
  size_t design = 0;        // trials; 0: 16 for each lever and 16 more, at most 256
  size_t starts = 3;        // of the local search
  size_t evaluations = 80;  // of each start, for each lever
  // kRegret: what is possible besides, in each draw; empty: nothing. The trials of the design count
  // always.
  std::vector<double> elsewhere;
};

struct Range {
  double low = 0, high = 1;
};

// One number a draw, to be made large, NaN where it failed; and how far conditions are broken.
struct Trial {
  std::vector<double> values;
  double broken = 0;  // 0: all hold
};
// Nothing when stopped.
using Simulate = std::function<base::Result<std::optional<Trial>>(const std::vector<double>&)>;

struct Tried {
  std::vector<double> levers;
  double score = 0, broken = 0;
};

struct Optimum {
  std::vector<double> levers;
  double score = 0, broken = 0;
  std::vector<Tried> tried;  // in the order of trial
  // The range of each lever over trials whose score lies within `flat` of the best: how much it
  // matters where the lever is.
  std::vector<Range> plateau;
  double flat = 0;      // a standard error of the score
  size_t agreeing = 0;  // starts that ended within `flat` of the best
  size_t starts = 0;
  std::vector<double> best_values;  // of the design, in each draw: what regret is measured from
  bool stopped = false;             // the rest is the best so far; empty levers: nothing was done
};

base::Result<Optimum> optimise(const std::vector<Range>& levers, const OptimiseOptions& options,
                               const Simulate& simulate);

// What the best trial of the design gives in each draw; nothing when stopped.
base::Result<std::optional<std::vector<double>>> best_of_design(const std::vector<Range>& levers,
                                                                const OptimiseOptions& options,
                                                                const Simulate& simulate);

// The number that is made large. NaN values are left out; of regrets, `best` has one a draw.
double score(const std::vector<double>& values, const OptimiseOptions& options,
             const std::vector<double>& best);

}  // namespace headrace::study
