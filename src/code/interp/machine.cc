#include "code/interp/machine.h"

#include <algorithm>
#include <new>

#include "base/check.h"
#include "code/device/arrays.h"

namespace headrace::code {

namespace {
constexpr std::align_val_t kAlignment{64};
}

Buffer::Buffer(size_t doubles)
    : data_(static_cast<double*>(
          ::operator new[](std::max<size_t>(doubles, 1) * sizeof(double), kAlignment))) {}

void Buffer::Free::operator()(double* p) const { ::operator delete[](p, kAlignment); }

Setting::Setting(const ir::Program& p, const StripSet& s, size_t l)
    : program(&p), strips(&s), lanes(l) {
  for (const model::Table& table : p.tables) tables.push_back(prepare(table));
}

Machine::Machine(const Setting& setting, const Frame& frame, size_t scratch_rows,
                 size_t shared_rows)
    : setting_(setting),
      frame_(frame),
      scratch_(scratch_rows * setting.lanes),
      shared_(shared_rows * kSharedWidth),
      ordinals_(setting.program->loops.size()) {
  base_[static_cast<size_t>(Space::kTile)] = frame.tile;
  base_[static_cast<size_t>(Space::kScratch)] = scratch_.data();
  base_[static_cast<size_t>(Space::kShared)] = shared_.data();
  base_[static_cast<size_t>(Space::kConstant)] = nullptr;
  // These two are only read, unless set_run replaces the first.
  base_[static_cast<size_t>(Space::kRun)] = const_cast<double*>(frame.run);
  base_[static_cast<size_t>(Space::kTime)] = const_cast<double*>(frame.time);
  for (const Table& t : setting.tables) {
    tables_.push_back({t.points, t.clamped, t.x.data(), t.y.data(), t.slope.data(), t.rows.data()});
  }
  moment_.steps = setting.program->clock.steps;
  moment_.step = setting.program->clock.step;
  at_step(frame.k);
}

void Machine::at_step(uint64_t k) {
  moment_.k = k;
  moment_.first_stage = true;
  const double now = setting_.program->clock.time(k);
  spread(now, kTimeNowRow);
  spread(now, kStepTimeRow);
  if (frame_.time != nullptr) {
    base_[static_cast<size_t>(Space::kTime)] =
        const_cast<double*>(frame_.time) + k * setting_.program->time_slots;
  }
}

void Machine::at_stage(double time) {
  moment_.first_stage = false;
  spread(time, kTimeNowRow);
}

void Machine::spread(double number, uint32_t row) {
  std::fill_n(shared_.data() + row * kSharedWidth, kSharedWidth, number);
}

void Machine::spread_run(const Routine& routine) {
  const double* run = base_[static_cast<size_t>(Space::kRun)];
  for (const Spread& s : routine.run) spread(run[s.from], s.to);
}

int64_t Machine::element(const Address& address) const {
  int64_t element = address.access->offset;
  for (const ir::Term& term : address.access->terms) {
    const uint32_t ordinal = ordinals_[term.loop.index];
    int64_t at = ordinal;
    if (!term.map.empty()) {
      at = term.map[ordinal];
      if (at < 0) return -1;
    }
    element += at * term.stride;
  }
  return element;
}

bool Machine::runs(const ir::Loop& loop) const {
  if (!loop.when.valid()) return loop.extent > 0;
  const ir::Access& access = (*setting_.program)[loop.when];
  const ir::Array& array = (*setting_.program)[access.array];
  const Space space = array.rank == ir::Rank::kRun ? Space::kRun : Space::kTime;
  return base_[static_cast<size_t>(space)][array.slot + access.offset] != 0;
}

double* Machine::moving_place(const Place& place) const {
  const Address& address = addresses_[place.address];
  double* const base = base_[static_cast<size_t>(place.space)];
  const int64_t e = element(address);
  return e < 0 ? base : base + (address.slot + static_cast<size_t>(e)) * address.row;
}

void Machine::execute(const Routine& routine, size_t end) {
  addresses_ = routine.addresses.data();
  calls_ = routine.calls.data();
  base_[static_cast<size_t>(Space::kConstant)] = const_cast<double*>(routine.constants.data());
  const double* time_row = base_[static_cast<size_t>(Space::kTime)];
  for (const Spread& s : routine.time) spread(time_row[s.from], s.to);
  const Step* const steps = routine.steps.data();
  for (size_t at = 0; at < end;) {
    const Step& step = steps[at];
    if (step.kind != Step::Kind::kStrip) {
      execute_rare(step, at);
      continue;
    }
    ++at;
    if (!step.moving) {
      auto fixed = [&](const Place& p) { return base_[static_cast<size_t>(p.space)] + p.offset; };
      step.strip(fixed(step.out), fixed(step.in[0]), fixed(step.in[1]), fixed(step.in[2]),
                 fixed(step.in[3]), step.n);
    } else {
      step.strip(place(step.out), place(step.in[0]), place(step.in[1]), place(step.in[2]),
                 place(step.in[3]), step.n);
    }
  }
}

void Machine::execute_rare(const Step& step, size_t& at) {
  ++at;
  switch (step.kind) {
    case Step::Kind::kStrip:
      break;
    case Step::Kind::kLookup:
      setting_.strips->lookup(tables_[step.index], place(step.out), place(step.in[0]), step.n);
      return;
    case Step::Kind::kBroadcast:
      std::fill_n(place(step.out), kSharedWidth, *place(step.in[0]));
      return;
    case Step::Kind::kOrdinal:
      std::fill_n(place(step.out), kSharedWidth, static_cast<double>(ordinals_[step.loop]));
      return;
    case Step::Kind::kPutShared:
      *place(step.out) = *place(step.in[0]);
      return;
    case Step::Kind::kLoop:
      ordinals_[step.loop] = 0;
      if (!runs(setting_.program->loops[step.loop])) at = step.target;
      return;
    case Step::Kind::kEndLoop:
      if (++ordinals_[step.loop] < setting_.program->loops[step.loop].extent) at = step.target;
      return;
    case Step::Kind::kDelayRead:
    case Step::Kind::kDelayWrite:
    case Step::Kind::kBehind:
    case Step::Kind::kNoise:
      execute_device(step);
      return;
    case Step::Kind::kArrayCall:
      execute_array_call(step);
      return;
    case Step::Kind::kCheck:
      on_store_(step.index, place(step.in[0]));
      return;
  }
  CHECK(false);
}

void Machine::execute_array_call(const Step& step) {
  const SliceCall& call = calls_[step.index];
  slabs_.clear();
  for (const Place& slab : call.slabs) slabs_.push_back(place(slab));
  headrace_array(call.shape.data(), slabs_.data(), place(step.out), step.n);
}

void Machine::execute_device(const Step& step) {
  const size_t lanes = setting_.lanes;
  const int64_t e = element(addresses_[step.element]);
  if (e < 0) {  // outside the array: reads as 0, and is never written
    if (step.kind != Step::Kind::kDelayWrite) std::fill_n(place(step.out), lanes, 0.0);
    return;
  }
  if (step.kind == Step::Kind::kNoise) {
    const ir::Noise& noise = setting_.program->noises[step.index];
    headrace_noise(&moment_, frame_.seed, noise.key, static_cast<uint64_t>(e), noise.normal,
                   frame_.first_draw, place(step.out), lanes);
    return;
  }
  const ir::History& history = setting_.program->histories[step.index];
  const size_t rows = moment_.steps + 1;
  const size_t slot = history.slot + static_cast<size_t>(e) * history.series;
  double* const series = frame_.history + slot * rows * lanes;
  if (step.kind == Step::Kind::kDelayRead) {
    headrace_delay_read(&moment_, series, place(step.in[0]), place(step.in[1]), place(step.out),
                        lanes);
  } else if (step.kind == Step::Kind::kDelayWrite) {
    headrace_delay_write(&moment_, series, place(step.in[0]), lanes);
  } else {
    headrace_behind(&moment_, series, place(step.in[0]), place(step.in[1]), place(step.out), lanes);
  }
}

}  // namespace headrace::code
