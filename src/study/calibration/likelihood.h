#pragma once

// What a model's answers say of its observations. See model::Observation for the forms.

#include <cstdint>
#include <optional>
#include <vector>

#include "model/model.h"
#include "run/run.h"
#include "study/calibration/random.h"

namespace headrace::study {

// One observation and where its numbers are among the model's measures.
struct Asked {
  uint32_t observation = 0;    // in Model::observations
  uint32_t quantity = 0;       // in Model::measures
  std::vector<int64_t> terms;  // in Model::measures, or -1 for one that is fixed
  double widen = 1;            // factor of the spread, see widen_disagreeing()
};

// Adds made measures to the model for the quantities and terms of these observations.
std::vector<Asked> ask_observations(model::Model& model, const std::vector<uint32_t>& which);

// Where the quantity and the terms of one observation stand in a draw.
struct Seen {
  double quantity = 0;
  std::vector<double> terms;
};
Seen seen(const model::Observation& observation, const Asked& asked, const run::RunResult& result,
          size_t draw);

// The log likelihood of an observation; -inf when it is impossible or a number is not finite.
double log_likelihood(const model::Observation& observation, const Seen& seen, double widen = 1);

// A reading as another one might have been, of the forms that have one.
std::optional<double> replicate(const model::Observation& observation, const Seen& seen,
                                double widen, const Random& random, uint64_t draw, uint64_t which);

// The reading itself, of the forms that have one: NaN for opinions and limits.
double reading(const model::Observation& observation);

// Sources that disagree about one quantity by more than their errors say: the errors of each group
// of observations of the same quantity are widened by the Birge ratio, the root of chi squared over
// its degrees of freedom, when that is above 1 (Birge 1932; the scale factor of the Particle Data
// Group). Only fixed normal and lognormal readings take part.
void widen_disagreeing(const model::Model& model, std::vector<Asked>& asked);

}  // namespace headrace::study
