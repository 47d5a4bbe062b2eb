#pragma once

// What the reports of studies begin with.

#include <string>

#include "report/run_report.h"

namespace headrace::report {

// What is asked about, with its unit: people's headline of a study.
std::string output_in_words(const std::string& title, const std::string& output,
                            const std::string& unit, const std::string& at);
// A context for studies that make runs of their own.
Context study_context(const model::Model& model, const RunReportOptions& options, uint64_t seed);

}  // namespace headrace::report
