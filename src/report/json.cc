#include "report/json.h"

#include <cmath>

#include "report/json_parts.h"
#include "report/numbers.h"

namespace headrace::report {

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json value(double value, model::Type type, bool calendar) {
  if (type == model::Type::kDate && calendar && std::isfinite(value)) {
    return exact_time(value, calendar);
  }
  return number(value);
}

Json quantiles(const Spread& s, model::Type type, bool calendar) {
  Json out;
  out["p5"] = value(s.p5, type, calendar);
  out["p10"] = value(s.p10, type, calendar);
  out["p25"] = value(s.p25, type, calendar);
  out["p50"] = value(s.p50, type, calendar);
  out["p75"] = value(s.p75, type, calendar);
  out["p90"] = value(s.p90, type, calendar);
  out["p95"] = value(s.p95, type, calendar);
  return out;
}

Json head(const char* schema, const Context& context) {
  Json out;
  out["schema"] = schema;
  out["model"] = {{"name", context.model}, {"title", context.title}, {"hash", context.hash}};
  out["scenario"] = {{"base", "current"}, {"names", context.scenarios}, {"set", context.set}};
  out["draws"] = context.draws;
  out["failed"] = context.failed;
  out["seed"] = context.seed;
  out["design"] = context.design;
  out["single"] = context.single;
  out["exact"] = context.exact;
  return out;
}

Json short_head(const char* schema, const Context& context) {
  return {{"schema", schema},     {"model", context.model},
          {"hash", context.hash}, {"scenarios", context.scenarios},
          {"set", context.set},   {"seed", context.seed}};
}

// Names may hold any bytes that the model's text held; broken UTF-8 is replaced.
std::string to_text(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

namespace {

Json result(const Quantity& quantity, const char* kind, bool calendar) {
  Json out;
  out["output"] = quantity.name;
  out["kind"] = kind;
  if (!quantity.title.empty()) out["title"] = quantity.title;
  if (!quantity.at.empty()) out["at"] = quantity.at;
  out["unit"] = quantity.unit;
  out["mean"] = value(quantity.spread.mean, quantity.type, calendar);
  out["quantiles"] = quantiles(quantity.spread, quantity.type, calendar);
  return out;
}

Json claim(const ClaimLine& claim, bool calendar) {
  Json out;
  out["id"] = claim.id;
  out["text"] = claim.text;
  out["measure"] = claim.measure;
  out["unit"] = claim.unit;
  out["p5"] = value(claim.spread.p5, claim.type, calendar);
  out["p50"] = value(claim.spread.p50, claim.type, calendar);
  out["p95"] = value(claim.spread.p95, claim.type, calendar);
  for (const OtherSide& side : claim.against) {
    out["against"].push_back({{"text", side.text},
                              {"unit", side.unit},
                              {"p5", value(side.spread.p5, side.type, calendar)},
                              {"p50", value(side.spread.p50, side.type, calendar)},
                              {"p95", value(side.spread.p95, side.type, calendar)}});
  }
  out["odds"] = number(claim.odds);
  out["sources"] = all_sources(claim);
  out["stated_in"] = claim.stated_in;
  out["rests_on"] = {{"sources", claim.rests_on.sources},
                     {"assumed", claim.rests_on.assumed},
                     {"unsourced", claim.rests_on.unsourced}};
  for (const HangsOn& driver : claim.hangs_on) {
    out["hangs_on"].push_back({{"input", driver.input},
                               {"title", driver.title},
                               {"influence", number(driver.influence)},
                               {"guess", driver.guess}});
  }
  if (!claim.note.empty()) out["note"] = claim.note;
  return out;
}

Json claims(const RunReport& report) {
  Json out = Json::array();
  for (const ClaimLine& line : report.claims) out.push_back(claim(line, report.context.calendar));
  return out;
}

Json failures(const RunReport& report) {
  Json out = Json::array();
  for (const run::Failure& failure : report.failures) {
    out.push_back({{"draw", failure.draw},
                   {"variable", failure.variable},
                   {"time", value(failure.time, model::Type::kDate, report.context.calendar)}});
  }
  return out;
}

Json checks(const std::vector<CheckLine>& checks, bool calendar) {
  Json out = Json::array();
  for (const CheckLine& check : checks) {
    Json line = {{"name", check.name}, {"title", check.title}, {"violations", check.violations}};
    if (check.violations > 0) {
      line["first_draw"] = check.first_draw;
      line["first_time"] = value(check.first_time, model::Type::kDate, calendar);
    }
    out.push_back(std::move(line));
  }
  return out;
}

Json series(const RunReport& report) {
  const bool calendar = report.context.calendar;
  Json variables = Json::array();
  for (const Series& line : report.series) {
    Json out;
    out["name"] = line.name;
    if (!line.title.empty()) out["title"] = line.title;
    out["unit"] = line.unit;
    auto column = [&](const char* key, double Spread::*member) {
      Json values = Json::array();
      for (const Spread& spread : line.spreads) {
        values.push_back(value(spread.*member, line.type, calendar));
      }
      out[key] = std::move(values);
    };
    if (report.context.single) {
      Json values = Json::array();
      for (double v : line.values) values.push_back(value(v, line.type, calendar));
      out["values"] = std::move(values);
    } else {
      column("mean", &Spread::mean);
      column("p5", &Spread::p5);
      column("p10", &Spread::p10);
      column("p25", &Spread::p25);
      column("p50", &Spread::p50);
      column("p75", &Spread::p75);
      column("p90", &Spread::p90);
      column("p95", &Spread::p95);
    }
    variables.push_back(std::move(out));
  }
  Json times = Json::array();
  for (double time : report.times) {
    times.push_back(report.context.is_static ? Json(0) : value(time, model::Type::kDate, calendar));
  }
  Json out;
  out["time"] = std::move(times);
  out["time_unit"] = calendar ? "date" : report.context.time_unit;
  out["variables"] = std::move(variables);
  return out;
}

}  // namespace

std::string to_json(const RunReport& report) {
  const bool calendar = report.context.calendar;
  Json out = head("headrace.run/1", report.context);
  Json results = Json::array();
  for (const Quantity& moment : report.moments)
    results.push_back(result(moment, "moment", calendar));
  for (const Quantity& measure : report.measures) {
    results.push_back(result(measure, "measure", calendar));
  }
  out["results"] = std::move(results);
  out["claims"] = claims(report);
  out["checks"] = checks(report.checks, calendar);
  out["series"] = series(report);
  out["sources"] = report.evidence.sources;
  out["failures"] = failures(report);
  out["warnings"] = report.context.warnings;
  return to_text(out);
}

std::string claims_to_json(const RunReport& report) {
  const Context& context = report.context;
  Json out;
  out["schema"] = "headrace.claims/1";
  out["model"] = context.model;
  out["title"] = context.title;
  out["hash"] = context.hash;
  out["scenarios"] = context.scenarios;
  out["set"] = context.set;
  out["draws"] = context.draws;
  out["failed"] = context.failed;
  out["seed"] = context.seed;
  out["design"] = context.design;
  out["claims"] = claims(report);
  out["warnings"] = context.warnings;
  return to_text(out);
}

std::string to_json(const CompareReport& report) {
  const bool calendar = report.context.calendar;
  Json out = head("headrace.compare/1", report.context);
  out["versions"] = report.versions;
  Json results = Json::array();
  for (const ComparedQuantity& quantity : report.quantities) {
    Json line;
    line["output"] = quantity.name;
    if (!quantity.title.empty()) line["title"] = quantity.title;
    if (!quantity.at.empty()) line["at"] = quantity.at;
    line["unit"] = quantity.unit;
    Json values = Json::array(), differences = Json::array();
    for (size_t v = 0; v < report.versions.size(); ++v) {
      values.push_back({{"version", report.versions[v]},
                        {"mean", value(quantity.values[v].mean, quantity.type, calendar)},
                        {"quantiles", quantiles(quantity.values[v], quantity.type, calendar)}});
    }
    for (size_t v = 1; v < report.versions.size(); ++v) {
      const Difference& d = quantity.differences[v - 1];
      differences.push_back({{"version", report.versions[v]},
                             {"minus", report.versions[0]},
                             {"mean", number(d.spread.mean)},
                             {"quantiles", quantiles(d.spread, model::Type::kNumber, false)},
                             {"higher", number(d.higher)},
                             {"lower", number(d.lower)}});
    }
    line["values"] = std::move(values);
    line["differences"] = std::move(differences);
    results.push_back(std::move(line));
  }
  out["results"] = std::move(results);
  Json assumptions = Json::array();
  for (const Assumption& assumption : report.assumptions) {
    assumptions.push_back({{"name", assumption.name}, {"values", assumption.values}});
  }
  out["assumptions"] = std::move(assumptions);
  out["warnings"] = report.context.warnings;
  return to_text(out);
}

std::string to_json(const CheckReport& report) {
  Json out = head("headrace.check/1", report.context);
  out["parts"] = {{"stocks", report.stocks},
                  {"flows", report.flows},
                  {"lets", report.lets},
                  {"params", report.params},
                  {"data", report.data},
                  {"tables", report.tables},
                  {"correlations", report.correlations},
                  {"measures", report.measures},
                  {"claims", report.claims},
                  {"checks", report.checks},
                  {"scenarios", report.scenarios},
                  {"elements", report.elements}};
  out["clock"] = report.clock;
  out["provenance"] = {{"sourced", report.sourced},
                       {"assumed", report.evidence.assumed},
                       {"unsourced", report.evidence.unsourced},
                       {"sources", report.evidence.sources}};
  Json inputs = Json::array();
  for (const InputLine& input : report.inputs) {
    inputs.push_back({{"name", input.name},
                      {"unit", input.unit},
                      {"family", input.family},
                      {"origin", input.origin}});
  }
  out["inputs"] = std::move(inputs);
  out["checks"] = checks(report.check_lines, report.context.calendar);
  return to_text(out);
}

std::string to_json(const AuditReport& report) {
  Json out = head("headrace.audit/1", report.context);
  const auto inputs = [](const std::vector<AuditedInput>& list) {
    Json all = Json::array();
    for (const AuditedInput& input : list) {
      all.push_back({{"name", input.name},
                     {"unit", input.unit},
                     {"why", input.why},
                     {"influence", input.varies ? number(input.influence) : Json(nullptr)},
                     {"claim", input.claim}});
    }
    return all;
  };
  out["unsourced"] = inputs(report.unsourced);
  out["numbers"] = Json::array();
  for (const UntoldNumber& untold : report.untold)
    out["numbers"].push_back({{"name", untold.name}, {"place", untold.place}});
  out["assumed"] = inputs(report.guesses);
  out["sourced"] = inputs(report.sourced);
  out["conflicts"] = Json::array();
  for (const Conflict& conflict : report.conflicts) {
    Json rows = Json::array();
    for (size_t i = 0; i < conflict.rows.size(); ++i) {
      const RegisterRow& row = conflict.rows[i];
      rows.push_back({{"id", row.id},
                      {"low", number(row.low)},
                      {"high", number(row.high)},
                      {"unit", row.unit},
                      {"date", row.date},
                      {"used", bool(conflict.used[i])}});
    }
    out["conflicts"].push_back({{"question", conflict.question}, {"rows", rows}});
  }
  out["stale"] = Json::array();
  for (const StaleRow& stale : report.stale)
    out["stale"].push_back(
        {{"id", stale.row.id}, {"date", stale.row.date}, {"newer", stale.newer}});
  out["unused"] = report.unused;
  out["rows"] = report.rows;
  return to_text(out);
}

}  // namespace headrace::report
