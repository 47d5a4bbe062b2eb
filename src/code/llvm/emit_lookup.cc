// Lookups: finding the segment of each lane, and the numbers of that segment.
//
// Four ways, chosen by the table:
//
//   grid     arithmetic on the input gives a cell, and the cell the segment; see grid.h
//   chain    few points: each point from left to right replaces what the one before it chose
//   count    some points: the segment is the number of points at or below t
//   bisect   many points: the count by halving
//
// The last three are exact by construction. Rows {x, y, slope, next x} are read with one load a
// lane and turned by shuffles, which on the processors measured costs a third of a gather. Where
// vectors pick from numbers in registers (AVX-512), short tables are columns that one instruction
// each picks from. There one instruction gives the cell too: added to a number so large that only
// whole ones lie around it, the product of an exact grid is rounded down to the cell, which then
// stands in the lowest bits; and one picks the segments of up to 64 cells, if it can pick bytes.
// So a grid is quicker than all but the shortest chains, and bisection quicker than counting.

#include <llvm/IR/Constants.h>
#include <llvm/IR/IntrinsicsX86.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/check.h"
#include "code/llvm/emitter.h"
#include "code/llvm/grid.h"

namespace headrace::code {

namespace {

// Up to so many points chains are shorter than what follows them in the list above.
constexpr size_t kChainPoints = 7, kChainBeforeGrid = 5;
// The same where short tables are picked from in registers; how many numbers one instruction picks
// from; and with how many it still pays.
constexpr size_t kChainBeforePicks = 2, kPicks = 16, kMostPicks = 32;
constexpr size_t kCountPoints = 20;

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
        permutes_(module.emission.shape.permutes),
        bytes_(permutes_ && module.emission.shape.picks_bytes) {}

  IrVec run() {
    if (table_.clamped) input_ = clamped(input_);
    if (table_.points == 1) {
      return value({input_.constant(table_.x[0]), input_.constant(table_.y[0]),
                    input_.constant(table_.slope[0])});
    }
    const size_t short_chain = permutes_ ? kChainBeforePicks : kChainBeforeGrid;
    if (table_.points <= short_chain) return value(chain());
    if (permutes_) {
      const std::optional<ExactGrid> exact = find_exact_grid(table_);
      if (exact && picks(*exact)) return value(on_exact_grid(*exact));
    }
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

  // NaN stays what it is.
  IrVec clamped(IrVec t) {
    const double first = table_.x[0], last = table_.x[table_.points - 1];
    t = O::select(t < first, t.constant(first), t);
    return O::select(t > last, t.constant(last), t);
  }

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

  // The rows of the cells.
  std::vector<double> spread(const std::vector<uint32_t>& segments) const {
    std::vector<double> data;
    for (const uint32_t segment : segments)
      data.insert(data.end(), table_.rows.begin() + 4 * segment,
                  table_.rows.begin() + 4 * (segment + 1));
    return data;
  }

  bool picks_segments(const ExactGrid& grid) const {
    return bytes_ && grid.segment.size() > kPicks && table_.points <= kMostPicks;
  }
  bool picks(const ExactGrid& grid) const {
    return grid.segment.size() <= kMostPicks || picks_segments(grid);
  }

  Row on_exact_grid(const ExactGrid& grid) {
    const IrVec t = table_.clamped ? input_ : clamped(input_);
    const bool segments = picks_segments(grid);
    const std::vector<double> data = segments ? table_.rows : spread(grid.segment);
    llvm::Value* index = exact_cell(grid, t);
    if (segments) index = pick_bytes(grid.segment, index);
    if (grid.corrected) {
      const IrMask too_high = t < IrVec{&b_, pick(column(data, 0), index)};
      const IrInt at{&b_, index};
      index = b_.CreateSelect(too_high.value, (at - 1).value, index);
    }
    return picked(index, data);
  }

  // In the lowest bits, below others of no meaning.
  llvm::Value* exact_cell(const ExactGrid& grid, IrVec t) {
    constexpr double kLarge = 0x1.8p52;
    constexpr int kDownQuietly = 1 | 8;  // rounding mode of the instruction: down, no exceptions
    const IrVec from = grid.origin == 0 ? t : t - grid.origin;
    llvm::Value* sum =
        b_.CreateIntrinsic(llvm::Intrinsic::x86_avx512_vfmadd_pd_512, {},
                           {from.value, t.constant(grid.scale).value,
                            t.constant(kLarge + grid.offset).value, b_.getInt32(kDownQuietly)});
    return b_.CreateBitCast(sum, llvm::FixedVectorType::get(module_.i64, width_));
  }

  // The number at the lowest six bits of each lane, in its lowest byte.
  llvm::Value* pick_bytes(const std::vector<uint32_t>& numbers, llvm::Value* index) {
    std::vector<uint8_t> bytes(numbers.begin(), numbers.end());
    bytes.resize(64, bytes.back());
    llvm::Value* at = b_.CreateBitCast(
        index, llvm::FixedVectorType::get(b_.getInt8Ty(), static_cast<unsigned>(bytes.size())));
    llvm::Value* found =
        b_.CreateIntrinsic(llvm::Intrinsic::x86_avx512_permvar_qi_512, {},
                           {llvm::ConstantDataVector::get(module_.context, bytes), at});
    return b_.CreateBitCast(found, index->getType());
  }

  Row on_grid(const Grid& grid) {
    const std::vector<double> data = spread(grid.segment);
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

  // The numbers at an index, a vector of eight i64 of which the lowest bits count.
  llvm::Value* pick(std::vector<double> numbers, llvm::Value* index) {
    if (numbers.size() > kPicks) {
      const auto half = numbers.begin() + kPicks;
      llvm::Value* low = pick({numbers.begin(), half}, index);
      llvm::Value* high = pick({half, numbers.end()}, index);
      llvm::Value* bit = b_.CreateAnd(index, llvm::ConstantInt::get(index->getType(), kPicks));
      return b_.CreateSelect(b_.CreateIsNull(bit), low, high);
    }
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
  static std::vector<double> column(const std::vector<double>& rows, size_t number) {
    std::vector<double> numbers;
    for (size_t i = number; i < rows.size(); i += 4) numbers.push_back(rows[i]);
    return numbers;
  }
  Row picked(llvm::Value* index, const std::vector<double>& rows) {
    const auto pick_column = [&](size_t number) {
      return IrVec{&b_, pick(column(rows, number), index)};
    };
    return {pick_column(0), pick_column(1), pick_column(2)};
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
  const bool permutes_, bytes_;
};

}  // namespace

IrVec emit_lookup(ModuleEmitter& module, uint32_t table, IrVec input) {
  return LookupEmitter(module, table, input).run();
}

}  // namespace headrace::code
