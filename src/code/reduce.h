#pragma once

#include "code/ops.h"
#include "model/model.h"

namespace headrace::code {

// How a reduction starts, and the operation that adds the next value: combine(accumulator, value).
constexpr double neutral(model::ReduceKind kind) {
  switch (kind) {
    case model::ReduceKind::kSum:
      return 0;
    case model::ReduceKind::kProduct:
      return 1;
    case model::ReduceKind::kMin:
      return math::detail::kInfinity;
    case model::ReduceKind::kMax:
      return -math::detail::kInfinity;
    case model::ReduceKind::kAny:
      return 0;
    case model::ReduceKind::kAll:
      return 1;
  }
  return 0;
}
constexpr Op combining(model::ReduceKind kind) {
  switch (kind) {
    case model::ReduceKind::kSum:
      return Op::kAdd;
    case model::ReduceKind::kProduct:
      return Op::kMultiply;
    case model::ReduceKind::kMin:
      return Op::kMin;
    case model::ReduceKind::kMax:
      return Op::kMax;
    case model::ReduceKind::kAny:
      return Op::kOr;
    case model::ReduceKind::kAll:
      return Op::kAnd;
  }
  return Op::kAdd;
}

}  // namespace headrace::code
