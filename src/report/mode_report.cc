#include "report/mode_report.h"

#include <fmt/format.h>

#include <cmath>

#include "report/csv.h"
#include "report/json_parts.h"
#include "report/numbers.h"

namespace headrace::report {
namespace {

Table input_table(const ModeReport& report) {
  Table table{{{"input", false, true}, {"before", true}, {"most likely", true}, {"moved by", true}},
              {}};
  for (const ModeReport::Input& i : report.inputs) {
    table.rows.push_back({i.name, rounded(i.before), rounded(i.value) + unit_suffix(i.unit),
                          fmt::format("{:+.2f} sd", i.score)});
  }
  return table;
}

Table observation_table(const ModeReport& report) {
  Table table{{{"observation", false, true}, {"seen", true}, {"model", true}}, {}};
  for (const ModeReport::Observation& o : report.observations) {
    table.rows.push_back({o.text, std::isnan(o.reading) ? "-" : rounded(o.reading),
                          rounded(o.value) + unit_suffix(o.unit == "1" ? "" : o.unit)});
  }
  return table;
}

std::string summary(const ModeReport& report) {
  return fmt::format(
      "Log likelihood {:.2f}; {} of {} searches ended there. The most likely point is "
      "no summary of what else is likely: that is the posterior, without --mode.",
      report.log_likelihood, report.agreeing, report.starts);
}

}  // namespace

std::string render(const ModeReport& report, const Look& look) {
  std::string out;
  if (!look.plain) {
    out += ends(report.context.title.empty() ? report.context.model : report.context.title,
                fmt::format("{}, {} observations, {} inputs, seed {}",
                            variant_in_words(report.context), report.observations.size(),
                            report.inputs.size(), report.context.seed),
                look.width) +
           "\n";
  }
  out += render(input_table(report), look) + "\n" + render(observation_table(report), look);
  if (look.plain) return out;
  out += "\n";
  for (const std::string& line : wrap(summary(report), look.width)) out += line + "\n";
  return out;
}

std::string to_markdown(const ModeReport& report) {
  return fmt::format("# Most likely values of {}\n\n{}\n\n{}\n{}", report.context.model,
                     summary(report), render_markdown(input_table(report)),
                     render_markdown(observation_table(report)));
}

std::string to_csv(const ModeReport& report) {
  std::string out = "input,unit,prior_median,mode,score\n";
  for (const ModeReport::Input& i : report.inputs) {
    out += fmt::format("{},{},{},{},{}\n", csv_cell(i.name), csv_cell(i.unit), exact(i.before),
                       exact(i.value), exact(i.score));
  }
  return out;
}

std::string to_json(const ModeReport& report) {
  Json out = short_head("headrace.mode/1", report.context);
  out["log_likelihood"] = number(report.log_likelihood);
  out["searches"] = report.starts;
  out["agreeing"] = report.agreeing;
  out["inputs"] = Json::array();
  for (const ModeReport::Input& i : report.inputs) {
    out["inputs"].push_back({{"name", i.name},
                             {"unit", i.unit},
                             {"prior_median", number(i.before)},
                             {"mode", number(i.value)},
                             {"score", number(i.score)}});
  }
  out["observations"] = Json::array();
  for (const ModeReport::Observation& o : report.observations) {
    out["observations"].push_back({{"text", o.text},
                                   {"unit", o.unit},
                                   {"reading", number(o.reading)},
                                   {"model", number(o.value)}});
  }
  out["warnings"] = report.context.warnings;
  return to_text(out);
}

}  // namespace headrace::report
