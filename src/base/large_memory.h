#pragma once

#include <cstddef>
#include <memory>

namespace headrace::base {

struct FreeLarge {
  void operator()(double* memory) const;
};
using LargeMemory = std::unique_ptr<double[], FreeLarge>;

// Memory for many numbers, not cleared: each page is first touched by the thread that fills it.
// Large pages are asked for where the system has them: columns that lie far apart and are written
// in turn cost a missed translation each time otherwise, and every first touch of a page a fault.
// Throws std::bad_alloc.
LargeMemory large_memory(size_t doubles);

}  // namespace headrace::base
