// Rank correlations between named inputs, by a Gaussian copula.
//
// A modeller states rank correlations (Spearman) for some pairs. Each group of connected inputs
// gets a correlation matrix R of normal variables, with r = 2 sin(pi rho / 6) (Pearson 1907), 0
// for pairs not stated, and its Cholesky factor L. Independent uniform numbers become normal
// scores z, then L z, then uniform numbers again: the margins stay what they were, and the ranks
// get the stated correlations. Each draw uses its own numbers only.
//
// Not every set of pairs is possible: if a goes with b and b with c, then a cannot go strongly
// against c. Then the error names the smallest group that contradicts itself: a triple of inputs
// if there is one. Beside it stands the nearest possible matrix in the Frobenius norm, found by
// alternating projections between the positive semidefinite matrices and those with a unit
// diagonal (Higham, Computing the nearest correlation matrix, IMA J. Numer. Anal. 22, 2002).
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::math {

struct RankPair {
  std::string first, second;
  double rank;  // Spearman's, in [-1, 1]
};

// One group of inputs that are connected by stated pairs.
struct Factor {
  std::vector<std::string> names;  // in alphabetical order
  std::vector<double> lower;       // L by rows, names.size() squared numbers

  double at(size_t row, size_t column) const { return lower[row * names.size() + column]; }
};

struct CorrelationError {
  std::string message;             // one line in plain words, with the nearest possible values
  std::vector<std::string> names;  // the inputs that contradict each other
  std::vector<RankPair> nearest;   // for each stated pair of the group, the nearest possible rank
};

// The factors of all groups, ordered by their first name. A pair stated twice, a pair of one input
// with itself, a rank outside [-1, 1] and a group above kMostCorrelated inputs are errors too.
inline constexpr size_t kMostCorrelated = 500;
std::expected<std::vector<Factor>, CorrelationError> factorise(std::span<const RankPair> pairs);

// Replaces independent uniform numbers by correlated ones, draw by draw. u[i] belongs to
// factor.names[i]; all have the same length.
void correlate(const Factor& factor, std::span<const std::span<double>> u);

}  // namespace headrace::math
