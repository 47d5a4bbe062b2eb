#include "workbench/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "report/numbers.h"
#include "study/calibration/likelihood.h"
#include "study/calibration/problem.h"
#include "syntax/syntax.h"
#include "workbench/questions.h"

namespace headrace::workbench {
namespace {

using base::Error;
using report::WatchReport;

// Odds nearer to 0 or 1 leave nothing to learn about whether a claim holds.
constexpr double kSure = 0.005;
constexpr const char* kUtility = "watch/utility";

std::string measure_of(const std::string& id) { return "watch/" + id; }

std::vector<std::string> claim_ids(const Project& project) {
  std::vector<std::string> out;
  for (syntax::StatementId id : project.tree.top_level) {
    const auto* claim = std::get_if<syntax::ClaimDecl>(&project.tree[id].node);
    if (claim) out.push_back(claim->name.text);
  }
  return out;
}

// `A7` stands for A7a, A7b, ... and for itself when there is one.
std::vector<std::string> questions_named(const std::vector<std::string>& claims,
                                         const std::string& word) {
  std::vector<std::string> out;
  for (const std::string& id : claims) {
    const bool part = id.size() == word.size() + 1 && id.starts_with(word) && id.back() >= 'a' &&
                      id.back() <= 'z';
    if (id == word || part) out.push_back(id);
  }
  if (out.empty()) out.push_back(word);
  return out;
}

std::unexpected<Error> usage(const std::string& message) {
  return base::fail(Error::Kind::kUsage, message);
}

base::Result<text::Date> date_of(const std::string& option, const std::string& text) {
  const auto date = text::parse_date(text);
  if (!date) return usage(fmt::format("{} '{}': expected a date, as in 2025-06-30", option, text));
  return *date;
}

void add_measure(Project& project, const std::string& place, const std::string& name,
                 const std::string& unit, const std::string& expression) {
  add_statements(project, place,
                 fmt::format("measure {}{} = {}\n", syntax::print_name(name),
                             unit.empty() ? "" : " : " + unit, in_the_language(expression)));
}

const WatchLine* find_line(const std::vector<WatchLine>& lines, const std::string& id) {
  const auto found = std::ranges::find(lines, id, &WatchLine::id);
  return found == lines.end() ? nullptr : &*found;
}

std::vector<std::string> ids_of(const std::vector<WatchLine>& lines) {
  std::vector<std::string> ids;
  for (const WatchLine& line : lines) ids.push_back(line.id);
  return ids;
}

base::Result<void> keep_only(std::vector<WatchLine>& lines, const std::vector<std::string>& only) {
  for (const std::string& id : only) {
    if (!find_line(lines, id)) return std::unexpected(not_found("indicator", id, ids_of(lines)));
  }
  if (only.empty()) return {};
  std::erase_if(
      lines, [&](const WatchLine& line) { return std::ranges::find(only, line.id) == only.end(); });
  return {};
}

base::Result<WatchAsked::Logged> parse_log(const std::vector<WatchLine>& lines,
                                           const std::string& text) {
  const auto wrong = [&](const std::string& why) {
    return usage(fmt::format("--log '{}': {}", text, why));
  };
  const size_t equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0) {
    return wrong("expected INDICATOR=READING, as in 'yield=0.45 sd 0.05'");
  }
  WatchAsked::Logged out;
  out.id = text.substr(0, equals);
  const char* begin = text.data() + equals + 1;
  const char* const all = text.data() + text.size();
  const auto [end, failure] = std::from_chars(begin, all, out.reading);
  if (failure != std::errc() || !std::isfinite(out.reading)) return wrong("expected a number");
  const WatchLine* line = find_line(lines, out.id);
  if (!lines.empty() && !line)
    return std::unexpected(not_found("indicator", out.id, ids_of(lines)));
  std::string rest(end, all);
  rest.erase(0, std::min(rest.find_first_not_of(' '), rest.size()));
  const auto error = parse_reading_error(rest);
  if (!error) return wrong(error.error().message);
  out.error = rest.empty() && line ? line->error : *error;
  if (out.error.form == study::ReadingError::Form::kNone) {
    return wrong(fmt::format("how far may it be off? Say so, as in '{} sd 0.05' or '{} gsd 1.2'",
                             text, text));
  }
  if (out.error.form == study::ReadingError::Form::kLognormal && !(out.reading > 0)) {
    return wrong("a reading with a relative error is above 0");
  }
  return out;
}

base::Result<DecisionLine> find_decision(Project& project, const WatchOptions& options) {
  const auto known = read_decisions(project);
  if (!known) return std::unexpected(known.error());
  const auto found = std::ranges::find(*known, options.decide, &DecisionLine::id);
  DecisionLine out;
  if (found != known->end()) out = *found;
  if (found == known->end()) {
    if (options.decide.find(',') == std::string::npos) {
      std::vector<std::string> ids;
      for (const DecisionLine& line : *known) ids.push_back(line.id);
      Error error = not_found("decision", options.decide, ids);
      error.message += "\n  or name scenarios: --decide base,other --utility EXPRESSION";
      return std::unexpected(error);
    }
    out.id = options.decide;
    for (size_t at = 0; at <= options.decide.size();) {
      const size_t next = std::min(options.decide.find(',', at), options.decide.size());
      out.options.push_back(options.decide.substr(at, next - at));
      at = next + 1;
    }
  }
  if (!options.utility.empty()) out.utility = options.utility, out.unit.clear();
  if (out.utility.empty()) {
    return usage(
        "what is the decision good for? Say so: --utility EXPRESSION (--minimise when less "
        "is better)");
  }
  return out;
}

base::Result<void> ask_decision(Project& project, WatchAsked& asked) {
  auto decision = find_decision(project, asked.options);
  if (!decision) return std::unexpected(decision.error());
  for (const std::string& option : decision->options) {
    auto stack = find_scenarios(project, option);
    if (!stack) return std::unexpected(stack.error());
    asked.other.push_back(stack->empty() ? -1 : static_cast<int>(asked.others.size()));
    if (!stack->empty()) asked.others.push_back(std::move(*stack));
  }
  add_measure(project, "utility", kUtility, decision->unit, decision->utility);
  asked.decision = std::move(*decision);
  return {};
}

base::Result<void> ask_questions(Project& project, WatchAsked& asked) {
  const std::vector<std::string> claims = claim_ids(project);
  std::vector<std::string> words = asked.options.learn;
  asked.overview = words.empty() && !asked.decision;
  if (asked.overview) words = claims;
  if (words.empty() && !asked.decision) {
    return usage(
        "the model has no claims: say what to learn about, --learn OUTPUT, or what to "
        "decide, --decide WHAT");
  }
  for (const std::string& word : words) {
    for (const std::string& name : questions_named(claims, word)) {
      const auto is_it = [&](const AskedTarget& asked_for) { return asked_for.word == name; };
      if (std::ranges::any_of(asked.questions, is_it)) continue;  // `A2` and `A2c`, both said
      auto target = ask_target(project, name, "");
      if (!target) return std::unexpected(target.error());
      asked.questions.push_back(std::move(*target));
    }
  }
  return {};
}

// ---------------------------------------------------------------- answers

const std::vector<double>* values_of(const model::Model& model, const run::RunResult& result,
                                     const std::string& measure) {
  for (size_t m = 0; m < model.measures.size(); ++m) {
    if (model.measures[m].name + model.measures[m].member == measure)
      return &result.measures[m].values;
  }
  return nullptr;
}

const model::Measure* find_measure(const model::Model& model, const std::string& name) {
  for (const model::Measure& measure : model.measures) {
    if (measure.name + measure.member == name) return &measure;
  }
  return nullptr;
}

// Without a list: every measure of the text.
std::vector<WatchLine> own_lines(const model::Model& model, const WatchAsked& asked) {
  std::vector<WatchLine> out;
  for (const model::Measure& measure : model.measures) {
    const std::string name = measure.name + measure.member;
    const bool is_question =
        std::ranges::any_of(asked.questions, [&](const auto& q) { return q.measure == name; });
    if (measure.made || is_question || name == kUtility || measure.type == model::Type::kBoolean)
      continue;
    WatchLine line;
    line.id = name, line.title = measure.title;
    out.push_back(std::move(line));
  }
  return out;
}

// The observations of the model that became known after a day.
std::vector<uint32_t> known_since(const model::Model& model, text::Date day) {
  std::vector<uint32_t> out;
  for (uint32_t o = 0; o < model.observations.size(); ++o) {
    const auto known = study::known_at(model, model.observations[o]);
    if (known && *known > text::to_years(day)) out.push_back(o);
  }
  return out;
}

std::vector<double> log_likelihoods(const model::Model& model, const study::Asked& asked,
                                    const run::RunResult& result) {
  const model::Observation& observation = model.observations[asked.observation];
  std::vector<double> out;
  for (size_t d = 0; d < result.draws; ++d) {
    out.push_back(study::log_likelihood(observation, study::seen(observation, asked, result, d),
                                        asked.widen));
  }
  return out;
}

WatchReport::Indicator describe(const WatchAsked& asked, const WatchLine& line,
                                const model::Measure& measure) {
  WatchReport::Indicator out;
  out.id = line.id, out.title = line.title, out.reads = line.reads;
  out.unit = measure.unit_text, out.source = line.source, out.note = line.note;
  out.type = measure.type;
  if (out.title.empty()) out.title = measure.title;
  out.every_months = line.every_months;
  out.exact = line.error.form == study::ReadingError::Form::kNone;
  if (const auto next = next_release(line, asked.as_of)) {
    out.next = text::iso(*next);
    out.late = asked.by && *next > *asked.by;
  }
  return out;
}

// One run a model, with shared draws. Nothing when stopped.
base::Result<std::optional<std::vector<run::RunResult>>> run_all(
    const std::vector<model::Model>& models, const RunSettings& settings) {
  std::vector<run::RunResult> results;
  for (size_t m = 0; m < models.size(); ++m) {
    RunSettings part = settings;
    if (settings.options.progress) {
      part.options.progress = [&, m](double done) {
        const auto all = static_cast<double>(models.size());
        settings.options.progress((static_cast<double>(m) + done) / all);
      };
    }
    auto result = run(compile(models[m], {}), part);
    if (!result) return std::unexpected(result.error());
    if (!*result) return std::optional<std::vector<run::RunResult>>();
    results.push_back(std::move(**result));
  }
  return std::optional(std::move(results));
}

// The measure that an indicator reads.
std::string read_by(const WatchAsked& asked, const std::string& id) {
  return asked.lines.empty() ? id : measure_of(id);
}

// What is put together from the run of the model as it stands.
struct Gathered {
  const WatchAsked& asked;
  const model::Model& model;
  const run::RunResult& result;
  WatchReport report;
  study::WatchColumns columns;

  std::string name(const std::string& id) const { return read_by(asked, id); }
};

base::Result<void> gather_indicators(Gathered& all) {
  std::vector<WatchLine> lines = all.asked.lines;
  if (lines.empty()) {
    lines = own_lines(all.model, all.asked);
    auto kept = keep_only(lines, all.asked.options.only);
    if (!kept) return kept;
  }
  if (lines.empty()) {
    return base::fail(Error::Kind::kInvalid,
                      "there is nothing to watch: the model has neither a watch.csv nor measures");
  }
  for (const WatchLine& line : lines) {
    const model::Measure* measure = find_measure(all.model, all.name(line.id));
    if (!measure) {
      return base::fail(
          Error::Kind::kInvalid,
          fmt::format("the indicator '{}' reads an array; name one element", line.id));
    }
    all.report.indicators.push_back(describe(all.asked, line, *measure));
    all.columns.indicators.push_back({line.id, *values_of(all.model, all.result, all.name(line.id)),
                                      line.error, all.report.indicators.back().late});
  }
  return {};
}

base::Result<void> gather_questions(Gathered& all) {
  for (const AskedTarget& question : all.asked.questions) {
    const auto target = find_target(all.model, question);
    if (!target) return std::unexpected(target.error());
    if (target->kind == study::Target::Kind::kClaim) {
      const model::Claim& claim = all.model.claims[target->index];
      const run::AnswerResult& answer = all.result.claims[target->index];
      const bool sure = answer.odds < kSure || answer.odds > 1 - kSure;
      if (sure && !all.asked.overview) {
        all.report.questions.push_back({claim.id, claim.title, claim.unit_text, claim.type, false,
                                        answer.odds, claim.measure_text});
        all.columns.questions.push_back({answer.values, false});
      } else {
        all.report.questions.push_back({claim.id, claim.title, "", claim.type, true});
        all.columns.questions.push_back({answer.holds, true});
      }
    } else {
      const model::Measure& measure = all.model.measures[target->index];
      all.report.questions.push_back(
          {question.word, measure.title, measure.unit_text, measure.type, false});
      all.columns.questions.push_back({all.result.measures[target->index].values, false});
    }
  }
  return {};
}

base::Result<void> add_utilities(Gathered& all, const std::vector<model::Model>& models,
                                 const std::vector<run::RunResult>& results) {
  const WatchAsked& asked = all.asked;
  if (!asked.decision) return {};
  for (size_t o = 0; o < asked.other.size(); ++o) {
    const auto m = static_cast<size_t>(asked.other[o] + 1);
    std::vector<double> utility = *values_of(models[m], results[m], kUtility);
    for (double& u : utility) {
      if (std::isinf(u)) {
        return base::fail(Error::Kind::kInvalid,
                          fmt::format("the utility is infinite in some futures of '{}', so options "
                                      "cannot be compared by their mean",
                                      asked.decision->options[o]));
      }
      if (asked.options.minimise) u = -u;
    }
    all.columns.utilities.push_back(std::move(utility));
  }
  all.report.decision = {asked.decision->id,      asked.decision->title,
                         asked.decision->utility, find_measure(all.model, kUtility)->unit_text,
                         asked.options.minimise,  asked.decision->options};
  return {};
}

base::Result<void> add_readings(Gathered& all, const std::vector<study::Asked>& observed) {
  std::vector<double>& weights = all.columns.log_weights;
  const auto add = [&weights](const std::vector<double>& log_likelihoods) {
    weights.resize(log_likelihoods.size());
    for (size_t d = 0; d < weights.size(); ++d) weights[d] += log_likelihoods[d];
  };
  for (const WatchAsked::Logged& logged : all.asked.logged) {
    const auto* quantity = values_of(all.model, all.result, all.name(logged.id));
    if (!quantity) {
      std::vector<std::string> ids;
      for (const auto& indicator : all.report.indicators) ids.push_back(indicator.id);
      return std::unexpected(not_found("indicator", logged.id, ids));
    }
    add(study::log_likelihoods(*quantity, logged.error, logged.reading));
    all.report.readings.push_back(fmt::format("{} = {}", logged.id, report::exact(logged.reading)));
  }
  for (const study::Asked& one : observed) {
    add(log_likelihoods(all.model, one, all.result));
    all.report.readings.push_back(all.model.observations[one.observation].text);
  }
  return {};
}

Error nothing_left(const study::WatchColumns& columns) {
  if (!columns.log_weights.empty()) {
    return {Error::Kind::kInvalid,
            "no future agrees with these readings; are their units those of the watch list?"};
  }
  return {Error::Kind::kInvalid, fmt::format("fewer than {} futures have an answer; ask for more "
                                             "--draws",
                                             study::kFewestDraws)};
}

}  // namespace

base::Result<WatchAsked> ask_watch(Project& project, const WatchOptions& options) {
  WatchAsked asked;
  asked.options = options;
  const auto as_of = date_of("--as-of", options.as_of);
  if (!as_of) return std::unexpected(as_of.error());
  asked.as_of = *as_of;
  for (auto [name, text, into] : {std::tuple("--by", &options.by, &asked.by),
                                  std::tuple("--since", &options.since, &asked.since)}) {
    if (text->empty()) continue;
    const auto date = date_of(name, *text);
    if (!date) return std::unexpected(date.error());
    *into = *date;
  }
  auto lines = read_watch_list(project, options.list);
  if (!lines) return std::unexpected(lines.error());
  for (const std::string& text : options.log) {
    const auto logged = parse_log(*lines, text);
    if (!logged) return std::unexpected(logged.error());
    asked.logged.push_back(*logged);
  }
  for (const WatchLine& line : *lines) {
    add_measure(project, "watch.csv, " + line.id, measure_of(line.id), line.unit, line.reads);
  }
  if (!lines->empty()) {
    if (auto kept = keep_only(*lines, options.only); !kept) return std::unexpected(kept.error());
  }
  asked.lines = std::move(*lines);
  if (!options.decide.empty()) {
    if (auto done = ask_decision(project, asked); !done) return std::unexpected(done.error());
  }
  if (auto done = ask_questions(project, asked); !done) return std::unexpected(done.error());
  return asked;
}

base::Result<std::optional<WatchRuns>> run_watch(std::vector<model::Model> models,
                                                 const RunSettings& settings) {
  auto results = run_all(models, settings);
  if (!results) return std::unexpected(results.error());
  if (!*results) return std::optional<WatchRuns>();
  for (size_t m = 1; m < models.size(); ++m) {
    for (size_t i = 0; i < models[m].measures.size(); ++i) {
      const model::Measure& measure = models[m].measures[i];
      if (measure.name + measure.member != kUtility) (**results)[m].measures[i] = {};
    }
    (**results)[m].claims.clear();
  }
  return std::optional(WatchRuns{std::move(models), std::move(**results)});
}

namespace {

base::Result<WatchReport> put_together(const WatchAsked& asked, const WatchRuns& runs,
                                       const std::vector<study::Asked>& observed,
                                       const RunSettings& settings) {
  Gathered all{asked, runs.models[0], runs.results[0], {}, {}};
  all.columns.seed = settings.options.seed;
  all.columns.threads = settings.options.threads;
  for (const auto& step :
       {gather_indicators(all), gather_questions(all),
        add_utilities(all, runs.models, runs.results), add_readings(all, observed)}) {
    if (!step) return std::unexpected(step.error());
  }
  auto watched = study::watch(all.columns);
  if (!watched) return std::unexpected(nothing_left(all.columns));
  WatchReport& report = all.report;
  report.watch = std::move(*watched);
  report.overview = asked.overview;
  report.as_of = text::iso(asked.as_of);
  if (asked.by) report.by = text::iso(*asked.by);
  report.context.draws = all.result.draws;
  for (const run::RunResult& each : runs.results) report.context.failed += each.failed;
  report.context.warnings = report::warnings_of(all.model, all.result);
  return std::move(report);
}

}  // namespace

base::Result<WatchReport> answer_watch(const WatchAsked& asked, const WatchRuns& runs,
                                       const RunSettings& settings) {
  return put_together(asked, runs, {}, settings);
}

std::optional<WatchPairs> watch_pairs(const WatchAsked& asked, const WatchRuns& runs,
                                      const std::string& indicator, size_t question) {
  const model::Model& model = runs.models[0];
  const run::RunResult& result = runs.results[0];
  const auto* quantity = values_of(model, result, read_by(asked, indicator));
  if (!quantity || question >= asked.questions.size()) return std::nullopt;
  const auto target = find_target(model, asked.questions[question]);
  if (!target) return std::nullopt;
  const bool claim = target->kind == study::Target::Kind::kClaim;
  return WatchPairs{*quantity, claim ? result.claims[target->index].values
                                     : result.measures[target->index].values};
}

std::vector<uint32_t> draws_after(const WatchAsked& asked, const WatchRuns& runs, uint64_t seed) {
  Gathered all{asked, runs.models[0], runs.results[0], {}, {}};
  if (asked.logged.empty() || !add_readings(all, {})) return {};
  return study::resampled(study::normalized(all.columns.log_weights), seed);
}

base::Result<std::optional<WatchReport>> answer_watch(const WatchAsked& asked,
                                                      std::vector<model::Model> models,
                                                      const RunSettings& settings) {
  std::vector<study::Asked> observed;
  if (asked.since) {
    observed = study::ask_observations(models[0], known_since(models[0], *asked.since));
    study::widen_disagreeing(models[0], observed);
  }
  auto runs = run_watch(std::move(models), settings);
  if (!runs) return std::unexpected(runs.error());
  if (!*runs) return std::optional<WatchReport>();
  auto report = put_together(asked, **runs, observed, settings);
  if (!report) return std::unexpected(report.error());
  return std::optional(std::move(*report));
}

}  // namespace headrace::workbench
