#include "code/interp/lanes.h"

#include "code/interp/strips.h"

namespace headrace::code {

namespace {

constexpr size_t kDefaultLanes = 128;
// Rows that many draws wide should about fit the second-level cache.
constexpr size_t kTileBytes = size_t{640} << 10;
// Narrower rows cost more per step than they save in misses, until memory itself is the bound.
constexpr size_t kNarrowLanes = 64;
constexpr size_t kHugeTileBytes = size_t{16} << 20;

}  // namespace

size_t choose_lanes(const ir::Program& program, uint64_t draws) {
  const size_t slots =
      size_t{program.tile_slots} + size_t{program.history_slots} * (program.clock.steps + 1) / 8;
  size_t lanes = kDefaultLanes;
  while (lanes > kNarrowLanes && slots * lanes * sizeof(double) > kTileBytes) lanes /= 2;
  while (lanes > kSharedWidth && slots * lanes * sizeof(double) > kHugeTileBytes) lanes /= 2;
  while (lanes > kSharedWidth && lanes / 2 >= draws) lanes /= 2;
  return lanes;
}

}  // namespace headrace::code
