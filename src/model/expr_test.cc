#include <gtest/gtest.h>

#include "model/resolve_test.h"

namespace headrace::model {
namespace {

const std::string kTime = "time 0 to 10 step 1 in year\nunit chip\n";

TEST(Scalars, StocksFlowsAndLets) {
  expect_model(kTime +
                   "stock s : chip = 100\n  in birth\n  out death\n"
                   "flow birth : chip/year = 5\nflow death = s / life\nparam life : year = 4\n",
               {"stock s : chip\n  initial = 100\n  rate = sub(birth, death)\n",
                "flow death : chip/year\n  = div(s, life)\n", "step: birth life death\n"});
}

TEST(Scalars, DependenciesComeFirst) {
  expect_model("let a = b + 1\nlet b = c\nlet c = 2\n", {"step: c b a\n"});
}

TEST(Scalars, StartingValuesHaveTheirOwnOrder) {
  expect_model(kTime +
                   "stock s = k * 2\n  d/dt = 1 / 1 year\nstock t = s + k\n  d/dt = 0\nlet k = "
                   "5\nlet z = 1\n",
               {"initial: k s t\n"});
}

TEST(Scalars, OperatorsAndFunctions) {
  expect_model(
      "let a = -2 ^ 2\nlet b = log10(100) + log(8, 2)\nlet c = clamp(a, 0, 1)\n"
      "let d = safe_divide(a, b, 3)\nlet e = min(a, b, 3)\nlet f = not (a > b) and a >= 1 or a != "
      "2\n"
      "let g = mod(a, 3) + sign(a) + infinity\n",
      {"let a : 1\n  = neg(pow(2, 2))\n", "add(div(ln(100), 2.302585092994046), div(ln(8), ln(2)))",
       "min(max(a, 0), 1)", "select(eq(b, 0), 3, div(a, b))", "min(min(a, b), 3)",
       "or(and(not(lt(b, a)), le(1, a)), ne(a, 2))"});
}

TEST(Scalars, ChainsHoldPairwise) {
  expect_model("let a = 1\nlet c = 0 <= a < 5\n", {"let c boolean\n  = and(le(0, a), lt(a, 5))\n"});
}

TEST(Units, ConversionIsInserted) {
  expect_model(
      kTime + "let a = 1 year + 3 month\nlet b : month = 1 year\nlet c = exp(6 month / 1 year)\n",
      {"let a : year\n  = add(1, 0.25)\n", "let b : month\n  = 12\n",
       "exp(mul(div(6, 1), 0.08333333333333333))"});
}

TEST(Units, PlainNumbersAdoptTheDeclaredUnit) {
  expect_model(
      kTime + "let a : chip = -5\nlet b : chip = if a > 0 then 2 * 3 else 1 chip\nlet c = a + 0\n",
      {"let b : chip\n  = select(lt(0, a), mul(2, 3), 1)\n", "let c : chip\n"});
}

TEST(Units, AreInferred) {
  expect_model(kTime +
                   "let rate = 5 chip / 2 month\nlet power = (3 chip) ^ 2\nlet root = sqrt(power)\n"
                   "let share = 3 month / 1 year\n",
               {"let rate : chip/month\n", "let power : chip^2\n", "let root : chip\n",
                "let share : 1\n  = mul(div(3, 1), 0.08333333333333333)\n"});
}

TEST(Units, StockWithoutUnitTakesThatOfItsFlows) {
  expect_model(kTime + "stock s = 0\n  in f\nflow f = 3 chip/month\n",
               {"stock s : chip\n", "rate = mul(f, 12)"});
}

TEST(Units, MismatchShowsBothSides) {
  expect_faults(kTime + "let a : chip = 3\nlet b = a + 4\n", 1,
                {"cannot add `chip` and a plain number [unit-mismatch]", "declared here",
                 "hint: write `4 chip`"});
  expect_faults(kTime + "let b : chip/year = 5 chip\n", 1,
                {"this is `chip`, and `b` is `chip/year` [unit-mismatch]"});
  expect_faults(kTime + "let a = exp(3 month)\n", 1, {"the argument of `exp` is a plain number"});
  expect_faults(kTime + "let a = (3 chip) ^ time.step\n", 1, {"[unit-mismatch]"});
}

TEST(Units, UnknownOnesAreNamed) {
  expect_faults(kTime + "let a : chp = 3\n", 1,
                {"there is no unit `chp` [unknown-unit]", "did you mean `chip`?"});
}

TEST(Units, CircleNeedsADeclaration) {
  expect_faults(
      kTime + "dim n = 1..3\nlet x[n] = y\nlet y[n] = if n == 1 then x[3] else x[n - 1]\n", 1,
      {"these values need each other"});
  expect_faults("time 0 to 3 step 1\ndim n = 1..3\nlet x[n] = if n == 1 then 0 else x[n - 1] * 2\n",
                1, {"the unit of `x` follows from itself [missing-unit]"});
}

// `x` counts months; read before that is known, the circle is read again and converts.
TEST(Units, CirclesAreReadAgainWithKnownUnits) {
  expect_model("dim n = 1..3\nlet x[n] = if n == 1 then 1 month else x[n - 1] + 1 year\n",
               {"let x[n] : month\n", ", 12)"});
  expect_model(
      "dim n = 1..3\nlet c[n] = if n > 1 then d[n - 1] else 3 month\nlet d[n] = c * 2 + 1 year\n",
      {"let c[n] : year\n", "0.25)\n", "let d[n] : year\n"});
}

TEST(Units, LooseModelsOnlyWarn) {
  expect_faults(
      "model m units loose\n" + kTime + "let a = 3 + 2 chip\nlet b = if a then 1 else true\n", 1,
      {"warning: a plain number and `chip` are different kinds of things [unit-mismatch]"});
}

TEST(Types, AreChecked) {
  expect_faults("let a = if 3 then 4 else 5\n", 1,
                {"this is a number, not true or false [type-mismatch]"});
  expect_faults("let a = if true then 4 else false\n", 1, {"different kinds [type-mismatch]"});
  expect_faults("let a = true + 1\n", 1, {"[type-mismatch]"});
  expect_faults("let a = 1 < true\n", 1, {"cannot compare a number and true or false"});
}

TEST(Dates, HaveTheirOwnArithmetic) {
  expect_model(
      "time 2020-01-01 to 2030-01-01 step 1/12 year\nlet a = 2025-01-01 - time\n"
      "let b = time + 6 month\nlet c = time >= 2025\n",
      {"let a : year\n  = sub(2025, time)\n", "let b date\n  = add(time, 0.5)\n",
       "le(2025, time)"});
  expect_faults("time 2020-01-01 to 2030-01-01 step 1/12 year\nlet a = time + time\n", 1,
                {"two dates cannot be added [type-mismatch]"});
}

TEST(Clock, CountsSteps) {
  expect_model(
      "time 2018-01-01 to 2032-01-01 step 1/24 year save 1/12 year method rk4\n",
      {"clock calendar, 336 steps of 0.041666666666666664 year from 2018, save every 2, rk4"});
  expect_model("time 0 to 100 step 0.25 in minute\n", {"clock 400 steps of 0.25 minute from 0"});
  expect_model("let a = 1\n", {"clock static"});
}

TEST(Clock, Faults) {
  expect_faults("time 0 to 10 step 3\n", 1, {"not a whole number [bad-time]"});
  expect_faults("time 10 to 0 step 1\n", 1, {"the end lies before the start [bad-time]"});
  expect_faults("time 0 to 10 step 1 save 1.5\n", 1, {"[bad-time]"});
  expect_faults("time 0 to 1e12 step 1\n", 1, {"[too-large]"});
  expect_faults("time 0 to a step 1\nlet a = 3\n", 1, {"must be dates or numbers [not-constant]"});
  expect_faults("time 0 to 1 step 1\ntime 0 to 1 step 1\n", 1, {"time is declared twice"});
  expect_faults("stock s = 1\n  d/dt = 0\n", 1, {"needs a `time` statement [missing-time]"});
}

TEST(Names, Faults) {
  expect_faults("let a = 1\nlet a = 2\n", 1,
                {"`a` is declared twice [duplicate-name]", "first here"});
  expect_faults("let a = wafr\nlet wafer = 2\n", 1,
                {"nothing is called `wafr` [unknown-name]", "did you mean `wafer`?"});
  expect_faults("let a = smoth(3)\n", 1,
                {"there is no function `smoth` [unknown-function]", "`smooth`"});
  expect_faults("let D = 1\nlet d = 2\n", 1,
                {"warning: `d` and `D` differ only by case [case-only]"});
  expect_faults("param p = 1\n", 1, {"warning: `p` is used nowhere [unused]"});
  expect_faults("let a = 3 / 0\n", 1, {"division by zero [division-by-zero]"});
  expect_faults("let a = abs(1, 2)\n", 1, {"`abs` wants 1 argument, not 2 [bad-call]"});
}

TEST(Names, OneFaultGivesOneMessage) {
  expect_faults("let a = nothing + 1\nlet b = a * 2\nlet c = sum(b)\nlet d = exp(a) + b\n", 2,
                {"nothing is called `nothing`", "`sum` has no members"});
}

TEST(Stocks, Faults) {
  expect_faults(kTime + "stock s : chip = 1\n  in f\nlet f = 2 chip/year\n", 1,
                {"`f` is no flow", "[bad-flow]", "declare it with `flow`"});
  expect_faults(kTime + "stock s : chip = 1\n  in f, f\nflow f = 2 chip/year\n", 1,
                {"listed twice [bad-flow]"});
  expect_faults(kTime + "stock s : chip = 1\n  in f\nflow f = 2 chip\n", 1,
                {"this is `chip`, and a flow of `s` is `chip/year` [unit-mismatch]"});
  expect_faults(kTime + "dim d = a, b\nstock s[d] : chip = 1\n  in f\nflow f = 2 chip/year\n", 1,
                {"`f` has no dimension `d`"});
  expect_faults(kTime + "stock s = 1\n  from 3 = 2\n  d/dt = 0\n", 1, {"[bad-statement]"});
}

TEST(Stocks, OutflowsAreLimited) {
  expect_model(
      "time 0 to 10 step 0.5\nstock s = 5\n  out a, b\n  nonnegative\nflow a = 3\nflow b = 4\n",
      {"flow a : 1\n  = min(3, max(0, div(s, 0.5)))\n",
       "flow b : 1\n  = min(4, max(0, sub(div(s, 0.5), a)))\n"});
  expect_faults(
      "time 0 to 1 step 1\nstock s = 5\n  out a\n  nonnegative\nstock t = 5\n  out a\n  "
      "nonnegative\nflow a = 3\n",
      1, {"two stocks that cannot fall below zero limit this flow [bad-flow]"});
}

TEST(Cycles, AreToldAlongTheirWay) {
  expect_faults("let a = b\nlet b = c\nlet c = a\n", 1,
                {"`a` -> `b` -> `c` -> `a` [cycle]", "`a` uses `b` here", "`c` uses `a` here"});
  expect_faults("time 0 to 1 step 1\nstock s = t\n  d/dt = 1\nstock t = s\n  d/dt = 1\n", 1,
                {"these starting values need each other: `s` -> `t` -> `s` [cycle]"});
  expect_model("time 0 to 1 step 1\nstock s = 1\n  d/dt = t\nlet t = s * 2\n", {"step: t"});
}

TEST(Limits, DeepAndLargeModelsAreRefused) {
  std::string growing = "function f0(x) = x * x\n";
  for (int i = 1; i <= 40; ++i)
    growing += "function f" + std::to_string(i) + "(x) = f" + std::to_string(i - 1) + "(x) + f" +
               std::to_string(i - 1) + "(x)\n";
  const Resolved resolved = resolve_text(growing + "let a = f40(2)\n");
  EXPECT_NE(resolved.faults.find("[too-large]"), std::string::npos) << resolved.faults;
}

TEST(Limits, DeepCallsAreRefused) {
  std::string deep = "function f0(x) = x\n";
  for (int i = 1; i <= 100; ++i)
    deep += "function f" + std::to_string(i) + "(x) = f" + std::to_string(i - 1) + "(x)\n";
  expect_faults(deep + "let a = f100(2)\n", 1,
                {"more than 64 functions within functions [too-deep]"});
}

TEST(Limits, LongChainsOfValuesAreFine) {
  std::string chain = "let v0 = 1\n";
  for (int i = 1; i < 20000; ++i)
    chain += "let v" + std::to_string(i) + " = v" + std::to_string(i - 1) + " + 1\n";
  const Resolved resolved = resolve_text(chain);
  EXPECT_FALSE(resolved.dump.empty()) << resolved.faults;
}

}  // namespace
}  // namespace headrace::model
