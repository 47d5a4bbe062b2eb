#include "workbench/backend.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#ifdef HEADRACE_HAS_LLVM
#include "code/llvm/loader.h"
#endif

namespace headrace::workbench {
namespace {

// Both measured on a desktop of 2023; only their ratio matters, and not much.
constexpr double kInterpretedOpNs = 0.15;  // one operation on one element in one lane
constexpr double kCompiledInstMs = 0.1;    // one instruction of the program's text
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

#ifdef HEADRACE_HAS_LLVM

class LlvmKernel final : public run::KernelSource {
 public:
  explicit LlvmKernel(std::shared_ptr<const code::Kernel> kernel) : kernel_(std::move(kernel)) {}
  std::shared_ptr<const code::Kernel> kernel() override { return kernel_; }
  std::string name() const override { return "llvm"; }

 private:
  std::shared_ptr<const code::Kernel> kernel_;
};

// Interprets until the compiled kernel is there.
class SwitchingKernels final : public run::KernelSource {
 public:
  SwitchingKernels(std::shared_ptr<const ir::Program> program, bool abandon)
      : program_(std::move(program)),
        interpreter_(run::interpreter(*program_)),
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
  const double per_draw = operations(program, program.step) * stages * steps +
                          operations(program, program.draw) + operations(program, program.initial);
  return per_draw * static_cast<double>(draws) * kInterpretedOpNs * 1e-6;
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
    return std::make_unique<LlvmKernel>(std::move(*compiled));
  }
  const double threads =
      options.threads > 0 ? options.threads : std::thread::hardware_concurrency();
  const double interpreted = interpretation_ms(*program, options.draws) / std::max(1.0, threads);
  if (options.backend == Backend::kInterpreter || interpreted < 2 * compilation_ms(*program)) {
    return run::interpreter(*program);
  }
  return std::make_unique<SwitchingKernels>(std::move(program), options.abandon_compilation);
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
  return run::interpreter(*program);
}

#endif

}  // namespace headrace::workbench
