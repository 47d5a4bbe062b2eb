// The shape of a call of an array function, as both back ends hand it to headrace_array.
#pragma once

#include "code/device/arrays.h"
#include "ir/program.h"

namespace headrace::code {

inline std::vector<uint64_t> shape_of(const ir::Program& program, const ir::ArrayCall& call,
                                      size_t lanes) {
  std::vector<SlabShape> slabs;
  for (const ir::Slab& slab : call.slabs) {
    const ir::Rank rank = program[program[slab.first].array].rank;
    const bool shared = rank == ir::Rank::kRun || rank == ir::Rank::kTime;
    slabs.push_back({slab.rows, slab.columns, shared ? 1 : lanes, shared ? uint64_t{0} : 1});
  }
  return pack({static_cast<uint64_t>(call.function), call.count, slabs.size()}, slabs);
}

}  // namespace headrace::code
