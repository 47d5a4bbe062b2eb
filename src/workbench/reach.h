#pragma once

// How far each thing that can be moved moves some quantities: what a page shows first.
//
// One run answers for all of them. Every constant becomes an input; draw 0 has each at its middle,
// and each two draws after it move one alone, down and up: an uncertain input to its 10th and 90th
// percentile, a constant by a fifth of itself, one that is zero by a fifth of 1. These are the
// swings of a tornado diagram, taken over the whole run instead of at one time.

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "workbench/live.h"

namespace headrace::workbench {

struct Reach {
  std::string name;  // of an input or a constant
  // How much the quantities differ from those of draw 0, as a share of these, summed over time:
  // the larger of the two directions, at most 1, and the mean over the quantities.
  double share = 0;
};

// Inputs first, then constants, in the order of the model. `outputs`: names as in
// Question::outputs. Nothing when stopped.
base::Result<std::optional<std::vector<Reach>>> reach_of(const Live& live,
                                                         const std::vector<std::string>& outputs,
                                                         const std::atomic<bool>& stop);

}  // namespace headrace::workbench
