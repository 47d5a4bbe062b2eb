#pragma once

// What to watch, from question to answer.
//
//   auto asked = ask_watch(*project, options);           // before resolving
//   models: the model as it stands, then one for each of asked->others
//   auto answer = answer_watch(*asked, models, settings);

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "report/watch_report.h"
#include "workbench/targets.h"
#include "workbench/watch_list.h"
#include "workbench/workbench.h"

namespace headrace::workbench {

struct WatchOptions {
  std::vector<std::string> learn;  // claims (`A7`: A7a, A7b, ...), measures, expressions
  std::string decide;              // a decision's id, or scenarios: `base,deny`
  std::string utility;             // for scenarios: an expression
  bool minimise = false;
  std::vector<std::string> only;  // ids of indicators; empty: all
  std::vector<std::string> log;   // `id=READING`, `id=READING gsd 1.2`
  std::string since, by, as_of;   // dates; `as_of` is there
  std::string list;               // a file; "": the model's own
};

struct WatchAsked {
  WatchOptions options;
  std::vector<WatchLine> lines;  // none: the model's measures
  std::vector<AskedTarget> questions;
  std::optional<DecisionLine> decision;
  std::vector<int> other;  // of each option: in `others`, -1: the model as it stands
  std::vector<std::vector<std::string>> others;  // stacks of scenarios
  struct Logged {
    std::string id;
    double reading = 0;
    study::ReadingError error;
  };
  std::vector<Logged> logged;
  text::Date as_of;
  std::optional<text::Date> by, since;
  bool overview = false;
};

base::Result<WatchAsked> ask_watch(Project& project, const WatchOptions& options);

// The runs behind an answer: of the model as it stands, then with each of `asked.others`. Readings
// that came out change nothing about them.
struct WatchRuns {
  std::vector<model::Model> models;
  std::vector<run::RunResult> results;  // of the others the utility alone
};
// Nothing when stopped.
base::Result<std::optional<WatchRuns>> run_watch(std::vector<model::Model> models,
                                                 const RunSettings& settings);
// Everything of the report but its context's words. `asked.since` is not looked at.
base::Result<report::WatchReport> answer_watch(const WatchAsked& asked, const WatchRuns& runs,
                                               const RunSettings& settings);

// What an indicator is in each draw beside the number that a question is about (of a claim: what it
// measures). Nothing when either is not there.
struct WatchPairs {
  std::vector<double> quantity, number;
};
std::optional<WatchPairs> watch_pairs(const WatchAsked& asked, const WatchRuns& runs,
                                      const std::string& indicator, size_t question);

// The draws that stand for all after the readings that were logged, some of them several times;
// without readings, or when none agrees, nothing.
std::vector<uint32_t> draws_after(const WatchAsked& asked, const WatchRuns& runs, uint64_t seed);

// `models`: the model as it stands, then with each of `asked.others`. Everything of the report but
// its context's words. Nothing when stopped.
base::Result<std::optional<report::WatchReport>> answer_watch(const WatchAsked& asked,
                                                              std::vector<model::Model> models,
                                                              const RunSettings& settings);

}  // namespace headrace::workbench
