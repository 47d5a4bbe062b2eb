#include <gtest/gtest.h>

#include "model/resolve_test.h"

namespace headrace::model {
namespace {

const std::string kTime =
    "time 2020-01-01 to 2030-01-01 step 1/12 year\nunit chip\ndim country = US, China\n";

TEST(Distributions, AreFitted) {
  expect_model(
      kTime +
          "param a : year = 3 to 7\nparam b = -1 to 1\nparam c = normal(10 chip, 2 chip)\n"
          "param d = beta(mode 0.4, 0.25 to 0.55)\nparam e = mixture(0.7: 10 to 60, 0.3: "
          "normal(30, 3))\n"
          "param f = truncate(normal(0, 1), 0, 3)\nparam g = discrete(0.2: 200e3, 0.8: 300e3)\n"
          "param h = 3 to 7 month\nparam i = uniform(2025-01-01, 2027-01-01)\n"
          "let z = a + h\nlet y = b + d + e + f + g\nlet x = c\nlet w = i\n",
      {"input a ~ lognormal(", "input b ~ normal(", "param c : chip\n", "input d ~ beta(",
       "param h : month\n", "param i date\n", "input i ~ uniform(", "param a : year\n"});
}

TEST(Distributions, EachMemberHasItsOwn) {
  expect_model(kTime + "param share[country] = 0.1 to 0.3\nlet a = sum(share)\n",
               {"input share[US] ~ ", "input share[China] ~ "});
  expect_model(kTime + "param share[country] = 0.1 to 0.3\n  [China] = 0.5\nlet a = sum(share)\n",
               {"{China}] = 0.5\n", "input share[US] ~ "});
}

TEST(Distributions, MayHangOnOthersByLocationAndScale) {
  expect_model(
      kTime +
          "param m = normal(10, 2)\nparam n = normal(m, 3)\nparam o = lognormal(median m, gsd 2)\n"
          "let z = n + o\n",
      {"param n : 1\n  = add(m, mul(3, n/standard))\n", "input n ~ normal(mean 0, sd 1)",
       "= mul(m, exp(mul(ln(2), o/standard)))"});
  expect_faults(kTime + "param m = normal(10, 2)\nparam n = beta(m, 3)\nlet z = n\n", 1,
                {"must be plain numbers, the same in every draw [bad-distribution]"});
}

TEST(Distributions, Faults) {
  expect_faults("let a = 3 to 7\n", 1, {"[bad-distribution]"});
  expect_faults("param p = 2 * normal(1, 2)\nlet a = p\n", 1,
                {"only the whole value of a `param`", "[bad-distribution]"});
  expect_faults("param p = normal(1, -2)\nlet a = p\n", 1, {"[bad-distribution]"});
  expect_faults("param p = lognormal(1, 2)\nlet a = p\n", 1,
                {"`lognormal` is not written like this", "median m"});
}

TEST(Dated, ClausesBecomeSelections) {
  expect_model(
      kTime + "let x[country] : 1 = 1\n  from 2022-10-01 = 0\n  from 2024-01-01 [China] = 0.5\n",
      {"{US}] = select(le(2022.", "0, 1)\n", "0.5, select(le("});
}

TEST(Dated, Ramps) {
  expect_model(kTime + "let x : 1 = 1\n  from 2025-01-01 ramp 1 year = 0.4\n",
               {"select(le(1, div(sub(step_time, 2025), 1)), 0.4, add(1, mul(sub(0.4, 1), "
                "min(div(sub(step_time, 2025), 1), 1))))"});
}

TEST(Dated, NarrowerWinsOnTheSameDay) {
  expect_model(
      kTime + "let x[country] : 1 = 1\n  from 2025-01-01 = 0\n  from 2025-01-01 [China] = 0.5\n",
      {"{China}] = select(le(2024.9999999166666, step_time), 0.5, 1)\n"});
  expect_faults(kTime + "let x : 1 = 1\n  from 2025-01-01 = 0\n  from 2025-01-01 = 2\n", 1,
                {"[date-order]", "the other one"});
}

TEST(Dated, UncertainDates) {
  expect_model(
      kTime + "param when = uniform(2025-01-01, 2027-01-01)\nlet x : 1 = 1\n  from when = 0\n",
      {"select(le(sub(when, "});
}

TEST(Scenarios, StackAndReplace) {
  const std::string text =
      kTime +
      "param rate = 0.1 to 0.2\nlet policy[country] : 1 = 1\n  from 2022-01-01 = 0.5\n"
      "let use[country] = policy * rate\n"
      "scenario hard on base\n  policy from 2027-01-01 = 0\nscenario base\n  rate = 0.05\n"
      "scenario soft\n  policy [China] = 0.8\n  policy from 2022-01-01 = 0.6\n"
      "scenario late\n  rate from 2025-01-01 = 0.5 to 0.6\n";
  expect_model(text, {"input rate ~ "});
  expect_model(
      text, {"param rate : 1\n  = 0.05\n", "select(le(2026.9999999166666, step_time), 0, select("},
      {{"hard"}, {}});
  expect_model(text, {"{China}] = select(le(2021.9999999166666, step_time), 0.6, 0.8)\n"},
               {{"hard", "soft"}, {}});
  expect_model(text,
               {"select(le(2024.9999999166666, step_time), rate/draw2, rate/draw1)",
                "input rate ~ ", "input rate from 2025-01-01 ~ "},
               {{"late"}, {}});
}

TEST(Scenarios, Faults) {
  const std::string text = "let x = 1\nflow f = 2\n";
  const TestOptions wrong{{"hrd"}, {}};
  const Resolved resolved = resolve_text(text + "scenario hard\n  x = 2\n", wrong);
  EXPECT_NE(resolved.faults.find("there is no scenario `hrd` [bad-scenario]"), std::string::npos);
  EXPECT_NE(resolved.faults.find("did you mean `hard`?"), std::string::npos);
  expect_faults(text + "scenario s\n  f = 2\n", 1,
                {"`f` is no `param` or `let`", "[bad-scenario]"});
  expect_faults(text + "scenario s\n  y = 2\n", 1, {"nothing is called `y` [unknown-name]"});
  expect_faults(text + "scenario s on none\n  x = 2\n", 1,
                {"there is no scenario `none` [bad-scenario]"});
}

TEST(Correlations, AreGathered) {
  expect_model("param a = 1 to 2\nparam b = 1 to 2\ncorrelate a, b = -0.4 (rank)\nlet z = a + b\n",
               {"correlation a b = 1 -0.4 -0.4 1\n"});
  expect_model("dim d = x, y\nparam a[d] = 1 to 2\ncorrelate a = 0.3\nlet z = sum(a)\n",
               {"correlation a[x] a[y] = "});
}

TEST(Correlations, Faults) {
  const std::string text =
      "param a = 1 to 2\nparam b = 1 to 2\nparam c = 1 to 2\nlet z = a + b + c\n";
  expect_faults(text + "correlate a, z = 0.4\n", 1,
                {"`z` is not an uncertain `param` [bad-correlation]"});
  expect_faults(text + "correlate a, b = 1.4\n", 1, {"[bad-correlation]"});
  expect_faults(text + "correlate a, b = 0.9\ncorrelate a, c = 0.9\ncorrelate b, c = -0.9\n", 1,
                {"[bad-correlation]", "a with b: 0.9", "b with c: -0.9"});
}

TEST(Tables, AreRead) {
  expect_model(kTime +
                   "table curve(wafers : chip) : 1 = (0, 0.2) (5e4, 0.3) extrapolate\nlet y = "
                   "curve(3 chip)\n",
               {"table curve = (0, 0.2) (50000, 0.3) extrapolate\n", "= curve(3)\n"});
  expect_faults("table t(x) = (0, 1) (0, 2)\n", 1,
                {"the points of `t` do not ascend: 0 follows 0 [bad-table]"});
  expect_faults(kTime + "table t(x : chip) = (0, 1) (1, 2)\nlet y = t(3 year)\n", 1,
                {"[unit-mismatch]", "declared here"});
}

TEST(Sources, AreKnown) {
  expect_faults("source a \"A\"\nparam p = 3 from @b\nlet z = p\n", 1,
                {"there is no source `@b` [unknown-source]"});
}

TEST(Questions, MeasuresBecomeTallies) {
  const std::string text = kTime + "stock s : chip = 5\n  in f\nflow f : chip/month = 3\n";
  expect_model(
      text +
          "measure a = f over 2025\nmeasure b : chip/year = f averaged over 2025Q2\n"
          "measure c = s at 2025-06-30\nmeasure d = first_time(s > 10 chip)\nmeasure e = s\n"
          "measure g = c / (s at 2021)\nmeasure h = s highest over 2021-01-01 to 2022-01-01\n",
      {"integral 2025 2026\n", "measure a : chip = mul(a/over, 12)\n", "average 2025.25 2025.5\n",
       "measure b : chip/year = mul(b/over, 12)\n", "measure d = d/first_time\n", "end 0 0\n",
       "measure g : 1 = div(c/at, g/at)\n", "highest 2021 2022\n"});
  expect_model(text + "measure m = f over 2029-12-31\n", {"integral 2029.997"});
  expect_model(kTime + "let x[country] = time - 2020-01-01\nmeasure m[country] = x at 2025\n",
               {"measure m[US] : year = m/at\n", "measure m[China] : year = m/at#2\n"});
}

TEST(Questions, Claims) {
  const std::string text = kTime + "stock s : chip = 5\n  in f\nflow f : chip/year = 3\n";
  expect_model(text +
                   "claim A1 \"t\" : f over 2025 <= 3 chip\nclaim A2 : 3 chip <= s <= 9 chip\n"
                   "claim A3 : s at 2025 > 2 chip and s at 2026 > 4 chip\n",
               {"claim A1 : chip = A1/over\n  of f over 2025\n  holds le(A1/over, 3)\n",
                "of s\n  holds and(le(3, A2/end), le(A2/end, 9))\n", "claim A3 = and("});
  expect_faults(text + "claim A1 : s\n", 1, {"a claim is a comparison [bad-claim]"});
  expect_model(text + "check c : s >= 0\n",
               {"check c = c/check\n", "made let c/check boolean\n  = le(0, s)\n"});
}

TEST(Questions, Faults) {
  const std::string text = kTime + "stock s : chip = 5\n  in f\nflow f : chip/year = 3\n";
  expect_faults(text + "measure m = s at 2025 + s\n", 1,
                {"`s` changes over time", "[not-constant]"});
  expect_faults(text + "measure m = s at 2035\n", 1, {"this lies outside the run [bad-time]"});
  expect_faults(text + "let m = s at 2025\n", 1,
                {"stands in a `measure` or a `claim` only", "[bad-call]"});
  expect_faults(text + "measure m = n\nmeasure n = m\n", 1, {"is computed from itself [cycle]"});
  expect_faults(text + "observe s at 2025 ~ normal(3 chip, -1 chip)\n", 1, {"[bad-distribution]"});
}

}  // namespace
}  // namespace headrace::model
