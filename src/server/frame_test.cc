#include "server/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>

namespace headrace::server {
namespace {

// The page's tests decode the same bytes; HEADRACE_UPDATE=1 writes them anew.
Frame golden() {
  Frame frame;
  frame.kind = Frame::Kind::kPreview;
  frame.sequence = 7;
  frame.draws = 4096;
  frame.failed = 3;
  const double inf = std::numeric_limits<double>::infinity();
  frame.directory["times"] = {{"offset", frame.add({2025, 2025.5})}, {"count", 2}};
  frame.directory["stats"] = {"mean", "p5", "p10", "p25", "p50", "p75", "p90", "p95"};
  Json output = {{"name", "größe[US]"}, {"unit", "chip/year"}, {"type", "number"}};
  output["offset"] =
      frame.add({1, 2, 0.5, 1, 0.75, 1.25, 0.875, 1.5, 1, 2, 1.25, 2.5, 1.5, 3, 2, inf});
  frame.directory["outputs"] = Json::array({output});
  Json claim = {{"id", "A1"}, {"odds", 0.25}};
  claim["stats"] = {{"p50", "never"}};
  claim["shape"] = {{"offset", frame.add({0.25, 0.5, 0.25})}, {"bins", 3}, {"low", 0}, {"high", 6}};
  frame.directory["claims"] = Json::array({claim});
  frame.directory["measures"] = Json::array();
  frame.directory["single"] = false;
  frame.directory["ms"] = 12.5;
  frame.directory["seed"] = 1;
  frame.directory["backend"] = "interp";
  frame.directory["warnings"] = Json::array();
  return frame;
}

TEST(Frame, IsTheGoldenBytes) {
  const std::string path = HEADRACE_SOURCE_DIR "/web/golden/run.frame";
  const std::string bytes = encode(golden());
  if (std::getenv("HEADRACE_UPDATE")) std::ofstream(path, std::ios::binary) << bytes;
  std::ifstream file(path, std::ios::binary);
  const std::string kept{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(kept.empty()) << path;
  EXPECT_EQ(bytes, kept);
}

TEST(Frame, NumbersStartOnEightBytes) {
  for (const char* text : {"", "a", "ab", "abcdefg", "abcdefgh"}) {
    Frame frame;
    frame.directory["x"] = text;
    frame.add({1.5});
    const std::string bytes = encode(frame);
    EXPECT_EQ(bytes.size() % 8, 0u);
    float number = 0;
    std::memcpy(&number, bytes.data() + bytes.size() - 8, sizeof number);
    EXPECT_EQ(number, 1.5f);
  }
}

TEST(Frame, BrokenTextIsReplacedNotThrown) {
  Frame frame;
  frame.directory["name"] = "\xff\xfe";
  EXPECT_THAT(encode(frame), testing::HasSubstr("\xef\xbf\xbd"));
}

}  // namespace
}  // namespace headrace::server
