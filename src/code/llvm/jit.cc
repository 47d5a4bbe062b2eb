#include "code/llvm/jit.h"

#include <fmt/format.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>

#include "base/workers.h"
#include "code/device/arrays.h"
#include "code/llvm/cache.h"
#include "code/llvm/context.h"
#include "code/llvm/emit.h"
#include "code/llvm/key.h"
#include "code/llvm/reciprocal.h"
#include "code/llvm/target.h"
#include "code/llvm/underflow.h"

namespace headrace::code {

namespace {

// A processor with AVX-512 begins on the next vector of a tile while divisions of the last one are
// under way, if that is not too many instructions away. Else values gain that stay in registers.
constexpr uint32_t kChunkWeight = 500, kShortChunkWeight = 140;
constexpr size_t kMostLanes = 1024;
// A tile of this size stays in the first cache, with the constants of the code. Small programs want
// many lanes, to hide latency.
constexpr size_t kTileBytes = 26 << 10;

base::Error jit_error(llvm::Error error) {
  return {base::Error::Kind::kIo, "the code generator failed: " + llvm::toString(std::move(error))};
}

size_t choose_lanes(const ir::Program& program) {
  size_t lanes = 64;
  while (lanes > 8 && lanes * 8 * program.tile_slots > kTileBytes) lanes /= 2;
  return lanes;
}

base::Result<JitOptions> complete(const ir::Program& program, JitOptions options) {
  auto usage = [](std::string text) {
    return base::fail(base::Error::Kind::kUsage, std::move(text));
  };
  if (options.vector_width == 0) options.vector_width = static_cast<int>(host_target().width);
  if (options.vector_width != 4 && options.vector_width != 8 && options.vector_width != 16)
    return usage(fmt::format("vector width {} is not 4, 8 or 16", options.vector_width));
  const auto width = static_cast<size_t>(options.vector_width);
  if (options.lanes == 0) options.lanes = std::max(choose_lanes(program), width);
  if (options.lanes % 8 != 0 || options.lanes % width != 0 || options.lanes > kMostLanes)
    return usage(fmt::format("{} lanes are not a multiple of 8 and {}, up to {}", options.lanes,
                             width, kMostLanes));
  if (options.level != 0 && options.level != 2)
    return usage(fmt::format("level {} is not 0 or 2", options.level));
#ifndef NDEBUG
  options.verify = true;
#endif
  options.reciprocals &= kNotesUnderflow && host_target().fuses && divides_by_constants(program);
  return options;
}

Shape shape_of(const JitOptions& options) {
  return {static_cast<unsigned>(options.vector_width), options.lanes,
          options.vector_width == 8 && host_target().permutes, host_target().picks_bytes,
          options.reciprocals};
}

PlanOptions plan_options(const JitOptions& options) {
  if (options.chunk_weight != 0) return {options.chunk_weight, options.chunk_weight};
  const Shape shape = shape_of(options);
  const bool overlaps = shape.permutes && shape.lanes > shape.width;
  return {kChunkWeight, overlaps ? kShortChunkWeight : kChunkWeight};
}

// Memory of one call, kept by each thread for the next one.
double* scratch_memory(size_t count) {
  struct Free {
    void operator()(double* p) const { std::free(p); }
  };
  static thread_local std::unique_ptr<double, Free> memory;
  static thread_local size_t size = 0;
  if (count > size) {
    const size_t bytes = (count * sizeof(double) + 63) / 64 * 64;
    memory.reset(static_cast<double*>(std::aligned_alloc(64, bytes)));
    if (!memory) throw std::bad_alloc();
    size = count;
  }
  return memory.get();
}

// Machine code, and the functions in it.
class Code {
 public:
  Code(std::unique_ptr<llvm::orc::LLJIT> jit, size_t scratch)
      : jit_(std::move(jit)), scratch_(scratch) {}

  llvm::Error bind() {
    auto find = [&](const char* name, auto*& function) -> llvm::Error {
      auto address = jit_->lookup(name);
      if (!address) return address.takeError();
      function = address->toPtr<std::remove_reference_t<decltype(function)>>();
      return llvm::Error::success();
    };
    if (auto error = find("headrace_start", start)) return error;
    if (auto error = find("headrace_advance", advance)) return error;
    return find("headrace_finish", finish);
  }

  size_t scratch() const { return scratch_; }  // slots

  StartFunction* start = nullptr;
  AdvanceFunction* advance = nullptr;
  StartFunction* finish = nullptr;

 private:
  std::unique_ptr<llvm::orc::LLJIT> jit_;
  size_t scratch_;
};

using MadeCode = base::Result<std::unique_ptr<Code>>;
MadeCode make_code(const ir::Program& program, const JitOptions& options);

// Code with reciprocals gives the same bits as code that divides as long as nothing underflows.
// When something did, the draws of the tile are computed anew by code that divides, and from then
// on it does all the work.
class JitKernel : public Kernel {
 public:
  JitKernel(std::unique_ptr<Code> code, const ir::Program& program, const JitOptions& options)
      : lanes_(options.lanes),
        steps_(program.clock.steps),
        step_(program.clock.step),
        options_(options),
        code_(std::move(code)) {
    if (options.reciprocals) program_ = std::make_unique<ir::Program>(program);
  }

  size_t lanes() const override { return lanes_; }

  void start(Frame& frame) const override {
    frame.k = 0;
    run(frame, 0, [](const Code& code, Context& context) { code.start(&context); });
  }

  void advance(Frame& frame, uint64_t steps) const override {
    if (steps == 0) return;
    run(frame, frame.k, [=](const Code& code, Context& context) { code.advance(&context, steps); });
    frame.k += steps;
  }

  void finish(Frame& frame) const override {
    run(frame, frame.k, [](const Code& code, Context& context) { code.finish(&context); });
  }

 private:
  // Does `work` on a frame that has come to step k.
  template <class Work>
  void run(const Frame& frame, uint64_t k, Work work) const {
    const auto with = [&](const Code& code, uint64_t from, auto job) {
      Context context = context_of(frame, code, from);
      job(code, context);
    };
    if (program_ == nullptr) return with(*code_, k, work);
    if (const Code* dividing = dividing_.load(std::memory_order_acquire))
      return with(*dividing, k, work);
    forget_underflow();
    with(*code_, k, work);
    if (!underflowed()) return;
    const Code& dividing = make_dividing();
    with(dividing, 0, [](const Code& code, Context& context) { code.start(&context); });
    if (k > 0)
      with(dividing, 0, [=](const Code& code, Context& context) { code.advance(&context, k); });
    with(dividing, k, work);
  }

  Context context_of(const Frame& frame, const Code& code, uint64_t k) const {
    Context context;
    context.tile = frame.tile;
    context.scratch = scratch_memory(code.scratch() * lanes_);
    context.run = frame.run;
    context.time = frame.time;
    context.history = frame.history;
    context.seed = frame.seed;
    context.first_draw = frame.first_draw;
    context.moment = {k, steps_, step_, true};
    return context;
  }

  const Code& make_dividing() const {
    const std::lock_guard lock(mutex_);
    if (dividing_code_ == nullptr) {
      JitOptions options = options_;
      options.reciprocals = false;
      MadeCode made = make_code(*program_, options);
      // Code for the same program and machine was made before: what is missing is memory.
      if (!made) throw std::bad_alloc();
      dividing_code_ = std::move(*made);
      dividing_.store(dividing_code_.get(), std::memory_order_release);
    }
    return *dividing_code_;
  }

  size_t lanes_;
  uint64_t steps_;
  double step_;
  JitOptions options_;
  std::unique_ptr<Code> code_;
  std::unique_ptr<const ir::Program> program_;  // where code_ has reciprocals
  mutable std::mutex mutex_;
  mutable std::unique_ptr<Code> dividing_code_;
  mutable std::atomic<const Code*> dividing_ = nullptr;
};

base::Result<Objects> make_objects(const Emission& emission, const JitOptions& options) {
  const size_t count = emission.modules.size();
  std::vector<base::Result<std::string>> made(count);
  base::parallel_for(count, options.threads, [&](size_t i, unsigned) {
    auto machine = make_machine(host_target(), options.level);
    if (!machine) {
      made[i] = std::unexpected(machine.error());
      return;
    }
    llvm::LLVMContext context;
    const std::unique_ptr<llvm::Module> module = emit_module(emission, i, context);
    if (options.verify) verify(*module);
    made[i] = compile_module(**machine, *module);
  });
  Objects objects;
  for (auto& object : made) {
    if (!object) return std::unexpected(object.error());
    objects.push_back(std::move(*object));
  }
  return objects;
}

llvm::Error add_objects(llvm::orc::LLJIT& jit, const Objects& objects) {
  llvm::orc::SymbolMap devices;
  auto add = [&](const char* name, auto* function) {
    devices[jit.mangleAndIntern(name)] = {
        llvm::orc::ExecutorAddr::fromPtr(function),
        llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  };
  add("headrace_delay_read", &headrace_delay_read);
  add("headrace_delay_write", &headrace_delay_write);
  add("headrace_behind", &headrace_behind);
  add("headrace_noise", &headrace_noise);
  add("headrace_array", &headrace_array);
  if (auto error = jit.getMainJITDylib().define(llvm::orc::absoluteSymbols(std::move(devices))))
    return error;
  for (const std::string& object : objects) {
    if (auto error = jit.addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(object, "headrace")))
      return error;
  }
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<Code>> link(const Objects& objects, size_t scratch) {
  const Target& host = host_target();
  llvm::orc::JITTargetMachineBuilder builder{llvm::Triple(host.triple)};
  builder.setCPU(host.cpu);
  auto jit = llvm::orc::LLJITBuilder().setJITTargetMachineBuilder(std::move(builder)).create();
  if (!jit) return jit.takeError();
  if (auto error = add_objects(**jit, objects)) return error;
  auto code = std::make_unique<Code>(std::move(*jit), scratch);
  if (auto error = code->bind()) return error;
  return code;
}

MadeCode make_code(const ir::Program& program, const JitOptions& options) {
  const ObjectCache cache(options.cache_dir);
  const std::string key =
      options.use_cache ? cache_key(program, options, host_target().text()) : "";
  std::optional<Objects> objects = options.use_cache ? cache.find(key) : std::nullopt;
  // The plan is needed for the scratch memory alone, and cheap.
  const Emission emission(program, plan_options(options), shape_of(options));
  if (!objects) {
    base::Result<Objects> made = make_objects(emission, options);
    if (!made) return std::unexpected(made.error());
    if (options.use_cache) cache.put(key, *made);
    objects = std::move(*made);
  }
  auto code = link(*objects, emission.plan.scratch_slots);
  if (!code) return std::unexpected(jit_error(code.takeError()));
  return std::move(*code);
}

}  // namespace

base::Result<std::unique_ptr<Kernel>> compile(const ir::Program& program, const JitOptions& asked) {
  const base::Result<JitOptions> options = complete(program, asked);
  if (!options) return std::unexpected(options.error());
  MadeCode code = make_code(program, *options);
  if (!code) return std::unexpected(code.error());
  return std::make_unique<JitKernel>(std::move(*code), program, *options);
}

std::string dump_llvm(const ir::Program& program, const JitOptions& asked) {
  const base::Result<JitOptions> options = complete(program, asked);
  if (!options) return options.error().message + "\n";
  const Emission emission(program, plan_options(*options), shape_of(*options));
  std::string text;
  llvm::raw_string_ostream out(text);
  for (size_t i = 0; i < emission.modules.size(); ++i) {
    llvm::LLVMContext context;
    emit_module(emission, i, context)->print(out, nullptr);
  }
  return text;
}

std::string target_name() {
  return fmt::format("{}, {} lanes", host_target().cpu, host_target().width);
}

}  // namespace headrace::code
