#include "base/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace headrace::base {
namespace {

TEST(ParallelFor, EveryTaskRunsOnce) {
  for (unsigned threads : {0u, 1u, 2u, 7u}) {
    for (size_t tasks : {size_t{0}, size_t{1}, size_t{5}, size_t{1000}}) {
      std::vector<std::atomic<int>> runs(tasks);
      parallel_for(tasks, threads, [&](size_t task, unsigned worker) {
        EXPECT_LT(worker, thread_count(threads));
        ++runs[task];
      });
      for (const auto& count : runs) EXPECT_EQ(count, 1);
    }
  }
}

TEST(ParallelFor, OneThreadKeepsTheOrder) {
  std::vector<size_t> seen;
  parallel_for(100, 1, [&](size_t task, unsigned worker) {
    EXPECT_EQ(worker, 0u);
    seen.push_back(task);
  });
  ASSERT_EQ(seen.size(), 100u);
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i);
}

TEST(ParallelFor, AWorkerRunsOneTaskAtATime) {
  std::vector<std::atomic<int>> inside(4);
  parallel_for(2000, 4, [&](size_t, unsigned worker) {
    EXPECT_EQ(++inside[worker], 1);
    --inside[worker];
  });
}

TEST(ParallelFor, AnExceptionStopsTheHandOutAndComesBack) {
  for (unsigned threads : {1u, 4u}) {
    std::atomic<size_t> runs = 0;
    auto body = [&](size_t task, unsigned) {
      ++runs;
      if (task == 3) throw std::runtime_error("task 3");
    };
    EXPECT_THROW(parallel_for(1'000'000, threads, body), std::runtime_error);
    EXPECT_LT(runs, 1'000'000u);
  }
}

TEST(ThreadCount, ZeroMeansAllCores) {
  EXPECT_GE(thread_count(0), 1u);
  EXPECT_EQ(thread_count(3), 3u);
}

}  // namespace
}  // namespace headrace::base
