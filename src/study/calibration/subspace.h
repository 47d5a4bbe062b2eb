#pragma once

// The directions in which the observations tell anything. A model has hundreds of inputs and some
// twenty observations, so in most directions the posterior is the prior, and a walk that knows them
// can take steps there that need not get shorter the more inputs there are.
//
// They are the leading eigenvectors of
//
//   H = E[ g g' ],   g = t grad log L(z)
//
// over points z of prior * L^t. To leave the others to the prior changes the distribution by a
// Kullback-Leibler divergence of at most half the sum of their eigenvalues (Zahm, Cui, Law,
// Spantini and Marzouk, Certified dimension reduction in nonlinear Bayesian inverse problems, Math.
// Comp. 91, 2022). Here nothing is left out: proposals are accepted or not with the whole
// likelihood, so a poor subspace costs steps and changes no answer. The expectation is taken over a
// few points, its gradients by central differences that are wide enough for kinks.

#include <optional>

#include "study/calibration/population.h"
#include "study/calibration/random.h"

namespace headrace::study {

struct Subspace {
  Points basis;  // [direction][coordinate], orthonormal; empty: all coordinates as they are

  bool whole() const { return basis.empty(); }
  // The coordinates of a point, or of many, along the directions.
  std::vector<double> project(const std::vector<double>& z) const;
  Points project(const Points& z) const;
  // z += sum_j by[j] * direction j.
  void add(std::vector<double>& z, const std::vector<double>& by) const;
};

// So few coordinates are not worth the search: the subspace is all of them.
constexpr size_t kFewCoordinates = 16;

// How many evaluations find_subspace() makes.
size_t subspace_evaluations(size_t coordinates, size_t points);

// Nothing when stopped. `stage` keys the choice of points.
base::Result<std::optional<Subspace>> find_subspace(const Population& population, double temper,
                                                    const Random& random, uint64_t stage,
                                                    const LogLikelihood& likelihood);

}  // namespace headrace::study
