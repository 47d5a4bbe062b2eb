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

// The leader's best so far never falls, so the last step at which it was at or below the
// follower's best is found by bisection.
void headrace_behind(const Moment* moment, double* series, const double* leader,
                     const double* follower, double* out, size_t lanes) {
  const uint64_t k = moment->k;
  double* leaders = series;
  double* followers = series + (moment->steps + 1) * lanes;
  for (size_t lane = 0; lane < lanes; ++lane) {
    double ahead = leader[lane];
    double behind = follower[lane];
    if (k > 0) {
      ahead = best(leaders[(k - 1) * lanes + lane], ahead);
      behind = best(followers[(k - 1) * lanes + lane], behind);
    }
    if (moment->first_stage) {
      leaders[k * lanes + lane] = ahead;
      followers[k * lanes + lane] = behind;
    }
    if (ahead != ahead || behind != behind) {
      out[lane] = __builtin_nan("");
      continue;
    }
    if (behind >= ahead) {
      out[lane] = 0;
      continue;
    }
    // Invariant: the leader's best at every step below `low` is at most `behind`, at `high` above.
    uint64_t low = 0, high = k;
    while (low < high) {
      const uint64_t middle = low + (high - low) / 2;
      if (leaders[middle * lanes + lane] > behind) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    if (high == 0) {
      out[lane] = static_cast<double>(k) * moment->step;
      continue;
    }
    const double before = leaders[(high - 1) * lanes + lane];
    const double after = high == k ? ahead : leaders[high * lanes + lane];
    double part = (behind - before) / (after - before);
    if (std::isinf(after)) part = 0;
    if (std::isinf(before)) part = 1;
    out[lane] = (static_cast<double>(k - (high - 1)) - part) * moment->step;
  }
}

}  // namespace headrace::code
