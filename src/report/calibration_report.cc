#include "report/calibration_report.h"

#include <fmt/format.h>

#include <cmath>

#include "report/csv.h"
#include "report/json_parts.h"
#include "report/numbers.h"

namespace headrace::report {

std::string median_and_range(const study::Spread5& s) {
  return fmt::format("{} ({} to {})", rounded(s.p50), rounded(s.p5), rounded(s.p95));
}

std::string count(double value) {
  return std::isfinite(value) ? grouped(static_cast<uint64_t>(value)) : "-";
}

namespace {

using study::Assessment;
using study::FittedInput;
using study::FittedObservation;
using study::Spread5;

Table input_table(const Assessment& assessment) {
  Table table{{{"input", false, true},
               {"before (9 in 10)", false},
               {"after (9 in 10)", false},
               {"overlap", true},
               {"R-hat", true},
               {"draws", true}},
              {}};
  for (const FittedInput& input : assessment.inputs) {
    table.rows.push_back({input.name, median_and_range(input.prior),
                          median_and_range(input.posterior),
                          fmt::format("{:.0f} %", 100 * input.overlap),
                          fmt::format("{:.3f}", input.convergence.rhat),
                          count(std::min(input.convergence.ess_bulk, input.convergence.ess_tail))});
  }
  return table;
}

std::string place(const FittedObservation& observation) {
  if (std::isnan(observation.place)) return "-";
  const double p = observation.place;
  const bool far = p < 0.025 || p > 0.975;
  return fmt::format("{:.0f} in 100 below{}", 100 * p, far ? "  far out" : "");
}

std::string seen(const FittedObservation& observation) {
  if (std::isnan(observation.reading)) return "-";
  std::string text = rounded(observation.reading);
  if (observation.widen > 1.005)
    text += fmt::format(" (error x {:.2g}: sources disagree)", observation.widen);
  return text;
}

Table observation_table(const Assessment& assessment) {
  Table table{{{"observation", false, true},
               {"seen", true},
               {"calibrated (9 in 10)", false},
               {"readings of the model", false}},
              {}};
  for (const FittedObservation& o : assessment.observations) {
    table.rows.push_back({o.text + unit_suffix(o.unit.empty() || o.unit == "1" ? "" : o.unit),
                          seen(o), median_and_range(o.quantity), place(o)});
  }
  return table;
}

Json spread_json(const Spread5& s) {
  return {{"mean", number(s.mean)},
          {"sd", number(s.sd)},
          {"p5", number(s.p5)},
          {"p50", number(s.p50)},
          {"p95", number(s.p95)}};
}

}  // namespace

std::string calibration_summary(const Assessment& a) {
  return fmt::format(
      "{}: R-hat at most {:.3f}; effective draws at least {} in the bulk and {} in the tails, of "
      "{} from {} chains. Log evidence {:.2f} over {} stages; {:.0f} % of the proposals accepted; "
      "{} evaluations.",
      a.converged ? "The chains agree" : "THE CHAINS DO NOT AGREE YET", a.worst_rhat,
      count(a.least_bulk), count(a.least_tail), grouped(a.kept), a.chains, a.log_evidence, a.stages,
      100 * a.accepted, grouped(a.evaluations));
}

std::vector<std::string> calibration_remarks(const Assessment& a) {
  std::vector<std::string> out;
  for (const FittedInput& input : a.inputs) {
    if (std::fabs(input.pull) > 2.5) {
      out.push_back(fmt::format(
          "{} went {:.1f} standard deviations away from what was assumed before: is its range too "
          "narrow, or the model wrong?",
          input.name, std::fabs(input.pull)));
    }
  }
  return out;
}

std::string render(const Assessment& assessment, const Context& context, const Look& look) {
  std::string out = fmt::format(
      "{}\n\n",
      ends(context.title.empty() ? context.model : context.title,
           fmt::format("{}, {} observations, {} inputs, seed {}", variant_in_words(context),
                       assessment.observations.size(), assessment.inputs.size(), context.seed),
           look.width));
  out += render(input_table(assessment), look) + "\n";
  out += render(observation_table(assessment), look) + "\n";
  for (const std::string& line : wrap(calibration_summary(assessment), look.width))
    out += line + "\n";
  for (const std::string& remark : calibration_remarks(assessment)) {
    for (const std::string& line : wrap(remark, look.width)) out += line + "\n";
  }
  return out;
}

std::string calibration_to_markdown(const Assessment& assessment, const Context& context) {
  std::string out =
      fmt::format("# Calibration of {}\n\n{}\n\n", context.model, calibration_summary(assessment));
  out += "## Inputs\n\n" + render_markdown(input_table(assessment));
  out += "\n## Observations\n\n" + render_markdown(observation_table(assessment));
  for (const std::string& remark : calibration_remarks(assessment)) out += "\n- " + remark + "\n";
  return out;
}

std::string calibration_to_csv(const Assessment& assessment) {
  std::string out =
      "input,unit,prior_mean,prior_sd,mean,sd,p5,p50,p95,rhat,ess_bulk,ess_tail,overlap\n";
  for (const FittedInput& i : assessment.inputs) {
    out +=
        fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_cell(i.name), csv_cell(i.unit),
                    exact(i.prior.mean), exact(i.prior.sd), exact(i.posterior.mean),
                    exact(i.posterior.sd), exact(i.posterior.p5), exact(i.posterior.p50),
                    exact(i.posterior.p95), exact(i.convergence.rhat),
                    exact(i.convergence.ess_bulk), exact(i.convergence.ess_tail), exact(i.overlap));
  }
  return out;
}

std::string calibration_to_json(const Assessment& a, const Context& context) {
  Json out = short_head("headrace.calibration/1", context);
  out["converged"] = a.converged;
  out["rhat"] = number(a.worst_rhat);
  out["ess_bulk"] = number(a.least_bulk);
  out["ess_tail"] = number(a.least_tail);
  out["draws"] = a.kept;
  out["chains"] = a.chains;
  out["steps"] = a.steps;
  out["accepted"] = number(a.accepted);
  out["log_evidence"] = number(a.log_evidence);
  out["stages"] = a.stages;
  out["evaluations"] = a.evaluations;
  out["inputs"] = Json::array();
  for (const FittedInput& i : a.inputs) {
    out["inputs"].push_back({{"name", i.name},
                             {"unit", i.unit},
                             {"prior", spread_json(i.prior)},
                             {"posterior", spread_json(i.posterior)},
                             {"rhat", number(i.convergence.rhat)},
                             {"ess_bulk", number(i.convergence.ess_bulk)},
                             {"ess_tail", number(i.convergence.ess_tail)},
                             {"overlap", number(i.overlap)},
                             {"pull", number(i.pull)}});
  }
  out["observations"] = Json::array();
  for (const FittedObservation& o : a.observations) {
    out["observations"].push_back({{"text", o.text},
                                   {"unit", o.unit},
                                   {"reading", number(o.reading)},
                                   {"quantity", spread_json(o.quantity)},
                                   {"widened", number(o.widen)},
                                   {"place", number(o.place)},
                                   {"sources", o.sources}});
  }
  out["warnings"] = context.warnings;
  return to_text(out);
}

}  // namespace headrace::report
