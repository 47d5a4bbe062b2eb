#pragma once

// Standing at an earlier date: what was known then is given to the model, and what became known
// later is compared with what the model would have said, and with simpler forecasts.
//
// Readings are scored on a scale of their own: the reading itself where its error is absolute, its
// logarithm where it is relative, in units of the error. So scores of different quantities add up.

#include <optional>
#include <string>
#include <vector>

#include "run/run.h"
#include "study/calibration/likelihood.h"
#include "study/calibration/problem.h"

namespace headrace::study {

// The observations of a model around one date, by their number in Model::observations.
struct Sides {
  std::vector<uint32_t> before, after;  // known by `origin`; known until `until`, and scored
  size_t unscored = 0;                  // later ones without a reading of a fixed size
};
Sides split_observations(const model::Model& model, double origin, double until);

struct Score {
  double place = 0;  // of the reading among the forecast's
  double crps = 0, log_score = 0;
};

// What one later observation said of one forecast.
struct Outcome {
  uint32_t observation = 0;
  double reading = 0;
  double p5 = 0, p50 = 0, p95 = 0;  // of the forecast reading, in the observation's unit
  Score model;                      // given what was known
  Score prior;                      // without it
  std::optional<Score> naive;       // the last reading of the same quantity stays
};

// `model_result` holds the answers of draws of the posterior, `prior_result` those of the prior;
// `asked` are the later observations in that model.
std::vector<Outcome> score_outcomes(const model::Model& model, const std::vector<Asked>& asked,
                                    const run::RunResult& model_result,
                                    const run::RunResult& prior_result,
                                    const std::vector<uint32_t>& known, uint64_t seed);

}  // namespace headrace::study
