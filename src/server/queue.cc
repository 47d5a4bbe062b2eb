#include "server/queue.h"

#include <algorithm>

namespace headrace::server {

Queue::Queue(size_t most_waiting, std::chrono::milliseconds patience)
    : most_(most_waiting), patience_(patience), thread_([this] { serve(); }) {}

Queue::~Queue() { close(); }

bool Queue::submit(Work given) {
  auto job = std::make_shared<Job>(Job{std::move(given), std::nullopt});
  const std::string& view = job->work.view;
  std::shared_ptr<Job> replaced;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return false;
    const auto old = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& each) {
      return !view.empty() && each->work.view == view;
    });
    if (old != waiting_.end()) {
      replaced = *old;
      // In its place, so that a view which asks all the time is not always the last.
      *old = job;
    } else if (waiting_.size() >= most_) {
      return false;
    } else {
      waiting_.push_back(job);
    }
    if (running_ && !view.empty() && running_->work.view == view) {
      cut_short_ = End::kSuperseded;
      stop_ = true;
    }
    if (running_ && !protected_ && job->level() < running_->level()) stop_ = true;
  }
  if (replaced) replaced->work.end(End::kSuperseded);
  news_.notify_one();
  return true;
}

void Queue::sweep() {
  std::deque<std::shared_ptr<Job>> dropped;
  {
    std::lock_guard lock(mutex_);
    const auto is_gone = [](const auto& job) { return job->work.gone && job->work.gone(); };
    std::copy_if(waiting_.begin(), waiting_.end(), std::back_inserter(dropped), is_gone);
    std::erase_if(waiting_, is_gone);
    if (running_ && is_gone(running_)) {
      cut_short_ = End::kGone;
      stop_ = true;
    }
  }
  for (const auto& job : dropped) job->work.end(End::kGone);
}

void Queue::close() {
  std::deque<std::shared_ptr<Job>> rest;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
    stop_ = true;
    rest.swap(waiting_);
  }
  for (const auto& job : rest) job->work.end(End::kClosing);
  news_.notify_one();
  if (thread_.joinable()) thread_.join();
}

size_t Queue::waiting() const {
  std::lock_guard lock(mutex_);
  return waiting_.size() + (running_ ? 1 : 0);
}

size_t Queue::hurried() const {
  std::lock_guard lock(mutex_);
  return static_cast<size_t>(
      std::ranges::count_if(waiting_, [](const auto& job) { return job->level() == 0; }));
}

// The oldest of the quickest. But the oldest that lost its patience, when all who waited for
// something quick at the end of the last such have had their turn.
std::shared_ptr<Queue::Job> Queue::take_next() {
  const auto quick = static_cast<size_t>(
      std::ranges::count(waiting_, 0, [](const auto& j) { return j->level(); }));
  if (protected_) owed_ = quick;
  auto next = std::ranges::min_element(waiting_, {}, [](const auto& job) { return job->level(); });
  const auto overdue = std::ranges::find_if(waiting_, [now = Clock::now(), this](const auto& job) {
    return job->stopped && now - *job->stopped >= patience_;
  });
  protected_ = overdue != waiting_.end() && (owed_ == 0 || quick == 0);
  if (protected_) next = overdue;
  if (!protected_ && owed_ > 0) --owed_;
  auto job = *next;
  waiting_.erase(next);
  return job;
}

void Queue::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    news_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    if (closed_) return;
    running_ = take_next();
    cut_short_.reset();
    stop_ = false;
    const std::shared_ptr<Job> job = running_;
    Work& work = job->work;
    Phase& place = work.quick ? work.quick : work.firmer ? work.firmer : work.thorough;
    const Phase phase = place;
    lock.unlock();
    const bool done = !phase || phase(stop_);
    lock.lock();
    running_ = nullptr;
    if (done) place = nullptr;
    const bool finished = !work.quick && !work.firmer && !work.thorough;
    std::optional<End> end = cut_short_;
    if (!end && closed_) end = End::kClosing;
    if (!end && finished) end = End::kDone;
    if (!end) {
      if (!done && !job->stopped) job->stopped = Clock::now();
      waiting_.push_back(job);
      continue;
    }
    lock.unlock();
    work.end(*end);
    lock.lock();
  }
}

}  // namespace headrace::server
