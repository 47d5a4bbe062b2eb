#pragma once

// What a change is made of: between two moments of one run, or between two runs at one moment.
//
// Of a value z = f(x, y, ...) that goes from state A to state B, what x contributed is the mean of
// two answers, draw by draw: what z would gain from A if only x moved, and what it would lose at B
// if only x had not. The residual, what the contributions leave over, is what the inputs did
// together. Of a stock between two moments each flow contributes its integral, exactly; between two
// runs its net rate is taken apart at each step and added up, and the start counts too.

#include <memory>
#include <string>
#include <vector>

#include "study/trace/links.h"

namespace headrace::study {

struct Trace;

struct Contribution {
  std::string name;
  double mean = 0;  // over draws, in the unit of what is explained
  std::unique_ptr<Trace>
      below;  // why this moved; null at the end of the depth or for the last part
};

struct Trace {
  Node node;
  double before = 0, after = 0;             // medians over draws
  double change = 0;                        // mean over draws, of all but the failed ones
  std::vector<Contribution> contributions;  // largest first
  double residual = 0;
  std::vector<Choice> choices;  // at the later state
  bool new_equation = false;    // the other run computes it otherwise: no contributions
  bool is_leaf = false;         // an input, data or noise
};

struct TraceOptions {
  unsigned depth = 2;
  double least = 0.01;  // contributions below this share of all are put together
};

// `a` and `b` are states of one run, or states at the same step of two runs of one model with
// other scenarios.
Trace trace_change(State a, State b, const Node& node, const TraceOptions& options);

}  // namespace headrace::study
