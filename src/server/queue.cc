#include "server/queue.h"

#include <algorithm>

namespace headrace::server {

Queue::Queue(size_t most_waiting, std::chrono::milliseconds patience,
             std::chrono::milliseconds rest)
    : most_(most_waiting), patience_(patience), rest_(rest), thread_([this] { serve(); }) {}

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

Queue::Clock::time_point Queue::first_turn() const {
  auto first = Clock::time_point::max();
  for (const auto& job : waiting_) first = std::min(first, job->rests_until);
  return first;
}

// The oldest of the quickest that does not rest. But the oldest that lost its patience, when all
// who waited for something quick at the end of the last such have had their turn.
std::shared_ptr<Queue::Job> Queue::take_next() {
  const auto now = Clock::now();
  const auto quick = static_cast<size_t>(
      std::ranges::count(waiting_, 0, [](const auto& j) { return j->level(); }));
  if (protected_) owed_ = quick;
  const auto turn = [now](const auto& job) {
    return std::pair(job->rests_until > now, job->level());
  };
  auto next = std::ranges::min_element(waiting_, {}, turn);
  const auto overdue = std::ranges::find_if(waiting_, [now, this](const auto& job) {
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
    if (const auto turn = first_turn(); turn > Clock::now()) {
      news_.wait_until(lock, turn);  // or until there is work that need not rest
      continue;
    }
    running_ = take_next();
    cut_short_.reset();
    stop_ = false;
    const std::shared_ptr<Job> job = running_;
    Work& work = job->work;
    const bool quick = work.quick != nullptr;
    Phase& place = quick ? work.quick : work.firmer ? work.firmer : work.thorough;
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
      if (done && quick && !work.view.empty()) job->rests_until = Clock::now() + rest_;
      waiting_.push_back(job);
      continue;
    }
    lock.unlock();
    work.end(*end);
    lock.lock();
  }
}

}  // namespace headrace::server
