#pragma once

// A classification tree: yes-or-no questions about single inputs that separate the draws of
// interest from the others.
//
// Each node takes the split that lowers the Gini impurity most (Breiman, Friedman, Olshen and
// Stone, Classification and Regression Trees, 1984). The tree is grown on two thirds of the draws;
// then, from the bottom up, a split goes whose two sides predict the other third no better (in
// squared error) than their node does: reduced-error pruning (Quinlan, Int. J. Man-Machine Studies
// 27, 1987). The numbers of the leaves are those of all draws.

#include <cstdint>
#include <vector>

#include "study/discovery/box.h"

namespace headrace::study {

struct TreeOptions {
  unsigned depth = 4;
  double least_mass = 0.01;  // of all draws, in a leaf
  uint64_t seed = 1;
  unsigned threads = 0;
};

struct TreeNode {
  Box box;  // what leads here
  bool leaf = true;
  uint32_t column = 0;  // split: values below `threshold` go to `low`, others to `high`
  double threshold = 0;
  uint32_t low = 0, high = 0;
};

// Node 0 is the root. Nodes that pruning cut off are gone.
std::vector<TreeNode> grow_tree(const Cases& cases, const TreeOptions& options);

}  // namespace headrace::study
