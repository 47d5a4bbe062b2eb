#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "model/resolve_test.h"

namespace headrace::model {
namespace {

const std::string kDims =
    "dim country = US, China\ndim node = n7, n5, n3\ndim leading < node = n5, n3\n"
    "dim family = mature, new\nmap node to family = n7: mature, n5: new, n3: new\n";

TEST(Arrays, BareNamesAreElementwise) {
  expect_model(
      kDims + "let x[country] = 2\nlet y[country] = x * 3\nlet z[c in country] = x[c] + x[China]\n",
      {"= mul(x[country1], 3)", "add(x[c2], x[China])"});
}

TEST(Arrays, SubRangesAndMaps) {
  expect_model(
      kDims +
          "let x[node] = 2\nlet y[leading] = x * 2\nlet f[family] = 1\nlet g[node] = f * x\n"
          "let h[node] = 1\n  [leading] = x[leading] + y\n",
      {"mul(x[leading1{1 2}], 2)", "mul(f[node3{0 1 1}], x[node3])",
       "= add(x[node5{1 2}], y[node5])\n"});
}

TEST(Arrays, NeighboursUnderAGuard) {
  expect_model("dim n = 1..3\nlet x[n] = if n == 1 then 5 else x[n - 1] * 2\n",
               {"5, mul(x[n1{-1 0 1}], 2))", "step: x\n"});
  expect_faults("dim n = 1..3\nlet y[n] = 2\nlet x[n] = y[n - 1]\n", 1,
                {"`n - 1` lies outside `n` where `n` is `1` [missing-element]"});
}

TEST(Arrays, OrderIsFoundPieceByPieceAndElementByElement) {
  expect_model("dim n = a, b\nlet x[n] = y[a]\n  [a] = 1\nlet y[n] = x[b]\n  [a] = x[a]\n",
               {"step: x y x#1 y#1\n"});
  expect_model("dim n = 1..2\nlet x[n] = if n == 1 then 1 else y[n - 1]\nlet y[n] = x * 2\n",
               {"step: x(0) y(0) x(1) y(1)\n"});
}

TEST(Arrays, RecurrencesThatDescendAreOrderedByElements) {
  expect_model("dim n = 1..3\nlet x[n] = if n == 3 then 1 else x[n + 1] * 2\n",
               {"step: x(2) x(1) x(0)\n"});
}

TEST(Arrays, Reducers) {
  expect_model(
      kDims +
          "let x[country, node] = 2\nlet w[country] = 3\n"
          "let a = sum(x)\nlet b[country] = sum(x[country, *])\nlet c = sum(x[*, n7] * w)\n"
          "let d = mean(x[c, n5] for c in country)\nlet e = count(x[c, n5] > 1 for c in country)\n"
          "let f = max(x[*, n7])\nlet g = any(x[*, n7] > 1)\nlet h = size(node)\n",
      {"sum(x[country3, node4]; country3 in country; node4 in node)", "let d : 1\n  = div(sum(",
       "let e : 1\n  = sum(lt(1, x[", "any(lt(1, x[", "let h : 1\n  = 3\n"});
}

TEST(Arrays, SumOfAllStandsApartFromTheIndex) {
  expect_model(kDims + "let x[country] = 2\nlet share[country] = x / sum(x)\n",
               {"div(x[country1], sum(x[country2]; country2 in country))"});
}

TEST(Arrays, ExceptionsMakePieces) {
  expect_model(kDims + "let x[country, node] = 1\n  [China, leading] = 2\n  [China, n3] = 3\n",
               {"{US}; node1 in node] = 1\n", "{China}; node3 in node{n7}] = 1\n", "{n5}] = 2\n",
                "{n3}] = 3\n"});
}

TEST(Arrays, Faults) {
  expect_faults(kDims + "let x[country] = 2\nlet y = x\n", 1,
                {"`x` has a value for each member of `country`", "[shape-mismatch]"});
  expect_faults(kDims + "let x[country] = 2\nlet y[a in country, b in country] = x\n", 1,
                {"several indexes run over `country` here: `a` and `b` [shape-mismatch]"});
  expect_faults(kDims + "let x[country] = 2\nlet y = x[Chna]\n", 1,
                {"`Chna` is not a member of `country` [unknown-member]", "did you mean `China`?"});
  expect_faults(kDims + "let x[contry] = 2\n", 1,
                {"there is no dimension `contry` [unknown-dimension]"});
  expect_faults(kDims + "let x[leading] = 2\nlet y[node] = x\n", 1,
                {"`x` has no element for `n7` of `node` [missing-element]"});
  expect_faults(kDims + "let x[country]\n  [US] = 2\n", 1,
                {"there is no value for [China] [missing-element]"});
  expect_faults(kDims + "let x[country] = 1\n  [US] = 2\n  [US] = 3\n", 1,
                {"[overlap]", "given here"});
  expect_faults("dim d = a, a\n", 1, {"`a` is a member of `d` already [duplicate-name]"});
  expect_faults("dim d = 1..1000\nlet x[a in d, b in d, c in d, e in d] = 1\n", 1, {"[too-large]"});
}

class Data : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("headrace_data_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    write("chips.csv", "id,tpp,price\nA,100,1\nB,200,2\n");
    write("series.csv", "id,date,price\nA,2022-01-01,1\nB,2022-01-01,2\nA,2024-01-01,3\n");
    write("bad.csv", "id,tpp\nA,x\nB,2\n");
    write("twice.csv", "id,tpp\nA,1\nA,2\nB,3\n");
    write("short.csv", "id,tpp\nA,1\n");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
  }

  std::filesystem::path folder_;
  const std::string head_ =
      "time 2020-01-01 to 2026-01-01 step 1/12 year\ndim kind from \"chips.csv\" by id\n";
};

TEST_F(Data, ArraysAndSeries) {
  expect_model(head_ +
                   "data tpp[kind] : op from \"chips.csv\" column tpp\n"
                   "data price[kind] : USD from \"series.csv\" column price at date\n",
               {"dim kind = A, B\n", "data tpp[kind] : op\n  100 200\n",
                "table price[A] = (2022, 1) (2024, 3) clamp", "{B}] = price[B](step_time)\n"},
               {{}, folder_});
}

TEST_F(Data, Faults) {
  const TestOptions options{{}, folder_};
  const auto data = [&](const std::string& rest) {
    return head_ + "data x[kind] from " + rest + "\n";
  };
  expect_faults(data("\"bad.csv\" column tpp"), 1, {"`x` is not a number [bad-data]"}, options);
  expect_faults(data("\"twice.csv\" column tpp"), 1, {"a second row for `x[A]` [overlap]"},
                options);
  expect_faults(data("\"series.csv\" column price"), 1,
                {"a second row for `x[A]` [overlap]", "write `column price at date`"}, options);
  expect_faults(data("\"short.csv\" column tpp"), 1,
                {"`short.csv` has no row for `x[B]` [missing-element]"}, options);
  expect_faults(data("\"chips.csv\" column tp"), 1,
                {"has no column `tp` [bad-data]", "did you mean `tpp`?"}, options);
  expect_faults(data("\"none.csv\" column tp"), 1, {"cannot read `none.csv`", "[missing-file]"},
                options);
  expect_faults(data("\"../chips.csv\" column tp"), 1, {"[outside-path]"}, options);
  expect_faults(data("\"/etc/passwd\" column tp"), 1, {"[outside-path]"}, options);
}

}  // namespace
}  // namespace headrace::model
