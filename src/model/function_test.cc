#include <gtest/gtest.h>

#include "model/resolve.h"
#include "model/resolve_test.h"

namespace headrace::model {
namespace {

const std::string kTime = "time 0 to 10 step 0.25 in year\nunit chip\ndim country = US, China\n";

TEST(Functions, ArePutInPlace) {
  expect_model("function twice(x, by = 2) = x * by\nlet a = twice(3)\nlet b = twice(3, by = a)\n",
               {"let a : 1\n  = mul(3, 2)\n", "let b : 1\n  = mul(3, a)\n"});
}

TEST(Functions, KeepStateForEachMember) {
  expect_model(
      kTime + "let x[country] : chip = 5\nlet y[country] = smooth(x * 2, 3 month)\n",
      {"made let y/smooth.input[country] : chip\n", "made stock y/smooth.level[country] : chip\n",
       "[country1 in country] = y/smooth.level[country1]\n", "0.25)"});
}

TEST(Functions, KeepStateForEachCall) {
  expect_model(kTime + "let x : chip = 5\nlet y = smooth(x, 3) + smooth(x, 4)\n",
               {"= add(y/smooth.level, y/smooth#2.level)"});
}

TEST(Functions, NumberedStages) {
  expect_model(kTime + "let x : chip/year = 5\nlet y = delay_n(x, 2, 4)\n",
               {"dim y/delay_n.stage = 1, 2, 3, 4\n",
                "made stock y/delay_n.inside[y/delay_n.stage] : chip\n"});
  expect_faults(kTime + "let x : chip/year = 5\nlet y = delay_n(x, 2, 1 + time / 1 year)\n", 1,
                {"must be a whole number from 1 to 10000", "[not-constant]"});
}

TEST(Functions, TheLibraryHasNoFaults) {
  expect_model(kTime +
                   "let x : chip/year = 5\nlet a = smooth(x, 1)\nlet b = smooth3(x, 1)\nlet c = "
                   "smooth_n(x, 1, 3)\n"
                   "let d = delay1(x, 1)\nlet e = delay3(x, 1)\nlet f = delay_n(x, 1, 3)\nlet g = "
                   "trend(x, 1)\n"
                   "let h = forecast(x, 1, 2)\nlet i = sample_when(time > 3 year, x, 0)\nlet j = "
                   "pulse(2, 1)\n"
                   "let k = pulse_train(2, 1, 3)\nlet l = step_at(3 chip, 4)\nlet m = ramp(3 "
                   "chip/year, 4)\n",
               {"let f : chip/year\n", "let g : 1/year\n", "let h : chip/year\n",
                "let i : chip/year\n", "let m : chip\n"});
  expect_model(
      "time 2020-01-01 to 2030-01-01 step 1/12 year\nlet j = pulse(2025-01-01, 3 month)\n"
      "let m = ramp(1 / 1 year, 2025, 2026)\n",
      {"let m : 1\n"});
}

TEST(Functions, OwnOnesReplaceThoseOfTheLibrary) {
  expect_model("function smooth(x) = x + 1\nlet a = smooth(3)\n", {"= add(3, 1)"});
}

TEST(Functions, Faults) {
  expect_faults("function f(x) = f(x)\nlet a = f(1)\n", 1,
                {"`f` calls itself [recursive-function]"});
  expect_faults("function f(x) = x\nlet a = f(1, 2)\n", 1, {"[bad-call]"});
  expect_faults("function f(x) = x\nlet a = f()\n", 1, {"`f` wants a value for `x` [bad-call]"});
  expect_faults("function f(x) = x\nlet a = f(y = 3)\n", 1,
                {"`f` has no parameter `y` [bad-call]"});
  expect_faults("function abs(x) = x\n", 1, {"`abs` is a built-in function [duplicate-name]"});
  expect_faults(kTime + "let x : chip = 5\nlet y = smooth(x, 3 chip)\n", 1,
                {"this is `chip`, and `delay` of `smooth` is `year` [unit-mismatch]"});
}

// A fault in a body of the library is told where the model calls it.
TEST(Functions, FaultsInTheLibraryPointAtTheCall) {
  expect_faults(kTime + "let x : chip = 5\nlet y = step_at(true, 3)\n", 1,
                {"m.hr:5:9: error: ", "[type-mismatch]", "in `step_at`"});
}

TEST(Memory, BuiltIns) {
  expect_model(
      kTime +
          "let x : chip = 5\nlet p = previous(x, 0)\nlet d = delay_fixed(x, 6 month, 1 chip)\n"
          "let b = behind(x, x * 2)\nlet i = initial(x)\nlet n = noise_normal() + noise_uniform()\n"
          "let count = previous(count, 3) + 1\n",
      {"made previous p/previous : chip\n  initial = 0\n  = x\n",
       "made delay_fixed d/delay_fixed : chip\n  initial = 1\n  = x\n  duration = 0.5\n",
       "made behind b/behind : year\n  = x\n  second = mul(x, 2)\n",
       "made initial i/initial : chip\n", "made noise n/noise_normal : 1\n  normal\n",
       "made previous count/previous : 1\n  initial = 3\n  = count\n"});
  expect_faults("let p = previous(3, 2)\n", 1, {"[missing-time]"});
}

}  // namespace
}  // namespace headrace::model
