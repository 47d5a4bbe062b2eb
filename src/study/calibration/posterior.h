#pragma once

// Equally weighted joint draws of the inputs behind the observations: what a calibration gives and
// what other commands take. Draw d of a run takes row d modulo the number of rows, so that a run
// with a posterior is as much a function of its draw as one without.

#include <string>

#include "model/model.h"
#include "study/subject.h"

namespace headrace::study {

struct Posterior {
  struct Input {
    std::string name, prior;  // the prior as it was, in words
  };
  std::string model, hash;
  uint64_t seed = 1;
  size_t observations = 0;
  double rhat = 0, ess_bulk = 0, ess_tail = 0, log_evidence = 0;
  bool poor = false;  // written although its diagnostics failed
  std::vector<Input> inputs;
  Columns draws;  // [input][row]
  size_t rows() const { return draws.empty() ? 0 : draws[0].size(); }
};

// How a posterior's inputs meet those of a model.
struct Match {
  std::vector<int64_t> column;       // of each Model::inputs, -1: sampled as before
  std::vector<std::string> missing;  // inputs of the posterior that the model does not sample
  std::vector<std::string> changed;  // inputs whose distribution is another one now
};
Match match(const Posterior& posterior, const model::Model& model);

// What all inputs of the model take in the draws of a run.
Columns posterior_inputs(const Posterior& posterior, const model::Model& model,
                         const run::RunOptions& options);

}  // namespace headrace::study
