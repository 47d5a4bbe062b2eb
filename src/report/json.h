#pragma once

// Results as JSON: one object, keys in a fixed order, numbers that read back to the same bits.
// What has no finite value is null; dates are ISO texts, and a date that never comes is null.

#include <string>

#include "report/audit_report.h"
#include "report/check_report.h"
#include "report/compare_report.h"
#include "report/run_report.h"

namespace headrace::report {

std::string to_json(const RunReport& report);         // schema headrace.run/1
std::string claims_to_json(const RunReport& report);  // schema headrace.claims/1
std::string to_json(const CompareReport& report);     // schema headrace.compare/1
std::string to_json(const CheckReport& report);       // schema headrace.check/1
std::string to_json(const AuditReport& report);       // schema headrace.audit/1

}  // namespace headrace::report
