#pragma once

// The one worker that computes, and what waits for it.
//
// Each piece of work belongs to a view (a tab of somebody's browser) and has up to three phases: a
// quick one, a firmer one, and a thorough one. A newer piece of work of the same view replaces an
// older one, running or not; work whose client has gone is dropped. All quick phases go before all
// firmer ones, and those before all thorough ones, oldest first; a phase that is running when
// something quicker of another view arrives is stopped and starts again later. What was stopped and
// has waited for `patience` since then runs to its end, one such between two rounds of quick ones.
// After its quick phase a view's work rests for a moment: whoever drags a slider asks again within
// it, and until then the processor is free to draw the answer.
// So however many pages drag their sliders, each sees its newest state, whoever lets go gets the
// settled answer, and the memory in use is that of one run.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace headrace::server {

class Queue {
 public:
  enum class End { kDone, kSuperseded, kGone, kClosing };
  // Returns false when it was stopped. Called from the worker's thread.
  using Phase = std::function<bool(const std::atomic<bool>& stop)>;
  struct Work {
    std::string view;                      // "" is never replaced
    Phase quick, thorough;                 // either may be missing
    std::function<void(End)> end;          // exactly once, from any thread
    Phase firmer = nullptr;                // between the two
    std::function<bool()> gone = nullptr;  // nobody waits for it any more
  };

  explicit Queue(size_t most_waiting = 256,
                 std::chrono::milliseconds patience = std::chrono::seconds(5),
                 std::chrono::milliseconds rest = std::chrono::milliseconds(80));
  ~Queue();

  // False when too much waits already; then `end` is not called.
  bool submit(Work work);
  // Drops work whose client has gone. Called now and then.
  void sweep();
  // Stops what is running, ends what waits, and the thread.
  void close();

  size_t waiting() const;
  // Views that wait for their quick phase.
  size_t hurried() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Job {
    Work work;
    std::optional<Clock::time_point> stopped;  // for the first time
    Clock::time_point rests_until = {};
    int level() const { return work.quick ? 0 : work.firmer ? 1 : 2; }
  };

  void serve();
  std::shared_ptr<Job> take_next();
  // When the first of what waits may run; nothing waits: never.
  Clock::time_point first_turn() const;

  size_t most_;
  std::chrono::milliseconds patience_, rest_;
  mutable std::mutex mutex_;
  std::condition_variable news_;
  std::deque<std::shared_ptr<Job>> waiting_;
  std::shared_ptr<Job> running_;
  bool protected_ = false;  // what runs is not stopped for something quicker
  size_t owed_ = 0;         // turns of quick phases before the next protected one
  bool closed_ = false;
  std::optional<End> cut_short_;  // why what runs is stopped for good
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace headrace::server
