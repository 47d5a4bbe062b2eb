#include "server/queue.h"

#include <algorithm>
#include <optional>

namespace headrace::server {

Queue::Queue(size_t most_waiting) : most_(most_waiting), thread_([this] { serve(); }) {}

Queue::~Queue() { close(); }

bool Queue::submit(Work given) {
  auto work = std::make_shared<Work>(std::move(given));
  std::shared_ptr<Work> replaced;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return false;
    if (!work->view.empty()) {
      const auto old = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](const auto& each) { return each->view == work->view; });
      if (old != waiting_.end()) {
        replaced = *old;
        // In its place, so that a view which asks all the time is not always the last.
        *old = work;
      } else if (waiting_.size() >= most_) {
        return false;
      } else {
        waiting_.push_back(work);
      }
      if (running_ && running_->view == work->view) {
        replaced_ = true;
        stop_ = true;
      }
    } else if (waiting_.size() >= most_) {
      return false;
    } else {
      waiting_.push_back(work);
    }
    if (running_ && !running_quick_ && work->quick) stop_ = true;
  }
  if (replaced) replaced->end(End::kSuperseded);
  news_.notify_one();
  return true;
}

void Queue::close() {
  std::deque<std::shared_ptr<Work>> rest;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
    stop_ = true;
    rest.swap(waiting_);
  }
  for (const auto& work : rest) work->end(End::kClosing);
  news_.notify_one();
  if (thread_.joinable()) thread_.join();
}

size_t Queue::waiting() const {
  std::lock_guard lock(mutex_);
  return waiting_.size() + (running_ ? 1 : 0);
}

void Queue::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    news_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    if (closed_) return;
    auto next = std::find_if(waiting_.begin(), waiting_.end(),
                             [](const auto& work) { return static_cast<bool>(work->quick); });
    if (next == waiting_.end()) next = waiting_.begin();
    running_ = *next;
    waiting_.erase(next);
    running_quick_ = static_cast<bool>(running_->quick);
    replaced_ = false;
    stop_ = false;
    const std::shared_ptr<Work> work = running_;
    const Phase phase = running_quick_ ? work->quick : work->thorough;
    lock.unlock();
    const bool done = !phase || phase(stop_);
    lock.lock();
    running_ = nullptr;
    std::optional<End> end;
    if (replaced_) {
      end = End::kSuperseded;
    } else if (closed_) {
      end = End::kClosing;
    } else if (done && running_quick_ && work->thorough) {
      work->quick = nullptr;
      waiting_.push_back(work);
    } else if (done) {
      end = End::kDone;
    } else {
      waiting_.push_back(work);  // stopped for something quick
    }
    if (end) {
      lock.unlock();
      work->end(*end);
      lock.lock();
    }
  }
}

}  // namespace headrace::server
