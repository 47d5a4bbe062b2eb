// What does each feedback loop do? `loops.csv` has one row for each answer that a loop should move:
// the scenario that switches it off, a measure, and the direction that the literature gives for the
// world without the loop:
//
//   up, down   the measure goes that way in most of the futures in which it moves at all
//   small      nothing in the literature says it is large, and the model has less than 5 % either
//   way
//
// The test fails when a direction is not met, or when a switch of loops.hr has no row.

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "answers.h"
#include "page.h"
#include "program.h"
#include "report/layout.h"
#include "report/numbers.h"

namespace headrace::race {
namespace {

constexpr uint64_t kDraws = 3000;
constexpr double kMost = 0.6;    // of the futures that move, that go the way expected
constexpr double kSmall = 0.05;  // of the median, or 0.05 of a share

struct Row {
  std::string loop, path, says, scenario, measure, direction;
  double base = 0, without = 0;  // medians
  double higher = 0, lower = 0;  // shares of futures

  double change() const { return base == 0 ? without : without / base - 1; }
  bool as_expected() const {
    if (direction == "small") return std::abs(change()) < kSmall;
    const double right = direction == "up" ? higher : lower;
    return right > 0 && right >= kMost * (higher + lower);
  }
};

base::Result<std::vector<Row>> read_table(const std::string& model) {
  const std::vector<std::string> columns = {"loop",     "path",    "says",
                                            "scenario", "measure", "without"};
  const auto rows = read_rows(model + "/loops.csv", columns);
  if (!rows) return std::unexpected(rows.error());
  std::vector<Row> out;
  for (size_t i = 0; i < rows->size(); ++i) {
    Row row{rows->at(i, "loop"),     rows->at(i, "path"),    rows->at(i, "says"),
            rows->at(i, "scenario"), rows->at(i, "measure"), rows->at(i, "without")};
    if (row.direction != "up" && row.direction != "down" && row.direction != "small")
      return base::fail(
          base::Error::Kind::kInvalid,
          fmt::format("loops.csv, row {}: '{}' is not up, down or small", i + 2, row.direction));
    out.push_back(std::move(row));
  }
  return out;
}

// The scenarios that switch a loop off, as the model's text has them.
std::set<std::string> switches(const workbench::Project& project) {
  std::set<std::string> names;
  for (const syntax::StatementId id : project.tree.top_level) {
    const auto* scenario = std::get_if<syntax::ScenarioDecl>(&project.tree[id].node);
    if (scenario && scenario->name.text.starts_with("without_L")) names.insert(scenario->name.text);
  }
  return names;
}

void compare(Row& row, const std::vector<double>& base, const std::vector<double>& without) {
  row.base = spread_of(base).p50;
  row.without = spread_of(without).p50;
  size_t higher = 0, lower = 0;
  for (size_t d = 0; d < base.size(); ++d) {
    higher += without[d] > base[d];
    lower += without[d] < base[d];
  }
  row.higher = double(higher) / double(base.size());
  row.lower = double(lower) / double(base.size());
}

base::Result<std::vector<std::string>> fill(const std::string& model, std::vector<Row>& rows) {
  std::vector<std::string> measures;
  std::map<std::string, size_t> places;
  for (const Row& row : rows) {
    if (places.try_emplace(row.measure, measures.size()).second) measures.push_back(row.measure);
  }
  auto project = open_with(model, measures);
  if (!project) return std::unexpected(project.error());
  std::set<std::string> left = switches(**project);
  const auto base = answer(**project, measures.size(), "", kDraws);
  if (!base) return std::unexpected(base.error());
  std::map<std::string, Answers> answers;
  for (Row& row : rows) {
    left.erase(row.scenario);
    if (!answers.contains(row.scenario)) {
      auto found = answer(**project, measures.size(), row.scenario, kDraws);
      if (!found) return std::unexpected(found.error());
      answers.emplace(row.scenario, std::move(*found));
    }
    const size_t place = places.at(row.measure);
    compare(row, (*base)[place], answers.at(row.scenario)[place]);
  }
  return std::vector<std::string>(left.begin(), left.end());
}

std::string in_100(double share) { return fmt::format("{:.0f}", 100 * share); }

std::string table_of(const std::vector<Row>& rows) {
  report::Table table{{{"loop"},
                       {"path"},
                       {"without it, says the literature"},
                       {"measure"},
                       {"with", true},
                       {"without", true},
                       {"change", true},
                       {"up / down in 100", true},
                       {"as said"}},
                      {}};
  std::string last;
  for (const Row& row : rows) {
    const bool again = row.loop == last;
    last = row.loop;
    table.rows.push_back(
        {again ? "" : row.loop, again ? "" : row.path, row.says, "`" + row.measure + "`",
         report::rounded(row.base), report::rounded(row.without),
         fmt::format("{:+.1f} %", 100 * row.change()),
         in_100(row.higher) + " / " + in_100(row.lower), row.as_expected() ? "yes" : "**no**"});
  }
  return report::render_markdown(table);
}

base::Result<int> run(const Options& options) {
  auto rows = read_table(options.model);
  if (!rows) return std::unexpected(rows.error());
  const auto left = fill(options.model, *rows);
  if (!left) return std::unexpected(left.error());
  const std::string table = table_of(*rows);
  fmt::print("{}", table);
  if (options.update) {
    if (const auto done = update_page(options.page, {{"loops", table}}); !done)
      return std::unexpected(done.error());
  }
  bool wrong = !left->empty();
  for (const std::string& name : *left)
    fmt::print(stderr, "race_loops_test: {} has no row in loops.csv\n", name);
  for (const Row& row : *rows) {
    if (row.as_expected()) continue;
    wrong = true;
    fmt::print(stderr, "race_loops_test: without {} {} goes {:+.1f} %, not {}\n", row.loop,
               row.measure, 100 * row.change(), row.direction);
  }
  return wrong ? 1 : 0;
}

}  // namespace
}  // namespace headrace::race

int main(int count, char** words) {
  return headrace::race::run_program("race_loops_test", count, words, headrace::race::run);
}
