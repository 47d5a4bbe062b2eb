#pragma once

// What a calibration found, for people and machines.

#include <string>
#include <vector>

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

// `220k (166k to 290k)`: the median and nine in ten.
std::string median_and_range(const study::Spread5& spread);
// `13 784`, and `-` for what could not be told.
std::string count(double value);

// In words: how it went, and which inputs went where the prior did not expect them.
std::string calibration_summary(const study::Assessment& assessment);
std::vector<std::string> calibration_remarks(const study::Assessment& assessment);

}  // namespace headrace::report
