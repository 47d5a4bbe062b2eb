// The law answers one case (rules/decide) and a model over a dimension (rules/expand). Both read
// the same clauses, and here the same sales are put to both, at every month of ten years: the
// published cases, chips of the catalogue sent to many places, and figures drawn around every line,
// some of them unknown. Where the case has no answer the model must have none, in both back ends.
// The case knows a little more: it cuts what is unknown, while a model only knows that another
// rule's answer is unknown, not which answers are left. So a model may rarely have no answer where
// the case has one; never another one.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include "text/calendar.h"
#include "text/csv.h"
#include "workbench/classify.h"
#include "workbench/workbench.h"

namespace headrace::workbench {
namespace {

namespace fs = std::filesystem;

// What is told of one sale; below 0, or "", nothing.
struct Sale {
  double chip = 0, tpp = -1, pd = -1, io = -1, dram = -1;
  bool datacenter = true, d5 = false;
  std::string to, origin;
};

const LawBook& law() {
  static const std::unique_ptr<LawBook> opened = std::move(*open_law("", {}));
  return *opened;
}

double code_of(const char* type, const std::string& code) {
  if (code.empty()) return 0;
  const rules::Enum& decl = law().book.enums[*law().book.find_enum(type)];
  return *decl.find(code) + 1.0;
}

// ---------------------------------------------------------------- the same sales for the model

std::string numbers(const std::vector<Sale>& sales, const auto& of) {
  std::string text;
  for (const Sale& sale : sales) text += fmt::format("{}{}", text.empty() ? "" : ", ", of(sale));
  return text;
}

// `named` sales name a chip and leave the figures to the catalogue.
std::string model_text(const std::vector<Sale>& sales, bool named) {
  const auto data = [&](const char* name, const char* unit, const auto& of) {
    return fmt::format("data {}_of[sale] : {} = {}\n", name, unit, numbers(sales, of));
  };
  std::string text =
      "model agreement\n"
      "time 2020-01-01 to 2030-01-01 step 1/12 year\n"
      "source from \"controls/acts.csv\"\n";
  text += fmt::format("dim sale = 1..{}\n", sales.size());
  text += data("to", "1", [](const Sale& sale) { return code_of("Nation", sale.to); });
  text += data("origin", "1", [](const Sale& sale) { return code_of("Nation", sale.origin); });
  text += data("d5", "1", [](const Sale& sale) { return sale.d5 ? 1 : 0; });
  std::string facts = "destination = to_of, origin = origin_of, d5_headquartered = d5_of > 0, ";
  if (named) {
    text += data("chip", "1", [](const Sale& sale) { return sale.chip; });
    facts += "chip = chip_of";
  } else {
    text += data("tpp", "1", [](const Sale& sale) { return sale.tpp; });
    text += data("pd", "1", [](const Sale& sale) { return sale.pd; });
    text += data("io", "GB/second", [](const Sale& sale) { return sale.io; });
    text += data("dram", "GB/second", [](const Sale& sale) { return sale.dram; });
    text += data("dc", "1", [](const Sale& sale) { return sale.datacenter ? 1 : 0; });
    facts += "tpp = tpp_of, pd = pd_of, io = io_of, dram = dram_of, datacenter = dc_of > 0";
  }
  text += fmt::format("let entry[sale] = list_class({})\n", facts);
  text += fmt::format("let needs[sale] = outcome({})\n", facts);
  return text;
}

rules::Case case_of(const Sale& sale, bool named) {
  const auto& book = law().book;
  rules::Case asked(book);
  const auto tell = [&](const char* name, double value) {
    if (value >= 0) asked.tell(*book.find_fact(name), value);
  };
  const auto tell_code = [&](const char* name, double code) {
    if (code > 0) asked.tell_code(*book.find_fact(name), static_cast<int>(code) - 1);
  };
  tell_code("destination", code_of("Nation", sale.to));
  tell_code("origin", code_of("Nation", sale.origin));
  asked.tell_truth(*book.find_fact("d5_headquartered"), sale.d5);
  if (named) {
    tell_code("chip", sale.chip);
    return asked;
  }
  tell("tpp", sale.tpp);
  tell("pd", sale.pd);
  tell("io", sale.io);
  tell("dram", sale.dram);
  asked.tell_truth(*book.find_fact("datacenter"), sale.datacenter);
  return asked;
}

// ---------------------------------------------------------------- both asked

run::RunResult answers_of_model(const fs::path& folder, Backend backend) {
  auto project = open(folder.string());
  EXPECT_TRUE(project.has_value());
  text::Diagnostics found;
  auto model = resolve(**project, {}, found);
  EXPECT_EQ(text::render(found, (*project)->sources), "");
  std::vector<model::VarId> outputs;
  for (size_t i = 0; i < model->variables.size(); ++i)
    if (model->variables[i].name == "entry" || model->variables[i].name == "needs")
      outputs.emplace_back(i);
  const Compiled compiled = compile(std::move(*model), outputs);
  RunSettings settings;
  settings.backend = backend;
  settings.options.draws = 0;
  settings.options.threads = 1;
  auto result = run(compiled, settings);
  EXPECT_TRUE(result.has_value() && result->has_value());
  return std::move(**result);
}

struct Counts {
  size_t asked = 0, undetermined = 0, model_cannot_tell = 0;
};

Counts compare(const std::vector<Sale>& sales, bool named) {
  const fs::path folder = fs::temp_directory_path() / fmt::format("law-agreement-{}", getpid());
  fs::remove_all(folder);
  fs::create_directories(folder);
  fs::copy("models/race/controls", folder / "controls", fs::copy_options::recursive);
  std::ofstream(folder / "model.hr") << model_text(sales, named);
  const run::RunResult told = answers_of_model(folder, Backend::kInterpreter);
  if (has_llvm()) {
    const run::RunResult same = answers_of_model(folder, Backend::kLlvm);
    for (size_t i = 0; i < told.series.size(); ++i)
      for (size_t t = 0; t < told.times.size(); ++t)
        EXPECT_EQ(std::bit_cast<uint64_t>(told.series[i].values[t]),
                  std::bit_cast<uint64_t>(same.series[i].values[t]))
            << told.series[i].name;
  }
  fs::remove_all(folder);

  rules::Judge judge(law().book);
  const int entry = *law().book.find_rule("list_class"), needs = *law().book.find_rule("outcome");
  Counts counts;
  size_t wrong = 0;
  EXPECT_EQ(told.series.size(), 2 * sales.size());
  for (const run::SeriesResult& series : told.series) {
    const Sale& sale = sales[series.element];
    rules::Case asked = case_of(sale, named);
    const bool about_entry = series.name.starts_with("entry");
    for (size_t t = 0; t < told.times.size() && wrong < 10; ++t) {
      asked.date = told.times[t];
      const auto decided = judge.decide(asked, {about_entry ? entry : needs});
      const rules::Answer& answer = decided.answers[0];
      const double value = series.values[t];
      const bool agrees = answer.determined() ? value == answer.code() + 1.0 : std::isnan(value);
      ++counts.asked;
      counts.undetermined += !answer.determined();
      counts.model_cannot_tell += answer.determined() && std::isnan(value);
      if (agrees || (answer.determined() && std::isnan(value))) continue;
      ++wrong;
      ADD_FAILURE() << fmt::format(
          "{} at {}: model {}, case {} ({} possible); chip {} tpp {} pd {} io {} dram {} dc {} d5 "
          "{} "
          "to {} from {}",
          series.name, text::iso(text::from_years(told.times[t])), value, answer.code() + 1,
          answer.codes.count(), sale.chip, sale.tpp, sale.pd, sale.io, sale.dram, sale.datacenter,
          sale.d5, sale.to, sale.origin);
    }
  }
  return counts;
}

// ---------------------------------------------------------------- the sales

TEST(LawAgreement, PublishedCases) {
  text::SourceSet sources;
  text::Diagnostics diagnostics;
  const auto table =
      text::read_csv(sources, *sources.load("models/race/controls/rule_cases.csv"), diagnostics);
  ASSERT_TRUE(table.has_value());
  std::vector<Sale> sales;
  for (const auto& row : table->rows) {
    const auto cell = [&](const char* name) { return row[*table->column(name)]; };
    const auto number = [&](const char* name) {
      return cell(name).empty() ? -1 : std::stod(cell(name));
    };
    Sale sale;
    sale.tpp = number("tpp"), sale.pd = number("pd");
    sale.io = number("io_GBps"), sale.dram = number("dram_GBps");
    sale.datacenter = cell("datacenter") == "1", sale.d5 = cell("d5_headquartered") == "1";
    sale.to = cell("destination"), sale.origin = cell("origin");
    sales.push_back(sale);
  }
  EXPECT_GE(sales.size(), 42u);
  const Counts counts = compare(sales, false);
  EXPECT_GT(counts.undetermined, 0u);  // T54 has no area
  EXPECT_EQ(counts.model_cannot_tell, 0u);
}

TEST(LawAgreement, ChipsOfTheCatalogue) {
  std::vector<Sale> sales;
  const auto& chips = law().book.enums[*law().book.find_enum("Chip")].codes;
  const std::vector<std::string> places = {"CN", "SA", "AE", "JP", "US", "MO", ""};
  for (size_t chip = 0; chip < chips.size(); ++chip) {
    for (size_t place = 0; place < places.size(); ++place) {
      Sale sale;
      sale.chip = static_cast<double>(chip + 1);
      sale.to = places[place];
      sale.d5 = (chip + place) % 3 == 0;
      sale.origin = place % 2 ? "TW" : "US";
      sales.push_back(sale);
    }
  }
  const Counts counts = compare(sales, true);
  EXPECT_GT(counts.undetermined, 0u);
  EXPECT_EQ(counts.model_cannot_tell, 0u);
}

TEST(LawAgreement, FiguresAroundTheLines) {
  std::mt19937 random(7);
  const auto pick = [&](std::initializer_list<double> edges, double unit) {
    const double edge = *(edges.begin() + random() % edges.size());
    return random() % 6 == 0 ? -1 : edge + unit * (static_cast<int>(random() % 3) - 1);
  };
  const std::vector<std::string> places = {"CN", "HK", "MO", "RU", "SA", "VN", "AE",
                                           "IL", "TW", "JP", "US", "BR", ""};
  std::vector<Sale> sales;
  for (int i = 0; i < 400; ++i) {
    Sale sale;
    sale.tpp = pick({1600, 2400, 4800, 4992, 21000}, 1);
    sale.pd = pick({1.6, 3.2, 5.92}, 0.01);
    sale.io = pick({300, 600, 1100}, 1);
    sale.dram = pick({600, 1100, 1400, 6500}, 1);
    sale.datacenter = random() % 2;
    sale.d5 = random() % 3 == 0;
    sale.to = places[random() % places.size()];
    sale.origin = random() % 5 == 0 ? "" : random() % 2 ? "US" : "TW";
    sales.push_back(sale);
  }
  const Counts counts = compare(sales, false);
  EXPECT_GT(counts.undetermined, 0u);
  EXPECT_LT(counts.model_cannot_tell, counts.asked / 200);
}

}  // namespace
}  // namespace headrace::workbench
