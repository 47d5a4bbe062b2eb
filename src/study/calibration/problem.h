#pragma once

// A model put to its observations: what is asked of it, which inputs are behind that, and the log
// likelihood of many proposals in one run.

#include <limits>

#include "run/sample.h"
#include "study/calibration/likelihood.h"
#include "study/calibration/population.h"
#include "study/subject.h"

namespace headrace::study {

struct ProblemOptions {
  double known_until = std::numeric_limits<double>::infinity();  // in model time
  bool widen = true;                                             // see widen_disagreeing()
};

struct Problem {
  model::Model model;            // asks for the observations alone
  std::vector<Asked> asked;      // those known in time
  std::vector<uint32_t> inputs;  // behind them: the coordinates, in the model's order
  size_t later = 0;              // observations that were not known yet
};

// When an observation became known, in model time: the latest date of its sources, or the end of
// what it tells about when that is later or no source has a date. Nothing for what has no time.
std::optional<double> known_at(const model::Model& model, const model::Observation& observation);

// Errors: nothing observed, no uncertain input behind it, noise behind it.
base::Result<Problem> pose(const model::Model& model, const ProblemOptions& options);

// Evaluates points of the calibration's space. Everything referred to outlives it.
class Evaluator {
 public:
  Evaluator(const Problem& problem, const Subject& subject);

  // The values of the problem's inputs at these points, [input][point].
  Columns inputs(const Points& z) const;
  base::Result<bool> log_likelihood(const Points& z, std::vector<double>& out) const;
  // The answers at these points; nothing when stopped.
  base::Result<std::optional<run::RunResult>> answers(const Points& z) const;
  LogLikelihood function() const {
    return [this](const Points& z, std::vector<double>& out) { return log_likelihood(z, out); };
  }
  // Of one draw of `answers`.
  double total(const run::RunResult& result, size_t draw) const;

 private:
  Columns all_inputs(const Points& z) const;

  const Problem& problem_;
  const Subject& subject_;
  run::InputSampler sampler_;
};

}  // namespace headrace::study
