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

constexpr size_t kMostSources = 14;

constexpr const char* kStyle = R"(
@page { size: A4; margin: 12mm 13mm; }
* { box-sizing: border-box; }
body { font: 10px/1.38 "Helvetica Neue", Arial, "Liberation Sans", sans-serif; color: #1c2530;
       max-width: 190mm; margin: 0 auto; padding: 6mm 4mm; }
h1 { font: 600 21px/1.15 Georgia, "DejaVu Serif", serif; margin: 0 0 2px; letter-spacing: -.2px; }
h2 { font-size: 10.5px; text-transform: uppercase; letter-spacing: .09em; color: #0b4f6c;
     border-top: 1.5px solid #0b4f6c; padding-top: 3px; margin: 11px 0 5px; }
p { margin: 0 0 4px; }
.lead { color: #51606e; margin-bottom: 6px; }
table { border-collapse: collapse; width: 100%; }
td, th { padding: 1.8px 5px 1.8px 0; vertical-align: top; text-align: left; font-weight: 400; }
tr + tr td { border-top: .5px solid #e3e8ec; }
th { color: #51606e; font-size: 8.8px; border-bottom: .8px solid #aab6bf; }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.id { color: #0b4f6c; font-weight: 600; white-space: nowrap; width: 30px; }
.odds { width: 122px; white-space: nowrap; }
.bar { display: inline-block; width: 64px; height: 7px; background: #e3e8ec; margin-right: 6px; border-radius: 1px; }
.bar i { display: block; height: 7px; background: #0b7a75; border-radius: 1px; }
.dim { color: #687683; }
.charts { display: grid; grid-template-columns: repeat(4, 1fr); gap: 6px 10px; }
figure { margin: 0; break-inside: avoid; }
figcaption { font-size: 8.8px; line-height: 1.25; min-height: 22px; }
svg { width: 100%; height: auto; display: block; }
svg .grid { stroke: #e3e8ec; stroke-width: .8; }
svg .tick { font-size: 9.5px; fill: #687683; }
svg .outer { fill: #cfe3ea; } svg .inner { fill: #8fbdcd; }
svg .median { fill: none; stroke: #0b4f6c; stroke-width: 1.6; }
svg .end { fill: #0b4f6c; } svg .last { font-size: 11px; font-weight: 600; fill: #0b4f6c; }
.columns { display: grid; grid-template-columns: 1.15fr 1fr; gap: 0 16px; }
ol { margin: 0; padding-left: 16px; color: #51606e; font-size: 8.6px; }
a { color: inherit; text-decoration-color: #aab6bf; }
footer { color: #687683; font-size: 8.4px; margin-top: 7px; border-top: .5px solid #aab6bf; padding-top: 3px; }
@media print { body { padding: 0; max-width: none; } section { break-inside: avoid; } }
)";

// The value with its unit: `390k chip`, `52 %`.
std::string with_unit(double value, const std::string& unit, model::Type type, bool calendar) {
  if (type == model::Type::kDate) return shown(value, type, calendar);
  const bool share = (unit.empty() || unit == "1") && std::abs(value) <= 1;
  if (share) return fmt::format("{} %", rounded(100 * value));
  return rounded(value) + unit_suffix(unit == "1" ? "" : unit);
}

std::string range_of(const ClaimLine& claim, const Context& context) {
  const Spread& s = claim.spread;
  const auto say = [&](double value) {
    return with_unit(value, claim.unit, claim.type, context.calendar);
  };
  if (s.p5 == s.p95) return say(s.p50);
  return fmt::format("{} ({} to {})", say(s.p50), say(s.p5), say(s.p95));
}

std::string change(const Difference& difference, const Quantity& base) {
  if (difference.spread.p5 == 0 && difference.spread.p95 == 0) return "none";
  const double value = difference.spread.p50;
  const bool share = (base.unit.empty() || base.unit == "1") && std::abs(base.spread.p50) <= 1;
  if (share) return fmt::format("{}{} pts", value > 0 ? "+" : "", rounded(100 * value));
  return (value > 0 ? "+" : "") + rounded(value);
}

// How sure the sign of a change is, in words that fit a table.
std::string surety(const Difference& difference) {
  const double sure = std::max(difference.higher, difference.lower);
  if (sure < 0.005) return "";
  return fmt::format("{:.0f} in 100", std::min(100.0, std::floor(100 * sure + 0.5)));
}

std::string lead(const Brief& brief) {
  const Context& context = brief.run.context;
  return fmt::format(
      "{} futures of the model, drawn from {} sourced and {} guessed inputs{}. A claim's odds are "
      "the share of "
      "these futures in which it holds; ranges hold nine in ten.",
      grouped(context.draws), brief.sourced, brief.guesses,
      brief.unsourced ? fmt::format(" and {} that nobody answers for", brief.unsourced) : "");
}

std::string claims_html(const Brief& brief) {
  std::string out = "<section><h2>What was said, and how likely it is</h2><table>\n";
  out += "<tr><th></th><th>Claim</th><th>Odds</th><th class=\"n\">The model's number</th></tr>\n";
  for (const ClaimLine& claim : brief.run.claims) {
    out += fmt::format(
        "<tr><td class=\"id\">{}</td><td>{}</td><td class=\"odds\"><span class=\"bar\"><i "
        "style=\"width:{:.0f}%\"></i></span>{}</td><td class=\"n\">{}</td></tr>\n",
        text::escape_markup(claim.id), text::escape_markup(claim.text),
        std::isnan(claim.odds) ? 0 : 100 * claim.odds,
        odds_in_words(claim.odds, brief.run.context.single), range_of(claim, brief.run.context));
  }
  return out + "</table></section>\n";
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
    const std::string svg = fan_svg(fan_of(series, brief.run), caption(series));
    if (svg.empty()) continue;
    const std::string unit = series.unit == "1" || series.unit.empty() ? "" : ", " + series.unit;
    figures +=
        fmt::format("<figure><figcaption>{}<span class=\"dim\">{}</span></figcaption>{}</figure>\n",
                    text::escape_markup(caption(series)), text::escape_markup(unit), svg);
  }
  if (figures.empty()) return "";
  return "<section><h2>The futures</h2><div class=\"charts\">\n" + figures +
         "</div><p class=\"dim\">Line: median. Dark band: half of the futures. Light band: nine in "
         "ten.</p></section>\n";
}

std::string scenarios_html(const Brief& brief) {
  if (brief.scenarios.empty() || brief.quantities.empty()) return "";
  const bool calendar = brief.run.context.calendar;
  std::string out = "<section><h2>What would change it</h2><table>\n<tr><th>Scenario</th>";
  for (const Quantity& q : brief.quantities)
    out += fmt::format("<th class=\"n\" style=\"white-space:normal\">{}</th>",
                       text::escape_markup(q.title.empty() ? q.name : q.title));
  out += "</tr>\n<tr><td>as it is</td>";
  for (const Quantity& q : brief.quantities)
    out +=
        fmt::format("<td class=\"n\">{}</td>", with_unit(q.spread.p50, q.unit, q.type, calendar));
  out += "</tr>\n";
  for (const BriefScenario& scenario : brief.scenarios) {
    out +=
        fmt::format("<tr><td>{}</td>",
                    text::escape_markup(scenario.title.empty() ? scenario.name : scenario.title));
    for (size_t i = 0; i < scenario.differences.size(); ++i)
      out += fmt::format("<td class=\"n\">{}<br><span class=\"dim\">{}</span></td>",
                         change(scenario.differences[i], brief.quantities[i]),
                         surety(scenario.differences[i]));
    out += "</tr>\n";
  }
  return out +
         "</table><p class=\"dim\">Median change on the same draws; below it, in how many of 100 "
         "futures it goes that way.</p></section>\n";
}

std::string drivers_html(const Brief& brief) {
  if (brief.drivers.empty()) return "";
  std::string out = "<section><h2>What the answers hang on</h2><table>\n";
  for (const AuditedInput& driver : brief.drivers) {
    out += fmt::format(
        "<tr><td>{}</td><td class=\"odds\"><span class=\"bar\"><i "
        "style=\"width:{:.0f}%\"></i></span>{:.0f} % of {}</td></tr>\n",
        text::escape_markup(driver.title.empty() ? driver.name : driver.title),
        100 * driver.influence, 100 * driver.influence, text::escape_markup(driver.claim));
  }
  return out +
         "</table><p class=\"dim\">Squared rank correlation of an input with the claim that hangs "
         "on it most.</p></section>\n";
}

struct CitedSource {
  std::string title;
};

// The sources of the claims themselves, each once, in the order of the claims.
std::vector<std::string> stated(const Brief& brief, size_t* others) {
  std::vector<std::string> titles;
  std::set<std::string> seen, all;
  for (const ClaimLine& claim : brief.run.claims) {
    for (size_t i = 0; i < claim.stated_in.size(); ++i) {
      if (seen.insert(claim.stated_in[i]).second) titles.push_back(claim.stated_titles[i]);
    }
    for (const std::string& id : all_sources(claim)) all.insert(id);
  }
  *others = all.size() - std::min(all.size(), std::min(titles.size(), kMostSources));
  if (titles.size() > kMostSources) titles.resize(kMostSources);
  return titles;
}

std::string sources_html(const Brief& brief) {
  size_t others = 0;
  const std::vector<std::string> titles = stated(brief, &others);
  if (titles.empty()) return "";
  std::string out = "<section><h2>Who says so</h2><ol>\n";
  for (const std::string& title : titles) out += "<li>" + text::escape_markup(title) + "</li>\n";
  out += "</ol>";
  if (others > 0)
    out += fmt::format("<p class=\"dim\">and {} more; `headrace audit` lists them.</p>", others);
  return out + "</section>\n";
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
  out += "<h1>" + text::escape_markup(title) + "</h1>\n<p class=\"lead\">" +
         text::escape_markup(lead(brief)) + "</p>\n";
  out += claims_html(brief) + charts_html(brief) + scenarios_html(brief);
  out += "<div class=\"columns\">" + drivers_html(brief) + sources_html(brief) + "</div>\n";
  return out + "<footer>" + text::escape_markup(footer(brief)) + "</footer>\n</body></html>\n";
}

std::string brief_to_markdown(const Brief& brief) {
  const Context& context = brief.run.context;
  std::string out =
      "# " + (context.title.empty() ? context.model : context.title) + "\n\n" + lead(brief) + "\n";
  Table claims{{{"id"}, {"claim"}, {"odds"}, {"the model's number"}}, {}};
  for (const ClaimLine& claim : brief.run.claims)
    claims.rows.push_back({claim.id, claim.text, odds_in_words(claim.odds, context.single),
                           range_of(claim, context)});
  out += "\n## What was said, and how likely it is\n\n" + render_markdown(claims);
  if (!brief.scenarios.empty() && !brief.quantities.empty()) {
    Table table{{{"scenario"}}, {{"as it is"}}};
    for (const Quantity& q : brief.quantities) {
      table.columns.push_back({q.title.empty() ? q.name : q.title, true, false});
      table.rows[0].push_back(with_unit(q.spread.p50, q.unit, q.type, context.calendar));
    }
    for (const BriefScenario& scenario : brief.scenarios) {
      std::vector<std::string> row = {scenario.title.empty() ? scenario.name : scenario.title};
      for (size_t i = 0; i < scenario.differences.size(); ++i) {
        const std::string sure = surety(scenario.differences[i]);
        row.push_back(change(scenario.differences[i], brief.quantities[i]) +
                      (sure.empty() ? "" : " (" + sure + ")"));
      }
      table.rows.push_back(std::move(row));
    }
    out +=
        "\n## What would change it\n\nMedian change on the same draws, and in how many futures it "
        "goes that way.\n\n" +
        render_markdown(table);
  }
  if (!brief.drivers.empty()) {
    Table table{{{"input"}, {"influence", true, false}, {"on"}}, {}};
    for (const AuditedInput& driver : brief.drivers)
      table.rows.push_back({driver.title.empty() ? driver.name : driver.title,
                            fmt::format("{:.0f} %", 100 * driver.influence), driver.claim});
    out += "\n## What the answers hang on\n\n" + render_markdown(table);
  }
  size_t others = 0;
  const std::vector<std::string> titles = stated(brief, &others);
  if (!titles.empty()) {
    out += "\n## Who says so\n\n";
    for (const std::string& title : titles) out += "- " + title + "\n";
    if (others > 0) out += fmt::format("- and {} more\n", others);
  }
  return out + "\n" + footer(brief) + "\n";
}

}  // namespace headrace::report
