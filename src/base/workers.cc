#include "base/workers.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace headrace::base {

unsigned thread_count(unsigned threads) {
  if (threads != 0) return threads;
  return std::max(1u, std::thread::hardware_concurrency());
}

void parallel_for(size_t tasks, unsigned threads,
                  const std::function<void(size_t task, unsigned worker)>& body) {
  const unsigned workers =
      static_cast<unsigned>(std::min<size_t>(thread_count(threads), std::max<size_t>(tasks, 1)));
  std::atomic<size_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  auto work = [&](unsigned worker) {
    for (size_t task; (task = next.fetch_add(1)) < tasks;) {
      try {
        body(task, worker);
      } catch (...) {
        std::lock_guard lock(failure_mutex);
        if (!failure) failure = std::current_exception();
        next = tasks;
      }
    }
  };
  std::vector<std::jthread> pool;
  for (unsigned worker = 1; worker < workers; ++worker) pool.emplace_back(work, worker);
  work(0);
  pool.clear();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace headrace::base
