// Delays and the horizontal distance between curves.

#include <cmath>

#include "code/device/device.h"

namespace headrace::code {

namespace {

constexpr uint64_t kBeforeStart = UINT64_MAX;

// How many steps back a delay of this length reads; kBeforeStart when that lies before the run.
uint64_t steps_back(double duration, double step, uint64_t k) {
  const double n = std::floor(duration / step + 0.5);
  if (!(n <= static_cast<double>(k))) return kBeforeStart;  // NaN too
  const uint64_t whole = n < 1.0 ? 1 : static_cast<uint64_t>(n);
  return whole <= k ? whole : kBeforeStart;
}

// NaN stays: a curve that was once undefined has no best.
double best(double so_far, double value) {
  if (so_far != so_far) return so_far;
  return so_far >= value ? so_far : value;
}

}  // namespace

void headrace_delay_read(const Moment* moment, const double* series, const double* initial,
                         const double* duration, double* out, size_t lanes) {
  const uint64_t k = moment->k;
  double last_duration = duration[0];
  uint64_t n = steps_back(last_duration, moment->step, k);
  for (size_t lane = 0; lane < lanes; ++lane) {
    if (duration[lane] != last_duration) {
      last_duration = duration[lane];
      n = steps_back(last_duration, moment->step, k);
    }
    out[lane] = n == kBeforeStart ? initial[lane] : series[(k - n) * lanes + lane];
  }
}

void headrace_delay_write(const Moment* moment, double* series, const double* value, size_t lanes) {
  double* row = series + moment->k * lanes;
  for (size_t lane = 0; lane < lanes; ++lane) row[lane] = value[lane];
}

// The leader's best so far never falls, so one step parts the series: up to it the leader's best
// is at most the follower's present best, from it on above. The follower's best never falls
// either, so that step never moves back, and the search goes on where the last one ended: it costs
// a step or two each time instead of a bisection of the whole past.
//
// Only the last row of the follower's bests is ever read again. So rows 0 and 1 of its part of the
// series take turns, and rows 2 and 3 hold where the searches ended. A run too short for four rows
// searches from the start.
void headrace_behind(const Moment* moment, double* series, const double* leader,
                     const double* follower, double* out, size_t lanes) {
  const uint64_t k = moment->k;
  double* const leaders = series;
  double* const now = leaders + k * lanes;
  const double* const before = now - (k > 0 ? lanes : 0);
  double* const rows = series + (moment->steps + 1) * lanes;
  double* const follower_now = rows + (k % 2) * lanes;
  const double* const follower_before = rows + ((k + 1) % 2) * lanes;
  const bool has_marks = moment->steps >= 3;
  double* const mark_now = rows + (2 + k % 2) * lanes;
  const double* const mark_before = rows + (2 + (k + 1) % 2) * lanes;
  for (size_t lane = 0; lane < lanes; ++lane) {
    double ahead = leader[lane];
    double behind = follower[lane];
    if (k > 0) {
      ahead = best(before[lane], ahead);
      behind = best(follower_before[lane], behind);
    }
    const bool sound = ahead == ahead && behind == behind;
    // The first step at which the leader's best is above `behind`; k when none before is.
    const double mark = k > 0 && has_marks ? mark_before[lane] : 0;
    uint64_t high = mark <= static_cast<double>(k) ? static_cast<uint64_t>(mark) : 0;
    if (sound) {
      while (high < k && !(leaders[high * lanes + lane] > behind)) ++high;
    }
    if (moment->first_stage) {
      now[lane] = ahead;
      follower_now[lane] = behind;
      if (has_marks) mark_now[lane] = static_cast<double>(high);
    }
    if (!sound) {
      out[lane] = __builtin_nan("");
    } else if (behind >= ahead) {
      out[lane] = 0;
    } else if (high == 0) {
      out[lane] = static_cast<double>(k) * moment->step;
    } else {
      const double low_end = leaders[(high - 1) * lanes + lane];
      const double high_end = high == k ? ahead : leaders[high * lanes + lane];
      double part = (behind - low_end) / (high_end - low_end);
      if (std::isinf(high_end)) part = 0;
      if (std::isinf(low_end)) part = 1;
      out[lane] = (static_cast<double>(k - (high - 1)) - part) * moment->step;
    }
  }
}

}  // namespace headrace::code
