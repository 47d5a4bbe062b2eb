#include "text/diagnostic.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace headrace::text {
namespace {

TEST(Kinds, SpellingsDiffer) {
  std::set<std::string_view> seen;
#define DIAGNOSTIC(name, text) EXPECT_TRUE(seen.insert(spelling(Kind::name)).second) << text;
#include "text/diagnostics.def"
#undef DIAGNOSTIC
  EXPECT_EQ(spelling(Kind::kUnitMismatch), "unit-mismatch");
}

TEST(Diagnostics, CountsErrorsOnly) {
  Diagnostics d;
  d.warning(Kind::kUnused, {}, "w");
  EXPECT_FALSE(d.has_errors());
  d.error(Kind::kSyntax, {}, "e").hint = "h";
  EXPECT_EQ(d.errors(), 1u);
  ASSERT_EQ(d.all().size(), 2u);
  EXPECT_EQ(d.all()[1].hint, "h");
  EXPECT_EQ(d.all()[0].severity, Severity::kWarning);
}

TEST(Diagnostics, StoresUpToTheLimitAndCountsTheRest) {
  Diagnostics d;
  for (int i = 0; i < 5000; ++i) d.error(Kind::kSyntax, {}, fmt::format("{}", i)).hint = "kept";
  EXPECT_EQ(d.all().size(), Diagnostics::kLimit);
  EXPECT_EQ(d.errors(), 5000u);
  EXPECT_EQ(d.all().back().message, "999");
}

TEST(Diagnostics, WarningsNeverHideErrors) {
  Diagnostics d;
  d.error(Kind::kSyntax, {}, "first");
  for (int i = 0; i < 5000; ++i) d.warning(Kind::kUnused, {}, "w");
  for (int i = 0; i < 5000; ++i) d.error(Kind::kSyntax, {}, fmt::format("e{}", i));
  ASSERT_EQ(d.all().size(), Diagnostics::kLimit);
  EXPECT_EQ(d.all()[0].message, "first");
  for (const Diagnostic& kept : d.all()) EXPECT_EQ(kept.severity, Severity::kError);
  EXPECT_EQ(d.all().back().message, "e998");
}

TEST(Nearest, FindsSlips) {
  const std::vector<std::string> names{"yield", "wafer_starts", "die_bank", "US", "x", "größe"};
  EXPECT_EQ(nearest("yeild", names), "yield");
  EXPECT_EQ(nearest("wafer_start", names), "wafer_starts");
  EXPECT_EQ(nearest("wafr_sarts", names), "wafer_starts");
  EXPECT_EQ(nearest("diebank", names), "die_bank");
  EXPECT_EQ(nearest("grösse", names), "größe");
  EXPECT_EQ(nearest("us", names), "US");
  EXPECT_EQ(nearest("YIELD", names), "yield");
  EXPECT_EQ(nearest("USD", names), "US");
  EXPECT_EQ(nearest("X", names), "x");
}

TEST(Nearest, IsSilentWhenNothingIsNear) {
  const std::vector<std::string> names{"yield", "US", "x", ""};
  EXPECT_EQ(nearest("population", names), "");
  EXPECT_EQ(nearest("y", names), "");
  EXPECT_EQ(nearest("ab", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest("yield", {}), "");
  EXPECT_EQ(nearest(std::string(1 << 20, 'a'), {std::string(1 << 20, 'a')}), "");
}

TEST(Nearest, DoesNotDependOnTheOrder) {
  EXPECT_EQ(nearest("rate", {"rats", "raze", "gate"}), "gate");
  EXPECT_EQ(nearest("rate", {"gate", "raze", "rats"}), "gate");
  EXPECT_EQ(nearest("Rate", {"rate", "RATE"}), "RATE");
}

}  // namespace
}  // namespace headrace::text
