#include "workbench/laboratory.h"

namespace headrace::workbench {

base::Result<Laboratory> equip(Compiled compiled, const RunSettings& settings,
                               uint64_t expected_draws) {
  auto kernels =
      choose_kernels(compiled.program, {.backend = settings.backend,
                                        .draws = std::max<uint64_t>(expected_draws, 1),
                                        .threads = settings.options.threads,
                                        .abandon_compilation = settings.abandon_compilation});
  if (!kernels) return std::unexpected(kernels.error());
  Laboratory laboratory{std::move(compiled), std::move(*kernels), settings};
  laboratory.settings.options.named_failures = 0;
  return laboratory;
}

}  // namespace headrace::workbench
