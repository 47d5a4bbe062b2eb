#include "report/audit_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "report/influence.h"
#include "report/numbers.h"

namespace headrace::report {
namespace {

constexpr size_t kMostLines = 12;  // of each list in the table; JSON has all
constexpr int kOldYears = 3;

// The largest squared rank correlation of an input with the measures of the claims.
void rate(AuditedInput& input, const std::vector<double>& ranks,
          const std::vector<std::vector<double>>& claims, const model::Model& model) {
  for (size_t c = 0; c < claims.size(); ++c) {
    const double influence = influence_of(ranks, claims[c]);
    if (influence <= input.influence) continue;
    input.influence = influence;
    input.claim = model.claims[c].id;
  }
}

void rank_inputs(const model::Model& model, const run::RunResult& result,
                 const std::vector<std::vector<double>>& inputs, AuditReport& report) {
  const std::vector<size_t> sound = sound_draws(result, result.draws);
  std::vector<std::vector<double>> claims;
  for (const run::AnswerResult& claim : result.claims)
    claims.push_back(unit_ranks(claim.values, sound));
  std::map<uint32_t, AuditedInput> audited;  // by variable
  for (size_t i = 0; i < model.inputs.size(); ++i) {
    AuditedInput& input = audited[model.inputs[i].variable.index];
    input.varies = true;
    if (result.draws > 2) rate(input, unit_ranks(inputs[i], sound), claims, model);
  }
  for (size_t v = 0; v < model.variables.size(); ++v) {
    const model::Variable& variable = model.variables[v];
    const bool is_input = !variable.made && (variable.kind == model::VarKind::kParam ||
                                             variable.kind == model::VarKind::kData);
    if (!is_input) continue;
    AuditedInput input = audited[static_cast<uint32_t>(v)];
    input.name = variable.name;
    input.title = variable.title;
    input.unit = variable.unit_text;
    input.why = variable.assumed.value_or("");
    bool told = !variable.sources.empty(), guessed = variable.assumed.has_value();
    for (const model::Backing& backing : variable.backings) {
      told = told || !backing.sources.empty();
      guessed = guessed || backing.assumed;
    }
    (told ? report.sourced : guessed ? report.guesses : report.unsourced).push_back(input);
  }
  for (auto* list : {&report.sourced, &report.guesses, &report.unsourced}) {
    std::stable_sort(list->begin(), list->end(),
                     [](const auto& a, const auto& b) { return a.influence > b.influence; });
  }
}

std::set<std::string> used_rows(const model::Model& model) {
  std::set<std::string> used;
  const auto take = [&used](const std::vector<std::string>& ids) {
    used.insert(ids.begin(), ids.end());
  };
  for (const model::Variable& variable : model.variables) {
    take(variable.sources);
    for (const model::Backing& backing : variable.backings) take(backing.sources);
  }
  for (const model::Claim& claim : model.claims) take(claim.sources);
  for (const model::Measure& measure : model.measures) take(measure.sources);
  for (const auto& observation : model.observations) take(observation.sources);
  return used;
}

// Two rows disagree when their ranges have no value in common.
bool disagree(const std::vector<RegisterRow>& rows) {
  double highest_low = -INFINITY, lowest_high = INFINITY;
  for (const RegisterRow& row : rows) {
    highest_low = std::max(highest_low, row.low);
    lowest_high = std::min(lowest_high, row.high);
  }
  return highest_low > lowest_high;
}

double middle(const RegisterRow& row) {
  if (std::isinf(row.low)) return row.high;
  return std::isinf(row.high) ? row.low : (row.low + row.high) / 2;
}

int year_of(const std::string& date) {
  return date.size() >= 4 ? std::atoi(date.substr(0, 4).c_str()) : 0;
}

void read_rows(const std::vector<RegisterRow>& rows, const std::set<std::string>& used,
               AuditReport& report) {
  std::map<std::string, std::vector<RegisterRow>> questions;
  std::string newest;
  for (const RegisterRow& row : rows) {
    newest = std::max(newest, row.date);
    if (!used.contains(row.id)) report.unused.push_back(row.id);
    if (!row.question.empty() && row.has_value) questions[row.question].push_back(row);
  }
  std::map<std::string, std::string> latest;  // question -> id of its latest row
  for (auto& [question, group] : questions) {
    latest[question] =
        std::max_element(group.begin(), group.end(), [](const auto& a, const auto& b) {
          return a.date < b.date;
        })->id;
    if (!disagree(group)) continue;
    std::stable_sort(group.begin(), group.end(),
                     [](const auto& a, const auto& b) { return middle(a) < middle(b); });
    Conflict conflict{question, group, {}};
    for (const RegisterRow& row : group) conflict.used.push_back(used.contains(row.id));
    report.conflicts.push_back(std::move(conflict));
  }
  for (const RegisterRow& row : rows) {
    if (!used.contains(row.id) || row.date.empty()) continue;
    const auto found = latest.find(row.question);
    const bool overtaken =
        found != latest.end() && found->second != row.id && !used.contains(found->second);
    if (overtaken || year_of(row.date) + kOldYears < year_of(newest))
      report.stale.push_back({row, overtaken ? found->second : ""});
  }
}

std::string range_of(const RegisterRow& row) {
  if (std::isinf(row.low)) return "at most " + rounded(row.high);
  if (std::isinf(row.high)) return "at least " + rounded(row.low);
  return row.low == row.high ? rounded(row.low) : rounded(row.low) + " to " + rounded(row.high);
}

std::string percent(const AuditedInput& input) {
  if (!input.varies) return "fixed";
  return input.influence < 0.001 ? "-" : fmt::format("{:.1f} %", 100 * input.influence);
}

void add_inputs(std::string& out, const std::string& head, const std::vector<AuditedInput>& inputs,
                const Look& look) {
  out += fmt::format("\n{}: {}\n", head, inputs.size());
  if (inputs.empty()) return;
  Table table{{{"influence", true, false}, {"claim"}, {"input"}, {"why", false, true}}, {}};
  const size_t shown = look.plain ? inputs.size() : std::min(inputs.size(), kMostLines);
  for (size_t i = 0; i < shown; ++i)
    table.rows.push_back({percent(inputs[i]), inputs[i].claim, inputs[i].name, inputs[i].why});
  out += render(table, look);
  if (shown < inputs.size()) out += fmt::format("and {} more\n", inputs.size() - shown);
}

void add_untold(std::string& out, const AuditReport& report) {
  out += fmt::format("\nnumbers in equations that nobody answers for: {}\n", report.untold.size());
  for (const UntoldNumber& number : report.untold)
    out += fmt::format("  {}  {}\n", number.name, number.place);
}

void add_conflicts(std::string& out, const AuditReport& report) {
  out += fmt::format("\nquestions on which sources disagree: {}\n", report.conflicts.size());
  for (const Conflict& conflict : report.conflicts) {
    out += fmt::format("  {}\n", conflict.question);
    for (size_t i = 0; i < conflict.rows.size(); ++i) {
      const RegisterRow& row = conflict.rows[i];
      out += fmt::format("    {} {} {}  @{} ({})\n", conflict.used[i] ? "used" : "    ",
                         range_of(row), row.unit, row.id, row.date);
    }
  }
}

void add_stale(std::string& out, const AuditReport& report, const Look& look) {
  out += fmt::format("\nrows used that are old: {}\n", report.stale.size());
  const size_t shown = look.plain ? report.stale.size() : std::min(report.stale.size(), kMostLines);
  for (size_t i = 0; i < shown; ++i) {
    const StaleRow& stale = report.stale[i];
    out += fmt::format("  @{} of {}{}\n", stale.row.id, stale.row.date,
                       stale.newer.empty() ? "" : ", later: @" + stale.newer);
  }
  if (shown < report.stale.size())
    out += fmt::format("  and {} more\n", report.stale.size() - shown);
}

}  // namespace

AuditReport make_audit_report(const model::Model& model, const run::RunResult& result,
                              const std::vector<std::vector<double>>& inputs,
                              const std::vector<RegisterRow>& rows,
                              std::vector<UntoldNumber> untold, Context context) {
  AuditReport report;
  report.context = std::move(context);
  report.untold = std::move(untold);
  report.rows = rows.size();
  rank_inputs(model, result, inputs, report);
  read_rows(rows, used_rows(model), report);
  return report;
}

std::string render(const AuditReport& report, const Look& look) {
  std::string out = ends(report.context.title.empty() ? report.context.model : report.context.title,
                         run_in_words(report.context), look.width) +
                    "\n";
  out += fmt::format("{} inputs rest on sources, {} are guesses, {} are unsourced\n",
                     report.sourced.size(), report.guesses.size(), report.unsourced.size());
  add_inputs(out, "inputs without a source or the word assumed", report.unsourced, look);
  add_untold(out, report);
  add_inputs(out, "guesses, those first on which a claim hangs most", report.guesses, look);
  add_inputs(out, "sourced inputs, the same", report.sourced, look);
  add_conflicts(out, report);
  add_stale(out, report, look);
  out += fmt::format("\nrows of the register that the model does not use: {} of {}\n",
                     report.unused.size(), report.rows);
  out += "\nInfluence: largest squared rank correlation with the measure of a claim.\n";
  return out;
}

}  // namespace headrace::report
