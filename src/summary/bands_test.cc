#include "summary/bands.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "summary/odds.h"

namespace headrace::summary {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(Band, SaysWhatItsPartsSay) {
  const Band band =
      summarize(std::vector<double>{1, 2, 3, 4, kNan, kInf}, std::vector{0.5, 0.0, 1.0});
  EXPECT_EQ(band.mean, 2.5);
  EXPECT_DOUBLE_EQ(band.sd, std::sqrt(5.0 / 3));
  EXPECT_EQ(band.quantiles, (std::vector<double>{3, 1, kInf}));
  EXPECT_EQ(band.finite, 4u);
  EXPECT_EQ(band.nan_count, 1u);
}

TEST(Band, NothingFinite) {
  const Band band = summarize(std::vector{kNan}, std::vector{0.5});
  EXPECT_TRUE(std::isnan(band.mean) && std::isnan(band.sd) && std::isnan(band.quantiles[0]));
  EXPECT_EQ(band.finite, 0u);
  EXPECT_EQ(band.nan_count, 1u);
}

TEST(Band, BuffersOfOneColumnDoNotReachTheNext) {
  std::mt19937_64 engine(4);
  std::normal_distribution<double> normal;
  const std::vector<double> p{0.05, 0.5, 0.95};
  Summarizer summarizer;
  for (size_t n : {5000, 10, 20000, 3, 300}) {
    std::vector<double> values(n);
    for (double& x : values) x = normal(engine);
    EXPECT_EQ(summarizer.summarize(values, p).quantiles, summarize(values, p).quantiles);
  }
}

TEST(Band, FromASketchIsClose) {
  std::mt19937_64 engine(4);
  std::normal_distribution<double> normal(100, 20);
  std::vector<double> values(10000);
  for (double& x : values) x = normal(engine);
  Sketch sketch;
  sketch.add(values);
  const std::vector<double> p{0.05, 0.5, 0.95};
  const Band exact = summarize(values, p);
  const Band close = summarize(sketch, moments(values), p);
  EXPECT_EQ(close.mean, exact.mean);
  EXPECT_EQ(close.sd, exact.sd);
  EXPECT_EQ(close.finite, exact.finite);
  for (size_t i = 0; i < p.size(); ++i) {
    EXPECT_NEAR(close.quantiles[i], exact.quantiles[i], kSketchError * exact.quantiles[i]);
  }
}

TEST(Odds, ShareAndItsError) {
  const Odds o = odds(std::vector<double>{1, 0, 0, kNan, 1, -2, 0, 0, 0});
  EXPECT_EQ(o.count, 8u);
  EXPECT_EQ(o.holds, 3u);
  EXPECT_EQ(o.share(), 0.375);
  EXPECT_DOUBLE_EQ(o.standard_error(), std::sqrt(0.375 * 0.625 / 8));
  EXPECT_TRUE(std::isnan(odds({}).share()));
  EXPECT_TRUE(std::isnan(odds({}).standard_error()));
}

// The interval solves (share - p)^2 = z^2 p (1 - p) / n.
TEST(Odds, WilsonEndsAreAtZStandardErrors) {
  for (const Odds o : {Odds{3, 8}, Odds{1, 1000}, Odds{999, 1000}, Odds{50000, 100000}}) {
    const Interval range = wilson(o, 2);
    for (double p : {range.low, range.high}) {
      const double error = std::sqrt(p * (1 - p) / static_cast<double>(o.count));
      EXPECT_NEAR(std::abs(o.share() - p), 2 * error, 1e-12);
    }
    EXPECT_LT(range.low, o.share());
    EXPECT_GT(range.high, o.share());
  }
  EXPECT_EQ(wilson({0, 100}).low, 0);
  EXPECT_NEAR(wilson({0, 100}).high, 1.959964 * 1.959964 / (100 + 1.959964 * 1.959964), 1e-7);
  EXPECT_EQ(wilson({100, 100}).high, 1);
  EXPECT_EQ(wilson({}).low, 0);
  EXPECT_EQ(wilson({}).high, 1);
}

}  // namespace
}  // namespace headrace::summary
