#include "run/run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "base/hash.h"
#include "code/interp/interp.h"
#include "code/interp/program_test.h"

namespace headrace::run {
namespace {

using ir::Code;
using ir::Rank;

// A stock that grows at an uncertain rate, with noise beside it: x' = growth x, x(0) = 1 + level.
// Outputs: x, its root less `fault` (which fails for small x), and a curve of time alone.
struct Growth {
  model::Model model;
  code::Writer writer;
  ir::ArrayId x;

  explicit Growth(double fault = 0, uint64_t steps = 20) {
    model.clock.steps = steps;
    model.clock.step = 0.125;
    model.clock.save_every = 4;
    add_variable("growth", model::VarKind::kParam);
    add_variable("level", model::VarKind::kParam);
    add_variable("x", model::VarKind::kStock);
    add_variable("root", model::VarKind::kLet);
    add_variable("clock", model::VarKind::kLet);
    model.inputs.push_back({model::VarId(0), 0, "growth", *math::normal(0.1, 0.05)});
    model.inputs.push_back({model::VarId(1), 0, "level", *math::lognormal(0, 0.5)});
    code::Writer& w = writer;
    ir::Program& p = w.program;
    p.clock = model.clock;
    const ir::ArrayId growth = w.input(), level = w.input();
    const auto [s, r] = w.states(1);
    x = s;
    const ir::ArrayId root = w.array(Rank::kStep), seen = w.array(Rank::kDraw);
    const ir::ArrayId clock = w.array(Rank::kTime), first = w.array(Rank::kDraw);
    const ir::ArrayId measure = w.array(Rank::kDraw), claim = w.array(Rank::kDraw);
    p.arrays[s.index].variable = model::VarId(2);
    p.arrays[root.index].variable = model::VarId(3);
    p.arrays[clock.index].variable = model::VarId(4);
    p.outputs = {{model::VarId(2), s}, {model::VarId(3), root}, {model::VarId(4), clock}};
    p.noises = {{42, true}};
    w.into(p.time);
    w.store(clock, w.add({Code::kStepTime, {}, {}, {}}));
    w.into(p.initial);
    w.store(s, w.apply(Code::kAdd, w.constant(1), w.load(level)));
    w.store(seen, w.constant(0));
    w.store(first, w.constant(HUGE_VAL));
    w.into(p.step);
    const auto vx = w.load(s);
    w.store(root, w.apply(Code::kSqrt, w.apply(Code::kSubtract, vx, w.constant(fault))));
    w.store(r, w.apply(Code::kMultiply, vx, w.load(growth)));
    p.step_tail = static_cast<uint32_t>(p.step.code.size());
    const auto noise = w.device(Code::kNoise, w.access(seen), 0);
    w.store(seen, w.apply(Code::kAdd, w.load(seen), noise));
    // The check "x <= 4" keeps the first time at which it fails.
    const auto breaks = w.apply(Code::kLess, w.constant(4), vx);
    const auto now = w.add({Code::kTimeNow, {}, {}, {}});
    w.store(first, w.apply(Code::kMin, w.load(first),
                           w.apply(Code::kSelect, breaks, now, w.constant(HUGE_VAL))));
    w.into(p.finish);
    const auto end = w.load(s);
    w.store(measure, w.apply(Code::kAdd, end, w.load(seen)));
    w.store(claim, w.apply(Code::kLess, w.constant(2), end));
    p.measures = {measure};
    p.claim_measures = {s};
    p.claim_conditions = {claim};
    p.checks = {first};
    model.measures.resize(1);
    model.claims.resize(1);
    model.checks.resize(1);
  }

  void add_variable(std::string name, model::VarKind kind) {
    model::Variable v;
    v.name = std::move(name);
    v.kind = kind;
    model.variables.push_back(v);
  }
  const ir::Program& program() const { return writer.program; }
};

class Fixed final : public KernelSource {
 public:
  Fixed(const ir::Program& program, size_t lanes, bool settled = true)
      : kernel_(code::interpret(program, {lanes})), settled_(settled) {}
  std::shared_ptr<const code::Kernel> kernel() override { return kernel_; }
  bool is_settled() const override { return settled_; }
  std::string name() const override { return "fixed"; }

 private:
  std::shared_ptr<const code::Kernel> kernel_;
  bool settled_;
};

RunResult result_of(const Growth& g, const RunOptions& options, size_t lanes = 32,
                    bool settled = true) {
  Fixed kernels(g.program(), lanes, settled);
  auto result = run(g.model, g.program(), kernels, options);
  EXPECT_TRUE(result && *result);
  return std::move(**result);
}

bool equal(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }
bool equal(const std::vector<double>& a, const std::vector<double>& b) {
  return std::ranges::equal(a, b, [](double x, double y) { return equal(x, y); });
}
bool equal(const summary::Band& a, const summary::Band& b) {
  return equal(a.mean, b.mean) && equal(a.sd, b.sd) && equal(a.quantiles, b.quantiles) &&
         a.finite == b.finite && a.nan_count == b.nan_count;
}
void expect_equal(const RunResult& a, const RunResult& b) {
  ASSERT_EQ(a.series.size(), b.series.size());
  for (size_t s = 0; s < a.series.size(); ++s) {
    EXPECT_TRUE(equal(a.series[s].values, b.series[s].values));
    ASSERT_EQ(a.series[s].bands.size(), b.series[s].bands.size());
    for (size_t t = 0; t < a.series[s].bands.size(); ++t) {
      EXPECT_TRUE(equal(a.series[s].bands[t], b.series[s].bands[t])) << s << " " << t;
    }
  }
  EXPECT_TRUE(equal(a.measures[0].values, b.measures[0].values));
  EXPECT_TRUE(equal(a.claims[0].holds, b.claims[0].holds));
  EXPECT_EQ(a.claims[0].odds, b.claims[0].odds);
  EXPECT_EQ(a.checks[0].violations, b.checks[0].violations);
  EXPECT_EQ(a.checks[0].first_draw, b.checks[0].first_draw);
  EXPECT_EQ(a.checks[0].first_time, b.checks[0].first_time);
  EXPECT_EQ(a.failed, b.failed);
  ASSERT_EQ(a.failures.size(), b.failures.size());
  for (size_t f = 0; f < a.failures.size(); ++f) {
    EXPECT_EQ(a.failures[f].draw, b.failures[f].draw);
    EXPECT_EQ(a.failures[f].variable, b.failures[f].variable);
    EXPECT_EQ(a.failures[f].time, b.failures[f].time);
  }
}

TEST(Run, ThreadsAndTilesChangeNoBit) {
  const Growth g(1.3);
  for (const uint64_t limit : {uint64_t{1} << 30, uint64_t{1} << 20}) {
    for (const auto design :
         {math::Design::kMonteCarlo, math::Design::kLatinHypercube, math::Design::kSobol}) {
      RunOptions options;
      options.draws = 9001;
      options.design = design;
      options.memory_limit = limit;
      options.threads = 1;
      const RunResult one = result_of(g, options);
      EXPECT_EQ(one.exact, limit == uint64_t{1} << 30);
      EXPECT_GT(one.failed, 0u);
      for (const auto& [threads, lanes] :
           {std::pair{2u, size_t{8}}, {3u, size_t{128}}, {2u, size_t{256}}, {1u, size_t{24}}}) {
        options.threads = threads;
        expect_equal(one, result_of(g, options, lanes));
      }
    }
  }
}

// Values that no cache holds are summarised window by window, without draws that fail later.
TEST(Run, WindowsChangeNoBit) {
  for (const double fault : {0.0, 1.3}) {
    const Growth g(fault, 80);
    RunOptions options;
    options.draws = 140000;
    options.threads = 2;
    const RunResult at_the_end = result_of(g, options, 64, false);
    EXPECT_EQ(at_the_end.windows, 0u);
    EXPECT_EQ(at_the_end.failed > 0, fault > 0);
    for (const size_t lanes : {64, 24}) {
      const RunResult in_windows = result_of(g, options, lanes);
      EXPECT_EQ(in_windows.windows, 3u);
      expect_equal(in_windows, at_the_end);
    }
    options.keep_series = true;
    EXPECT_EQ(result_of(g, options).windows, 0u);
  }
}

// A small run is shared out in small blocks; what depends on time alone may be there already.
TEST(Run, SmallBlocksAndKeptValuesChangeNoBit) {
  const Growth g(1.3);
  RunOptions options;
  options.draws = 2000;
  options.threads = 1;
  const RunResult one = result_of(g, options);
  EXPECT_GT(one.failed, 0u);
  SharedValues shared;
  options.shared = &shared;
  for (const auto& [threads, lanes] :
       {std::pair{2u, size_t{8}}, {3u, size_t{128}}, {7u, size_t{512}}, {2u, size_t{24}}}) {
    options.threads = threads;
    expect_equal(one, result_of(g, options, lanes));
    EXPECT_TRUE(shared.there);
  }
  options.draws = 9001;  // of another size, with the same values
  options.shared = nullptr;
  const RunResult many = result_of(g, options);
  options.shared = &shared;
  expect_equal(many, result_of(g, options));
}

TEST(Run, ADrawIsTheSameAlone) {
  const Growth g;
  RunOptions options;
  options.draws = 300;
  options.keep_series = true;
  const RunResult all = result_of(g, options);
  options.first_draw = 250;
  options.draws = 20;
  const RunResult part = result_of(g, options);
  for (size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(part.measures[0].values[i], all.measures[0].values[250 + i]);
    EXPECT_EQ(part.series[0].values[2 * 20 + i], all.series[0].values[2 * 300 + 250 + i]);
  }
}

TEST(Run, SummariesAreThoseOfTheModel) {
  const Growth g;
  RunOptions options;
  options.draws = 20000;
  options.probabilities = {0.5};
  options.keep_series = true;
  const RunResult r = result_of(g, options);
  ASSERT_EQ(r.times, (std::vector<double>{0, 0.5, 1, 1.5, 2, 2.5}));
  EXPECT_EQ(r.failed, 0u);
  EXPECT_TRUE(r.exact);
  EXPECT_EQ(r.series[0].name, "x");
  EXPECT_NEAR(r.series[0].bands[0].quantiles[0], 2, 0.03);
  EXPECT_EQ(r.series[2].bands[3].quantiles[0], 1.5);
  EXPECT_EQ(r.series[2].bands[3].sd, 0);
  // The claim is that x ends above 2, the check that it never exceeds 4; both counted by hand.
  const std::vector<double>& x = r.series[0].values;
  double above = 0;
  for (size_t i = 0; i < 20000; ++i) above += x[5 * 20000 + i] > 2;
  EXPECT_DOUBLE_EQ(r.claims[0].odds, above / 20000);
  // Growth may be negative, so the highest of the steps counts, of which saves show a part.
  uint64_t high = 0, first = UINT64_MAX;
  for (size_t i = 0; i < 20000; ++i) {
    const bool breaks = std::max(x[i], x[5 * 20000 + i]) > 4;
    high += breaks;
    if (breaks) first = std::min<uint64_t>(first, i);
  }
  EXPECT_EQ(r.checks[0].violations, high);
  EXPECT_EQ(r.checks[0].first_draw, first);
}

TEST(Run, SketchesStayWithinTheirError) {
  const Growth g;
  RunOptions options;
  options.draws = 30000;
  const RunResult exact = result_of(g, options);
  options.memory_limit = 2 << 20;
  const RunResult sketched = result_of(g, options);
  ASSERT_TRUE(exact.exact);
  ASSERT_FALSE(sketched.exact);
  for (size_t s = 0; s < 3; ++s) {
    for (size_t t = 0; t < exact.times.size(); ++t) {
      const summary::Band &a = exact.series[s].bands[t], &b = sketched.series[s].bands[t];
      EXPECT_EQ(a.mean, b.mean);
      EXPECT_EQ(a.sd, b.sd);
      for (size_t q = 0; q < a.quantiles.size(); ++q) {
        EXPECT_NEAR(a.quantiles[q], b.quantiles[q],
                    summary::kSketchError * std::abs(a.quantiles[q]) * 1.001);
      }
    }
  }
}

TEST(Run, FailedDrawsAreCountedNamedAndLeftOut) {
  const Growth g(1.3);
  RunOptions options;
  options.draws = 3000;
  options.named_failures = 5;
  options.keep_series = true;
  const RunResult r = result_of(g, options);
  const auto inputs = sample_inputs(g.model, options);
  uint64_t failed = 0;
  for (size_t i = 0; i < 3000; ++i) {
    // x runs from 1 + level with one sign of growth: the ends decide.
    const double start = 1 + inputs[1][i], end = start * std::pow(1 + 0.125 * inputs[0][i], 20);
    const bool bad = std::min(start, end) < 1.3;
    failed += bad;
    EXPECT_EQ(std::isnan(r.measures[0].values[i]), bad) << i;
    EXPECT_EQ(std::isnan(r.series[0].values[i]), bad) << i;
  }
  EXPECT_EQ(r.failed, failed);
  EXPECT_EQ(r.series[0].bands[0].nan_count, failed);
  EXPECT_EQ(r.series[0].bands[0].finite, 3000 - failed);
  ASSERT_EQ(r.failures.size(), 5u);
  for (const Failure& f : r.failures) {
    EXPECT_EQ(f.variable, "root");
    double x = 1 + inputs[1][f.draw];
    int k = 0;
    for (; x >= 1.3; ++k) x = x + 0.125 * (x * inputs[0][f.draw]);
    EXPECT_EQ(f.time, 0.125 * k);
  }
}

TEST(Run, ASingleRunTakesTheMedians) {
  const Growth g;
  RunOptions options;
  options.draws = 0;
  const RunResult r = result_of(g, options);
  EXPECT_TRUE(r.single);
  EXPECT_EQ(r.draws, 1u);
  ASSERT_EQ(r.series[0].values.size(), 6u);
  EXPECT_TRUE(r.series[0].bands.empty());
  EXPECT_NEAR(r.series[0].values[0], 2, 1e-12);
  EXPECT_NEAR(r.series[0].values[5], 2 * std::pow(1.0125, 20), 1e-12);
}

// The draws of a run given as values give that run again, noise included.
TEST(Run, TakesGivenValues) {
  const Growth g;
  RunOptions options;
  options.draws = 1500;
  options.first_draw = 700;
  const RunResult drawn = result_of(g, options);
  auto inputs = sample_inputs(g.model, options);
  options.given = inputs;
  EXPECT_EQ(result_of(g, options).measures[0].values, drawn.measures[0].values);
  inputs[1][3] += 1;
  options.given = inputs;
  const RunResult other = result_of(g, options);
  EXPECT_NE(other.measures[0].values[3], drawn.measures[0].values[3]);
  EXPECT_EQ(other.measures[0].values[4], drawn.measures[0].values[4]);
}

TEST(Sampling, UniformNumbersBecomeInputs) {
  Growth g;
  g.model.correlations = {{{0, 1}, {1, 0.5, 0.5, 1}}};
  RunOptions options;
  options.draws = 5000;
  std::vector<std::vector<double>> columns;
  for (const char* name : {"growth", "level"}) {
    columns.emplace_back(options.draws);
    math::sample(options.design, options.seed, base::hash(name), 0, options.draws, columns.back());
  }
  transform_inputs(g.model, columns);
  EXPECT_EQ(columns, sample_inputs(g.model, options));
}

TEST(Run, WithoutUncertaintyThereIsOneRun) {
  Growth g;
  g.model.inputs.clear();
  g.writer.program.input_slots.clear();
  g.writer.program.noises.clear();
  std::erase_if(g.writer.program.step.code,
                [](const ir::Inst& i) { return i.code == Code::kNoise; });
  // What read the noise reads the load before it.
  g.writer.program.step.code.resize(g.writer.program.step_tail);
  RunOptions options;
  options.draws = 500;
  const RunResult r = result_of(g, options);
  EXPECT_TRUE(r.single);
  EXPECT_EQ(r.series[0].values.size(), 6u);
}

TEST(Run, StopsAndReports) {
  const Growth g(0, 4000);
  std::atomic<bool> stop = false;
  RunOptions options;
  options.draws = 5'000'000;
  options.stop = &stop;
  double last = 0;
  bool ordered = true;
  options.progress = [&](double f) {
    ordered = ordered && f >= last && f <= 1;
    last = f;
  };
  options.memory_limit = uint64_t{4} << 30;
  Growth small(0, 4000);
  small.writer.program.outputs.resize(1);
  small.writer.program.clock.save_every = small.model.clock.save_every = 4000;
  Fixed kernels(small.program(), 64);
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    stop = true;
  });
  const auto result = run(small.model, small.program(), kernels, options);
  ASSERT_TRUE(result);
  EXPECT_FALSE(*result);
  EXPECT_TRUE(ordered);
  // The whole would take many seconds; how fast the machine is does not matter.
  EXPECT_LT(last, 0.5);
}

TEST(Run, RefusesWhatDoesNotFit) {
  const Growth g;
  RunOptions options;
  options.draws = uint64_t{1} << 60;
  Fixed kernels(g.program(), 8);
  const auto result = run(g.model, g.program(), kernels, options);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("GB"), std::string::npos);
  options.draws = 100000;
  options.keep_series = true;
  options.memory_limit = 4 << 20;
  EXPECT_FALSE(run(g.model, g.program(), kernels, options));
}

double rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  auto ranks = [](const std::vector<double>& x) {
    std::vector<size_t> order(x.size());
    for (size_t i = 0; i < x.size(); ++i) order[i] = i;
    std::ranges::sort(order, {}, [&](size_t i) { return x[i]; });
    std::vector<double> r(x.size());
    for (size_t i = 0; i < x.size(); ++i) r[order[i]] = static_cast<double>(i);
    return r;
  };
  const auto ra = ranks(a), rb = ranks(b);
  const double n = static_cast<double>(a.size());
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (ra[i] - rb[i]) * (ra[i] - rb[i]);
  return 1 - 6 * sum / (n * (n * n - 1));
}

TEST(Sampling, CorrelatedInputsHaveTheRankCorrelationAsked) {
  Growth g;
  RunOptions options;
  options.draws = 40000;
  for (const double r : {-0.9, -0.4, 0.0, 0.6, 1.0}) {
    g.model.correlations = {{{0, 1}, {1, r, r, 1}}};
    const auto inputs = sample_inputs(g.model, options);
    EXPECT_NEAR(rank_correlation(inputs[0], inputs[1]), r, 0.015) << r;
  }
}

TEST(Sampling, AnInputDoesNotDependOnItsNeighbours) {
  Growth g;
  RunOptions options;
  options.draws = 100;
  const auto before = sample_inputs(g.model, options);
  g.model.inputs.insert(g.model.inputs.begin(), {model::VarId(0), 0, "new", *math::uniform(0, 1)});
  const auto after = sample_inputs(g.model, options);
  EXPECT_EQ(before[0], after[1]);
  EXPECT_EQ(before[1], after[2]);
}

}  // namespace
}  // namespace headrace::run
