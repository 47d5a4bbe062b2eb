#include "code/llvm/target.h"

#include <fmt/format.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/TargetParser/Host.h>

#include <algorithm>

#include "base/check.h"

namespace headrace::code {

std::string Target::text() const {
  return fmt::format("LLVM {} {} {} {}", LLVM_VERSION_STRING, triple, cpu, features);
}

// LLVM's later schedulers take a third of the compile time and gain nothing on processors that
// reorder instructions themselves. LLVM has no other switches for them.
static void set_global_options() {
  const char* arguments[] = {"headrace", "-disable-lsr", "-post-RA-scheduler=false",
                             "-enable-misched=false", "-pre-RA-sched=source"};
  llvm::cl::ParseCommandLineOptions(5, arguments, "", &llvm::nulls());
}

static Target find_host() {
  set_global_options();
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  Target target{llvm::sys::getProcessTriple(), llvm::sys::getHostCPUName().str(), {}};
  std::vector<std::string> features;
  for (const auto& [name, on] : llvm::sys::getHostCPUFeatures()) {
    features.push_back((on ? "+" : "-") + name.str());
    // Two registers of AVX2 hide more latency than one: 0.57 against 0.9 ns on Zen 3.
    if (on && (name == "avx512f" || name == "avx2")) target.width = 8;
    if (on && name == "avx512dq") target.permutes = true;
    if (on && name == "avx512vbmi") target.picks_bytes = true;
    if (on && name == "fma") target.fuses = true;
  }
  // The order of a hash table would change the key of the cache.
  std::sort(features.begin(), features.end());
  target.features = fmt::format("{}", fmt::join(features, ","));
  return target;
}

const Target& host_target() {
  static const Target host = find_host();
  return host;
}

base::Result<std::unique_ptr<llvm::TargetMachine>> make_machine(const Target& target, int level) {
  std::string error;
  const llvm::Target* found = llvm::TargetRegistry::lookupTarget(target.triple, error);
  if (found == nullptr)
    return base::fail(base::Error::Kind::kInvalid, "LLVM does not know this processor: " + error);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  const auto code_level = level == 0 ? llvm::CodeGenOptLevel::None : llvm::CodeGenOptLevel::Default;
  // Left to itself LLVM takes the large code model for a JIT, in which each constant costs an
  // address.
  std::unique_ptr<llvm::TargetMachine> machine(
      found->createTargetMachine(target.triple, target.cpu, target.features, options,
                                 llvm::Reloc::PIC_, llvm::CodeModel::Small, code_level, true));
  if (machine == nullptr)
    return base::fail(base::Error::Kind::kInvalid, "LLVM cannot make code for this processor");
  return machine;
}

void verify(const llvm::Module& module) {
  const bool broken = llvm::verifyModule(module, &llvm::errs());
  CHECK(!broken);
}

base::Result<std::string> compile_module(llvm::TargetMachine& machine, llvm::Module& module) {
  module.setDataLayout(machine.createDataLayout());
  module.setTargetTriple(machine.getTargetTriple().str());
  llvm::SmallString<0> object;
  llvm::raw_svector_ostream out(object);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, out, nullptr, llvm::CodeGenFileType::ObjectFile))
    return base::fail(base::Error::Kind::kInvalid,
                      "LLVM cannot write object files for this processor");
  passes.run(module);
  return std::string(object.str());
}

}  // namespace headrace::code
