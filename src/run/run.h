#pragma once

// Many draws of one program: sampling, tiles over threads, results into summaries. The results
// are a function of model, seed and number of draws; threads, tiles and back end change no bit.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "code/kernel.h"
#include "ir/program.h"
#include "math/design.h"
#include "model/model.h"
#include "summary/bands.h"

namespace headrace::math {
class SamplerCache;
}

namespace headrace::run {

// What a program computes once for the run and once for each time, for all draws. It depends on the
// program alone.
struct SharedValues {
  bool there = false;
  std::vector<double> run, time;
};

struct RunOptions {
  uint64_t draws = 100000;  // 0: one run at the median of every input
  uint64_t first_draw = 0;
  uint64_t seed = 1;
  unsigned threads = 0;  // 0: all cores
  math::Design design = math::Design::kMonteCarlo;
  // When not empty: Model::inputs[i] takes given[i][d] in draw first_draw + d instead of a sampled
  // value. One vector an input, each `draws` long, at least 1. `first_draw` still keys noise.
  std::span<const std::vector<double>> given;
  std::vector<double> probabilities = {0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95};
  // Up to this many bytes of saved values are kept and their quantiles are exact; beyond it they go
  // into sketches with a relative error of at most summary::kSketchError.
  uint64_t memory_limit = uint64_t{2} << 30;
  bool keep_series = false;    // keep every saved value of every draw in the result
  size_t named_failures = 20;  // how many failed draws are traced to their first bad value
  // Makes the program that those draws are traced with, one that stores every variable, so that the
  // first bad value has a name. Without it the program of the run is used.
  std::function<ir::Program()> traced_program;
  std::function<void(double fraction)> progress;  // called from one thread at a time
  const std::atomic<bool>* stop = nullptr;        // set: the run ends early and returns nothing
  // Kept between runs, and change no number; `shared` between those of one program.
  math::SamplerCache* samplers = nullptr;
  SharedValues* shared = nullptr;
};

// A draw in which something became NaN or infinite: the first variable in order of evaluation.
struct Failure {
  uint64_t draw = 0;
  std::string variable;  // with its element
  double time = 0;
};

struct SeriesResult {  // one element of one output
  model::VarId variable;
  uint32_t element = 0;
  std::string name;                  // "x[US]"
  std::vector<summary::Band> bands;  // one for each save point; empty for a single run
  std::vector<double> values;        // [save][draw] when kept, and always for a single run
};

struct AnswerResult {          // a measure, or a claim
  std::vector<double> values;  // one a draw, NaN where the draw failed
  summary::Band band;
  std::vector<double> holds;  // claims: 1 or 0 a draw, NaN where the draw failed
  double odds = 0;            // claims: share of sound draws in which it holds
};

struct CheckResult {
  uint64_t violations = 0;  // draws
  uint64_t first_draw = 0;  // the first draw in which it fails
  double first_time = 0;    // and when
};

struct RunResult {
  uint64_t draws = 0;  // 1 for a single run
  bool single = false;
  uint64_t seed = 0;
  bool exact = true;          // quantiles
  size_t windows = 0;         // of save points that were summarised at a time; 0: all at the end
  std::vector<double> times;  // of the save points, in model time
  std::vector<SeriesResult> series;
  std::vector<AnswerResult> measures, claims;  // as in the model
  std::vector<CheckResult> checks;
  uint64_t failed = 0;  // draws with a bad value; left out of bands and odds
  std::vector<Failure> failures;
  double compile_ms = 0, run_ms = 0, summary_ms = 0;
  std::string backend;  // "interp", "llvm", "interp, then llvm"
};

// Makes the kernels of a run. The run asks again while it works, so that a kernel that compiles in
// the background can take over; it must give the same bits.
class KernelSource {
 public:
  virtual ~KernelSource() = default;
  virtual std::shared_ptr<const code::Kernel> kernel() = 0;
  virtual bool is_settled() const = 0;  // kernel() gives the same one from now on
  virtual std::string name() const = 0;
};
std::unique_ptr<KernelSource> interpreter(const ir::Program& program);

// Runs. Nothing when `stop` was set; an error when the request needs more memory than the limit
// allows or the machine has. The model must be the one that the program was lowered from.
//
// Memory: saved values (a part of them at a time, where they are not to be kept) or their sketches,
// answers, bands, and what depends on time alone take at most memory_limit each; the tiles of all
// threads together at most that or 64 MiB.
base::Result<std::optional<RunResult>> run(const model::Model& model, const ir::Program& program,
                                           KernelSource& kernels, const RunOptions& options);

// The sampled inputs alone: one vector a Model::inputs, `draws` long.
std::vector<std::vector<double>> sample_inputs(const model::Model& model,
                                               const RunOptions& options);

// Independent uniform numbers in (0, 1), one vector a Model::inputs and all equally long, become
// values with the margins and the rank correlations of the model.
void transform_inputs(const model::Model& model, std::span<std::vector<double>> columns,
                      unsigned threads = 0);

}  // namespace headrace::run
