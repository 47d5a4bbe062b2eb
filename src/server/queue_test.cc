#include "server/queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

namespace headrace::server {
namespace {

using End = Queue::End;

// Work that says how it ended.
struct Told {
  std::promise<End> promise;
  std::future<End> future = promise.get_future();
  std::function<void(End)> callback() {
    return [this](End end) { promise.set_value(end); };
  }
};

// Runs until it is stopped.
Queue::Phase endless(std::promise<void>& started) {
  return [&started, first = true](const std::atomic<bool>& stop) mutable {
    if (first) started.set_value();
    first = false;
    while (!stop) std::this_thread::yield();
    return false;
  };
}

TEST(Queue, RunsQuickThenThorough) {
  Queue queue;
  std::vector<int> order;
  Told told;
  queue.submit({"a", [&](const auto&) { return order.push_back(1), true; },
                [&](const auto&) { return order.push_back(2), true; }, told.callback()});
  EXPECT_EQ(told.future.get(), End::kDone);
  EXPECT_THAT(order, testing::ElementsAre(1, 2));
}

TEST(Queue, NewerWorkOfAViewReplacesWhatRunsAndWhatWaits) {
  Queue queue;
  std::promise<void> started;
  Told running, waiting, newest;
  queue.submit({"a", endless(started), nullptr, running.callback()});
  started.get_future().wait();
  queue.submit({"a", [](const auto&) { return true; }, nullptr, waiting.callback()});
  queue.submit({"a", [](const auto&) { return true; }, nullptr, newest.callback()});
  EXPECT_EQ(running.future.get(), End::kSuperseded);
  EXPECT_EQ(newest.future.get(), End::kDone);
  const End end = waiting.future.get();  // done when the worker was quick, never both
  EXPECT_TRUE(end == End::kSuperseded || end == End::kDone);
}

TEST(Queue, QuickWorkOfOthersInterruptsThoroughWorkWhichStartsAgain) {
  Queue queue;
  std::promise<void> started;
  std::atomic<int> starts = 0;
  Told thorough, quick;
  queue.submit({"a", nullptr,
                [&](const std::atomic<bool>& stop) {
                  if (++starts > 1) return true;
                  started.set_value();
                  while (!stop) std::this_thread::yield();
                  return false;
                },
                thorough.callback()});
  started.get_future().wait();
  queue.submit({"b", [](const auto&) { return true; }, nullptr, quick.callback()});
  EXPECT_EQ(quick.future.get(), End::kDone);
  EXPECT_EQ(thorough.future.get(), End::kDone);
  EXPECT_EQ(starts, 2);
}

TEST(Queue, ClosingEndsEverything) {
  std::promise<void> started;
  Told running, waiting;
  Queue queue;
  queue.submit({"a", endless(started), nullptr, running.callback()});
  started.get_future().wait();
  queue.submit({"b", [](const auto&) { return true; }, nullptr, waiting.callback()});
  queue.close();
  EXPECT_EQ(running.future.get(), End::kClosing);
  EXPECT_EQ(waiting.future.get(), End::kClosing);
  EXPECT_FALSE(queue.submit({"c", nullptr, nullptr, [](End) {}}));
}

TEST(Queue, TooMuchWorkIsRefused) {
  Queue queue(2);
  std::promise<void> started;
  Told running;
  queue.submit({"a", endless(started), nullptr, running.callback()});
  started.get_future().wait();
  std::atomic<int> ends = 0;
  const auto count = [&](End) { ++ends; };
  EXPECT_TRUE(queue.submit({"b", nullptr, nullptr, count}));
  EXPECT_TRUE(queue.submit({"c", nullptr, nullptr, count}));
  EXPECT_FALSE(queue.submit({"d", nullptr, nullptr, count}));
  EXPECT_TRUE(queue.submit({"b", nullptr, nullptr, count}));  // takes the place of its older one
  queue.close();
  EXPECT_EQ(ends, 3);
}

}  // namespace
}  // namespace headrace::server
