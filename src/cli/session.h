#pragma once

// What the commands that run a model have in common, one call a phase. Each function prints what
// is wrong and ends the command when it cannot go on.

#include <memory>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "report/run_report.h"
#include "workbench/questions.h"
#include "workbench/workbench.h"

namespace headrace::cli {

struct Session {
  std::unique_ptr<workbench::Project> project;
  std::vector<std::string> scenarios;          // as stacked
  std::vector<syntax::OverlayEntry> overlays;  // --set
  std::vector<report::AskedMoment> moments;
  std::vector<workbench::Assertion> assertions;
};

// Reads the model at `path` ("" is the current folder) and puts the questions of the command line
// to it: --scenario, --set, --at, --assert.
Session open_session(const Arguments& args, const std::string& path);

// The only positional word, -m, or "" in a model folder.
std::string model_path(const Arguments& args);

// Resolves with the session's scenarios, or others. Prints diagnostics.
model::Model resolve(Session& session, const Arguments& args);
model::Model resolve(Session& session, const Arguments& args,
                     const std::vector<std::string>& scenarios);

// The posterior that --posterior names, or null. Warns of inputs that it does not fit any more.
std::shared_ptr<const study::Posterior> posterior_for(const model::Model& model,
                                                      const Arguments& args);

// As many as asked, else very many; 0, which is one run, for a model of another tool in which
// nothing but noise is uncertain, since that is how its own tool runs it.
uint64_t draws_of(const Arguments& args, const model::Model& model);

run::RunResult simulate(const workbench::Compiled& compiled, const Arguments& args);

report::RunReportOptions report_options(const Session& session, const Arguments& args);

void print_warnings(const std::vector<std::string>& warnings);

// The exit code of a run that went through: 6 when too many draws failed, 7 when an assertion is
// false, else 0. Says why.
int verdict(const Session& session, const Arguments& args, const model::Model& model,
            const run::RunResult& result);

// Prints the form of the model that --dump names.
int dump(Session& session, const Arguments& args);

}  // namespace headrace::cli
