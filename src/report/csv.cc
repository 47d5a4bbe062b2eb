#include "report/csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/numbers.h"

namespace headrace::report {
namespace {

std::string value_cell(double value, model::Type type, bool calendar) {
  return type == model::Type::kDate ? exact_time(value, calendar) : exact(value);
}

std::string wide(const RunReport& report) {
  const bool calendar = report.context.calendar;
  std::string out = "time";
  for (const Series& series : report.series) out += "," + csv_cell(series.name);
  for (const Quantity& measure : report.measures) out += "," + csv_cell(measure.name);
  out += '\n';
  constexpr size_t kTypicalCell = 16;  // characters; room asked for once
  out.reserve(out.size() + report.times.size() * kTypicalCell *
                               (1 + report.series.size() + report.measures.size()));
  for (size_t save = 0; save < report.times.size(); ++save) {
    out += time_of(report.context, report.times[save]);
    for (const Series& series : report.series) {
      out += ',';
      out += value_cell(series.values[save], series.type, calendar);
    }
    for (const Quantity& measure : report.measures) {
      out += "," + value_cell(measure.spread.p50, measure.type, calendar);
    }
    out += '\n';
  }
  return out;
}

void add_row(std::string& out, const std::string& time, const std::string& name,
             const Spread& spread, model::Type type, const std::string& unit, bool calendar) {
  out += time + "," + name;
  for (double value : {spread.mean, spread.p5, spread.p25, spread.p50, spread.p75, spread.p95,
                       spread.p10, spread.p90}) {
    out += ',';
    out += value_cell(value, type, calendar);
  }
  out += "," + unit + "\n";
}

std::string long_form(const RunReport& report) {
  const bool calendar = report.context.calendar;
  std::string out = "time,variable,mean,p5,p25,p50,p75,p95,p10,p90,unit\n";
  std::vector<std::string> times;
  for (double time : report.times) times.push_back(time_of(report.context, time));
  for (const Series& series : report.series) {
    const std::string name = csv_cell(series.name), unit = csv_cell(series.unit);
    for (size_t save = 0; save < report.times.size(); ++save) {
      add_row(out, times[save], name, series.at(save), series.type, unit, calendar);
    }
  }
  for (const Quantity& moment : report.moments) {
    add_row(out, moment.at, csv_cell(moment.name), moment.spread, moment.type,
            csv_cell(moment.unit), calendar);
  }
  for (const Quantity& measure : report.measures) {
    add_row(out, "", csv_cell(measure.name), measure.spread, measure.type, csv_cell(measure.unit),
            calendar);
  }
  return out;
}

}  // namespace

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string to_csv(const RunReport& report) {
  return report.context.single && report.moments.empty() ? wide(report) : long_form(report);
}

std::string claims_to_csv(const RunReport& report) {
  const bool calendar = report.context.calendar;
  std::string out = "id,text,measure,unit,p5,p50,p95,odds,sources\n";
  for (const ClaimLine& claim : report.claims) {
    std::vector<std::string> cells = {claim.id, claim.text, claim.measure, claim.unit};
    for (double value : {claim.spread.p5, claim.spread.p50, claim.spread.p95}) {
      cells.push_back(value_cell(value, claim.type, calendar));
    }
    cells.push_back(exact(claim.odds));
    cells.push_back(fmt::format("{}", fmt::join(all_sources(claim), " ")));
    for (size_t c = 0; c < cells.size(); ++c) out += (c > 0 ? "," : "") + csv_cell(cells[c]);
    out += '\n';
  }
  return out;
}

}  // namespace headrace::report
