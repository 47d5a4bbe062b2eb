#include "base/large_memory.h"

#include <sys/mman.h>

#include <new>

namespace headrace::base {

namespace {
constexpr size_t kLargePage = size_t{2} << 20;
constexpr std::align_val_t kAlignment{kLargePage};
}  // namespace

void FreeLarge::operator()(double* memory) const { ::operator delete[](memory, kAlignment); }

LargeMemory large_memory(size_t doubles) {
  const size_t bytes = doubles * sizeof(double);
  LargeMemory memory(static_cast<double*>(::operator new[](bytes, kAlignment)));
#ifdef MADV_HUGEPAGE
  // A wish; whatever comes of it, the memory is good. Less than a page would only waste it.
  if (bytes >= kLargePage) madvise(memory.get(), bytes / kLargePage * kLargePage, MADV_HUGEPAGE);
#endif
  return memory;
}

}  // namespace headrace::base
