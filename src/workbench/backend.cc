#include "workbench/backend.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <thread>
#include <vector>

#include "code/interp/interp.h"
#ifdef HEADRACE_HAS_LLVM
#include "code/llvm/loader.h"
#endif

namespace headrace::workbench {
namespace {

// Measured on a desktop of 2023; only their ratios matter, and not much.
constexpr double kInterpretedOpNs = 0.15;       // one operation on one element in one lane
constexpr double kInterpretedStepNs = 3;        // to get to it, once for all lanes of a tile
constexpr uint64_t kFewLanes = 8, kLanes = 64;  // of a tile, at least and about
constexpr double kCompiledInstMs = 0.1;         // one instruction of the program's text
constexpr double kLeastCompilationMs = 20;

// Operations in a block, counting loops as often as they run.
double operations(const ir::Program& program, const ir::Block& block) {
  std::vector<double> times = {1};
  double sum = 0;
  for (const ir::Inst& inst : block.code) {
    switch (inst.code) {
      case ir::Code::kLoop:
      case ir::Code::kReduce:
        times.push_back(times.back() * program[inst.loop].extent);
        break;
      case ir::Code::kEndLoop:
      case ir::Code::kEndReduce:
        if (times.size() > 1) times.pop_back();
        break;
      default:
        sum += times.back();
    }
  }
  return sum;
}

double tiles(uint64_t draws) {
  return std::max(1.0, std::ceil(static_cast<double>(draws) / kLanes));
}

class OneKernel final : public run::KernelSource {
 public:
  OneKernel(std::shared_ptr<const code::Kernel> kernel, std::string name)
      : kernel_(std::move(kernel)), name_(std::move(name)) {}
  std::shared_ptr<const code::Kernel> kernel() override { return kernel_; }
  bool is_settled() const override { return true; }
  std::string name() const override { return name_; }

 private:
  std::shared_ptr<const code::Kernel> kernel_;
  std::string name_;
};

std::unique_ptr<run::KernelSource> interpreted(const ir::Program& program, uint64_t draws) {
  return std::make_unique<OneKernel>(code::interpret(program, {.draws = draws}), "interp");
}

#ifdef HEADRACE_HAS_LLVM

// Interprets until the compiled kernel is there.
class SwitchingKernels final : public run::KernelSource {
 public:
  SwitchingKernels(std::shared_ptr<const ir::Program> program, uint64_t draws, bool abandon)
      : program_(std::move(program)),
        interpreter_(interpreted(*program_, draws)),
        shared_(std::make_shared<Shared>()),
        abandon_(abandon) {
    compiler_ = std::thread([program = program_, shared = shared_] {
      // Whatever happens here, out of memory included, the interpreter finishes the work.
      try {
        auto compiled = code::compile_with_llvm(*program, {});
        if (!compiled) return;
        shared->kernel = std::move(*compiled);
        shared->ready.store(true, std::memory_order_release);
      } catch (const std::exception&) {
      }
    });
  }
  ~SwitchingKernels() override {
    if (abandon_) {
      compiler_.detach();
    } else {
      compiler_.join();
    }
  }
  std::shared_ptr<const code::Kernel> kernel() override {
    if (!shared_->ready.load(std::memory_order_acquire)) {
      interpreted_ = true;
      return interpreter_->kernel();
    }
    compiled_ = true;
    return shared_->kernel;
  }
  bool is_settled() const override { return shared_->ready.load(std::memory_order_acquire); }
  std::string name() const override {
    if (!compiled_) return "interp";
    return interpreted_ ? "interp, then llvm" : "llvm";
  }

 private:
  struct Shared {
    std::atomic<bool> ready = false;
    std::shared_ptr<const code::Kernel> kernel;  // written once, before `ready`
  };

  std::shared_ptr<const ir::Program> program_;
  std::unique_ptr<run::KernelSource> interpreter_;
  std::shared_ptr<Shared> shared_;
  std::thread compiler_;
  bool abandon_;
  std::atomic<bool> interpreted_ = false, compiled_ = false;
};

#endif

}  // namespace

double interpretation_ms(const ir::Program& program, uint64_t draws) {
  const double stages = program.clock.method == model::Clock::Method::kRk4 ? 4 : 1;
  const double steps = static_cast<double>(program.clock.steps) + 1;
  const double per_tile = operations(program, program.step) * stages * steps +
                          operations(program, program.draw) + operations(program, program.initial);
  const auto lanes = static_cast<double>(std::clamp(draws, kFewLanes, kLanes));
  return per_tile * tiles(draws) * (kInterpretedStepNs + lanes * kInterpretedOpNs) * 1e-6;
}

double compilation_ms(const ir::Program& program) {
  const size_t instructions = program.draw.code.size() + program.initial.code.size() +
                              program.step.code.size() + program.finish.code.size();
  return kLeastCompilationMs + kCompiledInstMs * static_cast<double>(instructions);
}

#ifdef HEADRACE_HAS_LLVM

bool has_llvm() { return true; }

base::Result<std::string> llvm_text(const ir::Program& program) {
  return code::dump_with_llvm(program);
}

base::Result<std::unique_ptr<run::KernelSource>> choose_kernels(
    std::shared_ptr<const ir::Program> program, const KernelOptions& options) {
  if (options.backend == Backend::kLlvm) {
    auto compiled = code::compile_with_llvm(*program, {});
    if (!compiled) return std::unexpected(compiled.error());
    return std::make_unique<OneKernel>(std::move(*compiled), "llvm");
  }
  const double threads =
      options.threads > 0 ? options.threads : std::thread::hardware_concurrency();
  const double at_once = std::clamp(threads, 1.0, std::max(1.0, tiles(options.draws)));
  const double interpretation = interpretation_ms(*program, options.draws) / at_once;
  if (options.backend == Backend::kInterpreter || interpretation < 2 * compilation_ms(*program))
    return interpreted(*program, options.draws);
  if (tiles(options.draws) <= at_once) {  // all begin at once, and end with what they began with
    if (auto compiled = code::compile_with_llvm(*program, {}))
      return std::make_unique<OneKernel>(std::move(*compiled), "llvm");
    return interpreted(*program, options.draws);
  }
  return std::make_unique<SwitchingKernels>(std::move(program), options.draws,
                                            options.abandon_compilation);
}

#else

bool has_llvm() { return false; }

base::Result<std::string> llvm_text(const ir::Program&) {
  return base::fail(base::Error::Kind::kInvalid, "this build has no LLVM back end");
}

base::Result<std::unique_ptr<run::KernelSource>> choose_kernels(
    std::shared_ptr<const ir::Program> program, const KernelOptions& options) {
  if (options.backend == Backend::kLlvm) {
    return base::fail(base::Error::Kind::kInvalid,
                      "this build has no LLVM back end; use --backend interp");
  }
  return interpreted(*program, options.draws);
}

#endif

}  // namespace headrace::workbench
