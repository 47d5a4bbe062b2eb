#include "server/settled.h"

#include <gtest/gtest.h>

namespace headrace::server {
namespace {

RunRequest request(uint32_t sequence) {
  RunRequest out;
  out.sequence = sequence;
  out.question.outputs = {"stock"};
  out.question.changes = {{.input = "growth", .value = 1.5, .text = ""}};
  return out;
}

std::string frame(uint32_t sequence) {
  Frame out;
  out.kind = Frame::Kind::kSettled;
  out.sequence = sequence;
  out.draws = 100'000;
  return encode(out);
}

TEST(Settled, ComesBackUnderTheNumberOfTheNewRequest) {
  Settled settled;
  settled.remember(request(3), frame(3));
  EXPECT_EQ(settled.find(request(8)), frame(8));
}

TEST(Settled, EverythingThatDecidesAnAnswerTellsRequestsApart) {
  Settled settled;
  settled.remember(request(1), frame(1));
  std::vector<RunRequest> others(8, request(1));
  others[0].draws = 50'000;
  others[1].seed = 2;
  others[2].question.outputs = {"flow"};
  others[3].question.answers = false;
  others[4].question.scenarios = {"high"};
  others[5].question.only = {"growth"};
  others[6].question.changes[0].value = 1.6;
  others[7].question.changes[0].mode = workbench::Change::Mode::kPin;
  for (const RunRequest& other : others) EXPECT_FALSE(settled.find(other));
}

TEST(Settled, ForgetsTheOldestAndAllWhenTold) {
  Settled settled;
  RunRequest each = request(1);
  for (each.seed = 1; each.seed <= 49; ++each.seed) settled.remember(each, frame(1));
  each.seed = 1;
  EXPECT_FALSE(settled.find(each));
  each.seed = 2;
  EXPECT_TRUE(settled.find(each));
  settled.clear();
  EXPECT_FALSE(settled.find(each));
}

}  // namespace
}  // namespace headrace::server
