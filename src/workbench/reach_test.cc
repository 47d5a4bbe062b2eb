#include "workbench/reach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace headrace::workbench {
namespace {

// The stock stays at `level`: a fifth of it is a fifth of all values. `spread` runs from 0.5 to 1.5
// in four of five futures, `idle` is read by nothing that is looked at.
constexpr const char* kModel = R"(model still
time 0 to 10 step 1 in year
let level = 100
let weak = 1
let idle = 5
let zero = 0
param spread = uniform(0.375, 1.625)
stock pond = level
  d/dt = 0 / (1 year)
let seen = pond + weak + 100 * zero
let wide = spread * seen
let other = idle * 2
)";

TEST(Reach, IsTheSwingOfEachMovedAlone) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("headrace-reach-" + std::to_string(::getpid()) + ".hr");
  std::ofstream(file) << kModel;
  const auto live = Live::open(file.string(), Backend::kInterpreter, 1);
  std::filesystem::remove(file);
  ASSERT_TRUE(live) << live.error().message;
  std::atomic<bool> stop = false;
  const auto reach = reach_of(**live, {"seen"}, stop);
  ASSERT_TRUE(reach && *reach);
  std::map<std::string, double> found;
  for (const Reach& each : **reach) found[each.name] = each.share;
  EXPECT_EQ((*reach)->front().name, "spread");
  EXPECT_EQ(found["spread"], 0);
  EXPECT_NEAR(found["level"], 20.0 / 101, 1e-12);
  EXPECT_NEAR(found["weak"], 0.2 / 101, 1e-12);
  EXPECT_NEAR(found["zero"], 20.0 / 101, 1e-12);
  EXPECT_EQ(found["idle"], 0);
  const auto wide = reach_of(**live, {"seen", "wide"}, stop);
  ASSERT_TRUE(wide && *wide);
  EXPECT_NEAR((*wide)->front().share, 0.25, 1e-12);  // half of one of two
  EXPECT_FALSE(reach_of(**live, {"nothing"}, stop));
}

}  // namespace
}  // namespace headrace::workbench
