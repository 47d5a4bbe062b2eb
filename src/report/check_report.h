#pragma once

// What a model is made of: its parts counted, its uncertain inputs with the fitted families, who
// says so, and whether its checks hold.

#include <string>
#include <vector>

#include "report/evidence.h"
#include "report/layout.h"
#include "report/run_report.h"

namespace headrace::report {

struct InputLine {
  std::string name, unit;
  std::string family;  // as fitted: lognormal(mu 1.52, sigma 0.257), 90 % 3 to 7
  std::string origin;  // `from` and source ids, `assumed`, or `unsourced`
};

struct CheckReport {
  std::string model, title;
  size_t stocks = 0, flows = 0, lets = 0, params = 0, data = 0, tables = 0, elements = 0;
  size_t measures = 0, claims = 0, checks = 0, scenarios = 0, correlations = 0, warnings = 0;
  std::string clock;  // in words
  std::vector<InputLine> inputs;
  Evidence evidence;   // of all inputs
  size_t sourced = 0;  // inputs with a source
  std::vector<CheckLine> check_lines;
  Context context;  // of the quick ensemble; draws == 0: none was run
};

CheckReport make_check_report(const model::Model& model, size_t warnings);
void add_run(CheckReport& report, const RunReport& run);

std::string render(const CheckReport& report, const Look& look);

}  // namespace headrace::report
