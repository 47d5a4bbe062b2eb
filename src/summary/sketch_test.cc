#include "summary/sketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <random>

#include "summary/quantile.h"

namespace headrace::summary {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Sketch of(std::span<const double> values) {
  Sketch sketch;
  sketch.add(values);
  return sketch;
}

std::vector<double> percent() {
  std::vector<double> p;
  for (int i = 0; i <= 100; ++i) p.push_back(i / 100.0);
  return p;
}

// Within the bound of the exact quantile, which lies between two order statistics.
void check_bound(const std::vector<double>& values, const char* what) {
  const std::vector<double> p = percent();
  const std::vector<double> exact = quantiles(values, p);
  const std::vector<double> found = of(values).quantiles(p);
  std::vector<double> sorted = values;
  std::ranges::sort(sorted);
  for (size_t i = 0; i < p.size(); ++i) {
    const double position = static_cast<double>(values.size() - 1) * p[i];
    const double low = sorted[static_cast<size_t>(position)];
    const double high = sorted[static_cast<size_t>(std::ceil(position))];
    const double size =
        low * high >= 0 ? std::abs(exact[i]) : std::max(std::abs(low), std::abs(high));
    EXPECT_LE(std::abs(found[i] - exact[i]), kSketchError * size) << what << " at " << p[i];
  }
  EXPECT_EQ(found.front(), exact.front());
  EXPECT_EQ(found.back(), exact.back());
}

std::vector<double> draws(size_t n, std::function<double(std::mt19937_64&)> draw) {
  std::mt19937_64 engine(11);
  std::vector<double> values(n);
  std::ranges::generate(values, [&] { return draw(engine); });
  return values;
}

double normal(std::mt19937_64& engine) {
  std::normal_distribution<double> d;
  return d(engine);
}

TEST(Sketch, ErrorIsWithinTheBound) {
  for (size_t n : {1, 2, 3, 50, 20000}) {
    check_bound(draws(n, normal), "normal");
    check_bound(draws(n, [](auto& e) { return std::exp(normal(e)); }), "lognormal");
    check_bound(draws(n, [](auto& e) { return -1e9 + normal(e); }), "negative");
    check_bound(draws(n, [](auto& e) { return static_cast<double>(e() % 5) - 2; }), "integers");
    check_bound(draws(n,
                      [](auto& e) {
                        return std::ldexp(1 + static_cast<double>(e() % 1000) / 1e3,
                                          static_cast<int>(e() % 30));
                      }),
                "thirty octaves");
    check_bound(draws(n, [](auto& e) { return 1.5e308 + 2e305 * static_cast<double>(e() % 100); }),
                "largest");
  }
}

TEST(Sketch, ConstantsAreExact) {
  for (double x : {0.0, 1.0, -3.7, 1e-300, 1.7976931348623157e308}) {
    const std::vector<double> values(10, x);
    EXPECT_EQ(of(values).quantiles(std::vector{0.0, 0.3, 1.0}), (std::vector<double>{x, x, x}));
  }
}

TEST(Sketch, SpecialValues) {
  const Sketch sketch = of(std::vector{kNan, kInf, -kInf, 0.0, -0.0, 1e-320, 8.0, kNan});
  EXPECT_EQ(sketch.nan_count(), 2u);
  EXPECT_EQ(sketch.count(), 6u);
  const auto q = sketch.quantiles(std::vector{0.0, 0.2, 0.4, 0.6, 0.8, 1.0});
  EXPECT_EQ(q[0], -kInf);
  for (size_t i : {1, 2, 3}) EXPECT_EQ(q[i], 0);
  EXPECT_NEAR(q[4], 8, 8 * kSketchError);
  EXPECT_EQ(q[5], kInf);
  EXPECT_TRUE(std::isnan(Sketch().quantiles(std::vector{0.5})[0]));
}

// Any split, any order, any grouping: the same sketch.
TEST(Sketch, MergingLeavesNoTraceOfTheOrder) {
  const std::function<double(std::mt19937_64&)> kinds[] = {
      normal,
      [](auto& e) { return std::exp(40 * normal(e)); },
      [](auto& e) { return std::sinh(300 * normal(e)); },
      [](auto& e) {
        double x = std::bit_cast<double>(static_cast<uint64_t>(e()));
        return x;
      },
      [](auto& e) {
        return std::ldexp(1.0 + static_cast<double>(e() % 64) / 64, static_cast<int>(e() % 34));
      },
  };
  for (const auto& kind : kinds) {
    std::vector<double> values = draws(3000, kind);
    const Sketch whole = of(values);
    std::mt19937_64 engine(5);
    for (int trial = 0; trial < 10; ++trial) {
      std::ranges::shuffle(values, engine);
      EXPECT_EQ(of(values), whole);
      std::vector<Sketch> parts;
      for (size_t at = 0; at < values.size();) {
        const size_t size = std::min<size_t>(engine() % 900, values.size() - at);
        parts.push_back(of(std::span(values).subspan(at, size)));
        at += size;
      }
      while (parts.size() > 1) {
        std::ranges::shuffle(parts, engine);
        const Sketch last = parts.back();
        parts.pop_back();
        Sketch other_way = last;
        other_way.merge(parts.back());
        parts.back().merge(last);
        EXPECT_EQ(other_way, parts.back());
      }
      EXPECT_EQ(parts[0], whole);
      EXPECT_EQ(parts[0].quantiles(percent()), whole.quantiles(percent()));
    }
    EXPECT_LE(whole.bytes(), 2 * sizeof(uint64_t) * (Sketch::kMaxBuckets + 64));
  }
}

TEST(Sketch, MergingWithItselfDoubles) {
  Sketch sketch = of(std::vector{1.0, 2.0, -3.0});
  sketch.merge(sketch);
  EXPECT_EQ(sketch, of(std::vector{1.0, 1.0, 2.0, 2.0, -3.0, -3.0}));
}

TEST(Sketch, MemoryIsBoundedAndSmallMagnitudesAreTakenForTheLimit) {
  Sketch sketch;
  for (int e = -1000; e <= 1000; ++e) sketch.add(std::ldexp(1.0, e));
  EXPECT_LE(sketch.bytes(), sizeof(uint64_t) * (Sketch::kMaxBuckets + 64));
  const auto q = sketch.quantiles(std::vector{0.0, 0.5, 1.0});
  EXPECT_EQ(q[0], std::ldexp(1.0, -1000));
  EXPECT_EQ(q[2], std::ldexp(1.0, 1000));
  EXPECT_GT(q[1], 0);
  EXPECT_LE(q[1], std::ldexp(1.0, 1000 - 31));
}

}  // namespace
}  // namespace headrace::summary
