#pragma once

#include <cstddef>
#include <cstdint>

#include "ir/program.h"

namespace headrace::code {

// Lanes of a tile, such that its rows stay near the caches and not many more than `draws`.
size_t choose_lanes(const ir::Program& program, uint64_t draws);

}  // namespace headrace::code
