#pragma once

// Why a variable is what it is: the causal trace, what binds, and the loops through it.

#include <string>
#include <vector>

#include "report/layout.h"
#include "report/run_report.h"
#include "report/study_context.h"
#include "study/trace/contributions.h"
#include "study/trace/loops.h"

namespace headrace::report {

// A line of the trace, with those below it.
struct TraceLine {
  std::string name, unit, kind;  // kind: stock, flow, input ...
  model::Type type = model::Type::kNumber;
  bool has_contribution = false;
  double contribution = 0;  // mean, in the unit of the line above
  double share = 0;         // of what the line above changed by
  bool has_values = false;
  double before = 0, after = 0, change = 0;  // medians, and the mean change
  std::vector<std::string> notes;            // what binds, sources
  double residual = 0;
  std::vector<TraceLine> below;
};

struct LoopLine {
  std::string name;  // R1, B2
  std::vector<std::string> path;
  bool through = false;
  double relative = 0, leads = 0;  // at the moment asked for
  std::vector<double> relative_over_time, leads_over_time;
};

struct ExplainReport {
  Context context;
  std::string variable, title, at, from;  // from: a moment, or the first scenario's name
  std::string to_scenario;                // else ""
  TraceLine trace;
  std::vector<double> times;  // of the loops' scores
  std::vector<LoopLine> loops;
  std::string loops_searched;
};

TraceLine trace_line(const model::Model& model, const study::Trace& trace);
std::vector<LoopLine> loop_lines(const model::Model& model, const study::LoopScores& scores);

std::string render(const ExplainReport& report, const Look& look);
std::string to_csv(
    const ExplainReport& report);  // of the trace; of the loops when `times` are many
std::string to_markdown(const ExplainReport& report);
std::string to_json(const ExplainReport& report);  // schema headrace.explain/1

}  // namespace headrace::report
