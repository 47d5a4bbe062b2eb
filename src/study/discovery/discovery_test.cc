#include <gtest/gtest.h>

#include <cmath>

#include "math/philox.h"
#include "study/discovery/cart.h"
#include "study/discovery/prim.h"

namespace headrace::study {
namespace {

// Uniform numbers from 0 to 1.
Columns uniforms(size_t columns, size_t draws) {
  Columns out(columns);
  for (size_t c = 0; c < columns; ++c) {
    for (size_t d = 0; d < draws; ++d) {
      out[c].push_back(math::uniform_pair<double>(17 + c, static_cast<int64_t>(d), 0).first);
    }
  }
  return out;
}

const FoundLimit* limit_of(const FoundBox& box, uint32_t column) {
  for (const FoundLimit& limit : box.limits) {
    if (limit.limit.column == column) return &limit;
  }
  return nullptr;
}

// A corner in three of ten inputs in which hits have the odds 0.9, outside 0.05: the box is found
// although no single input tells hits from others.
TEST(Prim, FindsANoisyBoxAmongIdleInputs) {
  const Columns x = uniforms(11, 20'000);
  std::vector<double> holds;
  for (size_t d = 0; d < x[0].size(); ++d) {
    const bool inside = x[0][d] > 0.5 && x[3][d] < 0.6 && x[7][d] > 0.2 && x[7][d] < 0.7;
    holds.push_back(x[10][d] < (inside ? 0.9 : 0.05) ? 1 : 0);
  }
  const Columns inputs(x.begin(), x.begin() + 10);
  PrimOptions options;
  options.threads = 1;
  const auto boxes = find_boxes(cases_of(inputs, holds), options);
  ASSERT_TRUE(boxes && boxes->size() == 1);
  const FoundBox& box = (*boxes)[0];
  EXPECT_TRUE(box.reaches);
  EXPECT_EQ(box.limits.size(), 3u);
  for (uint32_t column : {0u, 3u, 7u}) ASSERT_TRUE(limit_of(box, column)) << column;
  EXPECT_NEAR(limit_of(box, 0)->limit.low, 0.5, 0.06);
  EXPECT_NEAR(limit_of(box, 3)->limit.high, 0.6, 0.06);
  EXPECT_NEAR(limit_of(box, 7)->limit.low, 0.2, 0.06);
  EXPECT_NEAR(limit_of(box, 7)->limit.high, 0.7, 0.06);
  for (const FoundLimit& limit : box.limits) {
    EXPECT_LT(limit.quasi_p, 1e-6);
    EXPECT_EQ(limit.reproduced, 1);
  }
  // The counts are those of the box itself.
  const Cases cases = cases_of(inputs, holds);
  const Box again = measured(box.box.limits, cases, cases);
  EXPECT_EQ(again.inside, box.box.inside);
  EXPECT_EQ(again.hits, box.box.hits);
  EXPECT_DOUBLE_EQ(box.box.density,
                   static_cast<double>(again.hits) / static_cast<double>(again.inside));
}

// Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2nd edition, section 9.3,
// figure 9.7: 200 points in the unit square, of interest where 0.5 < x1 < 0.8 and 0.4 < x2 < 0.6,
// and a tenth cut off at a time. The box lies within the gaps between so few points.
TEST(Prim, ThePublishedBox) {
  const Columns x = uniforms(2, 200);
  std::vector<double> holds;
  for (size_t d = 0; d < 200; ++d) {
    holds.push_back(x[0][d] > 0.5 && x[0][d] < 0.8 && x[1][d] > 0.4 && x[1][d] < 0.6 ? 1 : 0);
  }
  PrimOptions options;
  options.peel = 0.1;
  options.density = 1;
  options.threads = 1;
  const auto boxes = find_boxes(cases_of(x, holds), options);
  ASSERT_TRUE(boxes && boxes->size() == 1);
  const FoundBox& box = (*boxes)[0];
  EXPECT_EQ(box.box.density, 1);
  EXPECT_GT(box.box.coverage, 0.7);
  ASSERT_EQ(box.limits.size(), 2u);
  EXPECT_NEAR(limit_of(box, 0)->limit.low, 0.5, 0.05);
  EXPECT_NEAR(limit_of(box, 0)->limit.high, 0.8, 0.05);
  EXPECT_NEAR(limit_of(box, 1)->limit.low, 0.4, 0.05);
  EXPECT_NEAR(limit_of(box, 1)->limit.high, 0.6, 0.05);
}

TEST(Prim, DrawsThatFailedDoNotCount) {
  const Columns x = uniforms(2, 4000);
  std::vector<double> holds;
  for (size_t d = 0; d < 4000; ++d) holds.push_back(d % 4 == 0 ? NAN : x[0][d] > 0.7);
  const Cases cases = cases_of(x, holds);
  EXPECT_EQ(cases.draws.size(), 3000u);
  const auto boxes = find_boxes(cases, {});
  ASSERT_TRUE(boxes && boxes->size() == 1);
  EXPECT_LE((*boxes)[0].box.inside, 3000u);
  EXPECT_EQ((*boxes)[0].limits.size(), 1u);
}

TEST(Prim, TheThreadsChangeNothing) {
  const Columns x = uniforms(4, 5000);
  std::vector<double> holds;
  for (size_t d = 0; d < 5000; ++d) holds.push_back(x[0][d] + x[1][d] > 1.3 ? 1 : 0);
  PrimOptions one, four;
  one.threads = 1, four.threads = 4;
  const auto a = find_boxes(cases_of(x, holds), one), b = find_boxes(cases_of(x, holds), four);
  ASSERT_EQ(a->size(), b->size());
  for (size_t k = 0; k < a->size(); ++k) {
    ASSERT_EQ((*a)[k].limits.size(), (*b)[k].limits.size());
    for (size_t l = 0; l < (*a)[k].limits.size(); ++l) {
      EXPECT_EQ((*a)[k].limits[l].limit.low, (*b)[k].limits[l].limit.low);
      EXPECT_EQ((*a)[k].limits[l].limit.high, (*b)[k].limits[l].limit.high);
    }
  }
}

// A checkerboard of four fields has no box, and a tree of two questions tells its fields apart.
TEST(Cart, TellsFieldsApart) {
  const Columns x = uniforms(3, 6000);
  std::vector<double> holds;
  for (size_t d = 0; d < 6000; ++d) {
    holds.push_back((x[0][d] > 0.3) && (x[1][d] > 0.6) ? 1 : 0);
  }
  const auto tree = grow_tree(cases_of(x, holds), {.depth = 3, .seed = 1, .threads = 1});
  ASSERT_FALSE(tree[0].leaf);
  size_t leaves = 0;
  for (const TreeNode& node : tree) {
    if (!node.leaf) {
      EXPECT_LT(node.column, 2u);
      EXPECT_NEAR(node.threshold, node.column == 0 ? 0.3 : 0.6, 0.02);
      continue;
    }
    ++leaves;
    EXPECT_TRUE(node.box.density < 0.05 || node.box.density > 0.95) << node.box.density;
  }
  EXPECT_EQ(leaves, 3u);
}

TEST(Cart, NoiseGrowsNoTree) {
  const Columns x = uniforms(4, 6000);
  std::vector<double> holds;
  for (size_t d = 0; d < 6000; ++d) holds.push_back(x[3][d] > 0.5 ? 1 : 0);
  const Columns idle(x.begin(), x.begin() + 3);
  const auto tree = grow_tree(cases_of(idle, holds), {.depth = 4, .seed = 1, .threads = 1});
  EXPECT_TRUE(tree[0].leaf);
}

}  // namespace
}  // namespace headrace::study
