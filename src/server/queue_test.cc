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

TEST(Queue, TheFirmerPhaseStandsBetween) {
  Queue queue;
  std::vector<int> order;
  Told told;
  Queue::Work work{"a", [&](const auto&) { return order.push_back(1), true; },
                   [&](const auto&) { return order.push_back(3), true; }, told.callback()};
  work.firmer = [&](const auto&) { return order.push_back(2), true; };
  queue.submit(std::move(work));
  EXPECT_EQ(told.future.get(), End::kDone);
  EXPECT_THAT(order, testing::ElementsAre(1, 2, 3));
}

TEST(Queue, AfterItsQuickPhaseAViewRestsAndOthersDoNot) {
  using namespace std::chrono_literals;
  Queue queue(256, 5s, 1h);
  std::promise<void> seen;
  std::atomic<int> thorough = 0;
  Told dragged, other, newest;
  queue.submit({"a", [&](const auto&) { return seen.set_value(), true; },
                [&](const auto&) { return ++thorough, true; }, dragged.callback()});
  seen.get_future().wait();
  queue.submit({"b", nullptr, [&](const auto&) { return true; }, other.callback()});
  EXPECT_EQ(other.future.get(), End::kDone);
  queue.submit({"a", [](const auto&) { return true; }, nullptr, newest.callback()});
  EXPECT_EQ(dragged.future.get(), End::kSuperseded);
  EXPECT_EQ(newest.future.get(), End::kDone);
  EXPECT_EQ(thorough, 0);
}

TEST(Queue, ARestEnds) {
  using namespace std::chrono_literals;
  Queue queue(256, 5s, 20ms);
  Told told;
  queue.submit(
      {"a", [](const auto&) { return true; }, [](const auto&) { return true; }, told.callback()});
  EXPECT_EQ(told.future.get(), End::kDone);
}

// Stopped once, it would be protected at its second start, and the third view would wait for ever.
TEST(Queue, PatientWorkIsStoppedHoweverLongItWaits) {
  using namespace std::chrono_literals;
  Queue queue(256, 0ms);
  std::promise<void> started, again;
  int starts = 0;
  Told patient, second, third;
  Queue::Work work{"a", nullptr,
                   [&](const std::atomic<bool>& stop) {
                     if (++starts <= 2) (starts == 1 ? started : again).set_value();
                     while (!stop) std::this_thread::yield();
                     return false;
                   },
                   patient.callback()};
  work.patient = true;
  queue.submit(std::move(work));
  started.get_future().wait();
  queue.submit({"b", [](const auto&) { return true; }, nullptr, second.callback()});
  EXPECT_EQ(second.future.get(), End::kDone);
  again.get_future().wait();
  queue.submit({"c", [](const auto&) { return true; }, nullptr, third.callback()});
  EXPECT_EQ(third.future.get(), End::kDone);
  queue.close();
  EXPECT_EQ(patient.future.get(), End::kClosing);
}

TEST(Queue, WorkThatWasStoppedTooLongIsNotStoppedAgain) {
  using namespace std::chrono_literals;
  Queue queue(256, 50ms);
  std::promise<void> started;
  std::atomic<int> starts = 0, quick = 0;
  std::atomic<bool> over = false;
  Told thorough;
  queue.submit({"a", nullptr,
                [&](const std::atomic<bool>& stop) {
                  const bool first = ++starts == 1;  // which only ends when it is stopped
                  if (first) started.set_value();
                  const auto end = std::chrono::steady_clock::now() + 30ms;
                  while (first || std::chrono::steady_clock::now() < end) {
                    if (stop) return false;
                    std::this_thread::yield();
                  }
                  return true;
                },
                [&](End end) {
                  over = true;
                  thorough.promise.set_value(end);
                }});
  started.get_future().wait();
  // Somebody always wants something quick, every 5 ms, so that 30 ms are never undisturbed.
  std::thread busy([&] {
    for (int i = 0; i < 4000 && !over; ++i) {
      queue.submit({"b" + std::to_string(i % 7), [&](const auto&) { return ++quick, true; },
                    nullptr, [](End) {}});
      std::this_thread::sleep_for(5ms);
    }
  });
  EXPECT_EQ(thorough.future.get(), End::kDone);
  busy.join();
  EXPECT_GT(starts, 1);
  EXPECT_GT(quick, 0);
  EXPECT_LT(quick, 4000);
}

TEST(Queue, WorkWhoseClientHasGoneIsDropped) {
  Queue queue;
  std::promise<void> started;
  std::atomic<bool> gone = false;
  Told running, waiting;
  Queue::Work first{"a", nullptr, endless(started), running.callback()};
  Queue::Work second{"b", nullptr, [](const auto&) { return true; }, waiting.callback()};
  first.gone = second.gone = [&] { return gone.load(); };
  queue.submit(std::move(first));
  queue.submit(std::move(second));
  started.get_future().wait();
  queue.sweep();
  EXPECT_EQ(queue.waiting(), 2);
  gone = true;
  queue.sweep();
  EXPECT_EQ(running.future.get(), End::kGone);
  EXPECT_EQ(waiting.future.get(), End::kGone);
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
