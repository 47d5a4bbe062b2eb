#pragma once

// What a calibration found, for people and machines.

#include <string>

#include "report/layout.h"
#include "report/run_report.h"
#include "study/calibration/assessment.h"

namespace headrace::report {

std::string render(const study::Assessment& assessment, const Context& context, const Look& look);
std::string calibration_to_markdown(const study::Assessment& assessment, const Context& context);
// One row an input.
std::string calibration_to_csv(const study::Assessment& assessment);
// Schema headrace.calibration/1.
std::string calibration_to_json(const study::Assessment& assessment, const Context& context);

}  // namespace headrace::report
