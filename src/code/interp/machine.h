// Executes routines over one tile.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "code/device/device.h"
#include "code/interp/assemble.h"
#include "code/kernel.h"
#include "code/table.h"

namespace headrace::code {

// Memory aligned for the widest vectors. Not cleared.
class Buffer {
 public:
  explicit Buffer(size_t doubles);
  double* data() { return data_.get(); }

 private:
  struct Free {
    void operator()(double* p) const;
  };
  std::unique_ptr<double[], Free> data_;
};

// What all frames share.
struct Setting {
  const ir::Program* program = nullptr;
  const StripSet* strips = nullptr;
  size_t lanes = kSharedWidth;
  std::vector<Table> tables;

  Setting(const ir::Program& program, const StripSet& strips, size_t lanes);
};

// One call's worth of execution: bases of the spaces, ordinals, the moment. Scratch memory is its
// own, so routines may run on many threads, each in a machine of its own.
class Machine {
 public:
  // A store that is being traced: array, element's first lane.
  using OnStore = std::function<void(uint32_t array, const double* stored)>;

  Machine(const Setting& setting, const Frame& frame, size_t scratch_rows, size_t shared_rows);

  // Puts the machine at step k, at its start.
  void at_step(uint64_t k);
  // Within a Runge-Kutta step: another time, and no history is written.
  void at_stage(double time);

  void spread_run(const Routine& routine);
  // Steps [0, end) of the routine at the present moment.
  void execute(const Routine& routine, size_t end);
  // For run blocks, which write it.
  void set_run(double* run) { base_[static_cast<size_t>(Space::kRun)] = run; }
  void set_on_store(OnStore on_store) { on_store_ = std::move(on_store); }

 private:
  double* place(const Place& place) const {
    return place.address == kNone ? base_[static_cast<size_t>(place.space)] + place.offset
                                  : moving_place(place);
  }
  double* moving_place(const Place& place) const;
  int64_t element(const Address& address) const;
  bool runs(const ir::Loop& loop) const;
  void spread(double number, uint32_t row);
  void execute_rare(const Step& step, size_t& at);
  void execute_device(const Step& step);
  void execute_array_call(const Step& step);

  const Setting& setting_;
  Frame frame_;
  Buffer scratch_, shared_;
  double* base_[kSpaces];
  const Address* addresses_ = nullptr;
  const SliceCall* calls_ = nullptr;
  std::vector<const double*> slabs_;
  std::vector<uint32_t> ordinals_;
  std::vector<TableRows> tables_;
  Moment moment_;
  OnStore on_store_;
};

}  // namespace headrace::code
