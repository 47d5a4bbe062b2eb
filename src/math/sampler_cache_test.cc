#include "math/sampler_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headrace::math {
namespace {

double median(const Sampler& sampler) {
  double u = 0.5, x = 0;
  sampler.quantiles({&u, 1}, {&x, 1});
  return x;
}

TEST(SamplerCache, GivesTheSameSamplerForTheSameDistribution) {
  SamplerCache cache;
  EXPECT_EQ(cache.of(*beta(2, 5)), cache.of(*beta(2, 5)));
  EXPECT_NE(cache.of(*beta(2, 5)), cache.of(*beta(2, 6)));
  EXPECT_NE(cache.of(*normal(2, 5)), cache.of(*uniform(2, 5)));
}

TEST(SamplerCache, AtomsOfTemporariesAreNotMistaken) {
  SamplerCache cache;
  for (int i = 1; i < 50; ++i) {
    const Choice choices[] = {{double(i), 1}, {double(i + 100), 1}};
    EXPECT_EQ(median(*cache.of(*discrete(choices))), i);
  }
}

TEST(SamplerCache, StaysBounded) {
  SamplerCache cache;
  for (size_t i = 0; i < 2 * SamplerCache::kMost; ++i) {
    EXPECT_NEAR(median(*cache.of(*normal(double(i), 1))), double(i), 1e-9);
  }
}

}  // namespace
}  // namespace headrace::math
