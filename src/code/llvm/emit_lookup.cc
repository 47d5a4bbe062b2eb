// Lookups: finding the segment of each lane, and the numbers of that segment.
//
// Four ways, chosen by the table:
//
//   grid     the points lie on a grid of equal steps so that trunc((t - origin) * scale) gives, for
//            every double t, the cell whose segment holds t. This is proved when the code is made:
//            the expression never falls as t rises, so it is enough that each point begins a new
//            cell and that the double just below it does not. Where rounding carries the latter
//            up, one comparison with the computed edge of the cell, origin + cell * step, takes
//            it back; that these edges are the points is checked too. One row of numbers a cell.
//   chain    few points: each point from left to right replaces what the one before it chose.
//   count    some points: the segment is the number of points at or below t.
//   bisect   many points: the count by halving.
//
// The last three are exact by construction. Rows {x, y, slope, next x} are read with one load a
// lane and turned by shuffles, which on the processors measured costs a third of a gather. Where a
// vector can pick eight of sixteen numbers in registers (AVX-512), short tables are columns that
// one instruction each picks from; then a grid is quicker than all but the shortest chains, and
// bisection quicker than counting.

#include <llvm/IR/Constants.h>
#include <llvm/IR/IntrinsicsX86.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/check.h"
#include "code/llvm/emitter.h"

namespace headrace::code {

namespace {

// Up to so many points chains are shorter than what follows them in the list above.
constexpr size_t kChainPoints = 7, kChainBeforeGrid = 5;
// The same where short tables are picked from in registers, and how many numbers those hold.
constexpr size_t kChainBeforePicks = 2, kPicks = 16;
constexpr size_t kCountPoints = 20;
constexpr size_t kGridCells = 64;

// A grid: cell = trunc((t - origin) * scale), in [0, segment.size()).
struct Grid {
  double origin, scale, step;
  bool corrected = false;         // cells may come out one too high
  std::vector<uint32_t> segment;  // of each cell

  double cell(double t) const { return std::trunc((t - origin) * scale); }
  double edge(double cell) const { return origin + cell * step; }
};

// Whether the cells of the grid begin at points exactly, with a correction if need be.
bool fits(const Table& table, Grid& grid) {
  const size_t n = table.points;
  const double last = grid.cell(table.x[n - 1]);
  if (!(last >= 1 && last < kGridCells)) return false;
  grid.segment.assign(static_cast<size_t>(last) + 1, 0);
  grid.corrected = false;
  for (size_t i = 1; i < n; ++i) {
    const double at = grid.cell(table.x[i]);
    const double below = grid.cell(std::nextafter(table.x[i], -HUGE_VAL));
    if (at < 1 || below < at - 1) return false;
    grid.corrected |= below == at;
    std::fill(grid.segment.begin() + static_cast<size_t>(at), grid.segment.end(),
              static_cast<uint32_t>(i));
  }
  if (!grid.corrected) return true;
  for (size_t i = 0; i < n; ++i) {
    if (grid.edge(grid.cell(table.x[i])) != table.x[i]) return false;
  }
  return true;
}

std::optional<Grid> find_grid(const Table& table) {
  const size_t n = table.points;
  double step = HUGE_VAL;
  for (size_t i = 0; i + 1 < n; ++i) step = std::min(step, table.x[i + 1] - table.x[i]);
  std::optional<Grid> corrected;
  for (double divisor : {1.0, 2.0, 3.0}) {
    Grid grid{table.x[0], divisor / step, step / divisor, false, {}};
    if (!std::isfinite(grid.scale) || !std::isfinite(table.x[n - 1] - table.x[0])) continue;
    for (int nudge = 0; nudge < 5; ++nudge) {
      if (fits(table, grid)) {
        if (!grid.corrected) return grid;
        if (!corrected) corrected = grid;
      }
      grid.scale = std::nextafter(grid.scale, nudge == 2 ? 0.0 : HUGE_VAL);
    }
  }
  return corrected;
}

class LookupEmitter {
  using O = math::Ops<IrVec>;

 public:
  LookupEmitter(ModuleEmitter& module, uint32_t number, IrVec input)
      : module_(module),
        number_(number),
        table_(module.emission.tables[number]),
        b_(*input.builder),
        input_(input),
        width_(module.emission.shape.width),
        permutes_(module.emission.shape.permutes) {}

  IrVec run() {
    if (table_.clamped) {
      input_ = O::select(input_ < table_.x[0], input_.constant(table_.x[0]), input_);
      const double end = table_.x[table_.points - 1];
      input_ = O::select(input_ > end, input_.constant(end), input_);
    }
    if (table_.points == 1) {
      return value({input_.constant(table_.x[0]), input_.constant(table_.y[0]),
                    input_.constant(table_.slope[0])});
    }
    const size_t short_chain = permutes_ ? kChainBeforePicks : kChainBeforeGrid;
    if (table_.points <= short_chain) return value(chain());
    const std::optional<Grid> grid = find_grid(table_);
    const bool picks = grid && permutes_ && grid->segment.size() <= kPicks;
    if (grid && (picks || table_.points > kChainBeforeGrid)) return value(on_grid(*grid));
    if (table_.points <= kChainPoints) return value(chain());
    if (permutes_ && table_.points <= kPicks) return value(picked(bisect(), table_.rows));
    return value(rows(table_.points <= kCountPoints ? count() : bisect(), "table", table_.rows));
  }

 private:
  struct Row {
    IrVec x, y, slope;
  };

  IrVec value(Row row) { return row.y + (input_ - row.x) * row.slope; }

  IrMask at_or_above(size_t point) { return input_ >= table_.x[point]; }

  Row chain() {
    Row row{input_.constant(table_.x[0]), input_.constant(table_.y[0]),
            input_.constant(table_.slope[0])};
    for (size_t i = 1; i < table_.points; ++i) {
      const IrMask past = at_or_above(i);
      row.x = O::select(past, input_.constant(table_.x[i]), row.x);
      row.y = O::select(past, input_.constant(table_.y[i]), row.y);
      row.slope = O::select(past, input_.constant(table_.slope[i]), row.slope);
    }
    return row;
  }

  // The index is a vector of `integer`.
  llvm::Value* on_cells(const Grid& grid, llvm::Type* integer) {
    const IrVec cell = (input_ - grid.origin) * grid.scale;
    // NaN, and what lies below an extrapolated table, goes to the first cell.
    const IrVec above = O::select(cell > 0.0, cell, cell.constant(0));
    const double last = static_cast<double>(grid.segment.size() - 1);
    IrVec inside = table_.clamped ? above : O::select(above < last, above, cell.constant(last));
    if (grid.corrected) {
      const IrVec whole = O::intrinsic(llvm::Intrinsic::trunc, inside);
      const IrMask too_high = input_ < grid.origin + whole * grid.step;
      // The first cell has nothing below, where extrapolation may ask for it.
      const IrVec lower = table_.clamped ? whole - 1.0 : O::select(whole > 0.0, whole - 1.0, whole);
      inside = O::select(too_high, lower, whole);
    }
    return b_.CreateFPToSI(inside.value, llvm::FixedVectorType::get(integer, width_));
  }

  Row on_grid(const Grid& grid) {
    std::vector<double> data;
    for (uint32_t segment : grid.segment)
      data.insert(data.end(), table_.rows.begin() + 4 * segment,
                  table_.rows.begin() + 4 * (segment + 1));
    if (permutes_ && grid.segment.size() <= kPicks) {
      return picked(on_cells(grid, module_.i64), data);
    }
    return rows(on_cells(grid, module_.i32), "grid", data);
  }

  llvm::Value* count() {
    auto* type = llvm::FixedVectorType::get(module_.i64, width_);
    llvm::Value* index = llvm::ConstantInt::get(type, 0);
    for (size_t i = 1; i < table_.points; ++i)
      index = b_.CreateSub(index, b_.CreateSExt(at_or_above(i).value, type));
    return index;
  }

  // The largest index i with x[i] <= t, from the highest bit down.
  llvm::Value* bisect() {
    auto* type = llvm::FixedVectorType::get(module_.i64, width_);
    size_t half = std::bit_ceil(table_.points) / 2;
    std::vector<double> points = table_.x;
    points.resize(2 * half, HUGE_VAL);
    const bool picks = permutes_ && points.size() <= kPicks;
    llvm::Value* data = picks ? nullptr : module_.table_data(number_, "points", points);
    llvm::Value* index = llvm::ConstantInt::get(type, 0);
    for (; half > 0; half /= 2) {
      llvm::Value* probe = b_.CreateAdd(index, llvm::ConstantInt::get(type, half));
      llvm::Value* pivot = picks ? pick(points, probe) : llvm::PoisonValue::get(module_.vector);
      for (unsigned lane = 0; lane < width_ && !picks; ++lane) {
        llvm::Value* at =
            b_.CreateInBoundsGEP(module_.number, data, b_.CreateExtractElement(probe, lane));
        pivot = b_.CreateInsertElement(pivot, b_.CreateLoad(module_.number, at), lane);
      }
      index = b_.CreateSelect((input_ >= IrVec{&b_, pivot}).value, probe, index);
    }
    // Infinite input would end among the points that only fill the array up.
    llvm::Value* last = llvm::ConstantInt::get(type, table_.points - 1);
    return b_.CreateSelect(b_.CreateICmpSLT(index, last), index, last);
  }

  // The numbers at an index below `kPicks`, a vector of eight i64.
  llvm::Value* pick(std::vector<double> numbers, llvm::Value* index) {
    const bool one = numbers.size() <= kPicks / 2;
    numbers.resize(kPicks, 0.0);
    const auto half = [&](size_t from) {
      return llvm::ConstantDataVector::get(module_.context,
                                           llvm::ArrayRef(numbers).slice(from, kPicks / 2));
    };
    if (one) {
      return b_.CreateIntrinsic(llvm::Intrinsic::x86_avx512_permvar_df_512, {}, {half(0), index});
    }
    return b_.CreateIntrinsic(llvm::Intrinsic::x86_avx512_vpermi2var_pd_512, {},
                              {half(0), index, half(kPicks / 2)});
  }

  // Of rows as in Table::rows.
  Row picked(llvm::Value* index, const std::vector<double>& data) {
    std::vector<double> columns[3];
    for (size_t i = 0; i < data.size(); ++i) {
      if (i % 4 < 3) columns[i % 4].push_back(data[i]);
    }
    return {{&b_, pick(columns[0], index)},
            {&b_, pick(columns[1], index)},
            {&b_, pick(columns[2], index)}};
  }

  // One row of four doubles for each lane, turned into columns.
  Row rows(llvm::Value* index, const char* name, const std::vector<double>& data) {
    llvm::Value* base = module_.table_data(number_, name, data);
    auto* four = llvm::FixedVectorType::get(module_.number, 4);
    llvm::Value* columns[3] = {};
    for (unsigned lane = 0; lane < width_; lane += 4) {
      llvm::Value* row[4];
      for (unsigned i = 0; i < 4; ++i) {
        llvm::Value* at = b_.CreateZExt(b_.CreateExtractElement(index, lane + i), module_.i64);
        row[i] = b_.CreateAlignedLoad(four, b_.CreateInBoundsGEP(four, base, at), llvm::Align(32));
      }
      auto mix = [&](llvm::Value* a, llvm::Value* b, std::array<int, 4> order) {
        return b_.CreateShuffleVector(a, b, order);
      };
      llvm::Value* even01 = mix(row[0], row[1], {0, 4, 2, 6});  // x0 x1 slope0 slope1
      llvm::Value* even23 = mix(row[2], row[3], {0, 4, 2, 6});
      llvm::Value* odd01 = mix(row[0], row[1], {1, 5, 3, 7});  // y0 y1 next0 next1
      llvm::Value* odd23 = mix(row[2], row[3], {1, 5, 3, 7});
      append(columns[0], mix(even01, even23, {0, 1, 4, 5}));
      append(columns[1], mix(odd01, odd23, {0, 1, 4, 5}));
      append(columns[2], mix(even01, even23, {2, 3, 6, 7}));
    }
    return {{&b_, columns[0]}, {&b_, columns[1]}, {&b_, columns[2]}};
  }

  void append(llvm::Value*& column, llvm::Value* four) {
    if (column == nullptr) {
      column = four;
      return;
    }
    const auto have = llvm::cast<llvm::FixedVectorType>(column->getType())->getNumElements();
    std::vector<int> order(have + 4), widen(have, -1);
    for (unsigned i = 0; i < have + 4; ++i) order[i] = static_cast<int>(i);
    for (unsigned i = 0; i < 4; ++i) widen[i] = static_cast<int>(i);
    column = b_.CreateShuffleVector(column, b_.CreateShuffleVector(four, widen), order);
  }

  ModuleEmitter& module_;
  const uint32_t number_;
  const Table& table_;
  Builder& b_;
  IrVec input_;
  const unsigned width_;
  const bool permutes_;
};

}  // namespace

IrVec emit_lookup(ModuleEmitter& module, uint32_t table, IrVec input) {
  return LookupEmitter(module, table, input).run();
}

}  // namespace headrace::code
