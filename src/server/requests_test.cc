#include "server/requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headrace::server {
namespace {

using testing::HasSubstr;

TEST(Requests, ReadsARun) {
  const auto request = read_run(R"({"view":"t","sequence":4,"scenarios":["a"],"outputs":["x[US]"],
    "changes":[{"input":"y","mode":"given","low":1,"high":2}],"draws":5000,"seed":3})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->view, "t");
  EXPECT_EQ(request->sequence, 4u);
  EXPECT_EQ(request->draws, 5000u);
  EXPECT_TRUE(request->preview);
  ASSERT_EQ(request->question.changes.size(), 1u);
  EXPECT_EQ(request->question.changes[0].mode, workbench::Change::Mode::kGiven);
  EXPECT_EQ(request->question.changes[0].high, 2);
}

TEST(Requests, SaysWhatIsWrong) {
  const auto wrong = [](const char* body) {
    const auto request = read_run(body);
    return request ? std::string("nothing") : request.error().message;
  };
  EXPECT_THAT(wrong(""), HasSubstr("not JSON"));
  EXPECT_THAT(wrong("[]"), HasSubstr("not an object"));
  EXPECT_THAT(wrong(R"({"draws":-1})"), HasSubstr("'draws'"));
  EXPECT_THAT(wrong(R"({"draws":1e12})"), HasSubstr("'draws'"));
  EXPECT_THAT(wrong(R"({"draws":1.5})"), HasSubstr("'draws'"));
  EXPECT_THAT(wrong(R"({"outputs":[1]})"), HasSubstr("'outputs'"));
  EXPECT_THAT(wrong(R"({"changes":[{"mode":"pin"}]})"), HasSubstr("without 'input'"));
  EXPECT_THAT(wrong(R"({"changes":[{"input":"x","mode":"drag"}]})"), HasSubstr("mode 'drag'"));
  EXPECT_THAT(wrong(R"({"changes":[{"input":"x"},{"input":"x"}]})"), HasSubstr("changed twice"));
}

TEST(Requests, DeepNestingIsRefused) {
  EXPECT_FALSE(read_run(std::string(100'000, '[')));
  EXPECT_FALSE(read_run("{\"a\":" + std::string(5000, '[') + std::string(5000, ']') + "}"));
}

TEST(Requests, ComparesTwoToFour) {
  EXPECT_FALSE(read_compare(R"({"versions":[{}]})"));
  EXPECT_TRUE(read_compare(R"({"versions":[{},{}]})"));
  EXPECT_FALSE(read_compare(R"({"versions":[{},{},{},{},{}]})"));
}

}  // namespace
}  // namespace headrace::server
