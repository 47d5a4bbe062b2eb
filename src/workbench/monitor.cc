#include "workbench/monitor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/study_context.h"

namespace headrace::workbench {
namespace {

using base::Error;

std::string key_of(const Live& live, const MonitorQuestion& question) {
  return fmt::format("{}|{}|{}|{}|{}|{}|{}", live.project().hash(), question.draws, question.seed,
                     version_key(question.version), fmt::join(question.watch.learn, "\t"),
                     question.watch.decide, question.watch.utility);
}

// The text that the page shows, whatever happened to the files since.
Drafts texts_of(const Project& project) {
  Drafts drafts;
  for (text::SourceId file : project.files) {
    const text::Source& source = project.sources[file];
    if (source.path.extension() == ".hr") drafts[source.path.string()] = source.text;
  }
  return drafts;
}

base::Result<model::Model> model_of(Live& live, Project& project, Question version,
                                    const std::vector<std::string>& more) {
  version.scenarios.insert(version.scenarios.end(), more.begin(), more.end());
  text::Diagnostics found;
  auto model = resolve(project, {version.scenarios, {}}, found);
  if (!model) return base::fail(Error::Kind::kInvalid, text::render(found, project.sources));
  if (auto changed = live.change(*model, version); !changed) {
    return std::unexpected(changed.error());
  }
  return std::move(*model);
}

base::Result<std::vector<model::Model>> models_of(Live& live, Project& project,
                                                  const Question& version,
                                                  const WatchAsked& asked) {
  std::vector<std::vector<std::string>> stacks = {{}};
  stacks.insert(stacks.end(), asked.others.begin(), asked.others.end());
  std::vector<model::Model> models;
  for (const auto& stack : stacks) {
    auto model = model_of(live, project, version, stack);
    if (!model) return std::unexpected(model.error());
    models.push_back(std::move(*model));
  }
  return models;
}

}  // namespace

base::Result<std::optional<MonitorAnswer>> Monitor::ask(Live& live, const std::string& path,
                                                        const MonitorQuestion& question,
                                                        const std::atomic<bool>& stop) {
  auto project = workbench::open(path, texts_of(live.project()));
  if (!project) return std::unexpected(project.error());
  MonitorAnswer answer;
  auto decisions = read_decisions(**project);
  if (!decisions) return std::unexpected(decisions.error());
  answer.decisions = std::move(*decisions);
  const auto asked = ask_watch(**project, question.watch);
  if (!asked) return std::unexpected(asked.error());
  answer.own_list = !asked->lines.empty();

  RunSettings settings;
  settings.backend = live.backend();
  settings.abandon_compilation = true;
  settings.options.draws = question.draws;
  settings.options.seed = question.seed;
  settings.options.threads = live.threads();
  settings.options.stop = &stop;
  auto posterior = live.posterior(question.version);
  if (!posterior) return std::unexpected(posterior.error());
  settings.posterior = std::move(*posterior);
  const std::string key = key_of(live, question);
  if (key != key_ || !runs_) {
    auto models = models_of(live, **project, question.version, *asked);
    if (!models) return std::unexpected(models.error());
    if (!is_uncertain(models->front())) {
      return base::fail(Error::Kind::kUsage,
                        "nothing is uncertain in this model, so no reading can tell anything");
    }
    runs_.reset();
    auto runs = run_watch(std::move(*models), settings);
    if (!runs) return std::unexpected(runs.error());
    if (!*runs) return std::optional<MonitorAnswer>();
    runs_ = std::move(**runs);
    key_ = key;
  }
  auto report = answer_watch(*asked, *runs_, settings);
  if (!report) return std::unexpected(report.error());
  report::Context context = report::study_context(runs_->models[0],
                                                  {.hash = live.project().hash(),
                                                   .scenarios = question.version.scenarios,
                                                   .set = {},
                                                   .design = "mc",
                                                   .outputs = {},
                                                   .moments = {},
                                                   .hidden = {}},
                                                  question.seed);
  context.draws = report->context.draws;
  context.failed = report->context.failed;
  context.warnings = report->context.warnings;
  report->context = std::move(context);
  answer.report = std::move(*report);
  answer.after = draws_after(*asked, *runs_, question.seed);
  if (!question.focus.empty()) answer.focus = watch_pairs(*asked, *runs_, question.focus, 0);
  return std::optional(std::move(answer));
}

}  // namespace headrace::workbench
