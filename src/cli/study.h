#pragma once

// What the commands that study a model have in common.

#include <string>
#include <vector>

#include "cli/session.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "report/run_report.h"
#include "workbench/laboratory.h"

namespace headrace::cli {

// `headrace COMMAND MODEL WORD...`: the model may be left out in its folder or said by -m.
struct Words {
  Arguments args;                 // as given, with MODEL alone as positional word
  std::vector<std::string> rest;  // what follows
};
// Ends the command unless so many words follow MODEL.
Words split_words(const Arguments& args, size_t expected, const char* what);

// Settings for the runs of a study. `draws` unless the command line says how many; studies of
// none are refused.
workbench::RunSettings study_settings(const Arguments& args, uint64_t draws, Progress& progress);

// The inputs in the draws of such a run, those of its posterior included.
study::Columns inputs_of(const model::Model& model, const workbench::RunSettings& settings);

// The answer of a study, or the end of the command when it was interrupted or refused.
template <class T>
T finish(base::Result<std::optional<T>> result);

// 6 when a larger share of the runs failed than --max-failed allows, else 0. Says why.
int failed_verdict(const Arguments& args, uint64_t failed, uint64_t runs);

// As --format says.
template <class Report>
std::string in_format(const Report& report, const Arguments& args) {
  switch (args.format.value_or(Format::kTable)) {
    case Format::kCsv:
      return to_csv(report);
    case Format::kJson:
      return to_json(report);
    case Format::kMarkdown:
      return to_markdown(report);
    case Format::kTable:
    case Format::kNetcdf:  // refused by check_output
      break;
  }
  return render(report, look_of(args));
}

template <class T>
T finish(base::Result<std::optional<T>> result) {
  auto done = or_end(std::move(result));
  if (!done) throw Ended{signal_exit_code()};
  return std::move(*done);
}

}  // namespace headrace::cli
