#include "code/interp/interp.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "code/interp/program_test.h"
#include "code/interp/strips.h"

namespace headrace::code {
namespace {

using ir::Code;
using ir::Rank;
using model::ReduceKind;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool same(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

// Holds kernels of several widths and all instruction sets against the plain evaluation: every
// slot of the tile, in all of 64 draws.
void expect_reference(const ir::Program& p, const std::vector<std::vector<double>>& inputs,
                      const std::vector<std::string>& = {}) {
  constexpr uint64_t kDraws = 64, kSeed = 11;
  std::vector<double> run, time;
  evaluate_shared(p, run, time);
  std::vector<std::vector<double>> expected;
  for (uint64_t draw = 0; draw < kDraws; ++draw) {
    std::vector<double> mine;
    for (const auto& input : inputs) mine.push_back(input[draw]);
    Reference reference(p, kSeed, draw, mine);
    reference.simulate();
    expected.push_back(reference.tile);
  }
  const StripList list = available_strips();
  for (size_t s = 0; s < list.count; ++s) {
    for (size_t lanes : {8, 24, 64}) {
      const auto kernel = interpret(p, {.lanes = lanes, .strips = list.entry[s]});
      ASSERT_EQ(kernel->lanes(), lanes);
      for (uint64_t first = 0; first + lanes <= kDraws; first += lanes) {
        const TileRun t = run_tile(p, *kernel, kSeed, first, inputs, run, time);
        for (uint32_t slot = 0; slot < p.tile_slots; ++slot) {
          // Room for Runge-Kutta stages is no result.
          if (slot >= p.base_slot && slot < p.sum_slot + p.states) continue;
          for (size_t lane = 0; lane < lanes; ++lane) {
            ASSERT_TRUE(same(t.at(slot, lane), expected[first + lane][slot]))
                << list.entry[s]->name << " lanes " << lanes << " slot " << slot << " draw "
                << first + lane << ": " << t.at(slot, lane) << " for "
                << expected[first + lane][slot];
          }
        }
      }
    }
  }
}

std::vector<double> edge_values() {
  const std::vector<double> few = {0,
                                   -0.0,
                                   1,
                                   -1,
                                   0.5,
                                   -0.5,
                                   1.5,
                                   -2.5,
                                   2.5,
                                   3,
                                   -7,
                                   0.1,
                                   1e-310,
                                   1e300,
                                   -1e300,
                                   0x1p52,
                                   0x1p53 + 2,
                                   kInf,
                                   -kInf,
                                   kNaN,
                                   4503599627370495.5,
                                   -0.49999999999999994,
                                   710,
                                   -746};
  std::vector<double> all(64);
  for (size_t i = 0; i < all.size(); ++i) all[i] = few[i % few.size()];
  return all;
}

TEST(Ops, EveryOperationInEveryFormOnEdgeValues) {
  const std::vector<double> x = edge_values();
  // Each shift pairs the values anew.
  for (size_t shift : {0, 1, 2, 3, 5, 7, 11, 13, 17, 19}) {
    std::vector<double> y(64), z(64);
    for (size_t i = 0; i < 64; ++i) y[i] = x[(i + shift) % 24], z[i] = x[(i * 7 + shift) % 24];
    Writer w;
    const ir::ArrayId a = w.input(), b = w.input(), c = w.input();
    w.into(w.program.draw);
    const auto va = w.load(a), vb = w.load(b), vc = w.load(c);
    const auto number = w.constant(x[shift]), other = w.constant(2.25);
    auto keep = [&](ir::ValueId v) { w.store(w.array(Rank::kDraw), v); };
#define OP(name, spelling, arity)                                                   \
  if (arity == 1) keep(w.apply(Code::name, va)), keep(w.apply(Code::name, number)); \
  if (arity == 2) {                                                                 \
    keep(w.apply(Code::name, va, vb));                                              \
    keep(w.apply(Code::name, va, number));                                          \
    keep(w.apply(Code::name, number, vb));                                          \
    keep(w.apply(Code::name, number, other));                                       \
  }                                                                                 \
  if (arity == 3) {                                                                 \
    for (auto p : {va, number})                                                     \
      for (auto q : {vb, other})                                                    \
        for (auto r : {vc, other}) keep(w.apply(Code::name, p, q, r));              \
  }
#include "model/ops.def"
#undef OP
    expect_reference(w.program, {x, y, z});
  }
}

TEST(Ops, EveryPairOnEdgeValues) {
  const std::vector<double> x = edge_values();
  std::vector<double> y(64), z(64);
  for (size_t i = 0; i < 64; ++i) y[i] = x[(i * 5 + 3) % 24], z[i] = x[(i * 7 + 2) % 24];
  Writer w;
  const ir::ArrayId a = w.input(), b = w.input(), c = w.input();
  w.into(w.program.draw);
  const auto va = w.load(a), vb = w.load(b), vc = w.load(c), n = w.constant(1.75);
  for (const Op outer : kPaired) {
    for (const Op inner : kPaired) {
      const Code o = static_cast<Code>(outer), in = static_cast<Code>(inner);
      for (const auto& [p, q] : {std::pair{va, vb}, std::pair{n, vb}, std::pair{va, n}}) {
        for (const auto r : {vc, n}) {
          w.store(w.array(Rank::kDraw), w.apply(o, w.apply(in, p, q), r));
          w.store(w.array(Rank::kDraw), w.apply(o, r, w.apply(in, p, q)));
        }
      }
    }
  }
  for (const Op op : kCompared) {
    for (const auto& [p, q] : {std::pair{va, vb}, std::pair{n, vb}, std::pair{va, n}}) {
      for (const auto& [r, s] :
           {std::pair{vc, va}, std::pair{n, vc}, std::pair{vc, n}, std::pair{n, n}}) {
        w.store(w.array(Rank::kDraw),
                w.apply(Code::kSelect, w.apply(static_cast<Code>(op), p, q), r, s));
      }
    }
  }
  expect_reference(w.program, {x, y, z});
}

TEST(Ops, MeanWhatTheyAreCalled) {
  auto unary = [](auto f, double x) { return f(x); };
  EXPECT_EQ(unary(round_to_even<double>, 2.5), 2);
  EXPECT_EQ(unary(round_to_even<double>, -3.5), -4);
  EXPECT_EQ(apply_unary<Op::kSign>(-3.0), -1);
  EXPECT_TRUE(std::isnan(apply_unary<Op::kSign>(kNaN)));
  EXPECT_EQ((apply_binary<Op::kMod>(-1.0, 3.0)), 2);
  EXPECT_EQ((apply_binary<Op::kMod>(1.0, -3.0)), -2);
  EXPECT_EQ((apply_binary<Op::kMod>(6.0, 3.0)), 0);
  EXPECT_TRUE(std::isnan(apply_binary<Op::kMin>(kNaN, 1.0)));
  EXPECT_TRUE(std::isnan(apply_binary<Op::kMax>(kNaN, 1.0)));
  EXPECT_TRUE(std::isnan(apply_binary<Op::kMin>(1.0, kNaN)));
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> u(-1, 1);
  for (int i = 0; i < 20000; ++i) {
    const double x = u(random), a = u(random) * 1e6, b = u(random) * 3;
    EXPECT_NEAR(apply_unary<Op::kAsin>(x), std::asin(x), 4e-16 * (1 + std::abs(std::asin(x))));
    EXPECT_NEAR(apply_unary<Op::kAcos>(x), std::acos(x), 9e-16 * std::acos(x) + 1e-18);
    double exact = std::fmod(a, b);
    if (exact != 0 && (exact < 0) != (b < 0)) exact += b;
    EXPECT_EQ((apply_binary<Op::kMod>(a, b)), exact) << a << " mod " << b;
  }
}

TEST(Lookup, EveryWayOfSearchingGivesTheDefinition) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> u(-1, 1);
  for (size_t points : {1, 2, 3, 4, 5, 6, 9, 12, 16, 17, 24, 25, 33, 100}) {
    Writer w;
    for (int beyond = 0; beyond < 3; ++beyond) {
      model::Table t;
      t.beyond = static_cast<model::Table::Beyond>(beyond);
      double x = -3;
      for (size_t i = 0; i < points; ++i, x += 0.05 + std::abs(u(random))) {
        t.x.push_back(x);
        t.y.push_back(u(random) * 10);
      }
      w.program.tables.push_back(t);
    }
    std::vector<double> in(64);
    const auto& xs = w.program.tables[0].x;
    for (size_t i = 0; i < 64; ++i) in[i] = -4 + u(random) * static_cast<double>(points);
    for (size_t i = 0; i < std::min<size_t>(points, 30); ++i) {
      in[2 * i] = w.program.tables[i % 3].x[i];
      in[2 * i + 1] = std::nextafter(xs[i], -10);
    }
    in[60] = kNaN, in[61] = kInf, in[62] = -kInf, in[63] = xs.back();
    const ir::ArrayId a = w.input();
    w.into(w.program.draw);
    for (uint32_t t = 0; t < 3; ++t) {
      w.store(w.array(Rank::kDraw), w.lookup(t, w.load(a)));
      w.store(w.array(Rank::kDraw), w.lookup(t, w.constant(-1.25)));
    }
    expect_reference(w.program, {in});
  }
}

TEST(Lookup, HitsItsPoints) {
  model::Table source;
  source.x = {0, 0.3, 1.7};
  source.y = {0.1, 0.7, -0.3};
  const Table t = prepare(source);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(lookup(t, source.x[i]), source.y[i]);
  EXPECT_EQ(lookup(t, -5), 0.1);
  EXPECT_EQ(lookup(t, kInf), -0.3);
  EXPECT_TRUE(std::isnan(lookup(t, kNaN)));
  source.beyond = model::Table::Beyond::kStep;
  EXPECT_EQ(lookup(prepare(source), 1.6), 0.7);
  source.beyond = model::Table::Beyond::kExtrapolate;
  EXPECT_NEAR(lookup(prepare(source), 3.1), -1.3, 1e-12);
}

std::vector<std::vector<double>> random_inputs(size_t n, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> u(-2, 2);
  std::vector<std::vector<double>> inputs(n, std::vector<double>(64));
  for (auto& input : inputs)
    for (double& x : input) x = u(random);
  return inputs;
}

TEST(Loop, ReductionsOfEveryKindAndOfNothing) {
  for (uint32_t extent : {0, 1, 5}) {
    Writer w;
    const ir::ArrayId in = w.input();
    const ir::ArrayId rows = w.array(Rank::kDraw, 5);
    w.into(w.program.draw);
    const auto fill = w.loop(5);
    w.bracket(Code::kLoop, fill);
    ir::Inst ordinal{Code::kOrdinal, {}, {}, {}};
    ordinal.loop = fill;
    const auto product = w.apply(Code::kMultiply, w.load(in), w.add(ordinal));
    w.store(w.access(rows, 0, {{fill, 1, {}}}), product);
    w.bracket(Code::kEndLoop, fill);
    for (auto kind : {ReduceKind::kSum, ReduceKind::kProduct, ReduceKind::kMin, ReduceKind::kMax,
                      ReduceKind::kAny, ReduceKind::kAll}) {
      for (bool fused : {false, true}) {
        const auto over = w.loop(extent);
        w.bracket(Code::kReduce, over, kind);
        auto v = w.load(w.access(rows, 0, {{over, 1, {}}}));
        if (fused) v = w.apply(Code::kSubtract, v, w.load(in));
        const auto end = w.bracket(Code::kEndReduce, over, kind, v);
        w.store(w.array(Rank::kDraw), end);
        const auto shared = w.loop(extent);
        w.bracket(Code::kReduce, shared, kind);
        ordinal.loop = shared;
        w.store(w.array(Rank::kDraw), w.bracket(Code::kEndReduce, shared, kind, w.add(ordinal)));
      }
    }
    expect_reference(w.program, random_inputs(1, 4));
  }
}

TEST(Loop, MapsReadZeroOutsideTheDimension) {
  Writer w;
  const ir::ArrayId in = w.input();
  const ir::ArrayId from = w.array(Rank::kDraw, 3), to = w.array(Rank::kDraw, 4);
  w.into(w.program.draw);
  for (uint32_t e = 0; e < 3; ++e) {
    w.store(from, w.apply(Code::kAdd, w.load(in), w.constant(e)), e);
  }
  const auto over = w.loop(4);
  w.bracket(Code::kLoop, over);
  w.store(w.access(to, 0, {{over, 1, {}}}), w.load(w.access(from, 0, {{over, 1, {2, -1, 0, 1}}})));
  w.bracket(Code::kEndLoop, over);
  expect_reference(w.program, random_inputs(1, 4));
}

// Random programs: loads, stores and operations in random order inside nested loops, so that
// values computed in place, rows in use and rows given back meet in every way.
class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}

  ir::Program make() {
    w.program.clock.start = 1;
    w.program.clock.step = 0.25;
    w.program.clock.steps = 7;
    w.program.clock.method = pick(2) ? model::Clock::Method::kRk4 : model::Clock::Method::kEuler;
    w.program.tables.push_back({"t", {-1, 0, 0.5, 2, 3, 5}, {1, 2, -1, 0, 4, 4}, {}});
    run_ = w.array(Rank::kRun, 4);
    time_ = w.array(Rank::kTime, 4);
    w.program.run_data = {0, 1.5, -2, 0.25, 3};
    for (int i = 0; i < 3; ++i) draw_.push_back(w.input());
    draw_.push_back(w.array(Rank::kDraw, 4));
    const auto [s, r] = w.states(4);
    state_ = s;
    for (int i = 0; i < 5; ++i) step_.push_back(w.array(Rank::kStep, i % 2 ? 4 : 1));
    histories();
    w.into(w.program.run);
    writable_ = {run_}, readable_ = {run_};
    fill(6, 0, false);
    w.into(w.program.time);
    writable_ = {time_}, readable_ = {run_, time_};
    fill(6, 0, false);
    w.into(w.program.draw);
    writable_ = {draw_[3]}, readable_ = {run_, draw_[0], draw_[1], draw_[2], draw_[3]};
    fill(12, 0, true);
    w.into(w.program.initial);
    writable_ = {state_, step_[0], step_[1]};
    readable_.insert(readable_.end(), {time_, state_, step_[0], step_[1]});
    fill(20, 0, true);
    w.into(w.program.step);
    writable_ = step_;
    writable_.push_back(r);
    readable_.insert(readable_.end(), {step_[2], step_[3], step_[4], r});
    fill(60, 0, true);
    w.program.step_tail = static_cast<uint32_t>(w.program.step.code.size());
    writable_.pop_back();
    fill(20, 0, true);
    w.device(Code::kDelayWrite, w.access(draw_[3], 2), 0, value());
    values_.clear();
    w.program.moves = {{step_[1], step_[3]}};
    w.into(w.program.finish);
    fill(10, 0, true);
    return w.program;
  }

 private:
  size_t pick(size_t n) { return random_() % n; }

  void histories() {
    w.program.histories = {{"d", 4, 1, 0}, {"b", 4, 2, 4}};
    w.program.history_slots = 12;
    w.program.noises = {{77, true}, {78, false}};
  }

  ir::AccessId some_access(ir::ArrayId a, bool writing) {
    std::vector<ir::Term> terms;
    uint32_t offset = 0;
    const uint32_t size = w.program[a].size;
    if (size == 4 && !loops_.empty() && pick(3)) {
      const ir::LoopId loop = loops_[pick(loops_.size())];
      const uint32_t extent = w.program[loop].extent;
      std::vector<int32_t> map;
      if (pick(2)) {
        for (uint32_t i = 0; i < extent; ++i) {
          map.push_back(static_cast<int32_t>(pick(4)) - (writing || pick(2) ? 0 : 1));
        }
      }
      terms.push_back({loop, 1, map});
    } else {
      offset = static_cast<uint32_t>(pick(size));
    }
    return w.access(a, offset, terms);
  }
  ir::ValueId value() {
    if (values_.empty() || pick(8) == 0) return w.constant(static_cast<double>(pick(7)) - 2);
    return values_[pick(2) ? values_.size() - 1 - pick(std::min<size_t>(3, values_.size()))
                           : pick(values_.size())];
  }

  void fill(int count, int depth, bool lanes) {
    if (depth == 0) values_.clear();
    for (int i = 0; i < count; ++i) {
      switch (pick(12)) {
        case 0:
        case 1:
        case 2:
          values_.push_back(w.load(some_access(readable_[pick(readable_.size())], false)));
          break;
        case 3:
        case 4:
          w.store(some_access(writable_[pick(writable_.size())], true), value());
          break;
        case 5: {
          const Code codes[] = {Code::kNegate, Code::kAbs, Code::kFloor, Code::kSin};
          values_.push_back(w.apply(codes[pick(4)], value()));
          break;
        }
        case 6:
          values_.push_back(
              w.apply(Code::kSelect, w.apply(Code::kLess, value(), value()), value(), value()));
          break;
        case 7:
          if (depth < 2) bracket(count / 3, depth, lanes);
          break;
        case 8:
          if (lanes)
            device();
          else
            values_.push_back(w.add({pick(2) ? Code::kTimeNow : Code::kStepTime, {}, {}, {}}));
          break;
        default: {
          const Code codes[] = {Code::kAdd, Code::kSubtract,  Code::kMultiply, Code::kMin,
                                Code::kMax, Code::kLessEqual, Code::kDivide};
          values_.push_back(w.apply(codes[pick(7)], value(), value()));
        }
      }
    }
  }
  void device() {
    switch (pick(5)) {
      case 0:
        values_.push_back(w.lookup(0, value()));
        break;
      case 1:
        values_.push_back(w.device(Code::kNoise, some_access(draw_[3], true), pick(2)));
        break;
      case 2:
        values_.push_back(w.device(Code::kDelayRead, some_access(draw_[3], true), 0, value()));
        break;
      case 3:
        values_.push_back(
            w.device(Code::kBehind, some_access(draw_[3], true), 1, value(), value()));
        break;
      default:
        values_.push_back(w.add({Code::kTimeNow, {}, {}, {}}));
    }
  }
  void bracket(int count, int depth, bool lanes) {
    const bool reduce = pick(2);
    const ir::LoopId loop = w.loop(static_cast<uint32_t>(pick(5)));
    const auto kind = static_cast<ReduceKind>(pick(6));
    w.bracket(reduce ? Code::kReduce : Code::kLoop, loop, kind);
    loops_.push_back(loop);
    const size_t visible = values_.size();
    if (pick(2)) {
      ir::Inst ordinal{Code::kOrdinal, {}, {}, {}};
      ordinal.loop = loop;
      values_.push_back(w.add(ordinal));
    }
    fill(count, depth + 1, lanes);
    const auto body = value();
    values_.resize(visible);
    loops_.pop_back();
    const auto end = w.bracket(reduce ? Code::kEndReduce : Code::kEndLoop, loop, kind,
                               reduce ? body : ir::ValueId());
    if (reduce) values_.push_back(end);
  }

  Writer w;
  std::mt19937_64 random_;
  ir::ArrayId run_, time_, state_;
  std::vector<ir::ArrayId> draw_, step_, readable_, writable_;
  std::vector<ir::ValueId> values_;
  std::vector<ir::LoopId> loops_;
};

TEST(Interpreter, RandomProgramsGiveTheBitsOfPlainEvaluation) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    const ir::Program p = Maker(seed).make();
    expect_reference(p, random_inputs(3, seed));
    if (HasFatalFailure()) return;
  }
}

// S' = -S, S(0) = 1: the error at t = 1 falls with the order of the method.
double decay_error(model::Clock::Method method, uint64_t steps) {
  Writer w;
  w.program.clock.step = 1.0 / static_cast<double>(steps);
  w.program.clock.steps = steps;
  w.program.clock.method = method;
  const auto [s, r] = w.states(1);
  w.into(w.program.initial);
  w.store(s, w.constant(1));
  w.into(w.program.step);
  w.store(r, w.apply(Code::kNegate, w.load(s)));
  w.program.step_tail = static_cast<uint32_t>(w.program.step.code.size());
  const auto kernel = interpret(w.program, {8});
  const TileRun t = run_tile(w.program, *kernel, 1, 0, {}, {0}, std::vector<double>(steps + 1));
  return std::abs(t.at(w.program[s].slot, 0) - std::exp(-1.0));
}

TEST(Integration, EulerHasOrderOneAndRungeKuttaFour) {
  using Method = model::Clock::Method;
  EXPECT_NEAR(decay_error(Method::kEuler, 64) / decay_error(Method::kEuler, 128), 2, 0.05);
  EXPECT_NEAR(decay_error(Method::kRk4, 8) / decay_error(Method::kRk4, 16), 16, 1.0);
  EXPECT_LT(decay_error(Method::kRk4, 64), 1e-9);
}

TEST(Integration, LogisticGrowthAndTimeWithinAStep) {
  Writer w;
  constexpr uint64_t kSteps = 100;
  w.program.clock.step = 0.1;
  w.program.clock.steps = kSteps;
  w.program.clock.method = model::Clock::Method::kRk4;
  const auto [s, r] = w.states(2);
  w.into(w.program.initial);
  w.store(s, w.constant(0.01), 0);
  w.store(s, w.constant(0), 1);
  w.into(w.program.step);
  const auto x = w.load(s);
  w.store(r, w.apply(Code::kMultiply, x, w.apply(Code::kSubtract, w.constant(1), x)), 0);
  const auto now = w.add({Code::kTimeNow, {}, {}, {}});
  w.store(r, w.apply(Code::kMultiply, w.apply(Code::kMultiply, now, now), w.constant(3)), 1);
  w.program.step_tail = static_cast<uint32_t>(w.program.step.code.size());
  const auto kernel = interpret(w.program, {8});
  const TileRun t = run_tile(w.program, *kernel, 1, 0, {}, {0}, std::vector<double>(kSteps + 1));
  const double e = std::exp(10.0);
  EXPECT_NEAR(t.at(w.program[s].slot, 3), 0.01 * e / (1 + 0.01 * (e - 1)), 1e-6);
  EXPECT_NEAR(t.at(w.program[s].slot + 1, 3), 1000.0, 1e-9);  // exact for t^3 but for rounding
}

TEST(FindBadValue, NamesTheFirst) {
  Writer w;
  w.program.clock.steps = 10;
  const ir::ArrayId in = w.input();
  const auto [s, r] = w.states(1);
  const ir::ArrayId root = w.array(Rank::kStep, 3), after = w.array(Rank::kStep);
  w.into(w.program.initial);
  w.store(s, w.load(in));
  w.into(w.program.step);
  const auto v = w.apply(Code::kSqrt, w.load(s));
  w.store(root, v, 2);
  w.store(after, w.apply(Code::kAdd, v, w.constant(1)));
  w.store(r, w.constant(-1));
  w.program.step_tail = static_cast<uint32_t>(w.program.step.code.size());
  const std::vector<double> run = {0}, time(11);
  const std::vector<bool> counts(w.program.arrays.size(), true);
  const auto bad = find_bad_value(w.program, run, time, std::vector<double>{3.5}, 1, 0, counts);
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->array, root);
  EXPECT_EQ(bad->element, 2u);
  EXPECT_EQ(bad->k, 4u);
  EXPECT_EQ(bad->time, 4);
  EXPECT_FALSE(find_bad_value(w.program, run, time, std::vector<double>{30}, 1, 0, counts));
}

}  // namespace
}  // namespace headrace::code
