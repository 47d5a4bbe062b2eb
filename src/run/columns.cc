#include "run/columns.h"

#include <algorithm>
#include <cmath>

namespace headrace::run {

namespace {
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kPastCaches = 64 << 20;

size_t block_count(uint64_t draws) { return (draws + kBlockDraws - 1) / kBlockDraws; }
}  // namespace

bool is_past_caches(double bytes) { return bytes > kPastCaches; }

double sketch_bytes(const Shape& shape) {
  // Values of one column mostly lie within a few octaves of 512 counts each.
  constexpr double kSketch = 32 << 10;
  return static_cast<double>(shape.columns()) *
         (kSketch + static_cast<double>(block_count(shape.draws)) * sizeof(summary::Moments));
}

Columns::Columns(const Shape& shape, bool keep)
    : shape_(shape),
      keep_(keep),
      sketched_(keep ? 0 : shape.series),
      blocks_(block_count(shape.draws)) {
  if (keep) {
    values_ = base::large_memory(shape.columns() * shape.draws);
    return;
  }
  for (Sketched& s : sketched_) s.sketches.resize(shape.saves);
  moments_.resize(shape.columns() * blocks_);
}

Places Columns::places(std::vector<double>& own, uint64_t draw) {
  if (keep_)
    return {values_.get() + draw, shape_.draws, shape_.saves, is_past_caches(shape_.bytes())};
  if (own.empty()) own.resize(shape_.columns() * kBlockDraws);
  return {own.data() + draw % kBlockDraws, kBlockDraws, shape_.saves};
}

void Columns::end_block(std::vector<double>& own, uint64_t block,
                        std::span<const uint64_t> failed) {
  if (keep_) return;
  const size_t count = std::min(kBlockDraws, shape_.draws - block * kBlockDraws);
  for (size_t i = 0; i < shape_.series; ++i) {
    // Workers begin at different series, so that they seldom wait for each other.
    const size_t series = (i + block) % shape_.series;
    std::lock_guard lock(sketched_[series].mutex);
    for (size_t save = 0; save < shape_.saves; ++save) {
      const size_t column = series * shape_.saves + save;
      double* values = own.data() + column * kBlockDraws;
      for (const uint64_t draw : failed) values[draw % kBlockDraws] = kNaN;
      sketched_[series].sketches[save].add({values, count});
      moments_[column * blocks_ + block] = summary::moments({values, count});
    }
  }
}

summary::Band Columns::summarize(summary::Summarizer& summarizer, size_t series, size_t save,
                                 std::span<const uint64_t> failed,
                                 std::span<const double> probabilities) {
  const size_t column = series * shape_.saves + save;
  if (keep_) {
    double* values = values_.get() + column * shape_.draws;
    for (const uint64_t draw : failed) values[draw] = kNaN;
    const bool is_last = column + 1 == shape_.columns();
    return summarizer.summarize({values, shape_.draws}, probabilities,
                                {values + shape_.draws, is_last ? 0 : shape_.draws});
  }
  return summary::summarize(sketched_[series].sketches[save],
                            summary::combine({moments_.data() + column * blocks_, blocks_}),
                            probabilities);
}

std::span<const double> Columns::series(size_t series) const {
  const size_t length = shape_.saves * shape_.draws;
  return {values_.get() + series * length, length};
}

}  // namespace headrace::run
