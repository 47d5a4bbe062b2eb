#include "report/brief.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "report/fan_svg.h"
#include "report/layout.h"
#include "report/numbers.h"
#include "text/markup.h"

namespace headrace::report {
namespace {

constexpr size_t kMostSources = 16;
constexpr FanSize kChart = {240, 98};
constexpr size_t kOneColumn = 8;  // claims; more stand in two columns

constexpr const char* kStyle = R"(
@page { size: A4; margin: 9mm 12mm; }
* { box-sizing: border-box; }
body { font: 8.7px/1.27 "Helvetica Neue", Arial, "Liberation Sans", sans-serif; color: #1c2530;
       max-width: 186mm; margin: 0 auto; padding: 6mm 0; }
h1 { font: 600 18px/1.15 Georgia, "DejaVu Serif", serif; margin: 0 0 2px; letter-spacing: -.2px; }
h2 { font-size: 9px; text-transform: uppercase; letter-spacing: .09em; color: #0b4f6c;
     border-top: 1.5px solid #0b4f6c; padding-top: 2px; margin: 6px 0 2px; }
p { margin: 0 0 3px; }
.lead { color: #51606e; }
.lead b { color: #1c2530; }
table { border-collapse: collapse; width: 100%; }
td, th { padding: 1.4px 5px 1.4px 0; vertical-align: top; text-align: left; font-weight: 400; }
tr + tr td { border-top: .5px solid #e3e8ec; }
th { color: #51606e; font-size: 8px; line-height: 1.2; vertical-align: bottom;
     border-bottom: .8px solid #aab6bf; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
td.n { white-space: nowrap; }
table.changes td:first-child { width: 36%; }
.two { columns: 2; column-gap: 16px; }
.claim { display: grid; grid-template-columns: 30px 1fr 34px 24px; gap: 0 3px; break-inside: avoid;
         padding: 1.1px 0; border-bottom: .5px solid #e3e8ec; }
.id { color: #0b4f6c; font-weight: 600; }
td.odds { width: 96px; }
.odds { white-space: nowrap; text-align: right; font-variant-numeric: tabular-nums; }
.bar { display: inline-block; width: 34px; height: 6px; background: #e3e8ec; border-radius: 1px;
       text-align: left; align-self: start; margin-top: 3px; }
td .bar { margin-right: 4px; }
.bar i { display: block; height: 6px; background: #0b7a75; border-radius: 1px; }
.dim { color: #687683; }
.charts { display: grid; grid-template-columns: repeat(4, 1fr); gap: 3px 10px; }
figure { margin: 0; break-inside: avoid; display: flex; flex-direction: column;
         justify-content: space-between; }
figcaption { font-size: 8.2px; line-height: 1.2; }
svg { width: 100%; height: auto; display: block; }
svg .grid { stroke: #e3e8ec; stroke-width: .8; }
svg .tick { font-size: 11px; fill: #51606e; }
svg .outer { fill: #cfe3ea; } svg .inner { fill: #8fbdcd; }
svg .median { fill: none; stroke: #0b4f6c; stroke-width: 1.8; }
svg .end { fill: #0b4f6c; } svg .last { font-size: 12.5px; font-weight: 600; fill: #0b4f6c;
  paint-order: stroke; stroke: #fff; stroke-width: 3px; }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 0 16px; }
.small { font-size: 7.8px; color: #51606e; }
footer { color: #687683; font-size: 7.6px; margin-top: 5px; border-top: .5px solid #aab6bf; padding-top: 2px; }
@media print { body { padding: 0; max-width: none; } }
@media screen and (max-width: 640px) { .two { columns: 1; } .charts { grid-template-columns: 1fr 1fr; }
  .columns { grid-template-columns: 1fr; } body { padding: 4mm; font-size: 12px; } }
)";

// Whether numbers up to this size without a unit read better as per cent.
bool is_share(const std::string& unit, double most) {
  return (unit.empty() || unit == "1") && most <= 1;
}

double most_of(const Spread& s) {
  return std::max({std::abs(s.p5), std::abs(s.p50), std::abs(s.p95)});
}

// A unit as a sentence has it: `chips`, `wafers/month`, `billion USD`. Only words of small letters
// take an s.
std::string unit_in_words(const std::string& unit) {
  if (unit.empty() || unit == "1") return "";
  std::string words = unit;
  std::replace(words.begin(), words.end(), '_', ' ');
  const size_t end = std::min(words.find('/'), words.size());
  const bool word = end > 2 && std::all_of(words.begin(), words.begin() + end,
                                           [](char c) { return c >= 'a' && c <= 'z'; });
  if (word && words[end - 1] != 's') words.insert(end, "s");
  return " " + words;
}

std::string number(double value, model::Type type, bool share, bool calendar) {
  if (type == model::Type::kDate) return shown(value, type, calendar);
  return rounded(share ? 100 * value : value);
}

// The value with its unit: `390k chips`, `52 %`.
std::string with_unit(const Quantity& q, bool calendar) {
  const bool share = is_share(q.unit, most_of(q.spread));
  return number(q.spread.p50, q.type, share, calendar) + (share ? " %"
                                                          : q.type == model::Type::kDate
                                                              ? ""
                                                              : unit_in_words(q.unit));
}

// Whether a number can only be 0 or 1, so that its range says nothing that the odds do not.
bool is_yes_or_no(const Spread& s) {
  const auto either = [](double value) { return value == 0 || value == 1; };
  return s.p5 != s.p95 && either(s.p5) && either(s.p25) && either(s.p50) && either(s.p75) &&
         either(s.p95);
}

// `390k chips (157k to 750k)`, the unit once.
std::string range_of(const ClaimLine& claim, const Context& context) {
  const Spread& s = claim.spread;
  if (is_yes_or_no(s)) return "";
  const bool share = is_share(claim.unit, most_of(s));
  const auto say = [&](double value) { return number(value, claim.type, share, context.calendar); };
  const std::string unit = share                              ? " %"
                           : claim.type == model::Type::kDate ? ""
                                                              : unit_in_words(claim.unit);
  if (s.p5 == s.p95) return say(s.p50) + unit;
  return fmt::format("{}{} ({} to {})", say(s.p50), unit, say(s.p5), say(s.p95));
}

// Of 100 futures: `23`, `100`, `> 99`, `< 1`; of a single run `yes` or `no`.
std::string odds_of_100(double odds, bool single) {
  if (std::isnan(odds)) return "?";
  if (single) return odds > 0.5 ? "yes" : "no";
  if (odds == 0 || odds == 1) return odds == 0 ? "0" : "100";
  if (odds < 0.01) return "< 1";
  if (odds > 0.99) return "> 99";
  return fmt::format("{:.0f}", std::clamp(std::floor(100 * odds + 0.5), 1.0, 99.0));
}

std::string change(const Difference& difference, const Quantity& base) {
  if (difference.spread.p5 == 0 && difference.spread.p95 == 0) return "none";
  const bool share = is_share(base.unit, most_of(base.spread));
  const double value = share ? 100 * difference.spread.p50 : difference.spread.p50;
  return (value > 0 ? "+" : "") + rounded(value) + (share ? " pts" : "");
}

// In how many of 100 futures a change goes the way of its median: `(87)`.
std::string surety(const Difference& difference) {
  const double sure = std::max(difference.higher, difference.lower);
  if (sure < 0.005) return "";
  return fmt::format("({:.0f})", std::min(100.0, std::floor(100 * sure + 0.5)));
}

// `19 of the 33 statements hold in nine futures of ten or more, 5 in one of ten or fewer.`
std::string verdict(const Brief& brief) {
  if (brief.run.context.single || brief.run.claims.size() < 2) return "";
  const auto& claims = brief.run.claims;
  const auto likely = std::ranges::count_if(claims, [](const auto& c) { return c.odds >= 0.9; });
  const auto unlikely = std::ranges::count_if(claims, [](const auto& c) { return c.odds <= 0.1; });
  const auto open = static_cast<int64_t>(claims.size()) - likely - unlikely;
  return fmt::format(
      "{} of the {} statements {} in nine futures of ten or more, {} in one of ten or fewer; "
      "{} {} open.",
      likely, claims.size(), likely == 1 ? "holds" : "hold", unlikely, open,
      open == 1 ? "is" : "are");
}

std::string lead(const Brief& brief) {
  const Context& context = brief.run.context;
  return fmt::format(
      "{} of the model, drawn from {} sourced and {} guessed inputs{}. Odds are the share of "
      "futures in which a statement holds; ranges hold nine in ten.",
      context.single ? std::string("One run") : grouped(context.draws) + " futures", brief.sourced,
      brief.guesses,
      brief.unsourced ? fmt::format(" and {} that nobody answers for", brief.unsourced) : "");
}

// Escaped, with no line broken before a per cent sign.
std::string on_one_line(const std::string& words) {
  std::string out = text::escape_markup(words);
  for (size_t at = out.find(" %"); at != std::string::npos; at = out.find(" %", at))
    out.replace(at, 1, "&nbsp;");
  return out;
}

std::string bar(double share) {
  return fmt::format("<span class=\"bar\"><i style=\"width:{:.0f}%\"></i></span>",
                     std::isnan(share) ? 0 : 100 * share);
}

std::string claim_html(const ClaimLine& claim, const Context& context) {
  const std::string range = range_of(claim, context);
  return fmt::format(
      "<div class=\"claim\"><span class=\"id\">{}</span><span>{}{}</span>{}"
      "<span class=\"odds\">{}</span></div>\n",
      text::escape_markup(claim.id), on_one_line(claim.text),
      range.empty() ? "" : "<span class=\"dim\">: " + on_one_line(range) + "</span>",
      bar(claim.odds), odds_of_100(claim.odds, context.single));
}

std::string claims_html(const Brief& brief) {
  if (brief.run.claims.empty()) return "";
  std::string out = fmt::format(
      "<section><h2>What was said, and in how many of 100 futures it holds</h2>"
      "<div{}>\n",
      brief.run.claims.size() > kOneColumn ? " class=\"two\"" : "");
  for (const ClaimLine& claim : brief.run.claims) out += claim_html(claim, brief.run.context);
  return out + "</div></section>\n";
}

std::string caption(const Series& series) {
  std::string text = series.title.empty() ? series.name : series.title;
  const size_t bracket = series.name.find('[');
  if (!series.title.empty() && bracket != std::string::npos && text.find('[') == std::string::npos)
    text += " " + series.name.substr(bracket);
  return text;
}

Fan fan_of(const Series& series, const RunReport& run) {
  Fan fan{run.times, {}, run.context.calendar};
  for (size_t save = 0; save < run.times.size(); ++save) fan.spreads.push_back(series.at(save));
  return fan;
}

std::string charts_html(const Brief& brief) {
  std::string figures;
  for (const Series& series : brief.run.series) {
    const std::string svg = fan_svg(fan_of(series, brief.run), caption(series), kChart);
    if (svg.empty()) continue;
    const std::string unit =
        series.unit == "1" || series.unit.empty() ? "" : "," + unit_in_words(series.unit);
    figures +=
        fmt::format("<figure><figcaption>{}<span class=\"dim\">{}</span></figcaption>{}</figure>\n",
                    text::escape_markup(caption(series)), text::escape_markup(unit), svg);
  }
  if (figures.empty()) return "";
  return "<section><h2>The futures</h2><div class=\"charts\">\n" + figures +
         "</div><p class=\"small\">Line: median, with its last value. Dark band: half of the "
         "futures. Light band: nine in ten.</p></section>\n";
}

std::string scenarios_note(const Brief& brief) {
  std::string chosen;
  if (brief.scenarios.size() < brief.scenarios_tried)
    chosen = fmt::format(" Of {} scenarios the {} that change most.", brief.scenarios_tried,
                         brief.scenarios.size());
  return fmt::format(
             "Median change on the same {} draws, and in how many of 100 futures it goes that way.",
             grouped(brief.scenario_draws)) +
         chosen;
}

std::string scenarios_html(const Brief& brief) {
  if (brief.scenarios.empty() || brief.quantities.empty()) return "";
  const bool calendar = brief.run.context.calendar;
  std::string out =
      "<section><h2>What would change it</h2><table class=\"changes\">\n<tr><th></th>";
  for (const Quantity& q : brief.quantities)
    out += fmt::format("<th class=\"n\">{}</th>",
                       text::escape_markup(q.title.empty() ? q.name : q.title));
  out += "</tr>\n<tr><td>As it is</td>";
  for (const Quantity& q : brief.quantities)
    out += fmt::format("<td class=\"n\">{}</td>", text::escape_markup(with_unit(q, calendar)));
  out += "</tr>\n";
  for (const BriefScenario& scenario : brief.scenarios) {
    out +=
        fmt::format("<tr><td>{}</td>",
                    text::escape_markup(scenario.title.empty() ? scenario.name : scenario.title));
    for (size_t i = 0; i < scenario.differences.size(); ++i)
      out += fmt::format("<td class=\"n\">{} <span class=\"dim\">{}</span></td>",
                         change(scenario.differences[i], brief.quantities[i]),
                         surety(scenario.differences[i]));
    out += "</tr>\n";
  }
  return out + "</table><p class=\"small\">" + scenarios_note(brief) + "</p></section>\n";
}

// The input's title, else its name as words, and whether it is a guess.
std::string name_of(const Driver& driver) {
  std::string words = driver.input.title;
  if (words.empty()) {
    words = driver.input.name;
    std::replace(words.begin(), words.end(), '_', ' ');
  }
  return driver.guess ? words + " (a guess)" : words;
}

std::string drivers_html(const Brief& brief) {
  if (brief.drivers.empty()) return "";
  std::string out = "<section><h2>What the answers hang on</h2><table>\n";
  for (const Driver& driver : brief.drivers) {
    out += fmt::format("<tr><td>{}</td><td class=\"odds\">{}{:.0f} % of {}</td></tr>\n",
                       text::escape_markup(name_of(driver)), bar(driver.input.influence),
                       100 * driver.input.influence, text::escape_markup(driver.input.claim));
  }
  return out +
         "</table><p class=\"small\">Squared rank correlation with the claim that hangs on it "
         "most.</p></section>\n";
}

// Without what stands in brackets: `Bernstein via aigazine` of `Bernstein (Dec 2025) via aigazine`.
std::string without_brackets(std::string text) {
  for (size_t open = text.find(" ("); open != std::string::npos; open = text.find(" (", open)) {
    const size_t close = text.find(')', open);
    if (close == std::string::npos) break;
    text.erase(open, close + 1 - open);
  }
  return text;
}

// `Reuters via itnews (2025-06-12)` of `Reuters via itnews: Huawei, capacity (2025-06-12)`: who and
// when, without what.
std::string who(const std::string& title) {
  const size_t colon = title.find(": ");
  if (colon == std::string::npos) return title;
  const size_t date = title.rfind(" (");
  const bool dated = date != std::string::npos && date > colon && title.ends_with(')');
  return without_brackets(title.substr(0, colon)) + (dated ? title.substr(date) : "");
}

// Who stands behind the claims themselves, each once, in the order of the claims, with the first
// claim of each; the other sources of the model are counted.
std::vector<std::string> stated(const Brief& brief, size_t* others) {
  std::vector<std::string> lines;
  std::set<std::string> seen, all;
  for (const ClaimLine& claim : brief.run.claims) {
    for (const std::string& title : claim.stated_titles) {
      const std::string line = who(title);
      if (seen.insert(line).second) lines.push_back(claim.id + " " + line);
    }
    for (const std::string& id : all_sources(claim)) all.insert(id);
  }
  if (lines.size() > kMostSources) lines.resize(kMostSources);
  *others = all.size() - std::min(all.size(), lines.size());
  return lines;
}

std::string sources_html(const Brief& brief) {
  size_t others = 0;
  const std::vector<std::string> lines = stated(brief, &others);
  if (lines.empty()) return "";
  std::string out = "<section><h2>Who says so</h2><p class=\"small\">";
  for (size_t i = 0; i < lines.size(); ++i) out += (i ? " · " : "") + text::escape_markup(lines[i]);
  if (others > 0)
    out += fmt::format(" · and {} more; <code>headrace audit</code> lists them", others);
  return out + "</p></section>\n";
}

std::string footer(const Brief& brief) {
  const Context& context = brief.run.context;
  return fmt::format(
      "Model {}, text {}, {}. The odds are the model's, given its assumptions; they are not a "
      "forecast service.",
      context.model, context.hash, run_in_words(context));
}

}  // namespace

std::string brief_to_html(const Brief& brief) {
  const Context& context = brief.run.context;
  const std::string title = context.title.empty() ? context.model : context.title;
  std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<title>" +
                    text::escape_markup(title) + "</title>\n<style>" + kStyle +
                    "</style></head>\n<body>\n";
  out += "<h1>" + text::escape_markup(title) + "</h1>\n<p class=\"lead\"><b>" +
         text::escape_markup(verdict(brief)) + "</b> " + text::escape_markup(lead(brief)) +
         "</p>\n";
  out += claims_html(brief) + charts_html(brief) + scenarios_html(brief);
  out += "<div class=\"columns\">" + drivers_html(brief) + sources_html(brief) + "</div>\n";
  return out + "<footer>" + text::escape_markup(footer(brief)) + "</footer>\n</body></html>\n";
}

namespace {

std::string claims_markdown(const Brief& brief) {
  const Context& context = brief.run.context;
  Table table{{{""}, {"statement"}, {"holds in, of 100", true}, {"the model's number"}}, {}};
  for (const ClaimLine& claim : brief.run.claims)
    table.rows.push_back(
        {claim.id, claim.text, odds_of_100(claim.odds, context.single), range_of(claim, context)});
  if (table.rows.empty()) return "";
  return "\n## What was said, and in how many of 100 futures it holds\n\n" + render_markdown(table);
}

std::string scenarios_markdown(const Brief& brief) {
  if (brief.scenarios.empty() || brief.quantities.empty()) return "";
  Table table{{{""}}, {{"As it is"}}};
  for (const Quantity& q : brief.quantities) {
    table.columns.push_back({q.title.empty() ? q.name : q.title, true, false});
    table.rows[0].push_back(with_unit(q, brief.run.context.calendar));
  }
  for (const BriefScenario& scenario : brief.scenarios) {
    std::vector<std::string> row = {scenario.title.empty() ? scenario.name : scenario.title};
    for (size_t i = 0; i < scenario.differences.size(); ++i) {
      const std::string sure = surety(scenario.differences[i]);
      row.push_back(change(scenario.differences[i], brief.quantities[i]) +
                    (sure.empty() ? "" : " " + sure));
    }
    table.rows.push_back(std::move(row));
  }
  return "\n## What would change it\n\n" + scenarios_note(brief) + "\n\n" + render_markdown(table);
}

std::string drivers_markdown(const Brief& brief) {
  if (brief.drivers.empty()) return "";
  Table table{{{"input"}, {"influence", true, false}, {"on"}}, {}};
  for (const Driver& driver : brief.drivers)
    table.rows.push_back({name_of(driver), fmt::format("{:.0f} %", 100 * driver.input.influence),
                          driver.input.claim});
  return "\n## What the answers hang on\n\n" + render_markdown(table);
}

std::string sources_markdown(const Brief& brief) {
  size_t others = 0;
  const std::vector<std::string> lines = stated(brief, &others);
  if (lines.empty()) return "";
  std::string out = "\n## Who says so\n\n";
  for (const std::string& line : lines) out += "- " + line + "\n";
  if (others > 0) out += fmt::format("- and {} more; `headrace audit` lists them\n", others);
  return out;
}

}  // namespace

std::string brief_to_markdown(const Brief& brief) {
  const Context& context = brief.run.context;
  const std::string said = verdict(brief);
  return "# " + (context.title.empty() ? context.model : context.title) + "\n\n" +
         (said.empty() ? "" : "**" + said + "** ") + lead(brief) + "\n" + claims_markdown(brief) +
         scenarios_markdown(brief) + drivers_markdown(brief) + sources_markdown(brief) + "\n" +
         footer(brief) + "\n";
}

}  // namespace headrace::report
