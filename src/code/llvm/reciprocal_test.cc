#include "code/llvm/reciprocal.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "code/interp/interp.h"
#include "code/llvm/jit.h"
#include "code/llvm/programs_test.h"
#include "code/llvm/underflow.h"

namespace headrace::code {
namespace {

using ir::Code;
using ir::Rank;
using ir::ValueId;

// With an exponent of at most `size` and random digits.
double random_number(std::mt19937_64& random, uint64_t size) {
  const uint64_t exponent = 1023 - size + random() % (2 * size + 1);
  return std::bit_cast<double>((random() & 0x800f'ffff'ffff'ffff) | exponent << 52);
}

uint64_t bits(double x) { return std::bit_cast<uint64_t>(x == x ? x : HUGE_VAL - HUGE_VAL); }

TEST(Reciprocal, GivesTheQuotientWhereNothingUnderflows) {
  std::mt19937_64 random(7);
  int found = 0, failed = 0, underflows = 0;
  for (int i = 0; i < 20000; ++i) {
    const double y = i % 2 == 0 ? random_number(random, i % 3 == 0 ? 899 : 20)
                                : static_cast<double>(1 + random() % 1000) /
                                      static_cast<double>(1 + random() % 1000);
    const auto reciprocal = find_reciprocal(y);
    if (!reciprocal) continue;
    ++found;
    EXPECT_EQ(std::signbit(reciprocal->high), std::signbit(reciprocal->low)) << y;
    std::vector<double> inputs = {
        0.0,     -0.0,   HUGE_VAL, -HUGE_VAL, y,       -y,  3 * y,
        1e4 * y, 5e-324, 1e-310,   1e308,     1.7e308, 1.0, HUGE_VAL - HUGE_VAL};
    for (int k = 0; k < 30; ++k) inputs.push_back(random_number(random, k % 3 == 0 ? 1000 : 20));
    for (const double x : inputs) {
      forget_underflow();
      const volatile double input = x;
      const volatile double low = input * reciprocal->low;
      const volatile double quotient = std::fma(input, reciprocal->high, low);
      if (underflowed()) {
        ++underflows;
      } else {
        failed += bits(quotient) != bits(x / y);
        EXPECT_EQ(failed, 0) << x << " / " << y;
      }
    }
  }
  EXPECT_GT(found, 18000);
  EXPECT_EQ(underflows > 0, kNotesUnderflow);
}

TEST(Reciprocal, IsFoundForUsualDivisorsAndNotForOthers) {
  for (const double y : {3.0, 20.0 / 3, 0.1, -0.7, 1e9, 365.25, 1e-30})
    EXPECT_TRUE(find_reciprocal(y)) << y;
  for (const double y : {0.0, 1.0, -4.0, 0.125, HUGE_VAL, HUGE_VAL - HUGE_VAL, 3e-310, 3e300})
    EXPECT_FALSE(find_reciprocal(y)) << y;
}

// A stock that loses a part of itself each step, and quotients of it by many constants.
ir::Program decay(double part, uint64_t steps) {
  ir::Program p;
  p.clock.steps = steps;
  p.clock.step = 1;
  const ir::ArrayId state = add_array(p, Rank::kStep), rate = add_array(p, Rank::kStep);
  const ir::ArrayId first = add_array(p, Rank::kDraw);
  p.states = 1;
  p.state_slot = p[state].slot;
  p.rate_slot = p[rate].slot;
  p.input_slots = {p[first].slot};
  Writer initial(p, p.initial), step(p, p.step);
  initial.store(element(state), initial.load(element(first)));
  const ValueId stock = step.load(element(state));
  for (const double y : {20.0 / 3, 0.3, -7.0, 1e5, 1.1}) {
    const ir::ArrayId quotient = add_array(p, Rank::kStep);
    step.store(element(quotient), step.op(Code::kDivide, stock, step.constant(y)));
    p.outputs.push_back({{}, quotient});
  }
  const ValueId lost = step.op(Code::kDivide, stock, step.constant(part));
  step.store(element(rate), step.op(Code::kNegate, lost));
  p.step_tail = static_cast<uint32_t>(p.step.code.size());
  p.outputs.push_back({{}, state});
  return p;
}

JitOptions options(bool reciprocals) {
  JitOptions o;
  o.use_cache = false;
  o.reciprocals = reciprocals;
  return o;
}

TEST(Reciprocal, CodeGivesTheBitsOfDivision) {
  // The second one comes to numbers that underflow on its way.
  for (const auto& [part, steps] : {std::pair(9.7, 200), std::pair(1.3, 800)}) {
    const ir::Program program = decay(part, static_cast<uint64_t>(steps));
    const std::vector<double> expected = run(program, *interpret(program), 40, 7);
    for (const bool reciprocals : {true, false}) {
      const auto kernel = compile(program, options(reciprocals));
      ASSERT_TRUE(kernel) << kernel.error().message;
      // Twice: the second time with what the first one left.
      for (int again = 0; again < 2; ++again)
        EXPECT_EQ(first_difference(run(program, **kernel, 40, 7), expected), -1) << part;
    }
  }
}

TEST(Reciprocal, IsUsedWhereTheProcessorCan) {
  const ir::Program program = decay(9.7, 10);
  const bool fuses = __builtin_cpu_supports("fma");
  const auto uses = [&](bool reciprocals) {
    return dump_llvm(program, options(reciprocals)).find("llvm.fma") != std::string::npos;
  };
  EXPECT_EQ(uses(true), fuses);
  EXPECT_FALSE(uses(false));
}

}  // namespace
}  // namespace headrace::code
