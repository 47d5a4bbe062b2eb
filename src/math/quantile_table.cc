#include "math/quantile_table.h"

#include <array>
#include <bit>
#include <cmath>

namespace headrace::math {
namespace {

constexpr int kOctaves = 20;  // v in [2^-21, 1/2)
constexpr int kBlockBits = 4;
constexpr uint32_t kBlock = 1 << kBlockBits;
constexpr size_t kMostCells = 8192;
constexpr int kDeepest = 5;  // what stays rough is a millionth of a cell
constexpr double kTolerance = 2e-10;
constexpr int kPoints = 6;

using Points = std::array<double, kPoints>;

// cos((5 - j) pi / 5) moved to [0, 1].
constexpr Points kPlaces = {
    0.0, 0.09549150281252629, 0.34549150281252629, 0.65450849718747373, 0.90450849718747373, 1.0};

double evaluate(const double* c, double t) {
  const double s = t * t;
  return (c[0] + c[1] * t) + s * ((c[2] + c[3] * t) + s * (c[4] + c[5] * t));
}

// Newton's divided differences through (kPlaces, y), expanded into powers of t.
void interpolate(Points y, double* coefficient) {
  for (int order = 1; order < kPoints; ++order) {
    for (int j = kPoints - 1; j >= order; --j) {
      y[j] = (y[j] - y[j - 1]) / (kPlaces[j] - kPlaces[j - order]);
    }
  }
  Points power{};
  for (int j = kPoints - 1; j >= 0; --j) {
    for (int k = kPoints - 1; k > 0; --k) power[k] = power[k - 1] - kPlaces[j] * power[k];
    power[0] = y[j] - kPlaces[j] * power[0];
  }
  for (int k = 0; k < kPoints; ++k) coefficient[k] = power[k];
}

}  // namespace

double QuantileTable::Scale::at(double x) const {
  return relative ? std::fmax(std::fabs(x), floor) : 1;
}

QuantileTable::QuantileTable(Tail lower, Tail upper, Options options)
    : lower_(std::move(lower)), upper_(std::move(upper)), options_(options) {
  const int shift = 52 - options_.cell_bits;
  first_key_ = std::bit_cast<uint64_t>(0x1p-21) >> shift;
  cells_per_side_ = size_t{kOctaves} << options_.cell_bits;
  cells_.resize(2 * cells_per_side_);
  for (size_t side = 0; side < 2; ++side) {
    const Tail& tail = side == 0 ? lower_ : upper_;
    double start = 0x1p-21;
    double first = tail(start);
    for (size_t i = 0; i < cells_per_side_; ++i) {
      const double end = std::bit_cast<double>((first_key_ + i + 1) << shift);
      const double last = tail(end);
      const Cell cell = fit(tail, start, end - start, first, last, 0);
      cells_[side * cells_per_side_ + i] = cell;
      start = end;
      first = last;
    }
  }
}

QuantileTable::Cell QuantileTable::fit(const Tail& tail, double start, double width, double first,
                                       double last, int depth) {
  Cell cell{};
  Points y;
  y.front() = first;
  y.back() = last;
  for (int j = 1; j < kPoints - 1; ++j) y[j] = tail(start + width * kPlaces[j]);
  interpolate(y, cell.coefficient);
  const auto accurate = [&](double t) {
    const double exact = tail(start + width * t);
    const double error = std::fabs(evaluate(cell.coefficient, t) - exact);
    return error <= kTolerance * options_.scale.at(exact);
  };
  if (accurate(0.5) && (options_.smooth || (accurate(0.03125) && accurate(0.78125)))) return cell;
  if (depth == kDeepest || cells_.size() + kBlock > kMostCells) {
    cell.kind = Kind::kExact;
    return cell;
  }
  cell.kind = Kind::kBlock;
  cell.block = static_cast<uint32_t>(cells_.size());
  cells_.resize(cells_.size() + kBlock);
  for (uint32_t i = 0; i < kBlock; ++i) {
    const double end = i + 1 == kBlock ? last : tail(start + width * (i + 1) / kBlock);
    const Cell inner = fit(tail, start + width * i / kBlock, width / kBlock, first, end, depth + 1);
    cells_[cell.block + i] = inner;
    first = end;
  }
  return cell;
}

double QuantileTable::operator()(double u) const {
  const bool upper = u >= 0.5;
  const double v = upper ? 1 - u : u;
  const uint64_t bits = std::bit_cast<uint64_t>(v);
  const uint64_t index = (bits >> (52 - options_.cell_bits)) - first_key_;
  if (!(index < cells_per_side_)) return upper ? upper_(v) : lower_(v);
  const Cell* cell = &cells_[index + (upper ? cells_per_side_ : 0)];
  uint64_t rest =
      bits << (12 + options_.cell_bits);  // what is below the cell, from the top bit down
  while (cell->kind != Kind::kPolynomial) [[unlikely]] {
      if (cell->kind == Kind::kExact) return upper ? upper_(v) : lower_(v);
      cell = &cells_[cell->block + (rest >> (64 - kBlockBits))];
      rest <<= kBlockBits;
    }
  const double place = std::bit_cast<double>((rest >> 12) | 0x3ff0000000000000u) - 1.0;
  return evaluate(cell->coefficient, place);
}

}  // namespace headrace::math
