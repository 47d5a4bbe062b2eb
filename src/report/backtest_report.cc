#include "report/backtest_report.h"

#include <fmt/format.h>

#include <cmath>

#include "report/csv.h"
#include "report/json_parts.h"
#include "report/numbers.h"
#include "study/backtest/score.h"

namespace headrace::report {
namespace {

using Origin = BacktestReport::Origin;
using Outcome = BacktestReport::Outcome;

std::string ratio(double ours, double theirs, size_t outcomes) {
  return outcomes == 0 || !(theirs > 0) ? "-" : fmt::format("{:.2f}", ours / theirs);
}

std::string difference(double ours, double theirs, size_t outcomes) {
  return outcomes == 0 ? "-" : fmt::format("{:+.2f}", ours - theirs);
}

std::vector<std::string> cells(const std::string& name, size_t known, const BacktestSummary& s) {
  return {name,
          fmt::format("{}", known),
          fmt::format("{}", s.outcomes),
          fmt::format("{}", s.in50),
          fmt::format("{}", s.in80),
          fmt::format("{}", s.in90),
          ratio(s.crps, s.crps_prior, s.outcomes),
          ratio(s.crps_there, s.crps_naive, s.compared),
          difference(s.log_there, s.log_naive, s.compared)};
}

Table summary_table(const BacktestReport& report) {
  Table table{{{"origin", false},
               {"known", true},
               {"outcomes", true},
               {"in 50%", true},
               {"in 80%", true},
               {"in 90%", true},
               {"CRPS / prior", true},
               {"CRPS / naive", true},
               {"log score - naive", true}},
              {}};
  for (const Origin& origin : report.origins) {
    table.rows.push_back(cells(origin.date, origin.known, summarize({origin})));
  }
  if (report.origins.size() > 1) {
    table.rows.push_back(cells("all", 0, summarize(report.origins)));
    table.rows.back()[1] = "";
  }
  return table;
}

std::string where(double place) {
  const bool out = !study::covers(place, 0.9);
  return fmt::format("{:.0f}{}", 100 * place, out ? " outside" : "");
}

Table outcome_table(const BacktestReport& report) {
  Table table{{{"origin", false},
               {"seen later", false, true},
               {"reading", true},
               {"forecast (9 in 10)", false},
               {"below, in 100", false}},
              {}};
  for (const Origin& origin : report.origins) {
    for (const Outcome& o : origin.outcomes) {
      table.rows.push_back({origin.date, o.text,
                            rounded(o.scores.reading) + unit_suffix(o.unit == "1" ? "" : o.unit),
                            fmt::format("{} ({} to {})", rounded(o.scores.p50),
                                        rounded(o.scores.p5), rounded(o.scores.p95)),
                            where(o.scores.model.place)});
    }
  }
  return table;
}

std::vector<std::string> remarks(const BacktestReport& report) {
  std::vector<std::string> out;
  if (report.origins.size() < report.asked) {
    out.push_back(
        fmt::format("STOPPED after {} of {} origins", report.origins.size(), report.asked));
  }
  for (const Origin& origin : report.origins) {
    if (!origin.calibrated) {
      out.push_back(
          fmt::format("{}: nothing was known yet; the model as it is assumed", origin.date));
    } else if (!origin.converged) {
      out.push_back(
          fmt::format("{}: the chains do not agree yet (R-hat {:.3f}, {:.0f} effective "
                      "draws); its scores are rough",
                      origin.date, origin.rhat, origin.ess));
    }
    if (origin.unscored > 0) {
      out.push_back(
          fmt::format("{}: {} later observation{} without a reading of fixed error {} not "
                      "scored",
                      origin.date, origin.unscored, origin.unscored == 1 ? "" : "s",
                      origin.unscored == 1 ? "is" : "are"));
    }
  }
  return out;
}

Json score_json(const study::Score& score) {
  return {{"place", number(score.place)},
          {"crps", number(score.crps)},
          {"log_score", number(score.log_score)}};
}

Json summary_json(const BacktestSummary& s) {
  return {{"outcomes", s.outcomes},
          {"in50", s.in50},
          {"in80", s.in80},
          {"in90", s.in90},
          {"crps", number(s.crps)},
          {"crps_prior", number(s.crps_prior)},
          {"log_score", number(s.log_score)},
          {"log_score_prior", number(s.log_prior)},
          {"compared", s.compared},
          {"crps_where_compared", number(s.crps_there)},
          {"crps_naive", number(s.crps_naive)},
          {"log_score_where_compared", number(s.log_there)},
          {"log_score_naive", number(s.log_naive)}};
}

Json origin_json(const Origin& origin) {
  Json outcomes = Json::array();
  for (const Outcome& o : origin.outcomes) {
    outcomes.push_back({{"text", o.text},
                        {"unit", o.unit},
                        {"reading", number(o.scores.reading)},
                        {"p5", number(o.scores.p5)},
                        {"p50", number(o.scores.p50)},
                        {"p95", number(o.scores.p95)},
                        {"model", score_json(o.scores.model)},
                        {"prior", score_json(o.scores.prior)},
                        {"naive", o.scores.naive ? score_json(*o.scores.naive) : Json(nullptr)}});
  }
  return {{"date", origin.date},
          {"until", origin.until},
          {"known", origin.known},
          {"unscored", origin.unscored},
          {"calibrated", origin.calibrated},
          {"converged", origin.converged},
          {"rhat", number(origin.rhat)},
          {"ess", number(origin.ess)},
          {"summary", summary_json(summarize({origin}))},
          {"outcomes", std::move(outcomes)}};
}

}  // namespace

BacktestSummary summarize(const std::vector<Origin>& origins) {
  BacktestSummary s;
  for (const Origin& origin : origins) {
    for (const Outcome& o : origin.outcomes) {
      ++s.outcomes;
      s.in50 += study::covers(o.scores.model.place, 0.5);
      s.in80 += study::covers(o.scores.model.place, 0.8);
      s.in90 += study::covers(o.scores.model.place, 0.9);
      s.crps += o.scores.model.crps, s.crps_prior += o.scores.prior.crps;
      s.log_score += o.scores.model.log_score, s.log_prior += o.scores.prior.log_score;
      if (!o.scores.naive) continue;
      ++s.compared;
      s.crps_there += o.scores.model.crps, s.crps_naive += o.scores.naive->crps;
      s.log_there += o.scores.model.log_score, s.log_naive += o.scores.naive->log_score;
    }
  }
  const auto n = static_cast<double>(s.outcomes), m = static_cast<double>(s.compared);
  for (double* sum : {&s.crps, &s.crps_prior, &s.log_score, &s.log_prior}) *sum /= n;
  for (double* sum : {&s.crps_there, &s.crps_naive, &s.log_there, &s.log_naive}) *sum /= m;
  return s;
}

std::string render(const BacktestReport& report, const Look& look) {
  std::string out;
  if (!look.plain) {
    out += ends("Backtest: " + report.context.title,
                fmt::format("{}, seed {}", variant_in_words(report.context), report.context.seed),
                look.width) +
           "\n";
  }
  out += render(summary_table(report), look);
  if (!look.plain) out += "\n";
  out += render(outcome_table(report), look);
  if (look.plain) return out;
  out += "\n";
  for (const std::string& line : wrap("CRPS: below 1 the calibrated model is the better forecast; "
                                      "log score: above 0. Both in units of "
                                      "each reading's error.",
                                      look.width)) {
    out += line + "\n";
  }
  for (const std::string& remark : remarks(report)) {
    for (const std::string& line : wrap(remark, look.width)) out += line + "\n";
  }
  return out;
}

std::string to_markdown(const BacktestReport& report) {
  std::string out =
      fmt::format("# Backtest of {}\n\n{}\n{}", report.context.model,
                  render_markdown(summary_table(report)), render_markdown(outcome_table(report)));
  for (const std::string& remark : remarks(report)) out += "\n- " + remark + "\n";
  return out;
}

std::string to_csv(const BacktestReport& report) {
  std::string out =
      "origin,until,observation,unit,reading,p5,p50,p95,place,crps,log_score,crps_prior,"
      "log_score_prior,crps_naive,log_score_naive\n";
  for (const Origin& origin : report.origins) {
    for (const Outcome& o : origin.outcomes) {
      const study::Outcome& s = o.scores;
      out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", origin.date,
                         origin.until, csv_cell(o.text), csv_cell(o.unit), exact(s.reading),
                         exact(s.p5), exact(s.p50), exact(s.p95), exact(s.model.place),
                         exact(s.model.crps), exact(s.model.log_score), exact(s.prior.crps),
                         exact(s.prior.log_score), s.naive ? exact(s.naive->crps) : "",
                         s.naive ? exact(s.naive->log_score) : "");
    }
  }
  return out;
}

std::string to_json(const BacktestReport& report) {
  Json out = short_head("headrace.backtest/1", report.context);
  Json origins = Json::array();
  for (const Origin& origin : report.origins) origins.push_back(origin_json(origin));
  out["origins"] = std::move(origins);
  if (report.origins.size() < report.asked) out["stopped_after"] = report.origins.size();
  out["all"] = summary_json(summarize(report.origins));
  out["warnings"] = report.context.warnings;
  return to_text(out);
}

}  // namespace headrace::report
