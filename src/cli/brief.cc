#include "report/brief.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <numeric>
#include <set>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/print_pdf.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace headrace::cli {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kBriefDraws = 10'000;
constexpr uint64_t kScenarioDraws = 4000;  // unless --draws says otherwise
constexpr uint64_t kChoosingDraws = 500;
constexpr size_t kMostCharts = 8, kMostScenarios = 6, kMostQuantities = 5, kMostDrivers = 6;
// Scenarios whose names begin with the same word are variations on one theme from this many on.
constexpr size_t kFamily = 4;
constexpr size_t kCandidates = 16;  // measures among which those to compare by are chosen
constexpr double kNotMoved = 0.02;  // of a standard deviation
constexpr double kAlike = 0.1;  // two scenarios whose shifts differ by less than this part of them

enum class Paper { kHtml, kMarkdown, kPdf };

Paper paper_of(const Arguments& args) {
  const std::string end = fs::path(args.out).extension();
  if (end == ".pdf") return Paper::kPdf;
  if (end == ".html" || end == ".htm") return Paper::kHtml;
  if (end == ".md" || (args.out.empty() && !args.format) || args.format == Format::kMarkdown)
    return Paper::kMarkdown;
  end_with(kUsage, "brief writes .html, .md or .pdf, as --out ends");
}

// The group of a claim's id: `A1` of `A1`, `A7` of `A7c`.
std::string group_of(const std::string& id) {
  size_t end = id.find_first_of("0123456789");
  while (end < id.size() && std::isdigit(static_cast<unsigned char>(id[end]))) ++end;
  return id.substr(0, end);
}

// The variable that a claim's measure starts with, with its index; "" when there is none.
std::string first_variable(const model::Model& model, const std::string& measure) {
  size_t end = 0;
  while (end < measure.size() &&
         (std::isalnum(static_cast<unsigned char>(measure[end])) || measure[end] == '_'))
    ++end;
  const std::string name = measure.substr(0, end);
  for (const model::Variable& variable : model.variables) {
    if (variable.made || variable.name != name) continue;
    if (variable.kind == model::VarKind::kParam) return "";
    if (variable.dims.empty()) return name;
    const size_t close = measure.find(']', end);
    return end < measure.size() && measure[end] == '[' && close != std::string::npos
               ? measure.substr(0, close + 1)
               : "";
  }
  return "";
}

// The places of the `most` greatest scores above `least`, in ascending order.
std::vector<size_t> greatest(const std::vector<double>& scores, size_t most, double least) {
  std::vector<size_t> places;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] > least) places.push_back(i);
  }
  std::ranges::stable_sort(places, [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  if (places.size() > most) places.resize(most);
  std::ranges::sort(places);
  return places;
}

// What to draw: what was asked for, else the variable of the first claim in each group that has
// one.
std::vector<std::string> charts(const model::Model& model, const Arguments& args) {
  if (!args.variables.empty()) return args.variables;
  std::vector<std::string> names;
  if (model.clock.is_static) return names;
  std::set<std::string> groups;
  for (const model::Claim& claim : model.claims) {
    const std::string name = first_variable(model, claim.measure_text);
    if (name.empty() || std::ranges::find(names, name) != names.end()) continue;
    if (names.size() < kMostCharts && groups.insert(group_of(claim.id)).second)
      names.push_back(name);
  }
  return names;
}

// The model's scenarios in their order, without families of variations (`without_...`).
std::vector<std::string> lone_scenarios(const workbench::Project& project) {
  std::vector<std::string> names;
  std::map<std::string, size_t> family;
  const auto first_word = [](const std::string& name) { return name.substr(0, name.find('_')); };
  for (syntax::StatementId id : project.tree.top_level) {
    const auto* scenario = std::get_if<syntax::ScenarioDecl>(&project.tree[id].node);
    if (!scenario) continue;
    names.push_back(scenario->name.text);
    ++family[first_word(scenario->name.text)];
  }
  const auto lone = [&](const std::string& name) { return family[first_word(name)] < kFamily; };
  if (std::ranges::any_of(names, lone))
    std::erase_if(names, [&](const std::string& name) { return !lone(name); });
  return names;
}

std::string title_of(const workbench::Project& project, const std::string& name) {
  for (syntax::StatementId id : project.tree.top_level) {
    const auto* scenario = std::get_if<syntax::ScenarioDecl>(&project.tree[id].node);
    if (scenario && scenario->name.text == name) return scenario->title.value_or(name);
  }
  return name;
}

report::RunReport answers(Session& session, const Arguments& args,
                          const std::vector<std::string>& stack) {
  const workbench::Compiled compiled = workbench::compile(resolve(session, args, stack), {});
  report::RunReportOptions options = report_options(session, args);
  options.keep_draws = true;
  return report::make_run_report(compiled.model, simulate(compiled, args), options);
}

// One scenario beside the model as it stands.
struct Beside {
  std::string name;
  std::vector<report::ComparedQuantity> quantities;  // the numbers among the measures
};

Beside beside(Session& session, const Arguments& args, const report::RunReport& base,
              const std::string& name) {
  std::vector<std::string> stack = session.scenarios;
  const auto more = or_end(workbench::find_scenarios(*session.project, name));
  stack.insert(stack.end(), more.begin(), more.end());
  report::CompareReport compared =
      report::make_compare_report({"base", name}, {base, answers(session, args, stack)}, {});
  std::erase_if(compared.quantities, [&](const report::ComparedQuantity& quantity) {
    return quantity.type != model::Type::kNumber ||
           std::ranges::none_of(base.measures,
                                [&](const auto& m) { return m.name == quantity.name; });
  });
  return {name, std::move(compared.quantities)};
}

// The shift of the median in standard deviations of the base, which its 90 % range stands for.
double shift(const report::ComparedQuantity& quantity) {
  const report::Spread& base = quantity.values.at(0);
  const double width = (base.p95 - base.p5) / 3.29;
  const double moved = std::abs(quantity.differences.at(0).spread.p50);
  return width > 0 && std::isfinite(moved) ? std::min(moved / width, 10.0) : 0;
}

// Which of the first measures the scenarios move most.
std::vector<size_t> moved_quantities(const std::vector<Beside>& all) {
  std::vector<double> scores;
  for (const Beside& one : all) {
    scores.resize(std::min(kCandidates, one.quantities.size()));
    for (size_t q = 0; q < scores.size(); ++q) scores[q] += shift(one.quantities[q]);
  }
  return greatest(scores, kMostQuantities, kNotMoved);
}

// How a scenario shifts these measures.
std::vector<double> shifts(const Beside& one, const std::vector<size_t>& measures) {
  std::vector<double> out;
  for (size_t q : measures) out.push_back(shift(one.quantities[q]));
  return out;
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

bool are_alike(const std::vector<double>& a, const std::vector<double>& b) {
  double apart = 0;
  for (size_t i = 0; i < a.size(); ++i) apart += std::abs(a[i] - b[i]);
  return apart <= kAlike * std::max(sum(a), sum(b));
}

// The scenarios that move those measures most; of those that do nearly the same the first alone.
std::vector<std::string> moving_scenarios(const std::vector<Beside>& all) {
  const std::vector<size_t> measures = moved_quantities(all);
  std::vector<std::vector<double>> moves;
  std::vector<double> scores;
  for (const Beside& one : all) {
    moves.push_back(shifts(one, measures));
    const bool again = std::any_of(moves.begin(), moves.end() - 1, [&](const auto& earlier) {
      return are_alike(earlier, moves.back());
    });
    scores.push_back(again ? 0 : sum(moves.back()));
  }
  std::vector<std::string> names;
  for (size_t i : greatest(scores, kMostScenarios, 0)) names.push_back(all[i].name);
  return names;
}

// The scenarios named after MODEL; else those of the model's own that change most, found with
// fewer draws.
std::vector<std::string> scenarios(Session& session, const Arguments& args, size_t* tried) {
  *tried = 0;
  if (args.words.size() > 1) return {args.words.begin() + 1, args.words.end()};
  const std::vector<std::string> names = lone_scenarios(*session.project);
  *tried = names.size();
  if (names.size() <= kMostScenarios) return names;
  Arguments few = args;
  few.backend = workbench::Backend::kInterpreter;  // not worth a compilation each
  few.draws = std::min(args.draws.value_or(kChoosingDraws), kChoosingDraws);
  const report::RunReport base = answers(session, few, session.scenarios);
  std::vector<Beside> all;
  for (const std::string& name : names) all.push_back(beside(session, few, base, name));
  return moving_scenarios(all);
}

void add_scenarios(report::Brief& brief, Session& session, const Arguments& args) {
  Arguments quieter = args;
  quieter.quiet = true;
  const std::vector<std::string> names = scenarios(session, quieter, &brief.scenarios_tried);
  if (names.empty()) return;
  const report::RunReport base = answers(session, quieter, session.scenarios);
  brief.scenario_draws = base.context.draws;
  std::vector<Beside> all;
  for (const std::string& name : names) all.push_back(beside(session, quieter, base, name));
  const std::vector<size_t> shown = moved_quantities(all);
  for (size_t q : shown) {
    const std::string& name = all[0].quantities[q].name;
    brief.quantities.push_back(
        *std::ranges::find_if(base.measures, [&](const auto& m) { return m.name == name; }));
  }
  for (const Beside& one : all) {
    report::BriefScenario row{one.name, title_of(*session.project, one.name), {}};
    for (size_t q : shown) row.differences.push_back(one.quantities[q].differences.at(0));
    brief.scenarios.push_back(std::move(row));
  }
}

void add_drivers(report::Brief& brief, const model::Model& model, const run::RunResult& result,
                 const Arguments& args) {
  run::RunOptions options;
  options.draws = result.draws;
  options.seed = args.seed;
  options.threads = args.threads;
  options.design = args.design;
  const report::AuditReport audit = report::make_audit_report(
      model, result, run::sample_inputs(model, options), {}, {}, brief.run.context);
  brief.sourced = audit.sourced.size();
  brief.guesses = audit.guesses.size();
  brief.unsourced = audit.unsourced.size();
  for (const auto* list : {&audit.sourced, &audit.guesses, &audit.unsourced}) {
    for (const report::AuditedInput& input : *list)
      brief.drivers.push_back({input, list != &audit.sourced});
  }
  std::ranges::stable_sort(brief.drivers, std::greater{},
                           [](const report::Driver& driver) { return driver.input.influence; });
  if (brief.drivers.size() > kMostDrivers) brief.drivers.resize(kMostDrivers);
  std::erase_if(brief.drivers, [](const auto& driver) { return driver.input.influence < 0.01; });
}

}  // namespace

int brief_command(const Arguments& args) {
  check_output(args);
  const Paper paper = paper_of(args);
  Arguments quick = args;
  quick.draws = args.draws.value_or(kBriefDraws);
  Arguments model_only = quick;
  if (model_only.words.size() > 1) model_only.words.resize(1);
  Session session = open_session(model_only, model_path(model_only));
  model::Model model = resolve(session, quick);
  const std::vector<std::string> names = charts(model, quick);
  std::vector<model::VarId> outputs;
  for (const workbench::Pick& pick : or_end(workbench::find_outputs(model, names))) {
    if (pick.variable.valid()) outputs.push_back(pick.variable);
  }
  const workbench::Compiled compiled = workbench::compile(std::move(model), outputs);
  const run::RunResult result = simulate(compiled, quick);
  report::RunReportOptions options = report_options(session, quick);
  options.outputs = names;
  report::Brief brief;
  brief.run = report::make_run_report(compiled.model, result, options);
  if (names.empty()) brief.run.series.clear();
  print_warnings(brief.run.context.warnings);
  Arguments for_scenarios = quick;
  for_scenarios.draws = args.draws.value_or(kScenarioDraws);
  add_scenarios(brief, session, for_scenarios);
  add_drivers(brief, compiled.model, result, quick);
  if (paper == Paper::kPdf) {
    or_end(print_pdf(report::brief_to_html(brief), args.out));
  } else {
    write_result(args, paper == Paper::kHtml ? report::brief_to_html(brief)
                                             : report::brief_to_markdown(brief));
  }
  return verdict(session, quick, compiled.model, result);
}

}  // namespace headrace::cli
