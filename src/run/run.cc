#include "run/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <new>
#include <stdexcept>

#include "base/workers.h"
#include "code/interp/interp.h"
#include "run/columns.h"
#include "run/failures.h"
#include "run/tile.h"
#include "summary/odds.h"

namespace headrace::run {

namespace {

using Clock = std::chrono::steady_clock;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kNever = std::numeric_limits<double>::infinity();

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

class Interpreted final : public KernelSource {
 public:
  explicit Interpreted(const ir::Program& program) : kernel_(code::interpret(program)) {}
  std::shared_ptr<const code::Kernel> kernel() override { return kernel_; }
  bool is_settled() const override { return true; }
  std::string name() const override { return "interp"; }

 private:
  std::shared_ptr<const code::Kernel> kernel_;
};

// Calls the progress function now and then, from one thread at a time.
class Progress {
 public:
  Progress(const RunOptions& options, uint64_t total) : options_(options), total_(total) {}

  void add(uint64_t done) {
    if (!options_.progress) return;
    done_ += done;
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock() || ms_since(last_) < 50) return;
    last_ = Clock::now();
    options_.progress(static_cast<double>(done_) / static_cast<double>(total_));
  }

 private:
  const RunOptions& options_;
  uint64_t total_;
  std::atomic<uint64_t> done_ = 0;
  std::mutex mutex_;
  Clock::time_point last_ = Clock::now();
};

// What a check found in one block of draws.
struct Violations {
  uint64_t count = 0, first_draw = 0;
  double first_time = 0;
};

base::Error too_large(const char* what, double bytes, uint64_t limit) {
  return {base::Error::Kind::kInvalid,
          fmt::format("{} would take {:.3g} GB, and the limit is {:.3g} GB", what, bytes / 1e9,
                      static_cast<double>(limit) / 1e9)};
}

// Saved values of so many bytes are summarised at a time: few beside all of them, and enough that
// it does not matter that each tile comes back from memory for the next ones.
constexpr double kWindowBytes = 32 << 20;

// A few draws are shared out in smaller blocks, so that every thread has some of a preview. Where
// all values are kept, blocks decide nothing but that.
constexpr uint64_t kSmallBlock = 256;

class Ensemble {
 public:
  Ensemble(const model::Model& model, const ir::Program& program, KernelSource& kernels,
           const RunOptions& options)
      : model_(model),
        program_(program),
        kernels_(kernels),
        options_(options),
        single_(options.draws == 0 || (model.inputs.empty() && program.noises.empty())),
        draws_(single_ ? 1 : options.draws),
        saved_(program),
        shape_{saved_.series.size(), program.clock.saves(), draws_},
        block_(kept() && draws_ <= 8 * kBlockDraws ? kSmallBlock : kBlockDraws) {}

  base::Result<std::optional<RunResult>> run() {
    if (auto error = refuse()) return std::unexpected(*error);
    auto start = Clock::now();
    SharedValues own;
    SharedValues& shared = options_.shared ? *options_.shared : own;
    if (!shared.there) code::evaluate_shared(program_, shared.run, shared.time);
    shared.there = true;
    const size_t lanes = kernels_.kernel()->lanes();
    result_.compile_ms = ms_since(start);
    if (auto error = choose_threads(lanes)) return std::unexpected(*error);

    start = Clock::now();
    RunOptions sampled = options_;
    sampled.draws = options_.draws == 0 ? 0 : draws_;
    const InputSampler sampler(model_, sampled);
    const Common common{program_,    sampler,       saved_,          shared.run,
                        shared.time, options_.seed, finite_answers()};
    prepare();
    const bool in_windows = suits_windows(lanes);
    if (!(in_windows ? simulate_in_windows(common) : simulate(common)))
      return std::optional<RunResult>();
    result_.run_ms = ms_since(start) - window_summary_ms_;

    start = Clock::now();
    if (!in_windows && !summarize_series()) return std::optional<RunResult>();
    if (!summarize_answers()) return std::optional<RunResult>();
    name(sampler);
    result_.summary_ms = ms_since(start) + window_summary_ms_;
    if (options_.progress) options_.progress(1.0);
    return std::optional<RunResult>(std::move(result_));
  }

 private:
  bool stopped() const { return options_.stop != nullptr && options_.stop->load(); }

  // ------------------------------------------------------------ limits

  std::optional<base::Error> refuse() const {
    const double limit = static_cast<double>(options_.memory_limit);
    const double time_bytes = (static_cast<double>(program_.clock.steps) + 1) *
                              static_cast<double>(program_.time_slots) * 8;
    if (time_bytes > limit) {
      return too_large("what depends on time alone", time_bytes, options_.memory_limit);
    }
    // Answers, room for the numbers of failed draws, and what is noted of each block.
    const double a_draw =
        8 * static_cast<double>(1 + program_.measures.size() + 2 * program_.claim_measures.size());
    const double a_block = 48 + sizeof(Violations) * static_cast<double>(program_.checks.size());
    const double blocks = std::ceil(static_cast<double>(draws_) / static_cast<double>(block_));
    const double answer_bytes = a_draw * static_cast<double>(draws_) + a_block * blocks;
    if (answer_bytes > limit) {
      return too_large("the answers of all draws", answer_bytes, options_.memory_limit);
    }
    const double a_band = 64 + 8 * static_cast<double>(options_.probabilities.size());
    const double band_bytes = a_band * static_cast<double>(shape_.columns());
    if (!single_ && band_bytes > limit) {
      return too_large("the bands of all saved values", band_bytes, options_.memory_limit);
    }
    if (shape_.bytes() <= limit) return std::nullopt;
    if (must_keep()) {
      return too_large("keeping all saved values", shape_.bytes(), options_.memory_limit);
    }
    if (sketch_bytes(shape_) > limit) {
      return too_large("summarising so many saved values", sketch_bytes(shape_),
                       options_.memory_limit);
    }
    return std::nullopt;
  }

  // As many threads as the tiles' memory allows.
  std::optional<base::Error> choose_threads(size_t lanes) {
    double each = tile_bytes(program_, lanes);
    if (!kept()) each += static_cast<double>(shape_.columns() * kBlockDraws) * 8;
    const double limit = static_cast<double>(std::max<uint64_t>(options_.memory_limit, 64 << 20));
    if (each > limit) return too_large("one tile", each, static_cast<uint64_t>(limit));
    const double room = each > 0 ? limit / each : 1e9;
    threads_ = static_cast<unsigned>(
        std::min<double>(base::thread_count(options_.threads), std::max(1.0, room)));
    return std::nullopt;
  }

  bool must_keep() const { return single_ || options_.keep_series; }
  bool kept() const {
    return must_keep() || shape_.bytes() <= static_cast<double>(options_.memory_limit);
  }

  // ------------------------------------------------------------ simulation

  void prepare() {
    result_.draws = draws_;
    result_.single = single_;
    result_.seed = options_.seed;
    result_.exact = kept();
    for (size_t save = 0; save < shape_.saves; ++save) {
      result_.times.push_back(program_.clock.time(program_.clock.saved_step(save)));
    }
    result_.measures.resize(program_.measures.size());
    result_.claims.resize(program_.claim_measures.size());
    for (auto& m : result_.measures) m.values.resize(draws_);
    for (auto& c : result_.claims) c.values.resize(draws_), c.holds.resize(draws_);
    for (const Series& s : saved_.series) {
      const ir::Output& output = program_.outputs[s.output];
      SeriesResult r;
      r.variable = output.variable;
      r.element = s.element;
      r.name = model_.element_name(output.variable, s.element);
      if (!single_) r.bands.resize(shape_.saves);
      result_.series.push_back(std::move(r));
    }
  }

  void forget_draws() {
    const size_t blocks = (draws_ + block_ - 1) / block_;
    failed_in_.assign(blocks, {});
    violations_.assign(blocks, std::vector<Violations>(program_.checks.size()));
  }

  std::vector<ir::ArrayId> finite_answers() const {
    std::vector<ir::ArrayId> finite;
    for (size_t m = 0; m < program_.measures.size(); ++m) {
      if (!may_be_infinite(model_, model_.measures[m].value)) {
        finite.push_back(program_.measures[m]);
      }
    }
    for (size_t c = 0; c < program_.claim_measures.size(); ++c) {
      if (!may_be_infinite(model_, model_.claims[c].measure)) {
        finite.push_back(program_.claim_measures[c]);
      }
    }
    return finite;
  }

  bool simulate(const Common& common) {
    forget_draws();
    columns_ = std::make_unique<Columns>(shape_, kept());
    Progress progress(options_, draws_);
    std::vector<std::unique_ptr<Tile>> tiles(threads_);
    std::vector<std::vector<double>> own(threads_);
    base::parallel_for(failed_in_.size(), threads_, [&](size_t block, unsigned worker) {
      if (stopped()) return;
      if (!tiles[worker]) tiles[worker] = std::make_unique<Tile>(common);
      simulate_block(*tiles[worker], own[worker], block, progress);
    });
    note_failed();
    return !stopped();
  }

  void note_failed() {
    result_.backend = kernels_.name();
    failed_.clear();
    for (const auto& block : failed_in_) failed_.insert(failed_.end(), block.begin(), block.end());
    result_.failed = failed_.size();
  }

  std::shared_ptr<const code::Kernel> next_kernel() {
    const std::lock_guard lock(kernels_mutex_);
    return kernels_.kernel();
  }

  void simulate_block(Tile& tile, std::vector<double>& own, uint64_t block, Progress& progress) {
    const uint64_t end = std::min(draws_, (block + 1) * block_);
    for (uint64_t draw = block * block_; draw < end;) {
      const auto kernel = next_kernel();
      const size_t count = std::min<uint64_t>(kernel->lanes(), end - draw);
      if (!tile.simulate(*kernel, options_.first_draw + draw, count, columns_->places(own, draw),
                         [this] { return stopped(); })) {
        return;
      }
      take_answers(tile, block, draw, count);
      draw += count;
      progress.add(count);
    }
    columns_->end_block(own, block, failed_in_[block]);
  }

  // ------------------------------------------------------------ windows
  //
  // Where saved values are more than caches hold, and nobody wants them in the end, all draws come
  // to a save point before the values up to there are summarised and forgotten. Each tile keeps its
  // memory meanwhile. The numbers are those of a simulation in one go.

  bool suits_windows(size_t lanes) const {
    const double tiles = static_cast<double>(draws_) / static_cast<double>(lanes) +
                         static_cast<double>(draws_) / static_cast<double>(block_);
    return kept() && !must_keep() && is_past_caches(shape_.bytes()) && kernels_.is_settled() &&
           tiles * tile_bytes(program_, lanes) < shape_.bytes() / 4;
  }

  // Only at the end it is known which draws fail, and these have no part in any summary. When there
  // are some, all is done again without them.
  bool simulate_in_windows(const Common& common) {
    for (bool known = false; !known;) {
      forget_draws();
      if (!pass_in_windows(common)) return false;
      const std::vector<uint64_t> left_out = failed_;
      note_failed();
      known = failed_ == left_out;
    }
    return true;
  }

  bool pass_in_windows(const Common& common) {
    const auto kernel = next_kernel();
    Shape window = shape_;
    window.saves = std::clamp<size_t>(
        static_cast<size_t>(kWindowBytes / (shape_.bytes() / static_cast<double>(shape_.saves))), 1,
        shape_.saves);
    Columns columns(window, true);
    result_.windows = (shape_.saves + window.saves - 1) / window.saves;
    Progress progress(options_, draws_ * result_.windows);
    std::vector<std::vector<std::unique_ptr<Tile>>> tiles(failed_in_.size());
    for (size_t first = 0; first < shape_.saves; first += window.saves) {
      const size_t until = std::min(shape_.saves, first + window.saves);
      base::parallel_for(tiles.size(), threads_, [&](size_t block, unsigned) {
        if (stopped()) return;
        go_on(common, *kernel, columns, tiles[block], block, first, until, progress);
      });
      if (stopped()) return false;
      summarize_window(columns, first, until);
    }
    return !stopped();
  }

  // The tiles of one block of draws, up to the save points before `until`.
  void go_on(const Common& common, const code::Kernel& kernel, Columns& columns,
             std::vector<std::unique_ptr<Tile>>& tiles, size_t block, size_t first, size_t until,
             Progress& progress) {
    const uint64_t end = std::min(draws_, (block + 1) * block_);
    std::vector<double> none;
    for (uint64_t draw = block * block_, t = 0; draw < end; draw += kernel.lanes(), ++t) {
      const size_t count = std::min<uint64_t>(kernel.lanes(), end - draw);
      if (first == 0) {
        tiles.push_back(std::make_unique<Tile>(common));
        tiles[t]->begin(kernel, options_.first_draw + draw, count);
      }
      Places places = columns.places(none, draw);
      places.first_save = first;
      places.past_caches = true;
      if (!tiles[t]->go_on(kernel, until, places, [this] { return stopped(); })) return;
      progress.add(count);
      if (until < shape_.saves) continue;
      tiles[t]->end(kernel);
      take_answers(*tiles[t], block, draw, count);
      tiles[t].reset();
    }
  }

  void summarize_window(Columns& columns, size_t first, size_t until) {
    const auto start = Clock::now();
    const size_t saves = until - first;
    std::vector<summary::Summarizer> summarizers(threads_);
    base::parallel_for(saved_.series.size() * saves, threads_, [&](size_t i, unsigned worker) {
      const size_t series = i / saves, save = i % saves;
      result_.series[series].bands[first + save] =
          columns.summarize(summarizers[worker], series, save, failed_, options_.probabilities);
    });
    window_summary_ms_ += ms_since(start);
  }

  void take_answers(const Tile& tile, uint64_t block, uint64_t draw, size_t count) {
    for (size_t lane = 0; lane < count; ++lane) {
      if (tile.failed(lane)) failed_in_[block].push_back(draw + lane);
    }
    // A failed draw has no answer.
    const auto take = [&](ir::ArrayId id, double* to) {
      tile.copy(id, count, to);
      for (size_t lane = 0; lane < count; ++lane) {
        if (tile.failed(lane)) to[lane] = kNaN;
      }
    };
    for (size_t m = 0; m < program_.measures.size(); ++m) {
      take(program_.measures[m], &result_.measures[m].values[draw]);
    }
    for (size_t c = 0; c < program_.claim_measures.size(); ++c) {
      take(program_.claim_measures[c], &result_.claims[c].values[draw]);
      double* const holds = &result_.claims[c].holds[draw];
      take(program_.claim_conditions[c], holds);
      for (size_t lane = 0; lane < count; ++lane) {
        if (holds[lane] == holds[lane]) holds[lane] = holds[lane] != 0;
      }
    }
    std::vector<double> when(count);
    for (size_t c = 0; c < program_.checks.size(); ++c) {
      take(program_.checks[c], when.data());
      note_violations(violations_[block][c], draw, when);
    }
  }

  // `when` has the time of each draw at which a check fails first, NaN for a failed draw.
  void note_violations(Violations& noted, uint64_t draw, std::span<const double> when) {
    for (size_t lane = 0; lane < when.size(); ++lane) {
      if (!(when[lane] < kNever)) continue;
      if (noted.count++ > 0) continue;
      noted.first_draw = options_.first_draw + draw + lane;
      noted.first_time = when[lane];
    }
  }

  // ------------------------------------------------------------ summaries

  bool summarize_series() {
    if (!single_) {
      std::vector<summary::Summarizer> summarizers(threads_);
      base::parallel_for(shape_.columns(), threads_, [&](size_t column, unsigned worker) {
        if (stopped()) return;
        const size_t series = column / shape_.saves, save = column % shape_.saves;
        result_.series[series].bands[save] =
            columns_->summarize(summarizers[worker], series, save, failed_, options_.probabilities);
      });
    }
    for (size_t i = 0; i < saved_.series.size() && must_keep(); ++i) {
      const auto values = columns_->series(i);
      result_.series[i].values.assign(values.begin(), values.end());
    }
    return !stopped();
  }

  bool summarize_answers() {
    const size_t measures = result_.measures.size();
    base::parallel_for(measures + result_.claims.size(), threads_, [&](size_t i, unsigned) {
      AnswerResult& a = i < measures ? result_.measures[i] : result_.claims[i - measures];
      a.band = summary::summarize(a.values, options_.probabilities);
      if (i >= measures) a.odds = summary::odds(a.holds).share();
    });
    summarize_checks();
    return !stopped();
  }

  void summarize_checks() {
    result_.checks.resize(program_.checks.size());
    for (const auto& block : violations_) {
      for (size_t c = 0; c < block.size(); ++c) {
        if (block[c].count == 0) continue;
        CheckResult& check = result_.checks[c];
        if (check.violations == 0) {
          check.first_draw = block[c].first_draw;
          check.first_time = block[c].first_time;
        }
        check.violations += block[c].count;
      }
    }
  }

  void name(const InputSampler& sampler) {
    std::vector<uint64_t> draws;
    for (const uint64_t draw : failed_) {
      if (draws.size() == options_.named_failures) break;
      draws.push_back(options_.first_draw + draw);
    }
    if (draws.empty()) return;
    const auto names = [&](const ir::Program& program) {
      result_.failures = name_failures(model_, program, sampler, options_.seed, draws);
    };
    if (options_.traced_program) {
      names(options_.traced_program());
    } else {
      names(program_);
    }
  }

  const model::Model& model_;
  const ir::Program& program_;
  KernelSource& kernels_;
  std::mutex kernels_mutex_;
  const RunOptions& options_;
  bool single_;
  uint64_t draws_;
  Saved saved_;
  Shape shape_;
  const uint64_t block_;  // draws
  unsigned threads_ = 1;
  RunResult result_;
  std::unique_ptr<Columns> columns_;
  double window_summary_ms_ = 0;
  std::vector<std::vector<uint64_t>> failed_in_;  // by block, ascending
  std::vector<uint64_t> failed_;
  std::vector<std::vector<Violations>> violations_;  // [block][check]
};

}  // namespace

std::unique_ptr<KernelSource> interpreter(const ir::Program& program) {
  return std::make_unique<Interpreted>(program);
}

base::Result<std::optional<RunResult>> run(const model::Model& model, const ir::Program& program,
                                           KernelSource& kernels, const RunOptions& options) {
  try {
    return Ensemble(model, program, kernels, options).run();
  } catch (const std::bad_alloc&) {
    return base::fail(base::Error::Kind::kInvalid,
                      "there is not enough memory for this run; fewer draws, series or save "
                      "points need less");
  } catch (const std::length_error&) {
    return base::fail(base::Error::Kind::kUsage, "the run is too large");
  }
}

}  // namespace headrace::run
