// Strips: the inner loops of the interpreter, one for each operation over a row of lanes.
//
// strips.inc holds them as templates; strips_baseline.cc, strips_avx2.cc and strips_avx512.cc
// compile them for SSE2, AVX2 and AVX-512. All give the same bits. An operand is either a row of
// n lanes or shared, one number for all lanes, which then stands kSharedWidth times in memory so
// that it loads as a vector. Which of the two is fixed in the strip: bit i of its form says that
// operand i is shared. Rows may be the output row itself, but not overlap it otherwise. n is a
// multiple of kSharedWidth.
#pragma once

#include <array>
#include <cstddef>

#include "code/ops.h"

namespace headrace::code {

inline constexpr size_t kSharedWidth = 8;

using Strip = void (*)(double* out, const double* a, const double* b, const double* c,
                       const double* d, size_t n);

inline constexpr size_t kFirstBinary = static_cast<size_t>(Op::kAdd);
inline constexpr size_t kUnaryCount = kFirstBinary;
inline constexpr size_t kBinaryCount = static_cast<size_t>(Op::kSelect) - kFirstBinary;

// The operations that are fused in pairs, and the comparisons that are fused into a select.
inline constexpr std::array kPaired = {Op::kAdd,    Op::kSubtract, Op::kMultiply,
                                       Op::kDivide, Op::kMin,      Op::kMax};
inline constexpr std::array kCompared = {Op::kLess, Op::kLessEqual, Op::kEqual, Op::kNotEqual};

enum Side { kInnerLeft = 0, kInnerRight = 1 };

// A code::Table without its owner.
struct TableRows {
  size_t points;
  bool clamped;
  const double *x, *y, *slope, *rows;
};

struct StripSet {
  const char* name;
  Strip copy[2];
  Strip unary[kUnaryCount];  // form 0
  Strip binary[kBinaryCount][4];
  Strip select[8];
  // outer(inner(a, b), c), or outer(c, inner(a, b)) for kInnerRight.
  Strip pair[kPaired.size()][kPaired.size()][2][8];
  Strip compare_select[kCompared.size()][16];  // compare(a, b) ? c : d
  void (*lookup)(const TableRows& table, double* out, const double* in, size_t n);
  void (*multiply_add)(double* out, const double* a, double factor, const double* b, size_t n);
};

// The strips for the best instruction set of this machine.
const StripSet& strips();

// All that this machine can run, for tests; baseline first.
struct StripList {
  const StripSet* entry[3];
  size_t count;
};
StripList available_strips();

}  // namespace headrace::code
