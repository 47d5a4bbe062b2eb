#include "report/discovery_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/csv.h"
#include "report/json_parts.h"
#include "report/numbers.h"

namespace headrace::report {
namespace {

using Method = DiscoveryReport::Method;

DiscoveryBox box_of(const study::Box& box) {
  DiscoveryBox out;
  out.coverage = box.coverage, out.density = box.density, out.mass = box.mass;
  out.inside = box.inside, out.hits = box.hits;
  return out;
}

DiscoveryLimit limit_of(const model::Model& model, uint32_t input, const study::Limit& limit) {
  DiscoveryLimit out;
  out.input = model.inputs[input].name;
  out.unit = model[model.inputs[input].variable].unit_text;
  out.low = limit.low, out.high = limit.high;
  return out;
}

std::string per_cent(double share) { return fmt::format("{:.0f}%", 100 * share); }

std::string chance(double p) { return p < 0.001 ? "<0.001" : fmt::format("{:.3f}", p); }

std::string condition(const DiscoveryLimit& limit) {
  const std::string unit = unit_suffix(limit.unit);
  if (std::isinf(limit.low)) return "at most " + rounded(limit.high) + unit;
  if (std::isinf(limit.high)) return "at least " + rounded(limit.low) + unit;
  return fmt::format("{} to {}{}", rounded(limit.low), rounded(limit.high), unit);
}

std::string headline(const DiscoveryReport& report, const DiscoveryBox& box, size_t number) {
  const char* kind = report.method == Method::kPrim ? "box" : "leaf";
  return fmt::format("{} {}: holds in {} of the futures inside, which are {} of all that hold",
                     kind, number, per_cent(box.density), per_cent(box.coverage));
}

Table limits_table(const DiscoveryReport& report, const DiscoveryBox& box) {
  const bool prim = report.method == Method::kPrim;
  Table table{{{"  input", false, true}, {"limit", false}}, {}};
  if (prim) {
    table.columns.push_back({"quasi-p", true});
    table.columns.push_back({"in resamples", true});
  }
  for (const DiscoveryLimit& limit : box.limits) {
    table.rows.push_back({"  " + limit.input, condition(limit)});
    if (!prim) continue;
    table.rows.back().push_back(chance(limit.quasi_p));
    table.rows.back().push_back(per_cent(limit.reproduced));
  }
  return table;
}

// A handful of steps from the whole space to the densest box.
Table trade_off_table(const DiscoveryBox& box) {
  constexpr size_t kRows = 7;
  Table table{{{"  coverage", true}, {"density", true}, {"of all", true}, {"limits", true}}, {}};
  const size_t n = box.trade_off.size();
  for (size_t r = 0; r < std::min(kRows, n); ++r) {
    const auto& step = box.trade_off[n <= kRows ? r : r * (n - 1) / (kRows - 1)];
    table.rows.push_back({per_cent(step.coverage), per_cent(step.density), per_cent(step.mass),
                          fmt::format("{}", step.limits)});
  }
  return table;
}

// Why a box has not the density that was asked for.
std::string falls_short(const DiscoveryReport& report, const DiscoveryBox& box) {
  const bool once = std::ranges::any_of(
      box.trade_off, [&](const auto& step) { return step.density >= report.density; });
  return once ? fmt::format(
                    "limits that reach the density of {} may be chance (quasi-p above "
                    "0.05); more --draws would tell",
                    per_cent(report.density))
              : fmt::format("no box reaches the density of {} that was asked for",
                            per_cent(report.density));
}

Json json_of(double limit) { return std::isinf(limit) ? Json(nullptr) : Json(limit); }

}  // namespace

void add(DiscoveryReport& report, const model::Model& model, const std::vector<uint32_t>& inputs,
         const std::vector<study::FoundBox>& found) {
  report.method = Method::kPrim;
  for (const study::FoundBox& each : found) {
    DiscoveryBox box = box_of(each.box);
    box.reaches = each.reaches;
    for (const study::FoundLimit& limit : each.limits) {
      box.limits.push_back(limit_of(model, inputs[limit.limit.column], limit.limit));
      box.limits.back().quasi_p = limit.quasi_p;
      box.limits.back().reproduced = limit.reproduced;
    }
    for (const study::Box& step : each.trajectory) {
      box.trade_off.push_back({step.coverage, step.density, step.mass, step.limits.size()});
    }
    report.boxes.push_back(std::move(box));
  }
}

void add(DiscoveryReport& report, const model::Model& model, const std::vector<uint32_t>& inputs,
         const std::vector<study::TreeNode>& tree) {
  report.method = Method::kCart;
  for (const study::TreeNode& node : tree) {
    if (!node.leaf) continue;
    DiscoveryBox box = box_of(node.box);
    for (const study::Limit& limit : node.box.limits) {
      box.limits.push_back(limit_of(model, inputs[limit.column], limit));
    }
    report.boxes.push_back(std::move(box));
  }
  std::stable_sort(
      report.boxes.begin(), report.boxes.end(),
      [](const DiscoveryBox& a, const DiscoveryBox& b) { return a.density > b.density; });
}

std::string render(const DiscoveryReport& report, const Look& look) {
  std::string out;
  const double share = report.sound == 0
                           ? NAN
                           : static_cast<double>(report.hits) / static_cast<double>(report.sound);
  if (!look.plain) {
    out += ends("When " + report.when, run_in_words(report.context), look.width);
    out += "holds " + odds_in_words(share, false) + "\n";
  }
  if (report.boxes.empty()) return out;
  for (size_t b = 0; b < report.boxes.size(); ++b) {
    const DiscoveryBox& box = report.boxes[b];
    if (look.plain) {
      Table table = limits_table(report, box);
      for (auto& row : table.rows) row.insert(row.begin(), fmt::format("{}", b + 1));
      table.columns.insert(table.columns.begin(), Column{});
      out += render(table, look);
      continue;
    }
    out += "\n";
    for (const std::string& line : wrap(headline(report, box, b + 1), look.width)) {
      out += line + "\n";
    }
    out +=
        box.limits.empty() ? "  no limit on any input\n" : render(limits_table(report, box), look);
    if (!box.reaches) {
      for (const std::string& line : wrap("  " + falls_short(report, box), look.width)) {
        out += line + "\n";
      }
    }
    if (!box.trade_off.empty()) {
      out += "\n  what else there is on the way to it\n" + render(trade_off_table(box), look);
    }
  }
  return out;
}

std::string to_markdown(const DiscoveryReport& report) {
  std::string out = fmt::format("# When {}\n", report.when);
  for (size_t b = 0; b < report.boxes.size(); ++b) {
    Table table = limits_table(report, report.boxes[b]);
    table.columns[0].head = "input";
    for (auto& row : table.rows) row[0].erase(0, 2);
    out +=
        fmt::format("\n{}\n\n{}", headline(report, report.boxes[b], b + 1), render_markdown(table));
  }
  return out;
}

std::string to_csv(const DiscoveryReport& report) {
  std::string out = "box,input,low,high,unit,quasi_p,reproduced,coverage,density,mass\n";
  const auto bound = [](double v) { return std::isinf(v) ? std::string() : exact(v); };
  const bool prim = report.method == Method::kPrim;
  for (size_t b = 0; b < report.boxes.size(); ++b) {
    const DiscoveryBox& box = report.boxes[b];
    const std::string shares =
        fmt::format("{},{},{}", exact(box.coverage), exact(box.density), exact(box.mass));
    if (box.limits.empty()) out += fmt::format("{},,,,,,,{}\n", b + 1, shares);
    for (const DiscoveryLimit& l : box.limits) {
      out += fmt::format("{},{},{},{},{},{},{},{}\n", b + 1, csv_cell(l.input), bound(l.low),
                         bound(l.high), csv_cell(l.unit), prim ? exact(l.quasi_p) : "",
                         prim ? exact(l.reproduced) : "", shares);
    }
  }
  return out;
}

std::string to_json(const DiscoveryReport& report) {
  Json out = head("headrace.discover/1", report.context);
  const bool prim = report.method == Method::kPrim;
  out["method"] = prim ? "prim" : "cart";
  out["when"] = report.when;
  out["holds"] = report.hits;
  out["sound"] = report.sound;
  Json boxes = Json::array();
  for (const DiscoveryBox& box : report.boxes) {
    Json line = {{"coverage", number(box.coverage)},
                 {"density", number(box.density)},
                 {"mass", number(box.mass)},
                 {"inside", box.inside},
                 {"holds", box.hits},
                 {"reaches_density", box.reaches}};
    Json limits = Json::array();
    for (const DiscoveryLimit& l : box.limits) {
      Json limit = {
          {"input", l.input}, {"low", json_of(l.low)}, {"high", json_of(l.high)}, {"unit", l.unit}};
      if (prim) limit["quasi_p"] = l.quasi_p, limit["reproduced"] = l.reproduced;
      limits.push_back(std::move(limit));
    }
    line["limits"] = std::move(limits);
    if (prim) {
      Json steps = Json::array();
      for (const auto& step : box.trade_off) {
        steps.push_back({{"coverage", number(step.coverage)},
                         {"density", number(step.density)},
                         {"mass", number(step.mass)},
                         {"limits", step.limits}});
      }
      line["trade_off"] = std::move(steps);
    }
    boxes.push_back(std::move(line));
  }
  out["boxes"] = std::move(boxes);
  out["warnings"] = report.context.warnings;
  return to_text(out);
}

}  // namespace headrace::report
