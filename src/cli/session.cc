#include "cli/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "cli/exit_code.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "ir/lower.h"
#include "model/resolve.h"
#include "report/numbers.h"
#include "syntax/syntax.h"
#include "text/diagnostic.h"
#include "workbench/posterior.h"

namespace headrace::cli {
namespace {

constexpr uint64_t kDefaultDraws = 100'000;

void print_diagnostics(const text::Diagnostics& diagnostics, const text::SourceSet& sources,
                       const Arguments& args) {
  const std::string text = text::render(diagnostics, sources, color_on_stderr(args));
  if (diagnostics.has_errors() || !args.quiet) std::fputs(text.c_str(), stderr);
}

std::vector<std::string> unique(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (const std::string& word : words) {
    if (seen.insert(word).second) out.push_back(word);
  }
  return out;
}

const char* design_name(math::Design design) {
  switch (design) {
    case math::Design::kMonteCarlo:
      return "mc";
    case math::Design::kLatinHypercube:
      return "lhs";
    case math::Design::kSobol:
      return "sobol";
  }
  return "mc";
}

}  // namespace

std::string model_path(const Arguments& args) {
  if (args.words.size() > 1) {
    end_with(kUsage, fmt::format("one MODEL is enough; '{}' is a second\n  see: headrace help {}",
                                 args.words[1], args.command));
  }
  if (!args.words.empty()) return args.words[0];
  if (!args.model.empty()) return args.model;
  const auto files = workbench::model_files(".");
  if (!files || files->empty()) {
    end_with(kUsage,
             fmt::format("which model? There is no .hr file here\n  usage: headrace {} MODEL",
                         args.command));
  }
  return "";
}

Session open_session(const Arguments& args, const std::string& path) {
  Session session;
  const auto open = [&](const workbench::Numbers& numbers) {
    session.project = or_end(
        workbench::open(path, {}, {args.data.begin(), args.data.end()}, args.data_root, numbers));
  };
  open({});
  const workbench::Numbers numbers = workbench::settling_numbers(*session.project, args.set);
  std::vector<std::string> overlays;
  for (const std::string& set : args.set) {
    if (workbench::settling_numbers(*session.project, {set}).empty()) overlays.push_back(set);
  }
  if (!numbers.empty()) open(numbers);
  for (const std::string& word : args.scenarios) {
    const auto stack = or_end(workbench::find_scenarios(*session.project, word));
    session.scenarios.insert(session.scenarios.end(), stack.begin(), stack.end());
  }
  for (const std::string& set : overlays) {
    session.overlays.push_back(or_end(workbench::parse_set(*session.project, set)));
  }
  if (!args.at.empty() && args.variables.empty()) {
    end_with(kUsage, "--at needs --var: which variables at that moment?");
  }
  session.moments =
      or_end(workbench::ask_moments(*session.project, unique(args.variables), unique(args.at)));
  for (const std::string& text : unique(args.asserts)) {
    session.assertions.push_back(or_end(workbench::ask_assertion(*session.project, text)));
  }
  return session;
}

model::Model resolve(Session& session, const Arguments& args) {
  return resolve(session, args, session.scenarios);
}

model::Model resolve(Session& session, const Arguments& args,
                     const std::vector<std::string>& scenarios) {
  text::Diagnostics diagnostics;
  auto model = workbench::resolve(*session.project, {scenarios, session.overlays}, diagnostics);
  // Models of other tools seldom have all their units right; only a check goes into it.
  // Nor does a run of such a model need to hear what nothing uses.
  const bool foreign = workbench::is_loose(*session.project) && args.command != "check";
  const size_t dropped = foreign ? diagnostics.drop_warnings(text::Kind::kUnitMismatch) : 0;
  if (foreign) diagnostics.drop_warnings(text::Kind::kUnused);
  print_diagnostics(diagnostics, session.project->sources, args);
  if (dropped > 0 && model && !args.quiet) {
    fmt::print(stderr, "headrace: {} place{} where units do not fit; 'headrace check' shows {}\n",
               dropped, dropped == 1 ? "" : "s", dropped == 1 ? "it" : "them");
  }
  if (!model) throw Ended{kInvalid};
  return std::move(*model);
}

std::shared_ptr<const study::Posterior> posterior_for(const model::Model& model,
                                                      const Arguments& args) {
  if (args.posterior.empty()) return nullptr;
  if (args.draws == uint64_t{0}) {
    end_with(kUsage, "--posterior needs draws, and --draws 0 asks for none");
  }
  const auto fitted = or_end(workbench::fit_posterior(args.posterior, model));
  for (const std::string& remark : fitted.remarks) warn(remark);
  return fitted.posterior;
}

uint64_t draws_of(const Arguments& args, const model::Model& model) {
  return args.draws.value_or(model.loose_units && model.inputs.empty() ? 0 : kDefaultDraws);
}

run::RunResult simulate(const workbench::Compiled& compiled, const Arguments& args) {
  Progress progress(args, "simulating");
  workbench::RunSettings settings;
  settings.backend = args.backend;
  settings.abandon_compilation = true;  // see main()
  settings.options.draws = draws_of(args, compiled.model);
  settings.options.seed = args.seed;
  settings.options.threads = args.threads;
  settings.options.design = args.design;
  settings.options.progress = progress.callback();
  settings.options.stop = &stop_requested();
  settings.posterior = posterior_for(compiled.model, args);
  auto result = or_end(workbench::run(compiled, settings));
  if (!result) throw Ended{signal_exit_code()};
  if (args.verbose) {
    say(fmt::format("{} in {:.1f} ms ({}), compiled in {:.1f} ms, summarised in {:.1f} ms",
                    compiled.model.name, result->run_ms, result->backend, result->compile_ms,
                    result->summary_ms));
  }
  return std::move(*result);
}

report::RunReportOptions report_options(const Session& session, const Arguments& args) {
  report::RunReportOptions options;
  options.hash = session.project->hash();
  options.scenarios = session.scenarios;
  options.set = args.set;
  options.design = design_name(args.design);
  options.moments = session.moments;
  for (const workbench::Assertion& assertion : session.assertions) {
    if (assertion.name.starts_with("--assert ")) options.hidden.push_back(assertion.name);
  }
  return options;
}

void print_warnings(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) warn(warning);
}

int verdict(const Session& session, const Arguments& args, const model::Model& model,
            const run::RunResult& result) {
  const double share = static_cast<double>(result.failed) / static_cast<double>(result.draws);
  if (result.draws > 0 && share > args.max_failed) {
    say(result.single
            ? std::string("the run failed; its numbers are not finite")
            : fmt::format("{:.3g} % of the draws failed, more than --max-failed allows ({:.3g} %)",
                          100 * share, 100 * args.max_failed));
    return kNumerical;
  }
  int code = kDone;
  for (const workbench::Assertion& assertion : session.assertions) {
    const workbench::Verdict verdict = workbench::judge(assertion, model, result);
    if (verdict.holds) continue;
    say(fmt::format("not true: {} (it is {})", assertion.text, report::exact(verdict.value)));
    code = kAssertFalse;
  }
  return code;
}

int dump(Session& session, const Arguments& args) {
  workbench::Project& project = *session.project;
  if (args.dump == "tokens") {
    text::Diagnostics diagnostics;
    for (text::SourceId file : project.files) {
      write_result(args, syntax::dump_tokens(project.sources, file, diagnostics));
    }
    print_diagnostics(diagnostics, project.sources, args);
    return diagnostics.has_errors() ? kInvalid : kDone;
  }
  if (args.dump == "tree") {
    write_result(args, syntax::dump(project.tree));
    print_diagnostics(project.diagnostics, project.sources, args);
    return project.diagnostics.has_errors() ? kInvalid : kDone;
  }
  model::Model model = resolve(session, args);
  if (args.dump == "model") {
    write_result(args, model::dump(model));
    return kDone;
  }
  std::vector<model::VarId> outputs;
  for (const workbench::Pick& pick : or_end(workbench::find_outputs(model, args.variables))) {
    if (pick.variable.valid()) outputs.push_back(pick.variable);
  }
  const workbench::Compiled compiled = workbench::compile(std::move(model), outputs);
  if (args.dump == "ir") {
    write_result(args, ir::dump(*compiled.program));
    return kDone;
  }
  write_result(args, or_end(workbench::llvm_text(*compiled.program)));
  return kDone;
}

}  // namespace headrace::cli
