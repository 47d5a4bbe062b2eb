#pragma once

// Whose numbers a model runs on: those nobody answers for, the guesses, ranked by how much the
// claims hang on them; rows of the register that disagree, are old, or are not used.

#include <string>
#include <vector>

#include "report/layout.h"
#include "report/run_report.h"

namespace headrace::report {

// A row of the source register with its figures. An end that is not given is infinite.
struct RegisterRow {
  std::string id, title, question, unit, date;
  double low = 0, high = 0;
  bool has_value = false;
};

// A number in the model's text of which nobody says whose it is.
struct UntoldNumber {
  std::string name;
  std::string place;  // file:line
};

struct AuditedInput {
  std::string name, title, unit;
  std::string why;       // of a guess
  bool varies = false;   // has a distribution
  double influence = 0;  // largest squared rank correlation with the measure of a claim
  std::string claim;     // which claim that is
};

struct Conflict {
  std::string question;
  std::vector<RegisterRow> rows;  // by their figures, lowest first
  std::vector<bool> used;         // by the model, one a row
};

struct StaleRow {
  RegisterRow row;
  std::string newer;  // a later row that answers the same question, else ""
};

struct AuditReport {
  Context context;
  std::vector<UntoldNumber> untold;
  std::vector<AuditedInput> unsourced, guesses, sourced;  // most influential first
  std::vector<Conflict> conflicts;
  std::vector<StaleRow> stale;
  std::vector<std::string> unused;  // ids
  size_t rows = 0;                  // of the register
  bool clean() const { return untold.empty() && unsourced.empty(); }
};

// `inputs` are the values that the run drew, one column a Model::inputs. A row is stale when the
// model uses it and not a later one to the same question, or when it is more than three years
// older than the newest row.
AuditReport make_audit_report(const model::Model& model, const run::RunResult& result,
                              const std::vector<std::vector<double>>& inputs,
                              const std::vector<RegisterRow>& rows,
                              std::vector<UntoldNumber> untold, Context context);

std::string render(const AuditReport& report, const Look& look);

}  // namespace headrace::report
