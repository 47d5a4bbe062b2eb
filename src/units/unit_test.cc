#include "units/unit.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "units/unit_text.h"

namespace headrace::units {
namespace {

struct Units : testing::Test {
  UnitTable table;

  Units() {
    for (const char* name : {"chip", "die", "wafer"}) EXPECT_TRUE(table.declare_base(name));
    EXPECT_TRUE(table.declare_derived("H100e", 1979e12, of("op/second")));
  }
  Unit of(std::string_view text) {
    const auto unit = parse_unit_text(text, table);
    EXPECT_TRUE(unit) << text << ": " << unit.error();
    return unit.value_or(Unit());
  }
  std::optional<double> convert(std::string_view from, std::string_view to) {
    return conversion(of(from), of(to));
  }
};

TEST_F(Units, TimeConvertsExactly) {
  EXPECT_EQ(convert("month", "year"), 1 / 12.0);
  EXPECT_EQ(convert("year", "month"), 12);
  EXPECT_EQ(convert("quarter", "month"), 3);
  EXPECT_EQ(convert("week", "day"), 7);
  EXPECT_EQ(convert("year", "day"), 365.25);
  EXPECT_EQ(convert("day", "hour"), 24);
  EXPECT_EQ(convert("hour", "second"), 3600);
  EXPECT_EQ(convert("year", "s"), 31557600);
  EXPECT_EQ(convert("years", "yr"), 1);
  EXPECT_EQ(convert("1/month", "1/year"), 12);
  EXPECT_EQ(convert("chip/month", "chip/year"), 12);
  EXPECT_EQ(of("year").factor(), 1);
  EXPECT_EQ(of("month").factor(), 1 / 12.0);
}

TEST_F(Units, EnergyDataAndWork) {
  EXPECT_EQ(convert("kW*hour", "kWh"), 1);
  EXPECT_EQ(convert("GW*year", "TWh"), 8.766);
  EXPECT_EQ(convert("W", "J/s"), 1);
  EXPECT_EQ(convert("GB", "bit"), 8e9);
  EXPECT_EQ(convert("t", "g"), 1e6);
  EXPECT_EQ(convert("H100e", "TOPS"), 1979);
  EXPECT_EQ(convert("TOPS*second", "op"), 1e12);
  EXPECT_EQ(convert("MUSD/kUSD", "1"), 1000);
  EXPECT_EQ(convert("%", "1"), 0.01);
  EXPECT_EQ(convert("1", "%"), 100);
}

TEST_F(Units, DifferentDimensionsDoNotConvert) {
  EXPECT_EQ(convert("chip", "die"), std::nullopt);
  EXPECT_EQ(convert("USD", "CNY"), std::nullopt);
  EXPECT_EQ(convert("op", "FLOP"), std::nullopt);
  EXPECT_EQ(convert("year", "1/year"), std::nullopt);
  EXPECT_EQ(convert("1", "chip"), std::nullopt);
  EXPECT_FALSE(of("m").same_dimension(of("m^2")));
}

TEST_F(Units, Dimensionless) {
  EXPECT_TRUE(Unit().is_dimensionless());
  EXPECT_TRUE(of("month/year").is_dimensionless());
  EXPECT_EQ(of("month/year").factor(), 1 / 12.0);
  EXPECT_TRUE(of("%").is_dimensionless());
  EXPECT_TRUE(of("kW*hour/J").is_dimensionless());
  EXPECT_FALSE(of("chip").is_dimensionless());
  EXPECT_EQ(of("chip/chip"), Unit());
  EXPECT_EQ(of("chip/chip").text(), "1");
}

TEST_F(Units, TextKeepsTheModellersWords) {
  for (const char* text : {"1", "chip", "chip/year", "USD/(chip*year)", "m^2", "1/year", "m^(1/2)",
                           "1/(m^2*year^(3/2))", "chip*kWh/month^2", "month/year", "%", "H100e"}) {
    EXPECT_EQ(of(text).text(), text);
  }
  EXPECT_EQ(of("chip/year*year").text(), "chip");
  EXPECT_EQ(of("USD/chip/year").text(), "USD/(chip*year)");
  EXPECT_EQ(of("years*people").text(), "year*person");
  EXPECT_EQ(of("chip/(year/die)").text(), "chip*die/year");
  EXPECT_EQ(of("(m*year)^2").text(), "m^2*year^2");
  EXPECT_EQ(of("year^-1*chip").text(), "chip/year");
}

TEST_F(Units, Powers) {
  EXPECT_EQ(power(of("m^2"), *Rational::make(1, 2)), of("m"));
  EXPECT_EQ(power(of("chip^2/year^4"), *Rational::make(-1, 2))->text(), "year^2/chip");
  EXPECT_EQ(power(of("m"), 0), Unit());
  EXPECT_EQ(power(Unit(), 900), Unit());
  EXPECT_EQ(power(of("byte"), *Rational::make(1, 3))->factor(), 2);
  EXPECT_EQ(power(of("month"), -2)->factor(), 144);
}

TEST_F(Units, LimitsAreErrors) {
  const auto refused = std::string("this unit is too large to handle");
  EXPECT_EQ(power(of("chip"), 1000)->text(), "chip^1000");
  EXPECT_EQ(power(of("chip^2"), 501).error(), refused);
  EXPECT_EQ(multiply(of("chip^1000"), of("chip")).error(), refused);
  EXPECT_EQ(power(of("GB"), 100).error(), refused);
  EXPECT_EQ(power(of("GB"), -100).error(), refused);
  EXPECT_EQ(power(power(of("m"), *Rational::make(1, 999)).value(), *Rational::make(1, 2)).error(),
            refused);
  Unit many;
  for (int i = 0; i < 64; ++i) {
    many = multiply(many, *table.declare_base(fmt::format("u{}", i))).value();
  }
  EXPECT_EQ(multiply(many, of("chip")).error(), "this unit has more than 64 names");
}

// Laws, over random products. Equality of units is of value, so `text` is compared apart.
struct Laws : Units {
  uint64_t state = 1;

  uint64_t next() { return (state = state * 6364136223846793005u + 1442695040888963407u) >> 33; }
  // `kinds` of 9 leaves out the unit whose powers soon pass the limit of sizes.
  Unit random(uint64_t kinds = 10) {
    static const char* names[] = {"chip", "die",    "month", "year", "USD",
                                  "kWh",  "second", "%",     "W",    "H100e"};
    Unit unit;
    for (uint64_t n = next() % 4; n > 0; --n) {
      const int32_t top = static_cast<int32_t>(next() % 5) - 2;
      const Unit part = of(names[next() % kinds]);
      unit = multiply(unit, power(part, *Rational::make(top, 1 + next() % 2)).value()).value();
    }
    return unit;
  }
};

TEST_F(Laws, Products) {
  for (int i = 0; i < 2000; ++i) {
    const Unit a = random();
    const Unit b = random();
    const Unit c = random();
    EXPECT_EQ(multiply(a, b), multiply(b, a));
    EXPECT_EQ(multiply(a, b)->factor(), multiply(b, a)->factor());
    EXPECT_EQ(multiply(multiply(a, b).value(), c), multiply(a, multiply(b, c).value()));
    EXPECT_EQ(multiply(multiply(a, b).value(), c)->factor(),
              multiply(a, multiply(b, c).value())->factor());
    EXPECT_EQ(multiply(a, Unit()), a);
    EXPECT_EQ(divide(a, a), Unit());
    EXPECT_EQ(divide(a, a)->text(), "1");
    EXPECT_EQ(divide(multiply(a, b).value(), b), a);
    EXPECT_EQ(divide(a, b), multiply(a, power(b, -1).value()));
  }
}

TEST_F(Laws, Powers) {
  for (int i = 0; i < 2000; ++i) {
    const Unit a = random(9);
    const Unit b = random(9);
    const auto p = static_cast<int32_t>(next() % 4) + 1;
    EXPECT_EQ(power(multiply(a, b).value(), p), multiply(power(a, p).value(), power(b, p).value()));
    EXPECT_EQ(power(a, p + 1), multiply(power(a, p).value(), a));
    EXPECT_EQ(power(power(a, p).value(), *Rational::make(1, p))->text(), a.text());
    EXPECT_TRUE(power(power(a, 2).value(), 3)->same_dimension(power(a, 6).value()));
  }
}

TEST_F(Laws, ConversionIsTransitiveAndInvertible) {
  for (const char* group : {"second minute hour day week month quarter year",
                            "J Wh kWh MWh GWh TWh", "USD kUSD MUSD GUSD TUSD", "1 %"}) {
    std::vector<Unit> units;
    std::string_view rest = group;
    while (!rest.empty()) {
      units.push_back(of(rest.substr(0, rest.find(' '))));
      rest = rest.find(' ') == rest.npos ? "" : rest.substr(rest.find(' ') + 1);
    }
    for (const Unit& a : units) {
      for (const Unit& b : units) {
        EXPECT_DOUBLE_EQ(*conversion(a, b) * *conversion(b, a), 1);
        EXPECT_DOUBLE_EQ(*conversion(a, b), a.factor() / b.factor());
        for (const Unit& c : units) {
          EXPECT_DOUBLE_EQ(*conversion(a, b) * *conversion(b, c), *conversion(a, c));
        }
      }
    }
  }
}

TEST_F(Laws, TextReadsBack) {
  for (int i = 0; i < 2000; ++i) {
    const Unit unit = random();
    EXPECT_EQ(of(unit.text()), unit);
    EXPECT_EQ(of(unit.text()).text(), of(of(unit.text()).text()).text());
  }
}

TEST(Rational, LowestTermsAndLimits) {
  EXPECT_EQ(Rational::make(4, -6), Rational::make(-2, 3));
  EXPECT_EQ(Rational::make(0, -6), Rational(0));
  EXPECT_EQ(Rational::make(1, 0), std::nullopt);
  EXPECT_EQ(Rational::make(1001, 1), std::nullopt);
  EXPECT_EQ(Rational::make(2002, 2), std::nullopt);
  EXPECT_EQ(Rational::make(2000, 2), Rational(1000));
  EXPECT_EQ(add(*Rational::make(1, 2), *Rational::make(1, 3)), Rational::make(5, 6));
  EXPECT_EQ(add(*Rational::make(1, 999), *Rational::make(1, 998)), std::nullopt);
  EXPECT_EQ(multiply(*Rational::make(2, 3), *Rational::make(3, 2)), Rational(1));
}

}  // namespace
}  // namespace headrace::units
