#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "run/tile.h"

namespace headrace::run {

// Computes each of these draws by itself, and says what became no number first.
std::vector<Failure> name_failures(const model::Model& model, const Common& common,
                                   std::span<const uint64_t> draws);

}  // namespace headrace::run
