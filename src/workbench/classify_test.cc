// The rules of models/race/controls against published and worked cases, and against a second
// reading of the same law, written in C++ without a look at the rules. A slip in either shows.

#include "workbench/classify.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <set>

#include "text/calendar.h"
#include "text/csv.h"
#include "workbench/batch.h"

namespace headrace::workbench {
namespace {

const LawBook& law() {
  static const std::unique_ptr<LawBook> opened = std::move(*open_law("", {}));
  return *opened;
}

Classifier& classifier() {
  static const std::unique_ptr<Classifier> made = std::move(*Classifier::make(law()));
  return *made;
}

TEST(Controls, HaveNoFaults) {
  EXPECT_EQ(text::render(law().diagnostics, law().sources), "");
  text::Diagnostics found;
  rules::check_conflicts(law().book, found);
  EXPECT_EQ(text::render(found, law().sources), "");
}

TEST(Controls, AnswerEveryCase) {
  text::SourceSet sources;
  const auto source = sources.load("models/race/controls/rule_cases.csv");
  ASSERT_TRUE(source.has_value());
  text::Diagnostics diagnostics;
  const auto table = text::read_csv(sources, *source, diagnostics);
  ASSERT_TRUE(table.has_value());
  ASSERT_GE(table->rows.size(), 42u);
  for (const auto& row : table->rows) {
    rules::Case asked(law().book);
    for (size_t i = 0; i < row.size(); ++i) {
      if (!classifier().knows(table->header[i])) continue;
      const auto told = classifier().tell(asked, table->header[i], row[i]);
      ASSERT_TRUE(told.has_value()) << told.error().message;
    }
    const Ruling ruling = classifier().rule(asked);
    EXPECT_EQ(ruling.entry, row[*table->column("expected_class")]) << row[0] << " " << row[1];
    EXPECT_EQ(ruling.outcome, row[*table->column("expected_outcome")]) << row[0] << " " << row[1];
  }
}

// ---------------------------------------------------------------- the second reading

struct Sale {
  int date = 0;  // 20231117
  std::string to, origin;
  bool d5 = false, datacenter = true;
  double tpp = 0, pd = 0, io = 0, dram = 0;
};

const std::set<std::string> kD5 = {"AF", "BY", "MM", "CF", "CN", "CD", "CU", "ER",
                                   "HT", "IR", "IQ", "KP", "LB", "LY", "NI", "RU",
                                   "SO", "SS", "SD", "SY", "VE", "ZW", "HK"};
const std::set<std::string> kD1 = {"AM", "AZ", "BY", "MM", "KH", "CN", "GE", "IQ",
                                   "KZ", "KP", "KG", "LA", "LY", "MO", "MD", "MN",
                                   "NI", "RU", "TJ", "TM", "UZ", "VE", "VN", "YE"};
const std::set<std::string> kD4 = {"BH", "BY", "CN", "EG", "IR", "IQ", "IL", "JO", "KP", "KW", "LB",
                                   "LY", "MO", "OM", "PK", "QA", "RU", "SA", "SY", "VE", "YE"};
const std::set<std::string> kA6 = {"AL", "CY", "IL", "MT", "MX", "SG", "ZA", "TW"};

std::string zone_of(const Sale& sale) {
  if (sale.to == "MO" || kD5.contains(sale.to)) return "ARMS";
  if (sale.to == "AE") return sale.date >= 20260710 ? "UAE" : "WATCH";
  if ((kD1.contains(sale.to) || kD4.contains(sale.to)) && !kA6.contains(sale.to)) return "WATCH";
  return "OPEN";
}

std::string class_of(const Sale& s) {
  if (s.date < 20221007) return "none";
  if (s.date < 20231117) return s.io >= 600 && s.tpp >= 4800 ? "3A090(2022)" : "none";
  if (!s.datacenter && s.tpp < 4800) return "none";
  if (s.tpp >= 4800) return "3A090.a";
  if (s.tpp >= 1600 && s.pd >= 5.92) return "3A090.a";
  if (2400 <= s.tpp && s.tpp < 4800 && 1.6 <= s.pd && s.pd < 5.92) return "3A090.b";
  if (s.tpp >= 1600 && 3.2 <= s.pd && s.pd < 5.92) return "3A090.b";
  return "none";
}

std::string outcome_of(const Sale& s) {
  const bool china = s.to == "CN" || s.to == "HK" || s.to == "MO";
  const std::string entry = class_of(s);
  if (s.date < 20220826) return "NLR";
  if (s.date < 20221007)
    return s.tpp >= 4992 && s.io >= 600 && (s.to == "CN" || s.to == "HK" || s.to == "RU")
               ? "LICENCE_LETTER"
               : "NLR";
  if (s.date < 20231117) return entry != "none" && china ? "LICENCE" : "NLR";
  std::string aim = zone_of(s);
  if (s.d5 && s.to != "US") aim = "ARMS";
  if (entry == "none") {
    const bool letter =
        s.date >= 20250409 && (s.dram >= 1400 || s.io >= 1100 || s.dram + s.io >= 1700);
    return letter && aim == "ARMS" ? "LICENCE_LETTER" : "NLR";
  }
  if (entry == "3A090.a" && !s.datacenter)
    return aim == "ARMS" ? "NAC_25D" : aim == "WATCH" ? "ACA_NLR" : "NLR";
  if (entry == "3A090.a") {
    if (aim == "ARMS") {
      if (s.date >= 20260115 && china && s.origin == "US" && s.tpp < 21000 && s.dram < 6500)
        return "LICENCE_CBC";
      return "LICENCE_PD";
    }
    return aim == "UAE" ? "LISTED_PARTY_FREE_ELSE_LICENCE" : aim == "WATCH" ? "LICENCE_PA" : "NLR";
  }
  return aim == "ARMS" ? "NAC_25D" : aim == "WATCH" ? "ACA_NLR" : aim == "UAE" ? "LICENCE" : "NLR";
}

// The points on an edge, one unit below and one above.
std::vector<double> around(std::initializer_list<double> edges, double unit) {
  std::vector<double> points = {0};
  for (double edge : edges)
    for (double each : {edge - unit, edge, edge + unit}) points.push_back(each);
  return points;
}

TEST(Controls, AgreeWithASecondReading) {
  const std::vector<int> dates = {20180101, 20220825, 20220826, 20221006, 20221007, 20231116,
                                  20231117, 20240403, 20241202, 20250408, 20250409, 20260114,
                                  20260115, 20260709, 20260710, 20261123};
  const std::vector<std::string> nations = {"CN", "HK", "MO", "RU", "SA", "VN", "AE",
                                            "IL", "TW", "JP", "US", "BR", "NI", "CY"};
  const auto tpps = around({1600, 2400, 4800, 4992, 21000}, 1),
             pds = around({1.6, 3.2, 5.92}, 0.01);
  const std::vector<std::pair<double, double>> widths = {
      {0, 0},    {599, 100}, {600, 1399}, {600, 1099}, {601, 1400}, {1099, 600},
      {1100, 0}, {64, 6499}, {64, 6500},  {850, 850},  {850, 849}};
  size_t cases = 0;
  for (int date : dates) {
    const double years = text::to_years({date / 10000, date / 100 % 100, date % 100});
    for (const std::string& nation : nations) {
      for (int bits = 0; bits < 8; ++bits) {
        for (double tpp : tpps) {
          for (size_t p = 0; p < pds.size(); ++p) {
            const auto [io, dram] = widths[(cases + p) % widths.size()];
            const Sale sale{
                date, nation, bits & 4 ? "US" : "TW", (bits & 1) != 0, (bits & 2) != 0, tpp, pds[p],
                io,   dram};
            rules::Case asked(law().book);
            asked.date = years;
            const auto& book = law().book;
            asked.tell(*book.find_fact("tpp"), tpp);
            asked.tell(*book.find_fact("pd"), pds[p]);
            asked.tell(*book.find_fact("io"), io);
            asked.tell(*book.find_fact("dram"), dram);
            asked.tell_truth(*book.find_fact("d5_headquartered"), sale.d5);
            asked.tell_truth(*book.find_fact("datacenter"), sale.datacenter);
            const auto& nations_enum = book.enums[*book.find_enum("Nation")];
            asked.tell_code(*book.find_fact("destination"), *nations_enum.find(nation));
            asked.tell_code(*book.find_fact("origin"), *nations_enum.find(sale.origin));
            const Ruling ruling = classifier().rule(asked);
            const std::string told =
                fmt::format("{} {} d5 {} dc {} tpp {} pd {} io {} dram {} from {}", date, nation,
                            sale.d5, sale.datacenter, tpp, pds[p], io, dram, sale.origin);
            ASSERT_EQ(ruling.entry, class_of(sale)) << told;
            ASSERT_EQ(ruling.outcome, outcome_of(sale)) << told;
            ++cases;
          }
        }
      }
    }
  }
  EXPECT_GT(cases, 200'000u);
}

// What is unknown is tried with every value of a grid: an answer is determined if and only if all
// of them agree. (The grid holds a point on both sides of each threshold, so it misses nothing.)
TEST(Controls, AreUndeterminedOnlyWhenItMatters) {
  const auto& book = law().book;
  const auto& nations = book.enums[*book.find_enum("Nation")];
  const auto pds = around({1.6, 3.2, 5.92}, 0.01);
  const std::vector<double> drams = {0, 299, 300, 1399, 1400, 1600, 6499, 6500, 1e5};
  for (int date : {20221201, 20231201, 20250601, 20260201}) {
    for (double tpp : {1000.0, 1600.0, 2000.0, 2400.0, 3000.0, 4800.0, 21000.0}) {
      for (const char* nation : {"CN", "SA", "JP"}) {
        for (int known = 0; known < 8; ++known) {
          std::set<std::string> entries, outcomes;
          rules::Case asked(book);
          asked.date = text::to_years({date / 10000, date / 100 % 100, date % 100});
          asked.tell(*book.find_fact("tpp"), tpp);
          asked.tell(*book.find_fact("io"), 700);
          asked.tell_code(*book.find_fact("destination"), *nations.find(nation));
          asked.tell_code(*book.find_fact("origin"), *nations.find("US"));
          asked.tell_truth(*book.find_fact("d5_headquartered"), false);
          if (known & 1) asked.tell(*book.find_fact("pd"), 3.3);
          if (known & 2) asked.tell(*book.find_fact("dram"), 1000);
          if (known & 4) asked.tell_truth(*book.find_fact("datacenter"), true);
          for (double pd : known & 1 ? std::vector<double>{3.3} : pds) {
            for (double dram : known & 2 ? std::vector<double>{1000} : drams) {
              for (int datacenter : known & 4 ? std::vector<int>{1} : std::vector<int>{0, 1}) {
                const Sale sale{date, nation, "US", false, datacenter != 0, tpp, pd, 700, dram};
                entries.insert(class_of(sale));
                outcomes.insert(outcome_of(sale));
              }
            }
          }
          const Ruling ruling = classifier().rule(asked);
          const std::string told = fmt::format("{} {} tpp {} known {}", date, nation, tpp, known);
          EXPECT_EQ(ruling.entry_answer.codes.count(), entries.size())
              << told << " " << ruling.entry;
          EXPECT_EQ(ruling.outcome_answer.codes.count(), outcomes.size())
              << told << " " << ruling.outcome;
        }
      }
    }
  }
}

TEST(Controls, MemoryStacks) {
  const auto entry = [](const char* density, const char* date, const char* nation, bool packed) {
    rules::Case asked(law().book);
    for (const auto& [name, value] :
         {std::pair{"hbm_stack", "yes"}, std::pair{"hbm_density", density}, std::pair{"date", date},
          std::pair{"destination", nation},
          std::pair{"packed_with_processor", packed ? "yes" : "no"}})
      EXPECT_TRUE(classifier().tell(asked, name, value).has_value());
    const Ruling ruling = classifier().rule(asked);
    return ruling.entry + " " + ruling.outcome;
  };
  EXPECT_EQ(entry("2.0", "2025-01-15", "CN", false), "none NLR");
  EXPECT_EQ(entry("2.01", "2025-01-15", "CN", false), "3A090.c LICENCE");
  EXPECT_EQ(entry("3.30", "2025-01-15", "CN", false), "3A090.c LICENCE");
  EXPECT_EQ(entry("3.30", "2025-01-15", "CN", true), "none NLR");
  EXPECT_EQ(entry("3.30", "2025-01-15", "KR", false), "3A090.c NLR");
  EXPECT_EQ(entry("3.30", "2024-12-01", "CN", false), "none NLR");
}

TEST(Controls, AskAFoundryToShowThatAChipIsFree) {
  const auto entry = [](std::vector<std::pair<const char*, const char*>> facts) {
    rules::Case asked(law().book);
    facts.insert(facts.end(), {{"exporter", "foundry"},
                               {"destination", "CN"},
                               {"origin", "TW"},
                               {"tpp", "100"},
                               {"pd", "1"},
                               {"io", "0"},
                               {"dram", "0"}});
    for (const auto& [name, value] : facts)
      EXPECT_TRUE(classifier().tell(asked, name, value).has_value()) << name;
    const Ruling ruling = classifier().rule(asked);
    return ruling.entry + " " + ruling.outcome;
  };
  EXPECT_EQ(entry({{"date", "2025-01-15"}, {"datacenter", "no"}}), "none NLR");
  EXPECT_EQ(entry({{"date", "2025-01-16"}, {"datacenter", "no"}}), "3A090.a LICENCE_PD");
  EXPECT_EQ(entry({{"date", "2025-02-01"}, {"datacenter", "no"}, {"advanced_node", "no"}}),
            "none NLR");
  EXPECT_EQ(entry({{"date", "2025-02-01"},
                   {"datacenter", "no"},
                   {"designer_vouches", "yes"},
                   {"approved_designer", "yes"}}),
            "none NLR");
  EXPECT_EQ(entry({{"date", "2026-12-31"},
                   {"datacenter", "no"},
                   {"designer_vouches", "yes"},
                   {"designer_nation", "TW"}}),
            "none NLR");
  EXPECT_EQ(entry({{"date", "2027-01-01"},
                   {"datacenter", "no"},
                   {"designer_vouches", "yes"},
                   {"designer_nation", "TW"}}),
            "3A090.a LICENCE_PD");
  EXPECT_EQ(entry({{"date", "2027-01-01"},
                   {"datacenter", "no"},
                   {"designer_vouches", "yes"},
                   {"designer_nation", "TW"},
                   {"application_age", "180"}}),
            "none NLR");
  EXPECT_EQ(entry({{"date", "2026-02-01"},
                   {"datacenter", "no"},
                   {"trusted_packaging", "yes"},
                   {"transistors", "29999999999"}}),
            "none NLR");
  EXPECT_EQ(entry({{"date", "2026-02-01"},
                   {"datacenter", "no"},
                   {"trusted_packaging", "yes"},
                   {"transistors", "30e9"}}),
            "3A090.a LICENCE_PD");
  EXPECT_EQ(entry({{"date", "2027-02-01"},
                   {"datacenter", "no"},
                   {"trusted_packaging", "yes"},
                   {"transistors", "34e9"},
                   {"has_hbm", "no"}}),
            "none NLR");
  EXPECT_EQ(entry({{"date", "2029-01-01"},
                   {"datacenter", "no"},
                   {"trusted_packaging", "yes"},
                   {"transistors", "39e9"},
                   {"has_hbm", "no"}}),
            "none NLR");
}

TEST(Batch, AnswersTheRestWhenARowIsWrong) {
  const auto batch = classify_table(law(),
                                    "date,destination,tpp,pd,datacenter,note\n"
                                    "2023-12-01,CN,5000,1,1,\"a, b\"\n"
                                    "2023-02-30,CN,5000,1,1,\n"
                                    "2023-12-01,QQ,5000,1,1,\n"
                                    "2023-12-01,CN,5000,-1,1,\n"
                                    "2023-12-01,CN,5000\n"
                                    "2023-12-01,CN,1000,1,1,last\n");
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->rows, 6u);
  EXPECT_EQ(batch->wrong, 4u);
  EXPECT_NE(batch->text.find("2023-12-01,CN,5000,1,1,\"a, b\",3A090.a,LICENCE_PD,"),
            std::string::npos)
      << batch->text;
  EXPECT_NE(batch->text.find("last,none,NLR,"), std::string::npos);
  EXPECT_EQ(batch->errors[0], "row 3, column date: '2023-02-30' is no date; write 2023-11-17");
  EXPECT_NE(batch->errors[1].find("row 4, column destination: unknown destination 'QQ'"),
            std::string::npos);
  EXPECT_EQ(batch->errors[2], "row 5, column pd: PD is below 0: '-1'");
  EXPECT_EQ(batch->errors[3], "row 6: 3 cells, and the header has 6");
}

TEST(Batch, AnswersTheSameForAnyNumberOfThreads) {
  std::string table = "date,destination,tpp,pd,datacenter\n";
  for (int i = 0; i < 9000; ++i)
    table +=
        fmt::format("20{}-{:02}-01,{},{},{},{}\n", 22 + i % 5, 1 + i % 12, i % 97 ? "CN" : "QQ",
                    1000 + 37 * (i % 130), 0.1 * (i % 71), i % 3 ? 1 : 0);
  const auto one = classify_table(law(), table, 1), three = classify_table(law(), table, 3);
  ASSERT_TRUE(one.has_value() && three.has_value());
  EXPECT_EQ(one->rows, 9000u);
  EXPECT_EQ(one->wrong, 93u);
  EXPECT_EQ(one->text, three->text);
  EXPECT_EQ(one->errors, three->errors);
}

TEST(Batch, ReadsQuotesAsATableHasThem) {
  const auto batch = classify_table(law(),
                                    "date,destination,note,tpp\r\n"
                                    "2022-01-01,CN,\"two\nlines, and \"\"quotes\"\"\",1\r\n"
                                    "\n"
                                    "2022-01-01,CN,5\" wide,2\n"
                                    "2022-01-01,CN,\"open,3\n");
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->text,
            "date,destination,note,tpp,class,outcome,reasons\n"
            "2022-01-01,CN,\"two\nlines, and \"\"quotes\"\"\",1,none,NLR,no clause applies\n"
            "2022-01-01,CN,5\" wide,2,none,NLR,no clause applies\n"
            "2022-01-01,CN,\"open,3\n,,,error: row 5: a quote never closes\n");
}

}  // namespace
}  // namespace headrace::workbench
