#pragma once

#include <cstddef>
#include <functional>

namespace headrace::base {

// Calls body(task, worker) for every task in [0, tasks), on up to `threads` threads (0: all
// cores; the calling thread is one of them). Tasks are handed out in order from one counter;
// worker is in [0, threads). Returns when all are done. An exception thrown by a body stops the
// hand-out and is rethrown here.
void parallel_for(size_t tasks, unsigned threads,
                  const std::function<void(size_t task, unsigned worker)>& body);

// The number of threads that `threads` asks for: itself, or the number of cores for 0.
unsigned thread_count(unsigned threads);

}  // namespace headrace::base
