#pragma once

// Runs as frames.

#include <atomic>
#include <functional>
#include <string>

#include "base/result.h"
#include "server/frame.h"
#include "server/requests.h"
#include "workbench/live.h"

namespace headrace::server {

// Bands over time of the outputs, measures, claims with the shape of their answers. An empty
// optional when stopped.
base::Result<std::optional<Frame>> answer_run(workbench::Live& live, const RunRequest& request,
                                              uint64_t draws, const std::atomic<bool>& stop);

// How many draws the quick answer takes: a power of two, at most 4,096, that this model makes in
// about 30 ms, at least 512; when other views wait for theirs, fewer, at least 256.
uint64_t quick_draws(workbench::Live& live, const RunRequest& request, size_t others);

// How many the answer between the quick and the settled one takes: 4,096 when the quick one has
// fewer and the settled one is more than half a second away; else 0, none.
uint64_t firmer_draws(workbench::Live& live, const RunRequest& request);

// Two to four versions on the same draws: the output's bands in each, the bands of the difference
// draw by draw, and the measures likewise.
base::Result<std::optional<Frame>> answer_compare(workbench::Live& live,
                                                  const CompareRequest& request,
                                                  const std::atomic<bool>& stop);

// What moves one output at one time: each input's share of its variance (the variance of the
// binned conditional means), the output where the input is low and high, twenty equally likely
// values, and some single futures.
base::Result<std::optional<Frame>> answer_explain(workbench::Live& live,
                                                  const ExplainRequest& request,
                                                  const std::atomic<bool>& stop);

}  // namespace headrace::server
