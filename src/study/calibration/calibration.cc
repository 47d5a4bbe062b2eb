#include "study/calibration/calibration.h"

#include <algorithm>
#include <cmath>

namespace headrace::study {

Standing standing(const CalibrationState& state, const CalibrationOptions& options) {
  using Phase = Standing::Phase;
  Standing out;
  out.evaluations = state.smc.evaluations + state.chains.evaluations;
  out.temper = state.smc.temper;
  out.phase = !state.smc.started  ? Phase::kPrior
              : !state.smc.done() ? Phase::kTempering
                                  : Phase::kChains;
  if (!state.chains.started || state.chains.kept.empty()) return out;
  const Verdict verdict = judge(state.chains, options.chains);
  out.worst_rhat = verdict.worst_rhat, out.least_ess = verdict.least_ess;
  const bool finished = verdict.converged || state.chains.steps >= options.chains.most_steps;
  if (finished) out.phase = Phase::kDone;
  return out;
}

base::Result<bool> advance(CalibrationState& state, size_t dimensions,
                           const CalibrationOptions& options, const LogLikelihood& likelihood) {
  if (!state.smc.started) return begin_smc(state.smc, dimensions, options.smc, likelihood);
  if (!state.smc.done()) return temper(state.smc, options.smc, likelihood);
  if (!state.chains.started) begin_chains(state.chains, state.smc.population, options.chains);
  const Guide guide(state.smc.subspace, state.smc.population);
  return run_chains(state.chains, guide, options.chains, likelihood);
}

}  // namespace headrace::study
