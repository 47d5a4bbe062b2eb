#include "report/run_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "base/check.h"
#include "base/undefined.h"
#include "report/numbers.h"
#include "report/study_context.h"

namespace headrace::report {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& word) {
  return std::find(names.begin(), names.end(), word) != names.end();
}

Context make_context(const model::Model& model, const run::RunResult& result,
                     const RunReportOptions& options) {
  Context context = study_context(model, options, result.seed);
  context.draws = result.draws;
  context.failed = result.failed;
  context.single = result.single;
  context.exact = result.exact;
  context.warnings = warnings_of(model, result);
  return context;
}

Spread answer_spread(const run::AnswerResult& answer, bool single) {
  if (!single) return spread_of(answer.band);
  const double value = answer.values.empty() ? NAN : answer.values[0];
  return {value, value, value, value, value, value, value, value};
}

Series make_series(const model::Model& model, const run::SeriesResult& result, bool single,
                   const std::vector<size_t>& saves) {
  const model::Variable& variable = model[result.variable];
  Series series{.name = result.name,
                .title = variable.title,
                .unit = variable.unit_text,
                .type = variable.type,
                .values = {},
                .spreads = {},
                .variable = variable.name,
                .element = result.element};
  if (result.element == 0) {
    for (const model::DimId dim : variable.dims)
      series.axes.push_back({model[dim].name, model[dim].members});
  }
  if (single) series.values.reserve(saves.size());
  for (size_t save : saves) {
    if (single) {
      series.values.push_back(result.values[save]);
    } else {
      series.spreads.push_back(spread_of(result.bands[save]));
    }
  }
  return series;
}

// The elements of a variable that have a value: those that no equation defines are in no answer.
class Defined {
 public:
  explicit Defined(const model::Model& model) : model_(model) {}

  bool operator()(const run::SeriesResult& series) {
    const auto [place, first] = missing_.try_emplace(series.variable.index);
    if (first) place->second = undefined_elements(model_, series.variable);
    return !place->second.contains(series.element);
  }

 private:
  static std::set<size_t> undefined_elements(const model::Model& model, model::VarId id) {
    const model::Variable& variable = model[id];
    std::set<size_t> elements;
    for (size_t e = 0; e < variable.values.size(); ++e) {
      if (variable.values[e] == base::kUndefined) elements.insert(e);
    }
    const bool stock = variable.kind == model::VarKind::kStock;
    for (const model::Piece& piece : stock ? variable.initial : variable.pieces) {
      const auto* value = std::get_if<model::Constant>(&model[piece.value].node);
      if (value && value->value == base::kUndefined) add_elements(model, variable, piece, elements);
    }
    return elements;
  }

  static void add_elements(const model::Model& model, const model::Variable& variable,
                           const model::Piece& piece, std::set<size_t>& elements) {
    std::vector<size_t> flat{0};
    for (size_t d = 0; d < variable.dims.size(); ++d) {
      std::vector<size_t> next;
      for (const size_t before : flat) {
        for (const uint32_t position : model[piece.indexes[d]].positions)
          next.push_back(before * model[variable.dims[d]].members.size() + position);
      }
      flat = std::move(next);
    }
    elements.insert(flat.begin(), flat.end());
  }

  const model::Model& model_;
  std::unordered_map<uint32_t, std::set<size_t>> missing_;  // by variable
};

// The results that an output's name means: an element, or all elements of a variable.
class Outputs {
 public:
  Outputs(const model::Model& model, const run::RunResult& result) {
    for (const run::SeriesResult& series : result.series) {
      const std::string& variable = model[series.variable].name;
      named_[variable].push_back(&series);
      if (series.name != variable) named_[series.name].push_back(&series);
    }
  }
  const std::vector<const run::SeriesResult*>& operator[](const std::string& name) {
    return named_[name];
  }

 private:
  std::unordered_map<std::string, std::vector<const run::SeriesResult*>> named_;
};

Quantity make_quantity(const model::Measure& measure, const run::AnswerResult& answer, bool single,
                       bool keep_draws) {
  Quantity quantity;
  quantity.name = measure.name + measure.member;
  quantity.title = measure.title;
  quantity.unit = measure.unit_text;
  quantity.type = measure.type;
  quantity.spread = answer_spread(answer, single);
  if (keep_draws) quantity.draws = answer.values;
  return quantity;
}

void add_measures(const model::Model& model, const run::RunResult& result,
                  const RunReportOptions& options, RunReport& report) {
  for (size_t m = 0; m < model.measures.size(); ++m) {
    const model::Measure& measure = model.measures[m];
    if (measure.made) continue;
    Quantity quantity =
        make_quantity(measure, result.measures[m], result.single, options.keep_draws);
    const auto asked = std::find_if(
        options.moments.begin(), options.moments.end(),
        [&measure](const AskedMoment& moment) { return moment.measure == measure.name; });
    if (asked != options.moments.end()) {
      quantity.name = asked->output + measure.member;
      quantity.at = asked->at;
      if (const auto id = model.find(asked->output)) quantity.title = model[*id].title;
      report.moments.push_back(std::move(quantity));
    } else if (!contains(options.hidden, measure.name)) {
      report.measures.push_back(std::move(quantity));
    }
  }
}

void add_claims(const model::Model& model, const run::RunResult& result,
                const RunReportOptions& options, RunReport& report) {
  for (size_t c = 0; c < model.claims.size(); ++c) {
    const model::Claim& claim = model.claims[c];
    if (contains(options.hidden, claim.id)) continue;
    ClaimLine line;
    line.id = claim.id;
    line.text = claim.title;
    line.measure = claim.measure_text;
    line.unit = claim.unit_text;
    line.type = claim.type;
    line.spread = answer_spread(result.claims[c], result.single);
    for (const model::Against& other : claim.against) {
      const model::Measure& side = model.measures[other.measure];
      line.against.push_back({other.text, side.unit_text, side.type,
                              answer_spread(result.measures[other.measure], result.single)});
    }
    line.odds = result.claims[c].odds;
    line.stated_in = claim.sources;
    for (const std::string& id : claim.sources) line.stated_titles.push_back(title_of(model, id));
    const std::vector<model::ExprId> roots = {claim.measure, claim.condition};
    line.rests_on = evidence_of(model, roots);
    for (const std::string& id : line.rests_on.sources) {
      line.rests_on_titles.push_back(title_of(model, id));
    }
    line.assumed = claim.assumed.value_or("");
    line.note = claim.note.value_or("");
    report.claims.push_back(std::move(line));
  }
}

Evidence evidence_of_report(const model::Model& model, const RunReportOptions& options) {
  std::vector<model::ExprId> answers;
  std::vector<model::VarId> outputs;
  std::unordered_map<std::string_view, model::VarId> variables;
  for (size_t i = 0; i < model.variables.size() && !options.outputs.empty(); ++i)
    variables.emplace(model.variables[i].name, model::VarId(i));
  for (const std::string_view name : options.outputs) {
    const std::string_view array = name.substr(0, name.find('['));
    for (const std::string_view known : {name, array}) {
      const auto found = variables.find(known);
      if (found == variables.end()) continue;
      outputs.push_back(found->second);
      break;
    }
  }
  if (!outputs.empty()) return evidence_of(model, outputs);
  for (const model::Measure& measure : model.measures) {
    if (!measure.made) answers.push_back(measure.value);
  }
  return answers.empty() ? evidence_of(model) : evidence_of(model, answers);
}

}  // namespace

std::vector<std::string> all_sources(const ClaimLine& claim) {
  std::vector<std::string> sources = claim.stated_in;
  for (const std::string& id : claim.rests_on.sources) {
    if (!contains(sources, id)) sources.push_back(id);
  }
  return sources;
}

Spread Series::at(size_t save) const {
  if (!spreads.empty()) return spreads[save];
  const double value = values[save];
  return {value, value, value, value, value, value, value, value};
}

RunReport make_run_report(const model::Model& model, const run::RunResult& result,
                          const RunReportOptions& options) {
  RunReport report;
  report.context = make_context(model, result, options);
  std::vector<size_t> saves;
  for (size_t save = 0; save < result.times.size(); ++save) {
    // Half a step of room, so that rounding of a date never loses its row.
    const double room = model.clock.step * 1e-6;
    if (result.times[save] < options.from - room || result.times[save] > options.to + room)
      continue;
    saves.push_back(save);
    report.times.push_back(result.times[save]);
  }
  Defined defined(model);
  if (options.outputs.empty()) {
    for (const run::SeriesResult& series : result.series) {
      if (defined(series))
        report.series.push_back(make_series(model, series, result.single, saves));
    }
  }
  Outputs outputs(model, result);
  for (const std::string& name : options.outputs) {
    const std::vector<const run::SeriesResult*>& asked = outputs[name];
    const size_t before = report.series.size();
    for (const run::SeriesResult* series : asked) {
      if (defined(*series))
        report.series.push_back(make_series(model, *series, result.single, saves));
    }
    if (!asked.empty() && report.series.size() == before)
      report.context.warnings.push_back(
          fmt::format("'{}' has no value: no equation defines it", name));
  }
  add_measures(model, result, options, report);
  add_claims(model, result, options, report);
  for (size_t c = 0; c < model.checks.size(); ++c) {
    const run::CheckResult& check = result.checks[c];
    report.checks.push_back({model.checks[c].name, model.checks[c].title, check.violations,
                             check.first_draw, check.first_time});
  }
  report.failures = result.failures;
  report.evidence = evidence_of_report(model, options);
  return report;
}

Spread spread_of(const summary::Band& band) {
  CHECK(band.quantiles.size() == 7);  // RunOptions::probabilities
  const std::vector<double>& q = band.quantiles;
  return {band.mean, q[0], q[1], q[2], q[3], q[4], q[5], q[6]};
}

Spread spread_of(const std::vector<double>& values) {
  return spread_of(summary::summarize(values, run::RunOptions().probabilities));
}

std::vector<std::string> warnings_of(const model::Model& model, const run::RunResult& result) {
  std::vector<std::string> warnings;
  if (result.failed > 0) {
    std::string text = fmt::format("{} of {} draws failed and {} left out", grouped(result.failed),
                                   grouped(result.draws), result.failed == 1 ? "is" : "are");
    if (!result.failures.empty()) {
      const run::Failure& first = result.failures.front();
      text += fmt::format(": in draw {} '{}' has no finite value", first.draw, first.variable);
      if (!model.clock.is_static) {
        text += fmt::format(" at {}", exact_time(first.time, model.clock.calendar));
      }
    }
    warnings.push_back(std::move(text));
  }
  for (size_t c = 0; c < model.checks.size(); ++c) {
    const run::CheckResult& check = result.checks[c];
    if (check.violations == 0) continue;
    std::string text = fmt::format("check '{}' does not hold", model.checks[c].name);
    if (!result.single) {
      text += fmt::format(" in {} of {} draws, first in draw {}", grouped(check.violations),
                          grouped(result.draws), check.first_draw);
    }
    if (!model.clock.is_static) {
      text += fmt::format(" at {}", exact_time(check.first_time, model.clock.calendar));
    }
    warnings.push_back(std::move(text));
  }
  return warnings;
}

std::string time_of(const Context& context, double time) {
  return context.is_static ? "0" : exact_time(time, context.calendar);
}

std::string shown(double value, model::Type type, bool calendar) {
  if (std::isnan(value)) return "no value";
  if (type == model::Type::kDate) return rounded_time(value, calendar);
  if (type == model::Type::kBoolean && (value == 0 || value == 1))
    return value == 1 ? "true" : "false";
  return rounded(value);
}

std::string variant_in_words(const Context& context) {
  std::vector<std::string> parts = context.scenarios;
  parts.insert(parts.end(), context.set.begin(), context.set.end());
  return parts.empty() ? "base" : fmt::format("{}", fmt::join(parts, " + "));
}

std::string run_in_words(const Context& context) {
  if (context.single) return variant_in_words(context) + ", one run";
  return fmt::format("{}, {} draws, seed {}", variant_in_words(context), grouped(context.draws),
                     context.seed);
}

}  // namespace headrace::report
