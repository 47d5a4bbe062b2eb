#include "report/brief.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
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
constexpr size_t kMostCharts = 8, kMostScenarios = 6, kMostQuantities = 6, kMostDrivers = 10;

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

// What to draw: what was asked for, else the variable of one claim in each group.
std::vector<std::string> charts(const model::Model& model, const Arguments& args) {
  if (!args.variables.empty()) return args.variables;
  std::vector<std::string> names;
  if (model.clock.is_static) return names;
  std::set<std::string> groups;
  for (const model::Claim& claim : model.claims) {
    const std::string name = first_variable(model, claim.measure_text);
    if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) continue;
    if (names.size() < kMostCharts && groups.insert(group_of(claim.id)).second)
      names.push_back(name);
  }
  return names;
}

// The scenarios named after MODEL, else the first of the model's own.
std::vector<std::string> scenarios(const workbench::Project& project, const Arguments& args) {
  if (args.words.size() > 1) return {args.words.begin() + 1, args.words.end()};
  std::vector<std::string> names;
  for (syntax::StatementId id : project.tree.top_level) {
    const auto* scenario = std::get_if<syntax::ScenarioDecl>(&project.tree[id].node);
    if (scenario && names.size() < kMostScenarios) names.push_back(scenario->name.text);
  }
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

void add_scenarios(report::Brief& brief, Session& session, const Arguments& args) {
  Arguments quieter = args;
  quieter.quiet = true;
  const report::RunReport base = answers(session, quieter, session.scenarios);
  for (const std::string& name : scenarios(*session.project, args)) {
    std::vector<std::string> stack = session.scenarios;
    const auto more = or_end(workbench::find_scenarios(*session.project, name));
    stack.insert(stack.end(), more.begin(), more.end());
    const report::CompareReport compared =
        report::make_compare_report({"base", name}, {base, answers(session, quieter, stack)}, {});
    report::BriefScenario row{name, title_of(*session.project, name), {}};
    std::vector<report::Quantity> quantities;
    for (const report::ComparedQuantity& quantity : compared.quantities) {
      const bool is_number = quantity.type == model::Type::kNumber;
      const auto measure = std::find_if(base.measures.begin(), base.measures.end(),
                                        [&](const auto& m) { return m.name == quantity.name; });
      if (!is_number || measure == base.measures.end() || quantities.size() == kMostQuantities)
        continue;
      quantities.push_back(*measure);
      row.differences.push_back(quantity.differences.at(0));
    }
    brief.quantities = std::move(quantities);
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
  for (const auto* list : {&audit.sourced, &audit.guesses, &audit.unsourced})
    brief.drivers.insert(brief.drivers.end(), list->begin(), list->end());
  std::stable_sort(brief.drivers.begin(), brief.drivers.end(),
                   [](const auto& a, const auto& b) { return a.influence > b.influence; });
  if (brief.drivers.size() > kMostDrivers) brief.drivers.resize(kMostDrivers);
  std::erase_if(brief.drivers, [](const auto& driver) { return driver.influence < 0.01; });
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
  add_scenarios(brief, session, quick);
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
