#pragma once

// The patient rule induction method: where in the space of inputs something happens.
//
// Peeling starts with all draws and cuts off, again and again, the face of the box whose loss (a
// share `peel` of the draws inside, of one input at one end) leaves the highest density of draws of
// interest. Each step is a box: a curve from full coverage to high density. Pasting gives back what
// was cut too much. Friedman and Fisher, "Bump hunting in high-dimensional data", Statistics and
// Computing 9, 1999; for scenarios Bryant and Lempert, "Thinking inside the box", Technological
// Forecasting and Social Change 77, 2010, whose quasi-p value and resampling test are here too.

#include <atomic>
#include <optional>
#include <vector>

#include "study/discovery/box.h"

namespace headrace::study {

struct PrimOptions {
  double peel = 0.05, paste = 0.01;  // share of the draws inside
  double least_mass = 0.02;          // of all draws, in a box
  double density = 0.8;              // what a chosen box should reach
  double chance = 0.05;              // a limit with a larger quasi-p value is dropped
  unsigned boxes = 1;
  unsigned resamples = 10;
  uint64_t seed = 1;
  unsigned threads = 0;
  const std::atomic<bool>* stop = nullptr;
};

struct FoundLimit {
  Limit limit;
  // The chance to find as many hits if the limit did nothing: P(Bin(inside, d) >= hits), where d is
  // the density of the box without it.
  double quasi_p = 0;
  // The share of resamples (halves of the draws) in which the input is limited as well.
  double reproduced = 0;
};

struct FoundBox {
  Box box;
  std::vector<FoundLimit> limits;  // the most significant first
  std::vector<Box> trajectory;     // of the peeling, from all draws on
  bool reaches = false;            // the density asked for
};

// The boxes, each found among the draws that lie in none before it, whose coverage counts against
// all hits. Ends early when a box would hold no hit. Nothing when stopped.
std::optional<std::vector<FoundBox>> find_boxes(const Cases& cases, const PrimOptions& options);

}  // namespace headrace::study
