#include "report/tables.h"

#include <fmt/format.h>

#include <cmath>

#include "report/chart.h"
#include "report/numbers.h"

namespace headrace::report {
namespace {

constexpr size_t kMostRows = 9;  // of a series that is printed as a table

std::string range(const Spread& s, double Spread::*low, double Spread::*high, model::Type type,
                  bool calendar) {
  return shown(s.*low, type, calendar) + " to " + shown(s.*high, type, calendar);
}

// A value in years that may be the year of an event, such as 2039, is not rounded to 2000.
std::string shown_in(const std::string& unit, double value, model::Type type, bool calendar) {
  const bool year = (unit == "year" || unit == "years") && value >= 1000 && value < 10'000;
  return year && type != model::Type::kDate ? exact(std::round(10 * value) / 10)
                                            : shown(value, type, calendar);
}

std::string name_of(const std::string& name, const std::string& title) {
  return title.empty() ? name : title;
}

// The saves to print: the first, the last and evenly spaced ones between.
std::vector<size_t> chosen_saves(size_t saves) {
  std::vector<size_t> chosen;
  if (saves <= kMostRows) {
    for (size_t save = 0; save < saves; ++save) chosen.push_back(save);
    return chosen;
  }
  for (size_t row = 0; row < kMostRows; ++row)
    chosen.push_back(row * (saves - 1) / (kMostRows - 1));
  return chosen;
}

Table spread_table(const std::string& first_head, bool single) {
  Table table{{{first_head, false, true}}, {}};
  if (single) {
    table.columns.push_back({"value", true});
  } else {
    table.columns.push_back({"median", true});
    table.columns.push_back({"8 in 10", false});
    table.columns.push_back({"9 in 10", false});
  }
  return table;
}

std::vector<std::string> spread_row(const std::string& first, const Spread& spread,
                                    const std::string& unit, model::Type type,
                                    const Context& context) {
  const auto show = [&](double value) { return shown_in(unit, value, type, context.calendar); };
  std::vector<std::string> row = {first, show(spread.p50)};
  if (!context.single) {
    row.push_back(show(spread.p10) + " to " + show(spread.p90));
    row.push_back(show(spread.p5) + " to " + show(spread.p95));
  }
  return row;
}

std::string series_headline(const Series& series, const Context& context) {
  std::string text = name_of(series.name, series.title);
  if (!series.title.empty() && series.name.ends_with(']')) {
    text += " " + series.name.substr(series.name.rfind('['));
  }
  if (!series.unit.empty() && series.unit != "1") text += ", " + series.unit;
  if (context.time_unit.empty()) return text;
  return text;
}

Table moments_table(const RunReport& report, const Series& series) {
  const Context& context = report.context;
  Table table = spread_table(context.calendar ? "date" : context.time_unit, context.single);
  bool asked = false;
  for (const Quantity& moment : report.moments) {
    if (moment.name != series.name) continue;
    asked = true;
    table.rows.push_back(spread_row(moment.at, moment.spread, moment.unit, moment.type, context));
  }
  if (asked) return table;
  for (size_t save : chosen_saves(report.times.size())) {
    table.rows.push_back(spread_row(time_of(context, report.times[save]), series.at(save),
                                    series.unit, series.type, context));
  }
  return table;
}

Fan fan_of(const RunReport& report, const Series& series) {
  Fan fan{report.times, {}, report.context.calendar};
  for (size_t save = 0; save < report.times.size(); ++save) fan.spreads.push_back(series.at(save));
  return fan;
}

Table measures_table(const RunReport& report) {
  const Context& context = report.context;
  Table table = spread_table("measure", context.single);
  if (!context.single) table.columns.erase(table.columns.begin() + 2);
  table.columns.push_back({"unit", false});
  for (const Quantity& measure : report.measures) {
    std::string name = name_of(measure.name, measure.title);
    if (!measure.title.empty() && measure.name.ends_with(']')) {
      name += " " + measure.name.substr(measure.name.rfind('['));
    }
    std::vector<std::string> row =
        spread_row(name, measure.spread, measure.unit, measure.type, context);
    if (!context.single) row.erase(row.begin() + 2);
    const bool is_date = measure.type == model::Type::kDate && context.calendar;
    row.push_back(is_date ? "date" : measure.unit == "1" ? "" : measure.unit);
    table.rows.push_back(std::move(row));
  }
  return table;
}

// ---------------------------------------------------------------- claims

constexpr size_t kIndent = 5;
constexpr size_t kLabel = 11;  // of the words before a line: `said by`
constexpr size_t kBar = 25;
constexpr size_t kLongestId = 20;  // beyond the indent; longer ones stand alone

std::string odds_bar(double odds, const Look& look) {
  if (std::isnan(odds)) return "";
  const auto full = static_cast<size_t>(std::lround(odds * kBar));
  std::string bar;
  for (size_t i = 0; i < kBar; ++i) {
    bar += i < full ? (look.ascii ? "#" : "█") : (look.ascii ? "." : "░");
  }
  return look.color ? "\x1b[36m" + bar + "\x1b[0m" : bar;
}

void add_lines(std::string& out, const std::string& label, const std::string& text, size_t width,
               size_t most_lines = 100) {
  std::vector<std::string> lines = wrap(text, width - kIndent - kLabel);
  for (size_t i = 0; i < lines.size() && i < most_lines; ++i) {
    out += std::string(kIndent, ' ') + pad_right(i == 0 ? label : "", kLabel) + lines[i] + "\n";
  }
}

// Cut to one line, with the date at the end kept.
std::string short_title(const std::string& title, size_t width) {
  const size_t date = title.ends_with(')') ? title.rfind(" (") : std::string::npos;
  const size_t tail = date == std::string::npos ? 0 : width_of(title.substr(date));
  if (width_of(title) <= width || tail == 0 || tail + 20 > width) return shorten(title, width);
  return shorten(title.substr(0, date), width - tail) + title.substr(date);
}

// One line a source, the first few of them.
void add_titles(std::string& out, const std::string& label, const std::vector<std::string>& titles,
                size_t width) {
  constexpr size_t kMostTitles = 3;
  const size_t shown = titles.size() <= kMostTitles + 1 ? titles.size() : kMostTitles;
  for (size_t i = 0; i < shown; ++i) {
    add_lines(out, i == 0 ? label : "", short_title(titles[i], width - kIndent - kLabel), width);
  }
  if (shown < titles.size()) {
    add_lines(out, "", fmt::format("and {} more", titles.size() - shown), width);
  }
}

// The median with its unit and, where it varies, its range. `Side` is a claim or its other side.
template <class Side>
std::string model_says(const Side& side, const Context& context) {
  std::string unit =
      side.type == model::Type::kDate && context.calendar ? "" : unit_suffix(side.unit);
  std::string text = shown(side.spread.p50, side.type, context.calendar) + unit;
  const bool spread = side.spread.p5 < side.spread.p95;
  if (!context.single && spread) {
    text += fmt::format("  (9 in 10: {})",
                        range(side.spread, &Spread::p5, &Spread::p95, side.type, context.calendar));
  }
  return text;
}

// The id and the words. A long id pushes the words of its line aside.
std::string claim_head(const ClaimLine& claim, const Look& look) {
  const std::string id = pad_right(claim.id, std::max(kIndent, width_of(claim.id) + 2));
  const std::string indent(kIndent, ' ');
  const std::string words = claim.text.empty() ? claim.measure : claim.text;
  // The room that the id takes beyond the indent stands in for a word while wrapping.
  const std::string room(width_of(id) - kIndent, '\x01');
  if (room.size() > kLongestId) {
    std::string out = claim.id + "\n";
    for (const std::string& line : wrap(words, look.width - kIndent)) out += indent + line + "\n";
    return out;
  }
  std::string out;
  for (const std::string& line : wrap(room.empty() ? words : room + words, look.width - kIndent)) {
    const bool first = out.empty();
    out += first ? (look.color ? "\x1b[1m" + id + "\x1b[0m" : id) : indent;
    out += line.substr(first ? room.size() : 0) + "\n";
  }
  return out;
}

std::string driver_line(const HangsOn& driver) {
  const std::string& name = driver.title.empty() ? driver.input : driver.title;
  return fmt::format("{:2.0f} %  {}{}", 100 * driver.influence, name,
                     driver.guess ? " (a guess)" : "");
}

std::string claim_block(const ClaimLine& claim, const Context& context, const Look& look) {
  std::string out = claim_head(claim, look);
  const std::string odds = odds_in_words(claim.odds, context.single);
  if (context.single || std::isnan(claim.odds)) {
    out += std::string(kIndent, ' ') + odds + "\n";
  } else {
    out += std::string(kIndent, ' ') + pad_right("holds " + odds, 40) + odds_bar(claim.odds, look) +
           "\n";
  }
  add_lines(out, "model", model_says(claim, context), look.width);
  if (!claim.measure.empty()) add_lines(out, "", claim.measure, look.width, 2);
  for (const OtherSide& side : claim.against) {
    add_lines(out, "against", model_says(side, context), look.width);
    add_lines(out, "", side.text, look.width, 2);
  }
  for (const HangsOn& driver : claim.hangs_on) {
    const bool first = &driver == &claim.hangs_on.front();
    add_lines(out, first ? "hangs on" : "", driver_line(driver), look.width);
  }
  add_titles(out, "said by", claim.stated_titles, look.width);
  add_lines(out, "rests on", in_words(claim.rests_on), look.width);
  add_titles(out, "", claim.rests_on_titles, look.width);
  if (!claim.note.empty()) add_lines(out, "note", claim.note, look.width);
  return out;
}

Table claims_table(const RunReport& report) {
  const Context& context = report.context;
  Table table{{{"claim"},
               {"what is claimed", false, true},
               {"model", true},
               {"9 in 10"},
               {"unit"},
               {"odds", true},
               {"sources", false}},
              {}};
  for (const ClaimLine& claim : report.claims) {
    std::string ids;
    for (const std::string& id : claim.stated_in) ids += (ids.empty() ? "" : " ") + id;
    table.rows.push_back(
        {claim.id, claim.text, shown(claim.spread.p50, claim.type, context.calendar),
         range(claim.spread, &Spread::p5, &Spread::p95, claim.type, context.calendar), claim.unit,
         odds_in_words(claim.odds, context.single), ids});
  }
  return table;
}

}  // namespace

std::string render_run(const RunReport& report, const Look& look, const RunTableOptions& options) {
  const Context& context = report.context;
  std::string out;
  if (look.plain) {
    for (const Series& series : report.series) {
      Table table = moments_table(report, series);
      for (auto& row : table.rows) row.insert(row.begin(), series.name);
      table.columns.insert(table.columns.begin(), Column{});
      out += render(table, look);
    }
    return options.show_measures ? out + render(measures_table(report), look) : out;
  }
  for (const Series& series : report.series) {
    const std::string headline = series_headline(series, context);
    out += ends(headline, run_in_words(context), look.width);
    if (options.plot) out += draw(fan_of(report, series), look);
    out += "\n" + render(moments_table(report, series), look) + "\n";
  }
  if (options.show_measures && !report.measures.empty()) {
    if (report.series.empty()) out += ends(context.title, run_in_words(context), look.width) + "\n";
    out += render(measures_table(report), look) + "\n";
  }
  const std::string rests = "rests on " + in_words(report.evidence);
  for (const std::string& line : wrap(rests, look.width)) out += line + "\n";
  return out;
}

std::string run_to_markdown(const RunReport& report) {
  const Context& context = report.context;
  std::string out = fmt::format("# {}\n\n{}\n", context.title, run_in_words(context));
  for (const Series& series : report.series) {
    out += fmt::format("\n## {}\n\n{}", series_headline(series, context),
                       render_markdown(moments_table(report, series)));
  }
  if (!report.measures.empty()) out += "\n" + render_markdown(measures_table(report));
  return out + "\nRests on " + in_words(report.evidence) + ".\n";
}

std::string render_claims(const RunReport& report, const Look& look) {
  const Context& context = report.context;
  if (look.plain) return render(claims_table(report), look);
  std::string out = ends(context.title, run_in_words(context), look.width);
  for (const ClaimLine& claim : report.claims) out += "\n" + claim_block(claim, context, look);
  if (report.claims.empty()) return out + "\nthe model makes no claims\n";
  if (!context.single) {
    std::string words =
        "The model's number is the median; 9 in 10 futures lie between the two others. The odds "
        "are the model's, given its assumptions.";
    if (std::ranges::any_of(report.claims,
                            [](const auto& claim) { return !claim.hangs_on.empty(); }))
      words += " What it hangs on: inputs, by their squared rank correlation with that number.";
    out += "\n";
    for (const std::string& line : wrap(words, look.width)) out += line + "\n";
  }
  return out;
}

std::string claims_to_markdown(const RunReport& report) {
  std::string out =
      fmt::format("# {}\n\n{}\n\n{}", report.context.title, run_in_words(report.context),
                  render_markdown(claims_table(report)));
  std::string notes;
  for (const ClaimLine& claim : report.claims) {
    for (size_t i = 0; i < claim.stated_in.size(); ++i) {
      const std::string line =
          fmt::format("- {}: {}\n", claim.stated_in[i], claim.stated_titles[i]);
      if (notes.find(line) == std::string::npos) notes += line;
    }
  }
  return notes.empty() ? out : out + "\n" + notes;
}

}  // namespace headrace::report
