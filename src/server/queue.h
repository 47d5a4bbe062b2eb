#pragma once

// The one worker that computes, and what waits for it.
//
// Each piece of work belongs to a view (a tab of somebody's browser) and has up to two phases: a
// quick one and a thorough one. A newer piece of work of the same view replaces an older one,
// running or not. All quick phases go before all thorough ones, oldest first; a thorough phase
// that is running when something quick of another view arrives is stopped and starts again later.
// So however many pages drag their sliders, each sees its newest state, and the memory in use is
// that of one run.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace headrace::server {

class Queue {
 public:
  enum class End { kDone, kSuperseded, kClosing };
  // Returns false when it was stopped. Called from the worker's thread.
  using Phase = std::function<bool(const std::atomic<bool>& stop)>;
  struct Work {
    std::string view;              // "" is never replaced
    Phase quick, thorough;         // either may be missing
    std::function<void(End)> end;  // exactly once, from any thread
  };

  explicit Queue(size_t most_waiting = 256);
  ~Queue();

  // False when too much waits already; then `end` is not called.
  bool submit(Work work);
  // Stops what is running, ends what waits, and the thread.
  void close();

  size_t waiting() const;

 private:
  void serve();

  size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable news_;
  std::deque<std::shared_ptr<Work>> waiting_;
  std::shared_ptr<Work> running_;
  bool running_quick_ = false, replaced_ = false, closed_ = false;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace headrace::server
