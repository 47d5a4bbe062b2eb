#include "pipeline.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "code/interp/interp.h"
#include "ir/lower.h"
#include "model/resolve.h"
#include "run/run.h"
#include "syntax/syntax.h"

namespace headrace::bench {

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double fastest(int repeats, const std::function<void()>& work) {
  double best = 1e300;
  for (int i = 0; i < repeats; ++i) {
    const double begin = seconds();
    work();
    best = std::min(best, seconds() - begin);
  }
  return best;
}

Built build(const std::string& text, Saved saved) {
  const double begin = seconds();
  text::SourceSet sources;
  text::Diagnostics diagnostics;
  syntax::Tree tree;
  model::add_library(sources, tree, diagnostics);
  syntax::parse(sources, sources.add("bench.hr", text), tree, diagnostics);
  Built built{model::resolve(tree, sources, {}, diagnostics), {}};
  if (diagnostics.has_errors()) {
    std::fputs(text::render(diagnostics, sources).c_str(), stderr);
    std::exit(3);
  }
  const double resolved = seconds();
  ir::LowerOptions options;
  for (size_t i = 0; saved == Saved::kStocks && i < built.model.variables.size(); ++i) {
    if (built.model.variables[i].kind == model::VarKind::kStock)
      options.outputs.push_back(model::VarId(i));
  }
  built.program = ir::lower(built.model, options);
  built.front_ms = (resolved - begin) * 1e3;
  built.lower_ms = (seconds() - resolved) * 1e3;
  return built;
}

Tile::Tile(const Built& built, const code::Kernel& kernel) : built_(built), kernel_(kernel) {
  const ir::Program& program = built.program;
  const size_t lanes = kernel.lanes();
  code::evaluate_shared(program, run_, time_);
  tile_storage_.assign(program.tile_slots * lanes + 8, 0);
  history_.assign(program.history_slots * (program.clock.steps + 1) * lanes, 0);
  auto address = reinterpret_cast<uintptr_t>(tile_storage_.data());
  frame_.tile = reinterpret_cast<double*>((address + 63) & ~uintptr_t{63});
  frame_.run = run_.data();
  frame_.time = time_.data();
  frame_.history = history_.data();
  frame_.seed = 1;
  run::RunOptions options;
  options.draws = lanes;
  const auto inputs = run::sample_inputs(built.model, options);
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::memcpy(frame_.tile + program.input_slots[i] * lanes, inputs[i].data(),
                lanes * sizeof(double));
  }
}

void Tile::run(uint64_t draws) {
  for (uint64_t done = 0; done < draws; done += kernel_.lanes()) {
    kernel_.start(frame_);
    kernel_.advance(frame_, built_.program.clock.steps);
    kernel_.finish(frame_);
  }
  const size_t size = built_.program.tile_slots * kernel_.lanes();
  tile_.assign(frame_.tile, frame_.tile + size);
}

}  // namespace headrace::bench
