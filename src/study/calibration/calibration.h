#pragma once

// The whole way from prior to posterior: tempering, then chains until their diagnostics hold. All
// of its state is a value, so that it can be saved at any point and go on from there to the same
// bits.

#include <optional>
#include <string>
#include <string_view>

#include "study/calibration/chains.h"
#include "study/calibration/smc.h"

namespace headrace::study {

struct CalibrationOptions {
  SmcOptions smc;
  ChainOptions chains;
};

struct CalibrationState {
  SmcState smc;
  ChainState chains;
};

// Where a calibration stands.
struct Standing {
  enum class Phase { kPrior, kTempering, kChains, kDone };
  Phase phase = Phase::kPrior;
  double temper = 0;
  double worst_rhat = 0, least_ess = 0;
  uint64_t evaluations = 0;
};
Standing standing(const CalibrationState& state, const CalibrationOptions& options);

// Does one piece of work: the start, a stage of tempering, or the chains up to their next check.
// False: stopped, with the state as before. Not to be called when the phase is kDone.
base::Result<bool> advance(CalibrationState& state, size_t dimensions,
                           const CalibrationOptions& options, const LogLikelihood& likelihood);

// The state as bytes and back. `fingerprint` says of what model, data and options; bytes of another
// one, or damaged ones, give nothing.
std::string to_bytes(const CalibrationState& state, uint64_t fingerprint);
std::optional<CalibrationState> from_bytes(std::string_view bytes, uint64_t fingerprint);

}  // namespace headrace::study
