#include "math/philox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "math/kernels.h"

namespace headrace::math {
namespace {

struct KnownAnswer {
  uint32_t counter[4];
  uint32_t key[2];
  uint32_t result[4];
};

// The vectors for philox4x32-10 that Random123 distributes.
constexpr KnownAnswer kKnownAnswers[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

TEST(Philox, KnownAnswers) {
  for (const KnownAnswer& known : kKnownAnswers) {
    const uint64_t key = known.key[0] | (uint64_t{known.key[1]} << 32);
    const auto& c = known.counter;
    const auto words = detail::philox<double>({{c[0], c[1], c[2], c[3]}}, key);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(words.word[i], uint64_t{known.result[i]}) << i;
  }
}

TEST(Philox, UniformsStayInTheOpenInterval) {
  EXPECT_EQ(detail::open_uniform<double>(0, 0), 0x1p-53);
  EXPECT_EQ(detail::open_uniform<double>(0xffffffff, 0xffffffff), 1 - 0x1p-53);
}

TEST(Philox, EveryInstructionSetAndCutGivesTheSameBits) {
  const Stream stream(42, base::hash("yield"));
  constexpr size_t kDraws = 1003;
  constexpr uint64_t kFirst = (uint64_t{1} << 32) - 500;  // crosses a word of the counter
  std::vector<double> expected(kDraws);
  for (size_t i = 0; i < kDraws; ++i) expected[i] = stream.uniform(kFirst + i, 17);

  const KernelList list = available_kernels();
  for (size_t k = 0; k < list.count; ++k) {
    for (size_t cut : {size_t{1}, size_t{3}, size_t{8}, size_t{100}, kDraws}) {
      std::vector<double> out(kDraws);
      for (size_t i = 0; i < kDraws; i += cut) {
        const size_t n = std::min(cut, kDraws - i);
        list.entry[k]->uniforms(stream.key(), kFirst + i, 17, out.data() + i, n);
      }
      EXPECT_EQ(out, expected) << list.entry[k]->name << " cut " << cut;
    }
  }
  std::vector<double> bulk(kDraws);
  uniforms(42, base::hash("yield"), kFirst, 17, bulk);
  EXPECT_EQ(bulk, expected);
}

TEST(Philox, SeedNameStepAndDrawAllMatter) {
  const double u = Stream(1, 2).uniform(3, 4);
  EXPECT_NE(u, Stream(2, 2).uniform(3, 4));
  EXPECT_NE(u, Stream(1, 3).uniform(3, 4));
  EXPECT_NE(u, Stream(1, 2).uniform(4, 4));
  EXPECT_NE(u, Stream(1, 2).uniform(3, 5));
}

// Chi-square over 256 cells for the first and the second number of a pair, and for the pair in a
// 16 by 16 grid: 255 degrees of freedom, so five standard deviations are 255 +- 113.
TEST(Philox, UniformsFillCellsEvenly) {
  constexpr int kDraws = 256 * 400;
  std::vector<int> first(256), second(256), both(256);
  for (uint64_t draw = 0; draw < kDraws; ++draw) {
    const auto [u, v] = uniform_pair<double>(stream_key(9, 9), draw, 0);
    ++first[static_cast<size_t>(u * 256)];
    ++second[static_cast<size_t>(v * 256)];
    ++both[static_cast<size_t>(u * 16) * 16 + static_cast<size_t>(v * 16)];
  }
  for (const auto* counts : {&first, &second, &both}) {
    double chi_square = 0;
    for (int count : *counts) chi_square += (count - 400.0) * (count - 400.0) / 400.0;
    EXPECT_NEAR(chi_square, 255, 113);
  }
}

}  // namespace
}  // namespace headrace::math
