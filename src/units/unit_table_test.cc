#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "units/unit.h"
#include "units/unit_text.h"

namespace headrace::units {
namespace {

using testing::Contains;

TEST(UnitTable, FindsBuiltInUnitsAndSynonyms) {
  const UnitTable table;
  for (const std::string& name : table.names()) EXPECT_TRUE(table.find(name)) << name;
  EXPECT_THAT(table.names(), Contains("kWh"));
  EXPECT_THAT(table.names(), Contains("people"));
  EXPECT_EQ(table.find("1"), Unit());
  EXPECT_EQ(table.find("Year"), std::nullopt);
  EXPECT_EQ(table.find(""), std::nullopt);
  EXPECT_EQ(table.find("people"), table.find("person"));
}

TEST(UnitTable, Declarations) {
  UnitTable table;
  const Unit chip = table.declare_base("chip").value();
  EXPECT_EQ(table.find("chip"), chip);
  const Unit tray = table.declare_derived("tray", 12, chip).value();
  EXPECT_EQ(conversion(tray, chip), 12);
  EXPECT_EQ(tray.text(), "tray");
  const Unit box = table.declare_derived("box", 10, tray).value();
  EXPECT_EQ(conversion(box, chip), 120);
  EXPECT_EQ(table.declare_synonym("chips", "chip")->text(), "chip");
  EXPECT_EQ(table.names().back(), "chips");
  EXPECT_EQ(table.declare_derived("percent", 0.01, Unit())->factor(), 0.01);
}

TEST(UnitTable, DuplicatesAreErrors) {
  UnitTable table;
  ASSERT_TRUE(table.declare_base("chip"));
  const Unit chip = *table.find("chip");
  EXPECT_EQ(table.declare_base("chip").error(), "the unit `chip` is declared twice");
  EXPECT_EQ(table.declare_derived("chip", 1, Unit()).error(), "the unit `chip` is declared twice");
  EXPECT_EQ(table.declare_base("month").error(),
            "the unit `month` is built in with another meaning");
  EXPECT_EQ(table.declare_base("people").error(),
            "the unit `people` is built in with another meaning");
  EXPECT_EQ(table.declare_derived("t", 12, chip).error(),
            "the unit `t` is built in with another meaning");
  EXPECT_EQ(table.declare_base("1").error(), "`1` is the dimensionless unit");
  EXPECT_EQ(table.declare_base("").error(), "a unit needs a name");
  EXPECT_EQ(table.declare_synonym("x", "none").error(), "no unit is called `none`");
}

TEST(UnitTable, BuiltInUnitsMayBeDeclaredAgainAsTheyAre) {
  UnitTable table;
  EXPECT_EQ(table.declare_base("USD").value(), table.find("USD").value());
  EXPECT_EQ(table.declare_derived("TUSD", 1e12, *table.find("USD")).value(), *table.find("TUSD"));
  EXPECT_FALSE(table.declare_derived("TUSD", 1e12, *table.find("EUR")));
}

TEST(UnitTable, SizesMustBePositive) {
  UnitTable table;
  const Unit year = *table.find("year");
  for (double bad : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity(), 1e-310}) {
    EXPECT_EQ(table.declare_derived("x", bad, year).error(),
              "the unit `x` needs a positive, finite size");
  }
}

TEST(UnitTable, CopiesAreIndependent) {
  UnitTable table;
  UnitTable copy = table;
  ASSERT_TRUE(copy.declare_base("chip"));
  EXPECT_EQ(table.find("chip"), std::nullopt);
  EXPECT_EQ(conversion(*copy.find("month"), *table.find("year")), 1 / 12.0);
}

struct UnitText : testing::Test {
  UnitTable table;

  std::string read(std::string_view text) {
    const auto unit = parse_unit_text(text, table, UnknownNames::kDeclare);
    return unit ? unit->text() : "error: " + unit.error();
  }
  std::string refusal(std::string_view text) {
    const auto unit = parse_unit_text(text, table);
    return unit ? "none" : unit.error();
  }
};

TEST_F(UnitText, ForeignSpellings) {
  EXPECT_EQ(read("Widget/(Month*Person)"), "Widget/(month*person)");
  EXPECT_EQ(read("1/year"), "1/year");
  EXPECT_EQ(read("Dmnl"), "1");
  EXPECT_EQ(read("DMNL/Year"), "1/year");
  EXPECT_EQ(read(""), "1");
  EXPECT_EQ(read("  "), "1");
  EXPECT_EQ(read(" Million   Dollars / YEARS "), "\"Million Dollars\"/year");
  EXPECT_EQ(read("$/(ton*Month)"), "\"$\"/(ton*month)");
  EXPECT_EQ(read("\"Million Dollars\" * \"a\\\"b\""), "\"Million Dollars\"*\"a\\\"b\"");
  EXPECT_EQ(read("M/m"), "M/m");
  EXPECT_EQ(read("°C/Tag"), "°C/Tag");
  EXPECT_EQ(read("x^-2*y^(-1/2)*z^(2/4)"), "z^(1/2)/(x^2*y^(1/2))");
  EXPECT_EQ(parse_unit_text("\"Million Dollars\"", table).value(), *table.find("Million Dollars"));
}

TEST_F(UnitText, Refusals) {
  EXPECT_EQ(refusal("chip/year"), "no unit is called `chip`");
  EXPECT_EQ(refusal("1000 USD"), "a unit holds no numbers other than 1, so not `1000 USD`");
  EXPECT_EQ(refusal("year/"), "this unit ends where a name should follow");
  EXPECT_EQ(refusal("/year"), "`/` is not expected in a unit here");
  EXPECT_EQ(refusal("(year"), "a parenthesis of this unit is not closed");
  EXPECT_EQ(refusal("year)"), "`)` is not expected in a unit here");
  EXPECT_EQ(refusal("year^x"),
            "an exponent of this unit is not a whole number or a fraction such as (1/2)");
  EXPECT_EQ(refusal("year^99999999999"), "an exponent of this unit is too large");
  EXPECT_EQ(refusal("year^(1/0)"), "an exponent of this unit is too large");
  EXPECT_EQ(refusal("\"year"), "a quote of this unit is not closed");
  EXPECT_EQ(refusal(std::string(2000, '(')), "this unit has too many nested parentheses");
  EXPECT_EQ(refusal(std::string(5000, 'x')), "this unit is longer than 4096 bytes");
}

TEST_F(UnitText, AnyBytes) {
  uint64_t state = 3;
  auto next = [&] { return (state = state * 6364136223846793005u + 1442695040888963407u) >> 33; };
  int read_back = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (uint64_t n = next() % 12; n > 0; --n) text += "ab1 */()^-\"\\\n\xc3"[next() % 14];
    const auto unit = parse_unit_text(text, table, UnknownNames::kDeclare);
    if (!unit) continue;
    ++read_back;
    EXPECT_EQ(parse_unit_text(unit->text(), table), *unit) << text << " as " << unit->text();
  }
  EXPECT_GT(read_back, 1000);
}

}  // namespace
}  // namespace headrace::units
