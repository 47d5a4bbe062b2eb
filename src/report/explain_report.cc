#include "report/explain_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/csv.h"
#include "report/json_parts.h"
#include "report/numbers.h"

namespace headrace::report {
namespace {

const char* kind_of(model::VarKind kind) {
  switch (kind) {
    case model::VarKind::kParam:
      return "input";
    case model::VarKind::kData:
      return "data";
    case model::VarKind::kLet:
      return "value";
    case model::VarKind::kFlow:
      return "flow";
    case model::VarKind::kStock:
      return "stock";
    case model::VarKind::kPrevious:
    case model::VarKind::kDelayFixed:
      return "delay";
    case model::VarKind::kBehind:
      return "lag";
    case model::VarKind::kInitial:
      return "start";
    case model::VarKind::kNoise:
      return "noise";
    case model::VarKind::kTally:
      return "tally";
  }
  return "";
}

std::string per_cent(double share) {
  return std::isfinite(share) ? fmt::format("{:.0f}%", 100 * share) : "?";
}

std::string in_words(const study::Choice& choice) {
  if (choice.kind == "if") {
    return fmt::format("if ({}): true {}", choice.names[0], odds_in_words(choice.shares[0], false));
  }
  std::vector<size_t> order(choice.names.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return choice.shares[a] > choice.shares[b]; });
  std::string text = choice.kind + ":";
  for (size_t i = 0; i < std::min<size_t>(order.size(), 4); ++i) {
    text += fmt::format("{} {} binds {}", i == 0 ? "" : ",", choice.names[order[i]],
                        odds_in_words(choice.shares[order[i]], false));
  }
  return text;
}

std::string sources_of(const model::Variable& variable) {
  const size_t n = variable.sources.size();
  if (n > 0) return fmt::format("{} source{}", n, n == 1 ? "" : "s");
  return variable.assumed ? "a guess" : "";
}

std::string signed_number(double value) {
  if (std::isnan(value)) return "no value";
  return (value > 0 ? "+" : "") + rounded(value);
}

struct Branches {
  std::string tee, last, bar, gap;
};

std::string line_text(const TraceLine& line, bool calendar) {
  std::string text = line.name;
  if (line.has_contribution) {
    text = fmt::format("{}  {}", signed_number(line.contribution), line.name);
    if (std::isfinite(line.share)) text += fmt::format(" ({})", per_cent(line.share));
  }
  if (!line.has_values) return text;
  const std::string unit = unit_suffix(line.unit);
  const std::string before = shown(line.before, line.type, calendar);
  const std::string after = shown(line.after, line.type, calendar);
  text += before == after ? fmt::format("   {}{}", after, unit)
                          : fmt::format("   {} -> {}{}", before, after, unit);
  return text + ", " + line.kind;
}

void render_below(const TraceLine& line, const std::string& prefix, const Branches& b,
                  const Look& look, bool calendar, std::string& out) {
  struct Entry {
    const TraceLine* line;
    std::string text;
  };
  std::vector<Entry> entries;
  for (const std::string& note : line.notes) entries.push_back({nullptr, note});
  for (const TraceLine& below : line.below) entries.push_back({&below, ""});
  if (line.residual != 0) {
    entries.push_back(
        {nullptr, fmt::format("{}  together (residual)", signed_number(line.residual))});
  }
  for (size_t e = 0; e < entries.size(); ++e) {
    const bool last = e + 1 == entries.size();
    const std::string text =
        entries[e].line ? line_text(*entries[e].line, calendar) : entries[e].text;
    const std::string more = prefix + (last ? b.gap : b.bar);
    const size_t room = look.width > width_of(more) + 20 ? look.width - width_of(more) : 20;
    const auto lines = wrap(text, room);
    for (size_t l = 0; l < lines.size(); ++l) {
      out += (l == 0 ? prefix + (last ? b.last : b.tee) : more) + lines[l] + "\n";
    }
    if (entries[e].line) render_below(*entries[e].line, more, b, look, calendar, out);
  }
}

std::string path_text(const LoopLine& loop, const Look& look) {
  const char* arrow = look.ascii ? " -> " : " → ";
  std::string text;
  for (const std::string& name : loop.path) text += name + arrow;
  return text + (loop.path.empty() ? "" : loop.path[0]);
}

Table loops_table(const ExplainReport& report, const Look& look, size_t most) {
  Table table{{{"loop", false}, {"part now", true}, {"strongest", false}, {"", false, true}}, {}};
  for (const LoopLine& loop : report.loops) {
    if (!loop.through || table.rows.size() == most) continue;
    table.rows.push_back(
        {loop.name, per_cent(std::abs(loop.relative)),
         report.context.single ? (loop.leads > 0 ? "yes" : "no") : odds_in_words(loop.leads, false),
         path_text(loop, look)});
  }
  return table;
}

std::string headline(const ExplainReport& report) {
  const std::string what = report.title.empty() ? report.variable : report.title;
  if (!report.to_scenario.empty()) {
    return fmt::format("{} at {}: from {} to {}", what, report.at, report.from, report.to_scenario);
  }
  return fmt::format("{} at {}, since {}", what, report.at, report.from);
}

void csv_lines(const TraceLine& line, const std::string& above, std::string& out) {
  out += fmt::format(
      "{},{},{},{},{},{},{},{},{}\n", csv_cell(above), csv_cell(line.name), line.kind,
      line.has_contribution ? exact(line.contribution) : "",
      line.has_contribution ? exact(line.share) : "", line.has_values ? exact(line.before) : "",
      line.has_values ? exact(line.after) : "", exact(line.residual), csv_cell(line.unit));
  for (const TraceLine& below : line.below) csv_lines(below, line.name, out);
}

Json json_of(const TraceLine& line, bool calendar) {
  Json out;
  out["name"] = line.name;
  if (!line.kind.empty()) out["kind"] = line.kind;
  if (line.has_contribution) {
    out["contribution"] = number(line.contribution);
    out["share"] = number(line.share);
  }
  if (line.has_values) {
    out["unit"] = line.unit;
    out["before"] = value(line.before, line.type, calendar);
    out["after"] = value(line.after, line.type, calendar);
    out["mean_change"] = number(line.change);
    out["residual"] = number(line.residual);
  }
  if (!line.notes.empty()) out["notes"] = line.notes;
  if (!line.below.empty()) {
    Json below = Json::array();
    for (const TraceLine& each : line.below) below.push_back(json_of(each, calendar));
    out["contributions"] = std::move(below);
  }
  return out;
}

}  // namespace

TraceLine trace_line(const model::Model& model, const study::Trace& trace) {
  TraceLine line;
  line.name = "time";
  if (trace.node.is_time()) return line;
  const model::Variable& variable = model[trace.node.variable];
  line.name = model.element_name(trace.node.variable, trace.node.element);
  line.unit = variable.unit_text;
  line.kind = kind_of(variable.kind);
  line.type = variable.type;
  line.has_values = true;
  line.before = trace.before, line.after = trace.after, line.change = trace.change;
  line.residual = trace.residual;
  if (trace.new_equation) line.notes.push_back("set by the scenario");
  for (const study::Choice& choice : trace.choices) line.notes.push_back(in_words(choice));
  const std::string sources = sources_of(variable);
  if (!sources.empty()) line.notes.push_back("rests on " + sources);
  for (const study::Contribution& part : trace.contributions) {
    TraceLine below;
    below.name = part.name;
    if (part.below) below = trace_line(model, *part.below);
    below.has_contribution = true;
    below.contribution = part.mean;
    below.share = trace.change == 0 ? NAN : part.mean / trace.change;
    line.below.push_back(std::move(below));
  }
  return line;
}

std::vector<LoopLine> loop_lines(const model::Model& model, const study::LoopScores& scores) {
  std::vector<LoopLine> lines;
  size_t reinforcing = 0, balancing = 0, other = 0;
  for (const study::ScoredLoop& loop : scores.loops) {
    LoopLine line;
    bool up = false, down = false;
    for (const double r : loop.relative) up = up || r > 0, down = down || r < 0;
    line.name = up && down ? fmt::format("U{}", ++other)
                : down     ? fmt::format("B{}", ++balancing)
                : up       ? fmt::format("R{}", ++reinforcing)
                           : "-";
    for (const study::Node& node : loop.nodes) {
      const bool only = std::all_of(loop.nodes.begin(), loop.nodes.end(),
                                    [&](const auto& n) { return model[n.variable].made; });
      if (model[node.variable].made && !only) continue;
      line.path.push_back(model.element_name(node.variable, node.element));
    }
    line.through = loop.through;
    line.relative = loop.relative.empty() ? 0 : loop.relative.back();
    line.leads = loop.leads.empty() ? 0 : loop.leads.back();
    line.relative_over_time = loop.relative;
    line.leads_over_time = loop.leads;
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string render(const ExplainReport& report, const Look& look) {
  const bool calendar = report.context.calendar;
  const Branches b =
      look.ascii ? Branches{"|- ", "`- ", "|  ", "   "} : Branches{"├─ ", "└─ ", "│  ", "   "};
  std::string out;
  if (!look.plain) {
    out += ends(headline(report), run_in_words(report.context), look.width) + "\n";
  }
  out += line_text(report.trace, calendar) + "\n";
  render_below(report.trace, "", b, look, calendar, out);
  if (look.plain) return out;
  out += "\n";
  constexpr size_t kMostLoops = 8;
  const Table loops = loops_table(report, look, kMostLoops);
  if (!report.loops_searched.empty()) {
    for (const std::string& l : wrap(report.loops_searched, look.width)) out += l + "\n";
  }
  if (loops.rows.empty()) {
    out += "no feedback loop goes through it\n";
  } else {
    out += "loops through it\n" + render(loops, look);
  }
  out += "\n";
  for (const std::string& l :
       wrap("contributions are means over draws, values medians; what the causes did together is "
            "shown as a residual",
            look.width)) {
    out += l + "\n";
  }
  return out;
}

std::string to_csv(const ExplainReport& report) {
  std::string out;
  if (report.times.size() > 1) {
    out = "time,loop,path,through,relative_score,strongest\n";
    for (const LoopLine& loop : report.loops) {
      for (size_t t = 0; t < report.times.size(); ++t) {
        out += fmt::format("{},{},{},{},{},{}\n", time_of(report.context, report.times[t]),
                           loop.name, csv_cell(fmt::format("{}", fmt::join(loop.path, " > "))),
                           loop.through ? 1 : 0, exact(loop.relative_over_time[t]),
                           exact(loop.leads_over_time[t]));
      }
    }
    return out;
  }
  out = "above,name,kind,contribution,share,before,after,residual,unit\n";
  csv_lines(report.trace, "", out);
  return out;
}

std::string to_markdown(const ExplainReport& report) {
  Look look;
  look.ascii = true;
  return fmt::format("# {}\n\n```\n{}```\n", headline(report), render(report, look));
}

std::string to_json(const ExplainReport& report) {
  Json out = head("headrace.explain/1", report.context);
  out["variable"] = report.variable;
  out["at"] = report.at;
  out["from"] = report.from;
  if (!report.to_scenario.empty()) out["to"] = report.to_scenario;
  out["trace"] = json_of(report.trace, report.context.calendar);
  if (!report.loops_searched.empty()) out["loops_searched"] = report.loops_searched;
  Json times = Json::array();
  for (const double time : report.times) {
    times.push_back(value(time, model::Type::kDate, report.context.calendar));
  }
  out["time"] = std::move(times);
  Json loops = Json::array();
  for (const LoopLine& loop : report.loops) {
    Json line = {{"name", loop.name}, {"path", loop.path}, {"through", loop.through}};
    Json relative = Json::array(), leads = Json::array();
    for (const double r : loop.relative_over_time) relative.push_back(number(r));
    for (const double l : loop.leads_over_time) leads.push_back(number(l));
    line["relative_score"] = std::move(relative);
    line["strongest"] = std::move(leads);
    loops.push_back(std::move(line));
  }
  out["loops"] = std::move(loops);
  out["warnings"] = report.context.warnings;
  return to_text(out);
}

}  // namespace headrace::report
