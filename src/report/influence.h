#pragma once

// What an answer hangs on: inputs by the square of their rank correlation with it, which is the
// share of its spread that a monotone effect of that input alone explains.

#include <cstddef>
#include <vector>

#include "model/model.h"
#include "report/run_report.h"
#include "run/run.h"

namespace headrace::report {

// The first draws that did not fail, at most `most`.
std::vector<size_t> sound_draws(const run::RunResult& result, size_t most);

// Ranks of the values at these places, equal values share their mean rank, centred and scaled to
// length 1; empty when all values are equal.
std::vector<double> unit_ranks(const std::vector<double>& values,
                               const std::vector<size_t>& places);

// The squared correlation of two lists of unit ranks; 0 when either is empty.
double influence_of(const std::vector<double>& a, const std::vector<double>& b);

// Fills ClaimLine::hangs_on of the report's claims and puts the sources behind the inputs that a
// claim hangs on before the others. `inputs` are the values that the run drew in
// its first draws, one column a Model::inputs; no more draws than these are read.
void add_hangs_on(RunReport& report, const model::Model& model, const run::RunResult& result,
                  const std::vector<std::vector<double>>& inputs);

}  // namespace headrace::report
