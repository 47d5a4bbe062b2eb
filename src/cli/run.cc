#include <algorithm>

#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "report/csv.h"
#include "report/json.h"
#include "report/netcdf/loader.h"
#include "report/tables.h"

namespace headrace::cli {
namespace {

// A measure has a place of its own in every report; what is left are variables.
struct Wanted {
  std::vector<std::string> outputs;     // names of variables and elements, in order
  std::vector<std::string> measures;    // names of measures, when picked by name
  std::vector<model::VarId> variables;  // to save
};

bool is_wanted_by_default(const model::Variable& variable, bool single) {
  if (variable.made) return false;
  using model::VarKind;
  const bool moves = variable.kind == VarKind::kStock || variable.kind == VarKind::kFlow ||
                     variable.kind == VarKind::kLet;
  return single || moves;
}

// Machines get everything that a single run has and everything that moves in an ensemble, but an
// ensemble's JSON only what was asked for; people get measures, or stocks when there are none.
Wanted wanted_by_default(const model::Model& model, const Arguments& args, bool single) {
  const Format format = args.format.value_or(Format::kTable);
  const bool for_people = format == Format::kTable || format == Format::kMarkdown;
  Wanted wanted;
  if (format == Format::kJson && !single) return wanted;
  const bool measures = std::ranges::any_of(model.measures, [](const auto& m) { return !m.made; });
  if (for_people && measures && !args.plot) return wanted;
  for (uint32_t v = 0; v < model.variables.size(); ++v) {
    const model::Variable& variable = model.variables[v];
    const bool take = for_people ? variable.kind == model::VarKind::kStock && !variable.made
                                 : is_wanted_by_default(variable, single);
    if (!take) continue;
    wanted.outputs.push_back(variable.name);
    wanted.variables.emplace_back(v);
  }
  return wanted;
}

Wanted wanted_by_name(const model::Model& model, const Arguments& args) {
  Wanted wanted;
  for (const workbench::Pick& pick : or_end(workbench::find_outputs(model, args.variables))) {
    if (!pick.variable.valid()) {
      wanted.measures.push_back(pick.name);
      continue;
    }
    wanted.outputs.push_back(pick.name);
    if (std::find(wanted.variables.begin(), wanted.variables.end(), pick.variable) ==
        wanted.variables.end()) {
      wanted.variables.push_back(pick.variable);
    }
  }
  return wanted;
}

void keep_measures(report::RunReport& report, const Wanted& wanted, const Arguments& args) {
  if (args.variables.empty()) {
    // Measures have no column of their own in CSV unless named.
    if (args.format == Format::kCsv) report.measures.clear();
    return;
  }
  if (args.format == Format::kJson) return;
  std::erase_if(report.measures, [&wanted](const report::Quantity& measure) {
    return std::none_of(wanted.measures.begin(), wanted.measures.end(),
                        [&measure](const auto& name) {
                          return measure.name == name || measure.name.starts_with(name + "[");
                        });
  });
}

std::string render(const report::RunReport& report, const Arguments& args) {
  switch (args.format.value_or(Format::kTable)) {
    case Format::kCsv:
      return report::to_csv(report);
    case Format::kJson:
      return report::to_json(report);
    case Format::kMarkdown:
      return report::run_to_markdown(report);
    case Format::kNetcdf:
      return or_end(report::write_netcdf(report));
    case Format::kTable:
      break;
  }
  return report::render_run(report, look_of(args), {.plot = args.plot});
}

}  // namespace

int run_command(const Arguments& args) {
  check_output(args,
               {Format::kTable, Format::kCsv, Format::kJson, Format::kMarkdown, Format::kNetcdf});
  Session session = open_session(args, model_path(args));
  if (!args.dump.empty()) return dump(session, args);
  model::Model model = resolve(session, args);
  const bool single = !workbench::is_uncertain(model) || draws_of(args, model) == 0;
  const Wanted wanted =
      args.variables.empty() ? wanted_by_default(model, args, single) : wanted_by_name(model, args);
  report::RunReportOptions options = report_options(session, args);
  options.outputs = wanted.outputs;
  const bool calendar = model.clock.calendar;
  if (!args.from.empty()) options.from = or_end(workbench::moment_value(args.from, calendar));
  if (!args.to.empty()) options.to = or_end(workbench::moment_value(args.to, calendar));

  const workbench::Compiled compiled = workbench::compile(std::move(model), wanted.variables);
  const run::RunResult result = simulate(compiled, args);
  report::RunReport report = report::make_run_report(compiled.model, result, options);
  keep_measures(report, wanted, args);
  print_warnings(report.context.warnings);
  write_result(args, render(report, args));
  return verdict(session, args, compiled.model, result);
}

}  // namespace headrace::cli
