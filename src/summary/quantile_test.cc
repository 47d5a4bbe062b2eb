#include "summary/quantile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

namespace headrace::summary {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kTiny = std::numeric_limits<double>::denorm_min();
constexpr double kHuge = std::numeric_limits<double>::max();

// The definition, by sorting.
std::vector<double> by_sorting(std::vector<double> values,
                               const std::vector<double>& probabilities) {
  std::erase_if(values, [](double x) { return std::isnan(x); });
  std::ranges::sort(values);
  std::vector<double> out;
  for (double p : probabilities) {
    const double h = static_cast<double>(values.size() - 1) * p;
    const auto k = static_cast<size_t>(h);
    const double low = values[k];
    const double high = values[std::min(k + 1, values.size() - 1)];
    const double f = h - static_cast<double>(k);
    if (f == 0 || low == high) {
      out.push_back(low);
    } else {
      out.push_back(std::isinf(low) || std::isinf(high) ? low + high : std::lerp(low, high, f));
    }
  }
  return out;
}

const std::vector<double> kProbabilities{0.5,   0.05, 0, 1,     0.25, 0.75, 0.95,  0.1,
                                         0.999, 0.9,  1, 0.333, 1e-9, 0.5,  0.0001};

void check(QuantileFinder& finder, const std::vector<double>& values, const char* what) {
  std::vector<double> found(kProbabilities.size());
  finder.find(values, kProbabilities, found);
  const std::vector<double> expected = by_sorting(values, kProbabilities);
  for (size_t i = 0; i < found.size(); ++i) {
    if (std::isnan(expected[i])) {
      EXPECT_TRUE(std::isnan(found[i])) << what << " " << values.size();
    } else {
      EXPECT_EQ(found[i], expected[i])
          << what << " " << values.size() << " at " << kProbabilities[i];
    }
  }
}

TEST(Quantiles, Type7) {
  const std::vector<double> values{40, 10, 30, 20};
  EXPECT_EQ(quantiles(values, std::vector{0.0, 0.25, 0.5, 0.75, 1.0}),
            (std::vector<double>{10, 17.5, 25, 32.5, 40}));
  EXPECT_EQ(quantiles(std::vector{7.0}, std::vector{0.0, 0.3, 1.0}),
            (std::vector<double>{7, 7, 7}));
  EXPECT_TRUE(quantiles(values, {}).empty());
}

TEST(Quantiles, NanIsCountedAndLeftOut) {
  QuantileFinder finder;
  std::vector<double> out(1);
  const std::vector<double> half{0.5};
  EXPECT_EQ(finder.find(std::vector{kNan, 3.0, -kNan, 1.0, 2.0}, half, out), 2u);
  EXPECT_EQ(out[0], 2);
  EXPECT_EQ(finder.find(std::vector{kNan, kNan}, half, out), 2u);
  EXPECT_TRUE(std::isnan(out[0]));
  EXPECT_EQ(finder.find({}, half, out), 0u);
  EXPECT_TRUE(std::isnan(out[0]));
}

TEST(Quantiles, Infinities) {
  const std::vector<double> p{0.0, 0.1, 0.5, 0.9, 1.0};
  const auto q = quantiles(std::vector{kInf, -kInf, 1.0}, p);
  EXPECT_EQ(q, (std::vector<double>{-kInf, -kInf, 1, kInf, kInf}));
  EXPECT_TRUE(std::isnan(quantiles(std::vector{kInf, -kInf}, p)[2]));
}

TEST(Quantiles, ZeroHasOneSign) {
  for (const std::vector<double>& values :
       {std::vector{-0.0, 0.0, 1.0}, {0.0, -0.0, 1.0}, {-0.0}}) {
    EXPECT_FALSE(std::signbit(quantiles(values, std::vector{0.0})[0]));
  }
}

// Every kind of column, at sizes around the limits between the methods, against a sort.
TEST(Quantiles, EqualASort) {
  std::mt19937_64 engine(1);
  std::normal_distribution<double> normal;
  auto bits = [&] {
    double x;
    do x = std::bit_cast<double>(engine());
    while (std::isnan(x));
    return x;
  };
  size_t i = 0;
  const std::pair<const char*, std::function<double()>> columns[] = {
      {"normal", [&] { return normal(engine); }},
      {"far from zero", [&] { return 1e9 + normal(engine); }},
      {"one ulp apart",
       [&] { return std::bit_cast<double>(0x4000000000000000u + engine() % 3000); }},
      {"lognormal", [&] { return std::exp(3 * normal(engine)); }},
      {"long tails", [&] { return std::exp(80 * normal(engine)); }},
      {"both signs, long tails", [&] { return std::sinh(80 * normal(engine)); }},
      {"any bits", bits},
      {"all equal", [&] { return 3.25; }},
      {"two values", [&] { return engine() % 3 ? 1.0 : 2.0; }},
      {"two zeros", [&] { return engine() % 2 ? 0.0 : -0.0; }},
      {"zeros and little",
       [&] {
         return engine() % 5 ? (engine() % 2 ? 0.0 : -0.0)
                             : kTiny * static_cast<double>(engine() % 9) - 4 * kTiny;
       }},
      {"one outlier", [&] { return i++ == 0 ? 1e300 : normal(engine); }},
      {"nested outliers", [&] { return std::pow(10.0, 300.0 - static_cast<double>(i++ % 600)); }},
      {"denormals", [&] { return kTiny * static_cast<double>(engine() % 100000); }},
      {"widest", [&] { return engine() % 2 ? kHuge : -kHuge; }},
      {"infinities", [&] { return engine() % 3   ? normal(engine)
                                  : engine() % 2 ? kInf
                                                 : -kInf; }},
      {"only infinities", [&] { return engine() % 3 ? kInf : -kInf; }},
      {"with NaN", [&] { return engine() % 7 ? normal(engine) : kNan; }},
      {"integers", [&] { return static_cast<double>(engine() % 10); }},
      {"ascending", [&] { return static_cast<double>(i++); }},
      {"descending", [&] { return -static_cast<double>(i++); }},
  };
  QuantileFinder finder;
  for (const auto& [what, draw] : columns) {
    for (size_t size : {2, 3, 7, 8, 9, 49, 500, 2001, 30000}) {
      i = 0;
      std::vector<double> values(size);
      std::ranges::generate(values, draw);
      values[0] = std::isnan(values[0]) ? 0 : values[0];
      check(finder, values, what);
    }
  }
}

TEST(Quantiles, TheOrderOfTheValuesDoesNotMatter) {
  std::mt19937_64 engine(2);
  std::normal_distribution<double> normal;
  std::vector<double> values(20000);
  std::ranges::generate(values, [&] { return std::exp(normal(engine)); });
  const auto before = quantiles(values, kProbabilities);
  std::ranges::shuffle(values, engine);
  EXPECT_EQ(quantiles(values, kProbabilities), before);
}

TEST(Quantiles, ManyProbabilities) {
  std::vector<double> values(5000);
  std::vector<double> probabilities;
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>((i * 1663) % 5000);
  for (int i = 0; i <= 4999; ++i) probabilities.push_back(i / 4999.0);
  const auto q = quantiles(values, probabilities);
  for (size_t i = 0; i < q.size(); ++i) EXPECT_NEAR(q[i], static_cast<double>(i), 1e-9);
}

}  // namespace
}  // namespace headrace::summary
