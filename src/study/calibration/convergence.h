#pragma once

// Whether chains have found their common distribution, after Vehtari, Gelman, Simpson, Carpenter
// and Buerkner, Rank-normalization, folding, and localization: an improved R-hat for assessing
// convergence of MCMC (Bayesian Analysis 16, 2021). Equation numbers are those of the paper.

#include <cstddef>
#include <vector>

namespace headrace::study {

// Draws of one quantity: [iteration * chains + chain].
struct Traces {
  size_t chains = 0;
  std::vector<double> values;
  size_t iterations() const { return chains ? values.size() / chains : 0; }
};

struct Convergence {
  double rhat = 1;      // the larger of the bulk's and the tails', of split, rank-normalised chains
  double ess_bulk = 0;  // effective draws for the centre
  double ess_tail = 0;  // the fewer of those for the 5 % and the 95 % quantile
  double ess_mean = 0;  // for the mean itself, without ranks
};

Convergence convergence(const Traces& traces);

// Of values that are split already: [chain][iteration], all equally long. Exposed for tests.
double split_rhat(const std::vector<std::vector<double>>& chains);
double effective_size(const std::vector<std::vector<double>>& chains);

}  // namespace headrace::study
