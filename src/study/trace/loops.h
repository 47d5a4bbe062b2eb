#pragma once

// Loops that Matter: which feedback loops make the model move as it does, at each time.
//
// Between two steps each link x -> z has a score: the change of z that x alone would have made,
// f(x now, others before) - f(before), over the whole change of z, with the sign of the link. For
// a stock z stands for its net rate: the corrected form, in which it does not matter how flows are
// put together. A loop's score is the product of its links', its relative score that over the sum
// of the sizes of all loops that hang together. Schoenberg, Davidsen and Eberlein, "Understanding
// model behavior using the Loops that Matter method", System Dynamics Review 36(2), 2020;
// Schoenberg, Hayward and Eberlein, "Improving Loops that Matter", ibid. 39(2), 2023.
// See docs/methods/explain.md.

#include <string>
#include <vector>

#include "study/trace/links.h"

namespace headrace::study {

struct ScoredLoop {
  std::vector<Node> nodes;       // in the direction of cause, a state first when there is one
  bool through = false;          // the node that was asked about
  std::vector<double> relative;  // mean over draws of the relative score, one a step asked for
  std::vector<double> leads;     // share of draws in which no loop has a larger score
};

struct LoopScores {
  std::vector<size_t> steps;
  std::vector<ScoredLoop> loops;  // most of the last step's movement first
  // Not empty: there are too many loops to list, and these are the strongest that were found.
  std::string searched;
};

// The scores at these steps, each against the step before it (so none at step 0).
LoopScores score_loops(const Values& values, const Node& root, const std::vector<size_t>& steps,
                       unsigned threads);

// The score of one link between a step and the one before, one a draw.
std::vector<double> link_scores(const Values& values, const Node& from, const Node& to,
                                size_t step);

}  // namespace headrace::study
