#include "rules/interval.h"

#include <algorithm>
#include <limits>

namespace headrace::rules {

using syntax::CompareOp;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

Truth both(Truth a, Truth b) {
  if (a == Truth::kNo || b == Truth::kNo) return Truth::kNo;
  return a == Truth::kYes && b == Truth::kYes ? Truth::kYes : Truth::kOpen;
}

Truth inverse(Truth a) {
  return a == Truth::kOpen ? a : a == Truth::kYes ? Truth::kNo : Truth::kYes;
}

Truth compared(CompareOp op, Interval a, Interval b) {
  switch (op) {
    case CompareOp::kLess:
      return a.high < b.low ? Truth::kYes : a.low >= b.high ? Truth::kNo : Truth::kOpen;
    case CompareOp::kLessEqual:
      return a.high <= b.low ? Truth::kYes : a.low > b.high ? Truth::kNo : Truth::kOpen;
    case CompareOp::kGreater:
      return compared(CompareOp::kLess, b, a);
    case CompareOp::kGreaterEqual:
      return compared(CompareOp::kLessEqual, b, a);
    case CompareOp::kEqual:
      if (a.is_point() && b.is_point()) return a.low == b.low ? Truth::kYes : Truth::kNo;
      return a.high < b.low || b.high < a.low ? Truth::kNo : Truth::kOpen;
    case CompareOp::kNotEqual:
      return inverse(compared(CompareOp::kEqual, a, b));
  }
  return Truth::kOpen;
}

Interval product(Interval a, Interval b) {
  if (a.is_point() && b.is_point()) return {a.low * b.low, a.high * b.high};
  double low = kInfinity, high = -kInfinity;
  for (double x : {a.low, a.high}) {
    for (double y : {b.low, b.high}) {
      const double value = x == 0 || y == 0 ? 0 : x * y;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  return {low, high};
}

Interval quotient(Interval a, Interval b) {
  if (a.is_point() && b.is_point() && b.low != 0) return {a.low / b.low, a.low / b.low};
  if (b.low <= 0 && b.high >= 0) {
    return {a.low >= 0 && b.low >= 0 ? (b.high == kInfinity ? 0 : a.low / b.high) : -kInfinity,
            kInfinity};
  }
  return product(a, {1 / b.high, 1 / b.low});
}

Interval sum(Interval a, Interval b) { return {a.low + b.low, a.high + b.high}; }

Interval difference(Interval a, Interval b) { return {a.low - b.high, a.high - b.low}; }

}  // namespace headrace::rules
