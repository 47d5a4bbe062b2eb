#pragma once

// Results for people: text for terminals, Markdown for drafts.

#include <string>

#include "report/layout.h"
#include "report/run_report.h"

namespace headrace::report {

struct RunTableOptions {
  bool plot = false;
  bool show_measures = true;
};

// A headline, a chart or a short table for each series, the measures, what it rests on.
std::string render_run(const RunReport& report, const Look& look, const RunTableOptions& options);
std::string run_to_markdown(const RunReport& report);

// Claim by claim: the words, the odds, the model's range, who said it and what it rests on.
std::string render_claims(const RunReport& report, const Look& look);
std::string claims_to_markdown(const RunReport& report);

}  // namespace headrace::report
