// Measures the engine on made-up models: both back ends against the same equations written by hand
// in C++ with SIMD (compiled by g++ -O3 -march=native in this call), from 10 to 5,000 equations;
// the time from text to the first result; and compile time against the size of arrays. Ratios are
// what counts: both sides run in the same process, one after the other, on one thread.

#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "code/interp/interp.h"
#include "code/llvm/jit.h"
#include "code/llvm/loader.h"
#include "pipeline.h"
#include "run/run.h"
#include "synthetic.h"

namespace headrace::bench {

namespace {

namespace fs = std::filesystem;

constexpr int kSteps = 200;
using ByHand = void (*)(const double* params, double* stocks, size_t draws, int steps, double h);

// Compiles the C++ of a model; nothing when there is no compiler.
ByHand compile_by_hand(const std::string& code, const fs::path& folder, int number) {
  const fs::path source = folder / fmt::format("by_hand_{}.cc", number);
  const fs::path library = folder / fmt::format("by_hand_{}.so", number);
  std::ofstream(source) << code;
  const std::string command = fmt::format(
      "g++ -std=gnu++20 -O3 -march=native -shared -fPIC -I{0}/src -I{0}/bench {1} -o {2}",
      HEADRACE_SOURCE_DIR, source.string(), library.string());
  if (std::system(command.c_str()) != 0) return nullptr;
  void* handle = dlopen(library.c_str(), RTLD_NOW);
  return handle ? reinterpret_cast<ByHand>(dlsym(handle, "run")) : nullptr;
}

// The largest relative difference between our stocks and those computed by hand, over the first
// lanes.
double difference(const Built& built, const Tile& tile, size_t lanes, const Synthetic& synthetic,
                  const std::vector<double>& stocks, size_t draws) {
  double worst = 0;
  for (int i = 0; i < synthetic.stocks; ++i) {
    for (size_t lane = 0; lane < lanes; ++lane) {
      const double ours = tile.memory()[(built.program.state_slot + i) * lanes + lane];
      const double theirs = stocks[i * draws + lane];
      worst = std::max(worst, std::abs(ours - theirs) / (1 + std::abs(theirs)));
    }
  }
  return worst;
}

void measure_speed(const fs::path& folder) {
  fmt::print(
      "Nanoseconds per equation, step and draw, {} steps, one thread; by hand: g++ -O3 "
      "-march=native\n\n",
      kSteps);
  fmt::print("{:>9} {:>8} {:>8} {:>8} {:>12} {:>12} {:>11} {:>11} {:>11}\n", "equations", "by hand",
             "llvm", "interp", "llvm/hand", "interp/hand", "compile ms", "text ms", "difference");
  for (int equations : {10, 100, 300, 1000, 5000}) {
    const Synthetic synthetic = make_synthetic(equations, kSteps, 1);
    const Built built = build(synthetic.text);
    const uint64_t draws = std::max<uint64_t>(256, 300'000 / equations / 64 * 64);
    const double work = static_cast<double>(equations) * kSteps * static_cast<double>(draws);
    const auto interp = code::interpret(built.program);
    Tile interp_tile(built, *interp);
    const double interp_seconds = fastest(7, [&] { interp_tile.run(draws); });

    code::JitOptions options;
    options.use_cache = false;
    options.threads = 1;
    const double begin = seconds();
    auto jit = code::compile_with_llvm(built.program, options);
    const double compile_ms = (seconds() - begin) * 1e3;
    if (!jit) {
      fmt::print("no LLVM back end: {}\n", jit.error().message);
      return;
    }
    Tile jit_tile(built, **jit);
    const double jit_seconds = fastest(7, [&] { jit_tile.run(draws); });

    // g++ takes minutes for thousands of equations in one function; by hand nobody writes that.
    double hand_seconds = NAN, error = NAN;
    ByHand by_hand =
        equations <= 1000 ? compile_by_hand(synthetic.code, folder, equations) : nullptr;
    if (by_hand) {
      run::RunOptions sampling;
      sampling.draws = draws;
      const auto inputs = run::sample_inputs(built.model, sampling);
      std::vector<double> params, stocks(synthetic.stocks * draws);
      for (const auto& input : inputs) params.insert(params.end(), input.begin(), input.end());
      hand_seconds =
          fastest(7, [&] { by_hand(params.data(), stocks.data(), draws, kSteps, 0.05); });
      // The tile holds the first draws: run it once, so that the lanes are the same.
      error = difference(built, jit_tile, (*jit)->lanes(), synthetic, stocks, draws);
    }
    fmt::print(
        "{:>9} {:>8.3f} {:>8.3f} {:>8.3f} {:>12.2f} {:>12.2f} {:>11.1f} {:>11.1f} {:>11.1e}\n",
        equations, hand_seconds / work * 1e9, jit_seconds / work * 1e9, interp_seconds / work * 1e9,
        hand_seconds / jit_seconds, hand_seconds / interp_seconds, compile_ms,
        built.front_ms + built.lower_ms, error);
  }
  fmt::print(
      "\nllvm/hand and interp/hand: our speed as a share of the hand-written loop's; 1 is equal, "
      "more is faster.\n\n");
}

// Text to the first result: parse, resolve, lower, interpret one tile.
void measure_latency() {
  fmt::print(
      "From text to the first result (one tile, {} steps, interpreted), and to machine code on two "
      "threads\n\n",
      kSteps);
  fmt::print("{:>9} {:>12} {:>16} {:>14}\n", "equations", "text ms", "first result ms",
             "compiled ms");
  for (int equations : {300, 5000}) {
    const Synthetic synthetic = make_synthetic(equations, kSteps, 2);
    double text_ms = 0;
    const double first = fastest(5, [&] {
      const Built built = build(synthetic.text);
      text_ms = built.front_ms + built.lower_ms;
      const auto interp = code::interpret(built.program);
      Tile(built, *interp).run(1);
    });
    const Built built = build(synthetic.text);
    code::JitOptions options;
    options.use_cache = false;
    options.threads = 2;
    const double compiled =
        fastest(2, [&] { (void)code::compile_with_llvm(built.program, options); });
    fmt::print("{:>9} {:>12.1f} {:>16.1f} {:>14.1f}\n", equations, text_ms, first * 1e3,
               compiled * 1e3);
  }
  fmt::print("\n");
}

// Fifty equations over one dimension; only the dimension grows.
std::string array_model(int members) {
  std::string text = fmt::format(
      "model arrays units loose\ntime 0 to 1 step 0.1 in year save 1 year\ndim cell = 1..{}\n"
      "param rate : 1 = uniform(0.1, 0.2)\nstock s0[cell] : 1 = 1\n  d/dt = a48 - s0\nlet a0[cell] "
      ": 1 = s0 * rate\n",
      members);
  for (int i = 1; i < 49; ++i) {
    text += fmt::format("let a{}[cell] : 1 = {}\n", i,
                        i % 3 == 0   ? fmt::format("a{} * rate + s0", i - 1)
                        : i % 3 == 1 ? fmt::format("min(a{}, s0 / (1 + rate))", i - 1)
                                     : fmt::format("if a{} > rate then a{} else s0", i - 1, i / 2));
  }
  return text;
}

void measure_arrays() {
  fmt::print(
      "Fifty equations over an array: time to compile must not grow with the number of "
      "elements\n\n");
  fmt::print("{:>9} {:>9} {:>12} {:>12} {:>16}\n", "members", "elements", "text ms", "llvm ms",
             "ns/element-step");
  for (int members : {20, 200, 2000}) {
    const std::string text = array_model(members);
    const Built built = build(text);
    code::JitOptions options;
    options.use_cache = false;
    options.threads = 1;
    const double begin = seconds();
    auto jit = code::compile_with_llvm(built.program, options);
    const double compile_ms = (seconds() - begin) * 1e3;
    if (!jit) return;
    Tile tile(built, **jit);
    const size_t lanes = (*jit)->lanes();
    const double run = fastest(3, [&] { tile.run(lanes); });
    const double work = 50.0 * members * 10 * static_cast<double>(lanes);
    fmt::print("{:>9} {:>9} {:>12.1f} {:>12.1f} {:>16.3f}\n", members, 50 * members,
               built.front_ms + built.lower_ms, compile_ms, run / work * 1e9);
  }
  fmt::print("\n");
}

// A model file from text to the percentiles of its first measure, on one thread: milliseconds (the
// fastest of a few), then p5, p50 and p95.
int run_job(const std::string& file, uint64_t draws) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  run::RunOptions options;
  options.draws = draws;
  options.threads = 1;
  options.probabilities = {0.05, 0.5, 0.95};
  std::vector<double> quantiles;
  const double best = fastest(7, [&] {
    const Built built = build(text, Saved::kAnswers);
    const auto kernels = run::interpreter(built.program);
    const auto result = run::run(built.model, built.program, *kernels, options);
    if (!result || !*result) std::exit(1);
    quantiles = (*result)->measures.at(0).band.quantiles;
  });
  fmt::print("{} {}\n", best * 1e3, fmt::join(quantiles, " "));
  return 0;
}

}  // namespace

}  // namespace headrace::bench

int main(int count, char** arguments) {
  namespace fs = std::filesystem;
  const std::string part = count > 1 ? arguments[1] : "all";
  if (part == "job" && count == 4)
    return headrace::bench::run_job(arguments[2], std::stoull(arguments[3]));
  const fs::path folder = fs::temp_directory_path() / fmt::format("headrace-bench-{}", getpid());
  fs::create_directories(folder);
  if (part == "all" || part == "speed") headrace::bench::measure_speed(folder);
  if (part == "all" || part == "latency") headrace::bench::measure_latency();
  if (part == "all" || part == "arrays") headrace::bench::measure_arrays();
  fs::remove_all(folder);
}
