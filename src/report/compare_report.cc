#include "report/compare_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "report/csv.h"
#include "report/numbers.h"

namespace headrace::report {
namespace {

Difference difference(const std::vector<double>& first, const std::vector<double>& later) {
  CHECK(first.size() == later.size());
  Difference out;
  std::vector<double> differences;
  uint64_t sound = 0, higher = 0, lower = 0;
  for (size_t draw = 0; draw < first.size(); ++draw) {
    if (std::isnan(first[draw]) || std::isnan(later[draw])) continue;
    ++sound;
    higher += later[draw] > first[draw];
    lower += later[draw] < first[draw];
    // Two dates that never come differ by nothing.
    differences.push_back(later[draw] == first[draw] ? 0 : later[draw] - first[draw]);
  }
  out.spread = spread_of(differences);
  const double all = static_cast<double>(sound);
  out.higher = sound == 0 ? NAN : static_cast<double>(higher) / all;
  out.lower = sound == 0 ? NAN : static_cast<double>(lower) / all;
  return out;
}

// Differences of dates are durations in the model's time unit.
model::Type difference_type(model::Type type) {
  return type == model::Type::kDate ? model::Type::kNumber : type;
}

std::string signed_value(double value) {
  if (std::isnan(value)) return "no value";
  return (value > 0 ? "+" : "") + rounded(value);
}

std::string headline(const ComparedQuantity& quantity) {
  std::string text = quantity.title.empty() ? quantity.name : quantity.title;
  if (!quantity.unit.empty() && quantity.unit != "1") text += ", " + quantity.unit;
  return quantity.at.empty() ? text : text + fmt::format(" (at {})", quantity.at);
}

std::string odds_of_direction(const Difference& difference, bool single) {
  if (single) return "";
  if (std::isnan(difference.higher)) return "";
  if (difference.higher == 0 && difference.lower == 0) return "no difference";
  if (difference.higher >= difference.lower)
    return "higher " + odds_in_words(difference.higher, false);
  return "lower " + odds_in_words(difference.lower, false);
}

Table table_of(const ComparedQuantity& quantity, const CompareReport& report) {
  const bool calendar = report.context.calendar, single = report.context.single;
  Table table{{{"", false, true}, {"", true}, {"", false}, {"", false}}, {}};
  auto range = [single](const std::string& low, const std::string& high) {
    return single ? "" : fmt::format("({} to {})", low, high);
  };
  for (size_t v = 0; v < report.versions.size(); ++v) {
    const Spread& s = quantity.values[v];
    table.rows.push_back(
        {"  " + report.versions[v], shown(s.p50, quantity.type, calendar),
         range(shown(s.p10, quantity.type, calendar), shown(s.p90, quantity.type, calendar)), ""});
  }
  for (size_t v = 1; v < report.versions.size(); ++v) {
    const Difference& d = quantity.differences[v - 1];
    table.rows.push_back({fmt::format("  {} - {}", report.versions[v], report.versions[0]),
                          signed_value(d.spread.p50),
                          range(signed_value(d.spread.p10), signed_value(d.spread.p90)),
                          odds_of_direction(d, single)});
  }
  return table;
}

std::string render_assumptions(const CompareReport& report, const Look& look) {
  if (report.assumptions.empty()) return "";
  Table table{{{"assumptions that differ", false, true}}, {}};
  for (const std::string& version : report.versions)
    table.columns.push_back({version, false, true});
  for (const Assumption& assumption : report.assumptions) {
    std::vector<std::string> row = {"  " + assumption.name};
    row.insert(row.end(), assumption.values.begin(), assumption.values.end());
    table.rows.push_back(std::move(row));
  }
  return render(table, look);
}

}  // namespace

CompareReport make_compare_report(const std::vector<std::string>& versions,
                                  const std::vector<RunReport>& reports,
                                  std::vector<Assumption> assumptions) {
  CHECK(!reports.empty() && versions.size() == reports.size());
  CompareReport out;
  out.context = reports[0].context;
  out.versions = versions;
  out.assumptions = std::move(assumptions);
  for (size_t r = 1; r < reports.size(); ++r) {
    for (const std::string& warning : reports[r].context.warnings) {
      out.context.warnings.push_back(versions[r] + ": " + warning);
    }
  }
  for (const auto list : {&RunReport::moments, &RunReport::measures}) {
    for (size_t q = 0; q < (reports[0].*list).size(); ++q) {
      const Quantity& first = (reports[0].*list)[q];
      ComparedQuantity quantity{first.name, first.title,    first.unit, first.at,
                                first.type, {first.spread}, {}};
      for (size_t r = 1; r < reports.size(); ++r) {
        const Quantity& later = (reports[r].*list)[q];
        CHECK(later.name == first.name);
        quantity.values.push_back(later.spread);
        quantity.differences.push_back(difference(first.draws, later.draws));
      }
      out.quantities.push_back(std::move(quantity));
    }
  }
  return out;
}

std::string render(const CompareReport& report, const Look& look) {
  const Context& context = report.context;
  const std::string right = context.single ? "one run each"
                                           : fmt::format("paired on {} draws, seed {}",
                                                         grouped(context.draws), context.seed);
  std::string out = look.plain ? "" : ends(context.title, right, look.width) + "\n";
  for (const ComparedQuantity& quantity : report.quantities) {
    if (look.plain) {
      Table table = table_of(quantity, report);
      for (auto& row : table.rows) row.insert(row.begin(), headline(quantity));
      table.columns.insert(table.columns.begin(), Column{});
      out += render(table, look);
      continue;
    }
    for (const std::string& line : wrap(headline(quantity), look.width)) out += line + "\n";
    out += render(table_of(quantity, report), look) + "\n";
  }
  const std::string assumptions = render_assumptions(report, look);
  out += assumptions;
  if (look.plain || context.single) return out;
  if (!assumptions.empty()) out += "\n";
  for (const std::string& line : wrap("medians, with 8 in 10 in brackets; differences are taken "
                                      "draw by draw, not between medians",
                                      look.width)) {
    out += line + "\n";
  }
  return out;
}

std::string to_csv(const CompareReport& report) {
  const bool calendar = report.context.calendar;
  std::string out = "output,at,version,stat,mean,p5,p10,p25,p50,p75,p90,p95,higher,lower,unit\n";
  auto row = [&](const ComparedQuantity& q, const std::string& version, const char* stat,
                 const Spread& s, model::Type type, const std::string& odds) {
    out += fmt::format("{},{},{},{}", csv_cell(q.name), q.at, csv_cell(version), stat);
    for (double value : {s.mean, s.p5, s.p10, s.p25, s.p50, s.p75, s.p90, s.p95}) {
      out += "," + (type == model::Type::kDate ? exact_time(value, calendar) : exact(value));
    }
    out += "," + odds + "," + csv_cell(q.unit) + "\n";
  };
  for (const ComparedQuantity& q : report.quantities) {
    for (size_t v = 0; v < report.versions.size(); ++v) {
      row(q, report.versions[v], "value", q.values[v], q.type, ",");
    }
    for (size_t v = 1; v < report.versions.size(); ++v) {
      const Difference& d = q.differences[v - 1];
      row(q, report.versions[v], "difference", d.spread, difference_type(q.type),
          exact(d.higher) + "," + exact(d.lower));
    }
  }
  return out;
}

std::string to_markdown(const CompareReport& report) {
  std::string out = fmt::format("# {}\n", report.context.title);
  for (const ComparedQuantity& quantity : report.quantities) {
    Table table = table_of(quantity, report);
    table.columns[0].head = "version";
    table.columns[1].head = "median";
    table.columns[2].head = "8 in 10";
    table.columns[3].head = "direction";
    for (auto& row : table.rows) row[0].erase(0, 2);
    out += fmt::format("\n## {}\n\n{}", headline(quantity), render_markdown(table));
  }
  return out;
}

}  // namespace headrace::report
