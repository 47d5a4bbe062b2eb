#include "run/tile.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstring>

#include "summary/wide.h"

namespace headrace::run {

namespace {

// Between two looks at `stop` lie at most about this many instructions times lanes, some 20 ms.
constexpr uint64_t kUnstopped = 20'000'000;

// Lanes that are saved at once, a line of the caches.
constexpr size_t kFew = 8;
typedef double Few [[gnu::vector_size(kFew * sizeof(double))]];
typedef int64_t FewBits [[gnu::vector_size(kFew * sizeof(double))]];

using Slots = std::span<const uint32_t>;

// Copies the lanes of each slot, the first slot's to `to`, each other's `pitch` numbers later.
// Tells whether one of them is no number. There are a multiple of kFew lanes.
HEADRACE_WIDE_BODY bool copy_slots_body(const double* tile, size_t lanes, Slots slots, double* to,
                                        size_t pitch) {
  FewBits nans{};
  for (const uint32_t slot : slots) {
    const double* row = tile + size_t{slot} * lanes;
    for (size_t i = 0; i < lanes; i += kFew) {
      Few few;
      std::memcpy(&few, row + i, sizeof few);
      nans |= few != few;
      std::memcpy(to + i, &few, sizeof few);
    }
    to += pitch;
  }
  int64_t any = 0;
  for (size_t k = 0; k < kFew; ++k) any |= nans[k];
  return any != 0;
}
HEADRACE_WIDE(bool, copy_slots,
              (const double* tile, size_t lanes, Slots slots, double* to, size_t pitch),
              copy_slots_body(tile, lanes, slots, to, pitch))

// The same to memory that is read much later, when the caches will long hold other things: whole
// lines of 64 bytes go past them, so that they need not be read before they are written.
#ifdef __SSE2__
[[gnu::target("avx512f")]] bool copy_slots_past_caches_avx512(const double* tile, size_t lanes,
                                                              Slots slots, double* to,
                                                              size_t pitch) {
  unsigned nans = 0;
  for (const uint32_t slot : slots) {
    const double* row = tile + size_t{slot} * lanes;
    for (size_t i = 0; i < lanes; i += kFew) {
      const __m512d few = _mm512_load_pd(row + i);
      nans |= _mm512_cmp_pd_mask(few, few, _CMP_UNORD_Q);
      _mm512_stream_pd(to + i, few);
    }
    to += pitch;
  }
  return nans != 0;
}
bool copy_slots_past_caches_baseline(const double* tile, size_t lanes, Slots slots, double* to,
                                     size_t pitch) {
  __m128d nans = _mm_setzero_pd();
  for (const uint32_t slot : slots) {
    const double* row = tile + size_t{slot} * lanes;
    for (size_t i = 0; i < lanes; i += 2) {
      const __m128d two = _mm_load_pd(row + i);
      nans = _mm_or_pd(nans, _mm_cmpunord_pd(two, two));
      _mm_stream_pd(to + i, two);
    }
    to += pitch;
  }
  return _mm_movemask_pd(nans) != 0;
}
const auto copy_slots_past_caches =
    summary::widest() == 2 ? copy_slots_past_caches_avx512 : copy_slots_past_caches_baseline;
#else
const auto copy_slots_past_caches = copy_slots;
#endif

bool begins_line(const double* at) {
  return reinterpret_cast<uintptr_t>(at) % (kFew * sizeof(double)) == 0;
}

// Before another thread may read what went past the caches.
void end_copies_past_caches() {
#ifdef __SSE2__
  _mm_sfence();
#endif
}

}  // namespace

void AlignedMemory::reset(size_t doubles) {
  constexpr size_t kAlignment = 64;
  storage_ = {};
  storage_.resize(doubles + kAlignment / sizeof(double));
  const size_t off = reinterpret_cast<uintptr_t>(storage_.data()) % kAlignment;
  first_ = storage_.data() + (off == 0 ? 0 : (kAlignment - off) / sizeof(double));
}

double tile_bytes(const ir::Program& program, size_t lanes) {
  const double rows =
      static_cast<double>(program.tile_slots) +
      static_cast<double>(program.history_slots) * (static_cast<double>(program.clock.steps) + 1);
  return rows * static_cast<double>(lanes) * 8;
}

Saved::Saved(const ir::Program& program) {
  for (size_t o = 0; o < program.outputs.size(); ++o) {
    const ir::Array& array = program[program.outputs[o].array];
    const bool shared = array.rank == ir::Rank::kRun || array.rank == ir::Rank::kTime;
    for (uint32_t e = 0; e < array.size; ++e) {
      series.push_back({o, e});
      slots.push_back(shared ? kShared : array.slot + e);
    }
  }
}

void Tile::allocate(size_t lanes) {
  if (lanes == lanes_) return;
  const ir::Program& p = common_.program;
  lanes_ = lanes;
  tile_.reset(size_t{p.tile_slots} * lanes);
  history_.reset(size_t{p.history_slots} * (p.clock.steps + 1) * lanes);
  bad_.assign(lanes, 0);
  frame_ = {
      tile_.data(), common_.run.data(), common_.time.data(), history_.data(), common_.seed, 0, 0};
}

// Lanes beyond the last draw repeat the first one.
void Tile::sample(uint64_t draw, size_t count) {
  std::vector<double*> rows;
  for (const uint32_t slot : common_.program.input_slots) {
    rows.push_back(tile_.data() + size_t{slot} * lanes_);
  }
  common_.sampler.fill(draw, count, rows);
  for (double* row : rows) std::fill(row + count, row + lanes_, row[0]);
}

bool Tile::simulate(const code::Kernel& kernel, uint64_t draw, size_t count, const Places& places,
                    const std::function<bool()>& stopped) {
  begin(kernel, draw, count);
  if (!go_on(kernel, common_.program.clock.saves(), places, stopped)) return false;
  end(kernel);
  return true;
}

void Tile::begin(const code::Kernel& kernel, uint64_t draw, size_t count) {
  allocate(kernel.lanes());
  count_ = count;
  saves_ = 0;
  std::fill(bad_.begin(), bad_.end(), 0);
  sample(draw, count);
  frame_.first_draw = draw;
  kernel.start(frame_);
}

bool Tile::go_on(const code::Kernel& kernel, size_t until, const Places& places,
                 const std::function<bool()>& stopped) {
  const model::Clock& clock = common_.program.clock;
  // A run that saves nothing, as of claims, goes through without a halt.
  const uint64_t stride = common_.program.outputs.empty() ? clock.steps : clock.save_every;
  const bool to_the_end = until == clock.saves();
  if (saves_ == 0) save(places);
  while (frame_.k < clock.steps && (to_the_end || saves_ < until)) {
    const uint64_t next = std::min(clock.steps, frame_.k + stride);
    if (!advance(kernel, next - frame_.k, stopped)) return false;
    if (frame_.k == clock.saved_step(saves_)) save(places);
  }
  if (places.past_caches) end_copies_past_caches();
  return true;
}

void Tile::end(const code::Kernel& kernel) {
  look_at_states();
  kernel.finish(frame_);
  look_at_answers();
}

bool Tile::advance(const code::Kernel& kernel, uint64_t steps,
                   const std::function<bool()>& stopped) {
  const uint64_t cost = (common_.program.step.code.size() + 1) * lanes_;
  const uint64_t at_once = std::max<uint64_t>(1, kUnstopped / cost);
  while (steps > 0) {
    if (stopped()) return false;
    const uint64_t now = std::min(steps, at_once);
    kernel.advance(frame_, now);
    steps -= now;
  }
  return true;
}

void Tile::copy_element(const ir::Array& array, uint32_t element, size_t count, double* to) const {
  const size_t slot = size_t{array.slot} + element;
  switch (array.rank) {
    case ir::Rank::kRun:
      std::fill_n(to, count, frame_.run[slot]);
      return;
    case ir::Rank::kTime:
      std::fill_n(to, count, frame_.time[frame_.k * common_.program.time_slots + slot]);
      return;
    case ir::Rank::kDraw:
    case ir::Rank::kStep:
      std::copy_n(frame_.tile + slot * lanes_, count, to);
      return;
  }
}

void Tile::save(const Places& places) {
  const std::vector<uint32_t>& all = common_.saved.slots;
  const bool full = count_ == lanes_ && lanes_ % kFew == 0;
  for (size_t i = 0; i < all.size();) {
    double* const to = places.of(i, saves_);
    if (!full || all[i] == Saved::kShared) {
      const Series& series = common_.saved.series[i++];
      const ir::ArrayId array = common_.program.outputs[series.output].array;
      copy_element(common_.program[array], series.element, count_, to);
      note_nans(to, count_);
      continue;
    }
    const auto from = all.begin() + static_cast<ptrdiff_t>(i);
    const Slots slots(from, std::find(from, all.end(), Saved::kShared));
    const size_t pitch = places.saves * places.pitch;
    const bool past_caches = places.past_caches && begins_line(to) && pitch % kFew == 0;
    const auto copy = past_caches ? copy_slots_past_caches : copy_slots;
    if (copy(tile_.data(), lanes_, slots, to, pitch)) {
      for (const uint32_t slot : slots) note_nans(tile_.data() + size_t{slot} * lanes_, lanes_);
    }
    i += slots.size();
  }
  ++saves_;
}

void Tile::note_nans(const double* values, size_t count) {
  for (size_t lane = 0; lane < count; ++lane) bad_[lane] |= values[lane] != values[lane];
}

// A state that was infinite or no number once stays so, since what is added to it cannot bring it
// back. So the end shows it.
void Tile::look_at_states() {
  const ir::Program& p = common_.program;
  for (uint32_t s = 0; s < p.states; ++s) {
    const double* row = frame_.tile + size_t{p.state_slot + s} * lanes_;
    for (size_t lane = 0; lane < count_; ++lane) bad_[lane] |= !(std::abs(row[lane]) < HUGE_VAL);
  }
}

void Tile::look_at_answers() {
  const ir::Program& p = common_.program;
  answer_.resize(count_);
  for (const auto* list : {&p.measures, &p.claim_measures, &p.claim_conditions}) {
    for (const ir::ArrayId id : *list) {
      copy(id, count_, answer_.data());
      note_nans(answer_.data(), count_);
    }
  }
  for (const ir::ArrayId id : common_.finite_answers) {
    copy(id, count_, answer_.data());
    for (size_t lane = 0; lane < count_; ++lane)
      bad_[lane] |= !(std::abs(answer_[lane]) < HUGE_VAL);
  }
}

}  // namespace headrace::run
