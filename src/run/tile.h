// One worker's tile: its memory, and one pass of the simulation over it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "code/kernel.h"
#include "ir/program.h"
#include "run/columns.h"
#include "run/sample.h"

namespace headrace::run {

// Zeroed memory on the boundaries that kernels want.
class AlignedMemory {
 public:
  void reset(size_t doubles);
  double* data() { return first_; }

 private:
  std::vector<double> storage_;
  double* first_ = nullptr;
};

// Bytes of one tile of so many lanes.
double tile_bytes(const ir::Program& program, size_t lanes);

// The series of a program: each element of each output, in order.
struct Series {
  size_t output = 0;
  uint32_t element = 0;
};

// All series of a program, and where in a tile their lanes are.
struct Saved {
  static constexpr uint32_t kShared = UINT32_MAX;  // nowhere: all draws have the same number

  explicit Saved(const ir::Program& program);

  std::vector<Series> series;
  std::vector<uint32_t> slots;
};

// What all tiles of a run share.
struct Common {
  const ir::Program& program;
  const InputSampler& sampler;
  const Saved& saved;
  std::span<const double> run, time;  // code::evaluate_shared
  uint64_t seed = 0;
  // Answers that must be finite: all but those that read a first time, which is infinite for
  // "never", and conditions.
  std::vector<ir::ArrayId> finite_answers;
};

class Tile {
 public:
  explicit Tile(const Common& common) : common_(common) {}

  // Simulates `count` draws from `draw` on, at most the kernel's lanes; at each save point `count`
  // values of each series go to their places. False when stopped.
  bool simulate(const code::Kernel& kernel, uint64_t draw, size_t count, const Places& places,
                const std::function<bool()>& stopped);

  // The same in parts: the start; up to the save points before `until`; and the answers, when that
  // was the last one.
  void begin(const code::Kernel& kernel, uint64_t draw, size_t count);
  bool go_on(const code::Kernel& kernel, size_t until, const Places& places,
             const std::function<bool()>& stopped);
  void end(const code::Kernel& kernel);

  // At the end: whether a draw of the tile failed, and the first element of an array in the
  // first `count` draws.
  bool failed(size_t lane) const { return bad_[lane] != 0; }
  void copy(ir::ArrayId array, size_t count, double* to) const {
    copy_element(common_.program[array], 0, count, to);
  }

 private:
  void allocate(size_t lanes);
  void sample(uint64_t draw, size_t count);
  void save(const Places& places);
  bool advance(const code::Kernel& kernel, uint64_t steps, const std::function<bool()>& stopped);
  void note_nans(const double* values, size_t count);
  void look_at_states();
  void look_at_answers();
  void copy_element(const ir::Array& array, uint32_t element, size_t count, double* to) const;

  const Common& common_;
  AlignedMemory tile_, history_;
  size_t lanes_ = 0, count_ = 0;
  size_t saves_ = 0;  // save points that have been saved
  code::Frame frame_;
  std::vector<uint64_t> bad_;
  std::vector<double> answer_;
};

}  // namespace headrace::run
