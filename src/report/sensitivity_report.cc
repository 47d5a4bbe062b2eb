#include "report/sensitivity_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/csv.h"
#include "report/json_parts.h"
#include "report/numbers.h"

namespace headrace::report {
namespace {

using Method = SensitivityReport::Method;

// Who says what the inputs are worth.
std::string sources_of(const model::Model& model, const study::Factor& factor) {
  if (factor.inputs.empty()) return "";
  std::vector<model::VarId> variables;
  for (const uint32_t input : factor.inputs) variables.push_back(model.inputs[input].variable);
  const Evidence evidence = evidence_of(model, variables);
  const size_t n = evidence.sources.size();
  if (n > 0) return fmt::format("{} source{}", n, n == 1 ? "" : "s");
  return evidence.assumed.empty() ? "unsourced" : "guess";
}

SensitivityLine line_of(const model::Model& model, const study::Factor& factor) {
  SensitivityLine line;
  line.name = factor.name;
  line.sources = sources_of(model, factor);
  return line;
}

std::string per_cent(double share) {
  return std::isnan(share) ? "?" : fmt::format("{:.0f}%", 100 * std::max(share, 0.0) + 0.0);
}

std::string interval(const study::Estimate& e) {
  return fmt::format("{:.2f} ({:.2f} to {:.2f})", e.value + 0.0, e.low + 0.0, e.high + 0.0);
}

std::string bar(double share, double largest, const Look& look) {
  constexpr double kWidth = 16;
  const auto cells = static_cast<size_t>(
      std::isnan(share) || !(largest > 0) ? 0 : kWidth * std::max(share, 0.0) / largest + 0.5);
  std::string out;
  for (size_t i = 0; i < cells; ++i) out += look.ascii ? "#" : "█";
  return out;
}

std::string swing(const SensitivityReport& report, const study::InputMove& move) {
  const bool calendar = report.context.calendar;
  return fmt::format("{} -> {}", shown(move.low, report.type, calendar),
                     shown(move.high, report.type, calendar));
}

size_t shown_lines(const SensitivityReport& report) {
  return report.top == 0 ? report.lines.size() : std::min(report.top, report.lines.size());
}

Table draws_table(const SensitivityReport& report, const Look& look) {
  Table table{{{"input", false, true},
               {"share", true},
               {"10% -> 90% moves median", false},
               {"", false},
               {"rests on", false}},
              {}};
  const double largest = report.lines.empty() ? 0 : report.lines[0].share;
  for (size_t l = 0; l < shown_lines(report); ++l) {
    const SensitivityLine& line = report.lines[l];
    const bool alone = line.moves.size() == 1;
    table.rows.push_back({line.name, per_cent(line.share),
                          alone ? swing(report, line.moves[0].move) : "",
                          bar(line.share, largest, look), line.sources});
    for (const auto& move : line.moves) {
      if (!alone) table.rows.push_back({"  " + move.input, "", swing(report, move.move), "", ""});
    }
  }
  return table;
}

Table sobol_table(const SensitivityReport& report) {
  Table table{
      {{"input", false, true}, {"first order", true}, {"total order", true}, {"rests on", false}},
      {}};
  for (size_t l = 0; l < shown_lines(report); ++l) {
    const SensitivityLine& line = report.lines[l];
    table.rows.push_back({line.name, interval(line.first), interval(line.total), line.sources});
  }
  return table;
}

Table morris_table(const SensitivityReport& report) {
  Table table{{{"input", false, true},
               {"mu*", true},
               {"+-", true},
               {"mu", true},
               {"sigma", true},
               {"rests on", false}},
              {}};
  const auto number = [](double value) { return std::isnan(value) ? "" : rounded(value); };
  for (size_t l = 0; l < shown_lines(report); ++l) {
    const SensitivityLine& line = report.lines[l];
    table.rows.push_back({line.name, number(line.mu_star), number(line.error), number(line.mu),
                          number(line.sigma), line.sources});
  }
  return table;
}

Table over_time_table(const SensitivityReport& report) {
  constexpr size_t kMostRows = 16, kMostInputs = 5;
  Table table{{{"time", false}}, {}};
  const size_t inputs = std::min(report.top == 0 ? kMostInputs : report.top, report.lines.size());
  for (size_t l = 0; l < inputs; ++l) table.columns.push_back({report.lines[l].name, true, true});
  const size_t every = std::max<size_t>(1, (report.times.size() + kMostRows - 1) / kMostRows);
  for (size_t t = (report.times.size() - 1) % every; t < report.times.size(); t += every) {
    std::vector<std::string> row = {time_of(report.context, report.times[t])};
    for (size_t l = 0; l < inputs; ++l) row.push_back(per_cent(report.lines[l].over_time[t]));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table table_of(const SensitivityReport& report, const Look& look) {
  if (!report.times.empty()) return over_time_table(report);
  switch (report.method) {
    case Method::kDraws:
      return draws_table(report, look);
    case Method::kSobol:
      return sobol_table(report);
    case Method::kMorris:
      return morris_table(report);
  }
  return {};
}

std::vector<std::string> notes_of(const SensitivityReport& report) {
  std::vector<std::string> notes;
  if (!report.stopped.empty()) notes.push_back("STOPPED after " + report.stopped);
  const size_t hidden = report.lines.size() - shown_lines(report);
  if (report.times.empty() && hidden > 0) {
    notes.push_back(fmt::format("{} more input{} move{} it less; --top {} shows all", hidden,
                                hidden == 1 ? "" : "s", hidden == 1 ? "s" : "",
                                report.lines.size()));
  }
  if (!report.varies) notes.push_back("the output is the same in all draws");
  switch (report.method) {
    case Method::kDraws:
      notes.push_back(
          fmt::format("first-order shares sum to {}{}; read off the {} draws of the "
                      "run, without another simulation",
                      per_cent(report.sum), report.times.empty() ? "" : " at the end",
                      grouped(report.context.draws)));
      if (report.noisy) notes.push_back("noise in the model has a part of the rest");
      if (report.by_rank) {
        notes.push_back("some draws say \"never\", so shares are those of the variance of ranks");
      }
      break;
    case Method::kSobol:
      notes.push_back(
          fmt::format("first order sums to {:.2f}; total less first order is what it "
                      "does together with others; 95 % intervals from resampled rows; "
                      "{} simulations",
                      report.sum, grouped(report.runs)));
      break;
    case Method::kMorris:
      notes.push_back(
          fmt::format("mu*: mean size of the change of the output over the whole range "
                      "of an input, with its standard error; sigma is large where it "
                      "depends on other inputs or is curved; {} simulations",
                      grouped(report.runs)));
      break;
  }
  for (const SensitivityLine& line : report.lines) {
    if (!line.refused.empty()) notes.push_back(line.name + ": " + line.refused);
  }
  return notes;
}

std::string csv_over_time(const SensitivityReport& report) {
  std::string out = "time,input,share\n";
  for (const SensitivityLine& line : report.lines) {
    for (size_t t = 0; t < report.times.size(); ++t) {
      out += fmt::format("{},{},{}\n", time_of(report.context, report.times[t]),
                         csv_cell(line.name), exact(line.over_time[t]));
    }
  }
  return out;
}

std::string csv_draws(const SensitivityReport& report) {
  std::string out =
      "factor,input,share,rank_correlation,input_p10,input_p90,output_low,output_high,unit,"
      "sources\n";
  const bool calendar = report.context.calendar && report.type == model::Type::kDate;
  const auto output = [&](double v) { return calendar ? exact_time(v, true) : exact(v); };
  for (const SensitivityLine& line : report.lines) {
    for (const auto& [input, unit, m] : line.moves) {
      out += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", csv_cell(line.name), csv_cell(input),
                         exact(line.share), exact(m.rank), exact(m.input_low), exact(m.input_high),
                         output(m.low), output(m.high), csv_cell(unit), csv_cell(line.sources));
    }
  }
  return out;
}

Json json_of(const study::Estimate& e) {
  return {{"value", number(e.value)}, {"low", number(e.low)}, {"high", number(e.high)}};
}

Json json_of(const SensitivityLine& line, const SensitivityReport& report) {
  Json out;
  out["input"] = line.name;
  switch (report.method) {
    case Method::kDraws: {
      out["share"] = number(line.share);
      if (!line.refused.empty()) out["refused"] = line.refused;
      Json moves = Json::array();
      for (const auto& [input, unit, m] : line.moves) {
        moves.push_back({{"input", input},
                         {"unit", unit},
                         {"rank_correlation", number(m.rank)},
                         {"input_p10", number(m.input_low)},
                         {"input_p90", number(m.input_high)},
                         {"output_low", value(m.low, report.type, report.context.calendar)},
                         {"output_high", value(m.high, report.type, report.context.calendar)}});
      }
      out["moves"] = std::move(moves);
      if (!report.times.empty()) {
        Json shares = Json::array();
        for (const double share : line.over_time) shares.push_back(number(share));
        out["share_over_time"] = std::move(shares);
      }
      break;
    }
    case Method::kSobol:
      out["first"] = json_of(line.first);
      out["total"] = json_of(line.total);
      break;
    case Method::kMorris:
      out["mu_star"] = number(line.mu_star);
      out["mu_star_error"] = number(line.error);
      out["mu"] = number(line.mu);
      out["sigma"] = number(line.sigma);
      break;
  }
  out["sources"] = line.sources;
  return out;
}

const char* name_of(Method method) {
  switch (method) {
    case Method::kDraws:
      return "draws";
    case Method::kSobol:
      return "sobol";
    case Method::kMorris:
      return "morris";
  }
  return "";
}

}  // namespace

SensitivityReport describe(const model::Model& model, const Context& context,
                           const study::Target& target, const std::string& output,
                           const std::string& at) {
  SensitivityReport report;
  report.context = context;
  report.output = output;
  report.at = at;
  if (target.kind == study::Target::Kind::kMeasure) {
    const model::Measure& measure = model.measures[target.index];
    report.title = measure.title, report.unit = measure.unit_text, report.type = measure.type;
  } else {
    const model::Claim& claim = model.claims[target.index];
    report.title = claim.measure_text, report.unit = claim.unit_text, report.type = claim.type;
  }
  return report;
}

void add(SensitivityReport& report, const model::Model& model, const study::FromDraws& found) {
  report.method = Method::kDraws;
  report.sum = found.sum;
  report.by_rank = found.by_rank;
  report.varies = found.varies;
  for (const study::Effect& effect : found.effects) {
    SensitivityLine line = line_of(model, effect.factor);
    line.share = effect.share;
    line.refused = effect.refused;
    for (const study::InputMove& move : effect.moves) {
      const model::Input& input = model.inputs[move.input];
      line.moves.push_back({input.name, model[input.variable].unit_text, move});
    }
    report.lines.push_back(std::move(line));
  }
}

void add(SensitivityReport& report, const model::Model& model, const study::SobolIndices& found) {
  report.method = Method::kSobol;
  report.sum = found.sum_first;
  report.runs = found.runs;
  report.varies = found.varies;
  report.context.draws = found.rows;
  report.context.failed = found.failed;
  for (const study::SobolIndex& index : found.indices) {
    SensitivityLine line = line_of(model, index.factor);
    line.first = index.first, line.total = index.total;
    report.lines.push_back(std::move(line));
  }
}

void add(SensitivityReport& report, const model::Model& model, const study::MorrisEffects& found) {
  report.method = Method::kMorris;
  report.runs = found.runs;
  report.context.draws = found.trajectories;
  report.context.failed = found.failed;
  for (const study::MorrisEffect& effect : found.effects) {
    SensitivityLine line = line_of(model, effect.factor);
    line.mu_star = effect.mu_star, line.error = effect.error;
    line.mu = effect.mu, line.sigma = effect.sigma;
    report.lines.push_back(std::move(line));
  }
}

std::string render(const SensitivityReport& report, const Look& look) {
  const Table table = table_of(report, look);
  if (look.plain) return render(table, look);
  std::string out =
      ends(output_in_words(report.title, report.output, report.unit, report.at),
           fmt::format("{}, seed {}", variant_in_words(report.context), report.context.seed),
           look.width) +
      "\n";
  if (report.lines.empty()) return out + "no uncertain input moves it\n";
  out += render(table, look) + "\n";
  for (const std::string& note : notes_of(report)) {
    for (const std::string& line : wrap(note, look.width)) out += line + "\n";
  }
  return out;
}

std::string to_csv(const SensitivityReport& report) {
  if (!report.times.empty()) return csv_over_time(report);
  std::string out;
  switch (report.method) {
    case Method::kDraws:
      return csv_draws(report);
    case Method::kSobol:
      out = "input,first,first_low,first_high,total,total_low,total_high,sources\n";
      for (const SensitivityLine& l : report.lines) {
        out += fmt::format("{},{},{},{},{},{},{},{}\n", csv_cell(l.name), exact(l.first.value),
                           exact(l.first.low), exact(l.first.high), exact(l.total.value),
                           exact(l.total.low), exact(l.total.high), csv_cell(l.sources));
      }
      return out;
    case Method::kMorris:
      out = "input,mu_star,mu_star_error,mu,sigma,sources\n";
      for (const SensitivityLine& l : report.lines) {
        out += fmt::format("{},{},{},{},{},{}\n", csv_cell(l.name), exact(l.mu_star),
                           exact(l.error), exact(l.mu), exact(l.sigma), csv_cell(l.sources));
      }
      return out;
  }
  return out;
}

std::string to_markdown(const SensitivityReport& report) {
  std::string out = fmt::format(
      "# What moves {}\n\n{}", output_in_words(report.title, report.output, report.unit, report.at),
      render_markdown(table_of(report, {})));
  for (const std::string& note : notes_of(report)) out += "\n" + note + "\n";
  return out;
}

std::string to_json(const SensitivityReport& report) {
  Json out = head("headrace.sensitivity/1", report.context);
  out["method"] = name_of(report.method);
  out["output"] = report.output;
  if (!report.at.empty()) out["at"] = report.at;
  out["unit"] = report.unit;
  if (report.method != Method::kMorris) out["first_order_sum"] = number(report.sum);
  if (report.method == Method::kDraws) out["of_ranks"] = report.by_rank;
  out["simulations"] = report.runs;
  if (!report.stopped.empty()) out["stopped_after"] = report.stopped;
  if (!report.times.empty()) {
    Json times = Json::array();
    for (const double time : report.times) {
      times.push_back(value(time, model::Type::kDate, report.context.calendar));
    }
    out["time"] = std::move(times);
  }
  Json inputs = Json::array();
  for (const SensitivityLine& line : report.lines) inputs.push_back(json_of(line, report));
  out["inputs"] = std::move(inputs);
  out["warnings"] = report.context.warnings;
  return to_text(out);
}

}  // namespace headrace::report
