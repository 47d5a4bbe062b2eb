#include "text/source.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "text/utf8.h"

namespace headrace::text {
namespace {

TEST(Source, LinesAndPositions) {
  SourceSet set;
  const Source& s = set[set.add("a", "one\r\ntwö x\n\nlast")];
  ASSERT_EQ(s.lines.size(), 4u);
  EXPECT_EQ(s.line(1), "one");
  EXPECT_EQ(s.line(2), "twö x");
  EXPECT_EQ(s.line(3), "");
  EXPECT_EQ(s.line(4), "last");
  EXPECT_EQ(s.line(0), "");
  EXPECT_EQ(s.line(5), "");
  const auto x = static_cast<uint32_t>(s.text.find('x'));
  EXPECT_EQ(s.position(x).line, 2u);
  EXPECT_EQ(s.position(x).column, 5u);
  EXPECT_EQ(s.position(0).column, 1u);
  EXPECT_EQ(s.position(99999).line, 4u);
  EXPECT_EQ(s.position(99999).column, 5u);
}

TEST(Source, TextEndingInALineBreakHasAnEmptyLastLine) {
  SourceSet set;
  const Source& s = set[set.add("a", "x\n")];
  EXPECT_EQ(s.lines.size(), 2u);
  EXPECT_EQ(s.position(2).line, 2u);
  EXPECT_EQ(s.line(2), "");
}

TEST(SourceSet, SourcesDoNotMove) {
  SourceSet set;
  const SourceId id = set.add("first", "text");
  const Source* address = &set[id];
  for (int i = 0; i < 1000; ++i) set.add("more", "x");
  EXPECT_EQ(&set[id], address);
  EXPECT_EQ(set.size(), 1001u);
}

TEST(SourceSet, TextOfASpanIsClamped) {
  SourceSet set;
  const SourceId id = set.add("a", "hello");
  EXPECT_EQ(set.text({id, 1, 3}), "el");
  EXPECT_EQ(set.text({id, 3, 99}), "lo");
  EXPECT_EQ(set.text({id, 9, 12}), "");
  EXPECT_EQ(set.text({id, 3, 1}), "");
  EXPECT_EQ(set.text({}), "");
}

TEST(Span, Merge) {
  const SourceId id(0);
  EXPECT_EQ((Span{id, 5, 7}.merge({id, 1, 3})), (Span{id, 1, 7}));
  EXPECT_EQ((Span{id, 1, 9}.merge({id, 2, 3})), (Span{id, 1, 9}));
}

struct Folder : testing::Test {
  std::filesystem::path path = std::filesystem::temp_directory_path() /
                               ("headrace_source_test_" + std::to_string(::getpid()));
  void SetUp() override { std::filesystem::create_directories(path); }
  void TearDown() override { std::filesystem::remove_all(path); }
};

TEST_F(Folder, LoadReadsAFile) {
  std::ofstream(path / "m.hr", std::ios::binary) << std::string("a\0b\n", 4);
  SourceSet set;
  const auto id = set.load(path / "m.hr");
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_EQ(set[*id].text, std::string("a\0b\n", 4));
  EXPECT_EQ(set[*id].path, path / "m.hr");
}

TEST_F(Folder, LoadSaysWhyNot) {
  std::ofstream(path / "m.hr") << "12345";
  SourceSet set;
  EXPECT_TRUE(set.load(path / "m.hr", 5));
  const auto large = set.load(path / "m.hr", 4);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().kind, base::Error::Kind::kInvalid);
  EXPECT_TRUE(large.error().message.ends_with("m.hr is larger than 4 bytes"));
  const auto missing = set.load(path / "none.hr");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, base::Error::Kind::kNotFound);
  EXPECT_TRUE(missing.error().message.ends_with("none.hr: No such file or directory"));
  const auto folder = set.load(path);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().kind, base::Error::Kind::kIo);
  EXPECT_EQ(set.size(), 1u);
  EXPECT_FALSE(set.load("/dev/zero", 1000));
}

TEST(Utf8, Decodes) {
  EXPECT_EQ(decode("é", 0).code, 0xE9u);
  EXPECT_EQ(decode("€", 0).length, 3u);
  EXPECT_EQ(decode("😀", 0).code, 0x1F600u);
  // Overlong, surrogate, too large, cut off, stray.
  for (std::string_view bad :
       {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"}) {
    EXPECT_FALSE(decode(bad, 0).valid);
    EXPECT_EQ(find_invalid_utf8(bad), 0u);
  }
  EXPECT_EQ(find_invalid_utf8("ab€\xFF"), 5u);
  EXPECT_EQ(find_invalid_utf8("größe"), std::string_view::npos);
  EXPECT_EQ(count_code_points("größe"), 5u);
}

}  // namespace
}  // namespace headrace::text
