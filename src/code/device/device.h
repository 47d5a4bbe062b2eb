#pragma once

// The few operations that are more than arithmetic: memory over the run and noise. Both back ends
// call these, so they give the same bits by construction. All work on `lanes` neighbouring draws.

#include <cstddef>
#include <cstdint>

namespace headrace::code {

// Where a device stands in the run.
struct Moment {
  uint64_t k = 0;           // step
  uint64_t steps = 0;       // of the whole run: rows of a series are steps + 1
  double step = 1;          // h
  bool first_stage = true;  // history is written in the first stage only
};

// out[l] := series[k - n][l], n = max(1, floor(duration[l] / h + 0.5)); initial[l] when n > k or n
// is NaN. `series` is [steps + 1][lanes].
extern "C" void headrace_delay_read(const Moment* moment, const double* series,
                                    const double* initial, const double* duration, double* out,
                                    size_t lanes);

extern "C" void headrace_delay_write(const Moment* moment, double* series, const double* value,
                                     size_t lanes);

// The horizontal distance between two curves: how long ago the best of the leader so far was where
// the best of the follower is now, in time units; linear between steps. 0 when the follower is not
// behind. When the leader was ahead of the follower's present best from the start of the run on,
// the time since the start: a lower bound. `series` is [2][steps + 1][lanes]: running maxima of the
// leader, and room for what is remembered of the follower. The definition of Epoch AI's capability
// lag (https://epoch.ai/data-insights/us-vs-china-eci), for curves.
extern "C" void headrace_behind(const Moment* moment, double* series, const double* leader,
                                const double* follower, double* out, size_t lanes);

// out[l] := noise for draw first_draw + l at step k. Uniform in (0, 1), or standard normal.
extern "C" void headrace_noise(const Moment* moment, uint64_t seed, uint64_t key, uint64_t element,
                               bool normal, uint64_t first_draw, double* out, size_t lanes);

}  // namespace headrace::code
