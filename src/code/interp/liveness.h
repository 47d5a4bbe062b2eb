// Which instruction uses which value until when, and what may share memory; see assemble.h.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/program.h"

namespace headrace::code {

struct Fate {
  bool shared = false;    // the same for all lanes
  bool in_place = false;  // a load that needs no row
  uint32_t uses = 0;
  uint32_t region = 0;  // the bracket it stands in; the tail of a step is one of its own
  uint32_t fused_into = UINT32_MAX;
  uint32_t inner = UINT32_MAX;    // the instruction that is fused into this one
  uint32_t last_use = 0;          // instruction until whose end the value is needed
  uint32_t direct = UINT32_MAX;   // the store whose array the value is computed into
  uint32_t partner = UINT32_MAX;  // of a bracket: its other end
};

// `direct_stores`: whether values may be computed into arrays.
std::vector<Fate> analyse(const ir::Program& program, const ir::Block& block, size_t tail,
                          bool direct_stores);

// Whether a Code is one of the paired operations or comparisons of strips.h; their position there.
int paired(ir::Code code);
int compared(ir::Code code);

inline bool is_binary(ir::Code code) { return code >= ir::Code::kAdd && code < ir::Code::kSelect; }
inline bool is_unary(ir::Code code) { return code < ir::Code::kAdd; }

}  // namespace headrace::code
