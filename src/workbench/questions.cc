#include "workbench/questions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "syntax/syntax.h"
#include "workbench/names.h"

namespace headrace::workbench {
namespace {

using base::Error;
using Statistic = Assertion::Statistic;
using Comparison = Assertion::Comparison;

constexpr std::array<std::pair<std::string_view, Statistic>, 10> kStatistics = {{
    {"p", Statistic::kOdds},
    {"mean", Statistic::kMean},
    {"median", Statistic::kP50},
    {"p5", Statistic::kP5},
    {"p10", Statistic::kP10},
    {"p25", Statistic::kP25},
    {"p50", Statistic::kP50},
    {"p75", Statistic::kP75},
    {"p90", Statistic::kP90},
    {"p95", Statistic::kP95},
}};
constexpr std::array<std::pair<std::string_view, Comparison>, 6> kComparisons = {{
    {"<=", Comparison::kLessEqual},
    {">=", Comparison::kGreaterEqual},
    {"==", Comparison::kEqual},
    {"!=", Comparison::kNotEqual},
    {"<", Comparison::kLess},
    {">", Comparison::kGreater},
}};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// The position of the bracket that closes the one at `open`, or npos. Text in quotes is skipped.
size_t closing(std::string_view text, size_t open) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = open; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted) continue;
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i;
  }
  return std::string_view::npos;
}

bool is_measure(const Project& project, std::string_view name) {
  return std::any_of(project.tree.top_level.begin(), project.tree.top_level.end(),
                     [&](syntax::StatementId id) {
                       const auto* value = std::get_if<syntax::ValueDecl>(&project.tree[id].node);
                       return value && value->kind == syntax::ValueDecl::Kind::kMeasure &&
                              value->name.text == name;
                     });
}

double statistic_of(const report::Spread& spread, Statistic statistic) {
  switch (statistic) {
    case Statistic::kOdds:
      break;
    case Statistic::kMean:
      return spread.mean;
    case Statistic::kP5:
      return spread.p5;
    case Statistic::kP10:
      return spread.p10;
    case Statistic::kP25:
      return spread.p25;
    case Statistic::kP50:
      return spread.p50;
    case Statistic::kP75:
      return spread.p75;
    case Statistic::kP90:
      return spread.p90;
    case Statistic::kP95:
      return spread.p95;
  }
  return NAN;
}

bool compare(double value, Comparison comparison, double bound) {
  switch (comparison) {
    case Comparison::kLess:
      return value < bound;
    case Comparison::kLessEqual:
      return value <= bound;
    case Comparison::kGreater:
      return value > bound;
    case Comparison::kGreaterEqual:
      return value >= bound;
    case Comparison::kEqual:
      return value == bound;
    case Comparison::kNotEqual:
      return !std::isnan(value) && value != bound;
  }
  return false;
}

}  // namespace

std::string in_the_language(std::string_view text) {
  std::string out;
  bool quoted = false;
  for (char c : text) {
    quoted = quoted != (c == '"');
    if (c == '@' && !quoted) {
      out += " at ";
    } else {
      out += c == '\n' || c == '\r' ? ' ' : c;
    }
  }
  return out;
}

base::Result<std::vector<report::AskedMoment>> ask_moments(
    Project& project, const std::vector<std::string>& outputs,
    const std::vector<std::string>& moments) {
  std::vector<report::AskedMoment> asked;
  for (const std::string& word : outputs) {
    const std::string output = own_spelling(project, word);
    const bool is_element = output.ends_with(']');
    const std::string dims = is_element ? "" : declared_dimensions(project, output);
    const std::string reference = reference_of(output);
    for (const std::string& each : moments) {
      auto when = moment(each);
      if (!when) return std::unexpected(when.error());
      const std::string name = output + " at " + *when;
      add_statements(project, "--at",
                     fmt::format("measure {}{} = {} at {}\n", syntax::print_name(name), dims,
                                 reference, *when));
      asked.push_back({name, output, *when});
    }
  }
  return asked;
}

base::Result<Assertion> ask_assertion(Project& project, const std::string& text) {
  auto wrong = [&text](const std::string& why) {
    return base::fail(Error::Kind::kUsage,
                      fmt::format("--assert '{}': {}\n  see: headrace help assert", text, why));
  };
  const size_t open = text.find('(');
  if (open == std::string::npos)
    return wrong("expected a statistic, such as p(...) or median(...)");
  const size_t close = closing(text, open);
  if (close == std::string::npos) return wrong("a bracket does not close");
  Assertion assertion;
  assertion.text = text;
  const std::string_view word = trimmed(std::string_view(text).substr(0, open));
  const auto statistic = std::find_if(kStatistics.begin(), kStatistics.end(),
                                      [word](const auto& entry) { return entry.first == word; });
  if (statistic == kStatistics.end()) {
    return wrong(
        fmt::format("'{}' is not a statistic; there are p, mean, median, p5 to p95", word));
  }
  assertion.statistic = statistic->second;

  std::string_view rest = trimmed(std::string_view(text).substr(close + 1));
  const auto comparison =
      std::find_if(kComparisons.begin(), kComparisons.end(),
                   [rest](const auto& entry) { return rest.starts_with(entry.first); });
  if (comparison == kComparisons.end()) return wrong("expected a comparison after the bracket");
  assertion.comparison = comparison->second;
  rest = trimmed(rest.substr(comparison->first.size()));
  const auto [end, failure] =
      std::from_chars(rest.data(), rest.data() + rest.size(), assertion.bound);
  if (failure != std::errc()) return wrong("expected a number at the end");
  std::string_view after = trimmed(std::string_view(end, rest.data() + rest.size()));
  if (after == "%") {
    assertion.bound /= 100;
    after = "";
  }
  if (!after.empty()) return wrong(fmt::format("'{}' after the number", after));

  const std::string inner(trimmed(std::string_view(text).substr(open + 1, close - open - 1)));
  if (inner.empty()) return wrong("nothing stands in the brackets");
  if (assertion.statistic != Statistic::kOdds && is_measure(project, inner)) {
    assertion.name = inner;
    return assertion;
  }
  assertion.name = "--assert " + text;
  const std::string name = syntax::print_name(assertion.name);
  const std::string expression = in_the_language(with_quoted_names(project, inner));
  add_statements(project, "--assert",
                 assertion.statistic == Statistic::kOdds
                     ? fmt::format("claim {} : {}\n", name, expression)
                     : fmt::format("measure {} = {}\n", name, expression));
  return assertion;
}

Verdict judge(const Assertion& assertion, const model::Model& model, const run::RunResult& result) {
  if (assertion.statistic == Statistic::kOdds) {
    for (size_t c = 0; c < model.claims.size(); ++c) {
      if (model.claims[c].id != assertion.name) continue;
      const double odds = result.claims[c].odds;
      return {compare(odds, assertion.comparison, assertion.bound), odds};
    }
  }
  for (size_t m = 0; m < model.measures.size(); ++m) {
    if (model.measures[m].name != assertion.name) continue;
    const run::AnswerResult& answer = result.measures[m];
    const double value = result.single
                             ? answer.values[0]
                             : statistic_of(report::spread_of(answer.band), assertion.statistic);
    return {compare(value, assertion.comparison, assertion.bound), value};
  }
  CHECK(false && "an assertion's answer is in the model that it was asked of");
  return {};
}

}  // namespace headrace::workbench
