#include "study/trace/links.h"

#include <gtest/gtest.h>

#include <set>

namespace headrace::study {
namespace {

Structure structure_of(uint32_t nodes, const std::vector<std::pair<uint32_t, uint32_t>>& links) {
  Structure out;
  for (uint32_t n = 0; n < nodes; ++n) out.nodes.push_back({model::VarId(n), 0});
  for (const auto& [from, to] : links) out.links.push_back({from, to});
  return out;
}

Structure complete(uint32_t nodes) {
  std::vector<std::pair<uint32_t, uint32_t>> links;
  for (uint32_t a = 0; a < nodes; ++a) {
    for (uint32_t b = 0; b < nodes; ++b) {
      if (a != b) links.emplace_back(a, b);
    }
  }
  return structure_of(nodes, links);
}

// Each loop is closed, meets no node twice, and is listed once however it is turned.
void expect_simple_loops(const Structure& structure,
                         const std::vector<std::vector<uint32_t>>& loops) {
  std::set<std::set<uint32_t>> seen;
  for (const auto& loop : loops) {
    std::set<uint32_t> nodes;
    for (size_t i = 0; i < loop.size(); ++i) {
      const Link& link = structure.links[loop[i]];
      EXPECT_EQ(link.to, structure.links[loop[(i + 1) % loop.size()]].from);
      nodes.insert(link.from);
    }
    EXPECT_EQ(nodes.size(), loop.size());
    EXPECT_TRUE(seen.insert({loop.begin(), loop.end()}).second);
  }
}

// Johnson, Finding all the elementary circuits of a directed graph, SIAM J. Comput. 4, 1975: a
// complete graph of n nodes has sum_k C(n, k) (k - 1)! of them, k from 2 to n.
TEST(Loops, OfCompleteGraphs) {
  const size_t expected[] = {1, 5, 20, 84, 409};
  for (uint32_t n = 2; n <= 6; ++n) {
    const Structure structure = complete(n);
    const auto loops = find_loops(structure, 1000);
    ASSERT_TRUE(loops);
    EXPECT_EQ(loops->size(), expected[n - 2]) << n;
    expect_simple_loops(structure, *loops);
  }
}

TEST(Loops, NoMoreThanAskedFor) {
  EXPECT_TRUE(find_loops(complete(6), 409));
  EXPECT_FALSE(find_loops(complete(6), 408));
}

// A ring with links both ways: one loop each way round, and one between each two neighbours.
TEST(Loops, OfARing) {
  std::vector<std::pair<uint32_t, uint32_t>> links;
  for (uint32_t a = 0; a < 12; ++a) {
    links.emplace_back(a, (a + 1) % 12);
    links.emplace_back((a + 1) % 12, a);
  }
  const Structure structure = structure_of(12, links);
  const auto loops = find_loops(structure, 1000);
  ASSERT_TRUE(loops);
  EXPECT_EQ(loops->size(), 14u);
  expect_simple_loops(structure, *loops);
}

// A ladder of diamonds, each to be passed on either side, closed by one link: 2^10 loops.
TEST(Loops, OfAChainOfDiamonds) {
  std::vector<std::pair<uint32_t, uint32_t>> links;
  for (uint32_t d = 0; d < 10; ++d) {
    for (uint32_t side : {1u, 2u}) {
      links.emplace_back(3 * d, 3 * d + side);
      links.emplace_back(3 * d + side, 3 * d + 3);
    }
  }
  links.emplace_back(30, 0);
  const auto loops = find_loops(structure_of(31, links), 2000);
  ASSERT_TRUE(loops);
  EXPECT_EQ(loops->size(), 1024u);
}

}  // namespace
}  // namespace headrace::study
