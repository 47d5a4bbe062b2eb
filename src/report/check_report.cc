#include "report/check_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "report/numbers.h"

namespace headrace::report {
namespace {

constexpr size_t kMostNames = 12;  // of unsourced inputs

void count(const model::Model& model, const model::Variable& variable, CheckReport& report) {
  if (variable.made) return;
  report.elements += variable.size(model);
  switch (variable.kind) {
    case model::VarKind::kStock:
      ++report.stocks;
      break;
    case model::VarKind::kFlow:
      ++report.flows;
      break;
    case model::VarKind::kLet:
      ++report.lets;
      break;
    case model::VarKind::kParam:
      ++report.params;
      break;
    case model::VarKind::kData:
      ++report.data;
      break;
    case model::VarKind::kPrevious:
    case model::VarKind::kDelayFixed:
    case model::VarKind::kBehind:
    case model::VarKind::kInitial:
    case model::VarKind::kNoise:
    case model::VarKind::kTally:
      break;
  }
  const bool is_input =
      variable.kind == model::VarKind::kParam || variable.kind == model::VarKind::kData;
  if (is_input && !variable.sources.empty()) ++report.sourced;
}

// 1/24 rather than 0.0416667.
std::string as_ratio(double value) {
  if (value < 1 && std::abs(1 / value - std::round(1 / value)) < 1e-9) {
    return fmt::format("1/{:.0f}", 1 / value);
  }
  return exact(value);
}

std::string clock_in_words(const model::Clock& clock) {
  if (clock.is_static) return "no time: one evaluation";
  const std::string unit = clock.unit.empty() || clock.unit == "1" ? "" : " " + clock.unit;
  return fmt::format(
      "{} to {}, {} step{} of {}{}, {} saved, {}", exact_time(clock.start, clock.calendar),
      exact_time(clock.time(clock.steps), clock.calendar), grouped(clock.steps),
      clock.steps == 1 ? "" : "s", as_ratio(clock.step), unit, grouped(clock.saves()),
      clock.method == model::Clock::Method::kRk4 ? "Runge-Kutta" : "Euler");
}

std::string origin_of(const model::Variable& variable) {
  if (!variable.sources.empty()) return fmt::format("from {}", fmt::join(variable.sources, ", "));
  return variable.assumed ? "assumed" : "unsourced";
}

void add_part(std::vector<std::string>& parts, size_t number, const char* one, const char* many) {
  if (number > 0) parts.push_back(fmt::format("{} {}", number, number == 1 ? one : many));
}

std::string parts_in_words(const CheckReport& report) {
  std::vector<std::string> parts;
  add_part(parts, report.stocks, "stock", "stocks");
  add_part(parts, report.flows, "flow", "flows");
  add_part(parts, report.lets, "let", "lets");
  add_part(parts, report.params, "param", "params");
  add_part(parts, report.data, "data series", "data series");
  add_part(parts, report.tables, "table", "tables");
  add_part(parts, report.correlations, "correlation", "correlations");
  add_part(parts, report.measures, "measure", "measures");
  add_part(parts, report.claims, "claim", "claims");
  add_part(parts, report.checks, "check", "checks");
  add_part(parts, report.scenarios, "scenario", "scenarios");
  return parts.empty() ? "no declarations" : fmt::format("{}", fmt::join(parts, ", "));
}

void add_wrapped(std::string& out, const std::string& text, const Look& look) {
  for (const std::string& line : wrap(text, look.width - 2)) out += "  " + line + "\n";
}

std::string render_inputs(const CheckReport& report, const Look& look) {
  if (report.inputs.empty()) return "";
  Table table{{{"uncertain input", false, true}, {"fitted family", false, true}}, {}};
  for (const InputLine& input : report.inputs) {
    const std::string name = input.unit == "1" ? input.name : input.name + ", " + input.unit;
    if (look.plain) {
      table.rows.push_back({name, input.family, input.origin});
    } else {
      table.rows.push_back({name, input.family + "; " + input.origin});
    }
  }
  return "\n" + render(table, look);
}

std::string render_checks(const CheckReport& report, const Look& look) {
  if (report.check_lines.empty()) return "";
  const Context& context = report.context;
  std::string out = context.single ? std::string("\nchecks, in one run\n")
                                   : fmt::format("\nchecks, in {} draws\n", grouped(context.draws));
  auto mark = [&look](bool holds) {
    if (!look.color) return holds ? "ok  " : "FAIL";
    return holds ? "\x1b[32mok\x1b[0m  " : "\x1b[31mFAIL\x1b[0m";
  };
  for (const CheckLine& check : report.check_lines) {
    out += fmt::format("  {}  {}", mark(check.violations == 0), check.name);
    if (check.violations > 0) {
      if (!context.single) {
        out += fmt::format(": fails in {} draws, first in draw {}", grouped(check.violations),
                           check.first_draw);
      }
      if (!context.is_static) out += " at " + exact_time(check.first_time, context.calendar);
    } else if (!check.title.empty()) {
      out +=
          ": " + shorten(check.title, look.width - std::min(look.width, 10 + width_of(check.name)));
    }
    out += '\n';
  }
  return out;
}

}  // namespace

CheckReport make_check_report(const model::Model& model, size_t warnings) {
  CheckReport report;
  report.model = model.name;
  report.title = model.title;
  for (const model::Variable& variable : model.variables) count(model, variable, report);
  report.tables = model.tables.size();
  report.measures = static_cast<size_t>(
      std::ranges::count_if(model.measures, [](const auto& m) { return !m.made; }));
  report.claims = model.claims.size();
  report.checks = model.checks.size();
  report.scenarios = model.scenarios.size();
  report.correlations = model.correlations.size();
  report.warnings = warnings;
  report.clock = clock_in_words(model.clock);
  for (const model::Input& input : model.inputs) {
    const model::Variable& variable = model[input.variable];
    report.inputs.push_back(
        {input.name, variable.unit_text, input.distribution.describe(), origin_of(variable)});
  }
  report.evidence = evidence_of(model);
  return report;
}

void add_run(CheckReport& report, const RunReport& run) {
  report.context = run.context;
  report.check_lines = run.checks;
}

std::string render(const CheckReport& report, const Look& look) {
  std::string out =
      report.title.empty() ? report.model : fmt::format("{}: {}", report.model, report.title);
  out += "\n";
  add_wrapped(out, parts_in_words(report), look);
  add_wrapped(out, report.clock, look);
  std::string provenance =
      fmt::format("inputs: {} sourced, {} assumed, {} unsourced", report.sourced,
                  report.evidence.assumed.size(), report.evidence.unsourced.size());
  for (size_t i = 0; i < report.evidence.unsourced.size() && i < kMostNames; ++i) {
    provenance += (i == 0 ? ": " : ", ") + report.evidence.unsourced[i];
  }
  if (report.evidence.unsourced.size() > kMostNames) provenance += ", ...";
  add_wrapped(out, provenance, look);
  return out + render_inputs(report, look) + render_checks(report, look);
}

}  // namespace headrace::report
