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

// Whether one of the values is no number; `n` is a multiple of kFew.
HEADRACE_WIDE_BODY bool has_nan_body(const double* values, size_t n) {
  FewBits nans{};
  for (size_t i = 0; i < n; i += kFew) {
    Few few;
    std::memcpy(&few, values + i, sizeof few);
    nans |= few != few;
  }
  int64_t any = 0;
  for (size_t k = 0; k < kFew; ++k) any |= nans[k];
  return any != 0;
}
HEADRACE_WIDE(bool, has_nan, (const double* values, size_t n), has_nan_body(values, n))

// Copies to memory that is read much later, when the caches will long hold other things: whole
// lines of 64 bytes go past them, so that they need not be read before they are written.
#ifdef __SSE2__
[[gnu::target("avx512f")]] void copy_past_caches_avx512(const double* from, double* to, size_t n) {
  for (size_t i = 0; i < n; i += kFew) _mm512_stream_pd(to + i, _mm512_load_pd(from + i));
}
void copy_past_caches_baseline(const double* from, double* to, size_t n) {
  for (size_t i = 0; i < n; i += 2) _mm_stream_pd(to + i, _mm_load_pd(from + i));
}
const auto copy_past_caches =
    summary::widest() == 2 ? copy_past_caches_avx512 : copy_past_caches_baseline;
#else
void copy_past_caches(const double* from, double* to, size_t n) { std::copy_n(from, n, to); }
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

std::vector<Series> all_series(const ir::Program& program) {
  std::vector<Series> series;
  for (size_t o = 0; o < program.outputs.size(); ++o) {
    const uint32_t size = program[program.outputs[o].array].size;
    for (uint32_t e = 0; e < size; ++e) series.push_back({o, e});
  }
  return series;
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
  size_t series = 0;
  for (const ir::Output& output : common_.program.outputs) {
    const ir::Array& array = common_.program[output.array];
    const bool full = count_ == lanes_ && lanes_ % kFew == 0 &&
                      (array.rank == ir::Rank::kDraw || array.rank == ir::Rank::kStep);
    for (uint32_t e = 0; e < array.size; ++e, ++series) {
      double* const to = places.of(series, saves_);
      if (full) {
        const double* from = frame_.tile + (size_t{array.slot} + e) * lanes_;
        if (places.past_caches && begins_line(to)) {
          copy_past_caches(from, to, lanes_);
        } else {
          std::copy_n(from, lanes_, to);
        }
        if (has_nan(from, lanes_)) note_nans(from, lanes_);
        continue;
      }
      copy_element(array, e, count_, to);
      note_nans(to, count_);
    }
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
