#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "run/run.h"
#include "run/tile.h"

namespace headrace::run {

// Computes each of these draws by itself, with a program that stores what shall be named, and says
// what became no number first.
std::vector<Failure> name_failures(const model::Model& model, const ir::Program& program,
                                   const InputSampler& sampler, uint64_t seed,
                                   std::span<const uint64_t> draws);

// Whether an infinite value of a measure or claim is an answer: "never".
bool may_be_infinite(const model::Model& model, model::ExprId value);

}  // namespace headrace::run
