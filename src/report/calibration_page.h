#pragma once

// A page on what a calibration found and how far to trust it: the verdict, each reading against the
// model before and after, the inputs that moved, the chains, and a table of all inputs. It needs
// nothing but itself and follows the reader's choice of light or dark.

#include <string>

#include "report/run_report.h"
#include "study/calibration/assessment.h"

namespace headrace::report {

std::string calibration_to_html(const study::Assessment& assessment, const Context& context);

}  // namespace headrace::report
