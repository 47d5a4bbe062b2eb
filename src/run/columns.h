// Saved values over all draws, one column for each saved element and save point.
//
// While they fit the memory limit they are kept, [series][save][draw], and summarised at the end
// from the columns themselves. Beyond it each block of draws goes into sketches and moments and is
// forgotten. Counts in sketches commute, and the moments of blocks are put together in the order of
// blocks, so neither threads nor time change a bit.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "base/large_memory.h"
#include "summary/bands.h"

namespace headrace::run {

// Draws in a block; whole leaves of summary::Moments, and a power of two of them.
inline constexpr uint64_t kBlockDraws = 1024;
static_assert(kBlockDraws % summary::kMomentLeaf == 0);

struct Shape {
  size_t series = 0, saves = 0;
  uint64_t draws = 0;
  size_t columns() const { return series * saves; }
  double bytes() const { return static_cast<double>(columns()) * static_cast<double>(draws) * 8; }
};

// More than caches hold, by far: then writing it and reading it again takes as long as computing
// it.
bool is_past_caches(double bytes);

// About how much memory the sketches of a run need, in bytes.
double sketch_bytes(const Shape& shape);

// Where saved values go: those of one column lie side by side, one column after the other.
struct Places {
  double* first = nullptr;
  size_t pitch = 0;          // from one column to the next
  size_t saves = 0;          // columns of a series
  bool past_caches = false;  // all of it is more than caches hold
  size_t first_save = 0;     // that of a series' first column

  double* of(size_t series, size_t save) const {
    return first + (series * saves + save - first_save) * pitch;
  }
};

class Columns {
 public:
  // `keep`: keep all; otherwise sketch.
  Columns(const Shape& shape, bool keep);

  bool kept() const { return keep_; }
  // Where the values for the draws from `draw` on go, as far as this block; `own` is the worker's
  // buffer when values are not kept.
  Places places(std::vector<double>& own, uint64_t draw);
  // A block is complete; `failed` are its failed draws, counted over the run.
  void end_block(std::vector<double>& own, uint64_t block, std::span<const uint64_t> failed);

  // After the last block. Kept columns lose the failed draws here.
  summary::Band summarize(summary::Summarizer& summarizer, size_t series, size_t save,
                          std::span<const uint64_t> failed, std::span<const double> probabilities);
  // Kept values of one series, [save][draw].
  std::span<const double> series(size_t series) const;

 private:
  struct Sketched {
    std::mutex mutex;
    std::vector<summary::Sketch> sketches;  // [save]
  };

  Shape shape_;
  bool keep_;
  base::LargeMemory values_;
  std::vector<Sketched> sketched_;         // [series]
  std::vector<summary::Moments> moments_;  // [column][block]
  size_t blocks_;
};

}  // namespace headrace::run
