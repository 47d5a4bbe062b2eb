#include "report/calibration_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/calibration_charts.h"
#include "report/calibration_report.h"
#include "report/numbers.h"
#include "text/markup.h"

namespace headrace::report {
namespace {

using study::Assessment;
using study::FittedInput;
using study::FittedObservation;
using study::Spread5;
using study::Trail;
using text::escape_markup;

constexpr size_t kMostMoved = 24;
constexpr double kMoved = 0.95;  // overlap below which an input is shown as moved
constexpr double kFarOut = 0.025;

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --text: #1c2530; --dim: #5b6874; --ground: #fff; --line: #dde3e8;
  --accent: #0b4f6c; --fill: #8fbdcd; --pale: #cfe3ea; --prior: #9aa5af; --warn: #a33b0b;
  --seen: #b8470f; --g1: #0b4f6c; --g2: #b8470f; --g3: #4a7a1d; --g4: #7b3f8c; }
@media (prefers-color-scheme: dark) { :root { --text: #e6eaee; --dim: #a3afb9; --ground: #14191e;
  --line: #333d46; --accent: #8cc7de; --fill: #3f7c93; --pale: #24424f; --prior: #8a96a0;
  --warn: #ff9d6b; --seen: #ff9d6b; --g1: #8cc7de; --g2: #ff9d6b; --g3: #a5cf72; --g4: #d3a2e0; } }
* { box-sizing: border-box; }
body { font: 14px/1.45 "Helvetica Neue", Arial, "Liberation Sans", sans-serif; color: var(--text);
  background: var(--ground); max-width: 1080px; margin: 0 auto; padding: 20px 16px 40px; }
h1 { font: 600 24px/1.2 Georgia, "DejaVu Serif", serif; margin: 0 0 4px; }
h2 { font-size: 15px; margin: 28px 0 6px; padding-top: 8px; border-top: 2px solid var(--accent);
  color: var(--accent); }
h3 { font-size: 13px; margin: 0 0 2px; }
p { margin: 4px 0 8px; max-width: 78ch; } .dim, figcaption span { color: var(--dim); }
.verdict { border-left: 5px solid var(--accent); padding: 2px 12px; }
.poor { border-color: var(--warn); } .poor b, .warn { color: var(--warn); }
.figures { display: flex; flex-wrap: wrap; gap: 6px 26px; margin: 10px 0; }
.figures div b { display: block; font-size: 20px; font-weight: 600; line-height: 1.2;
  font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th { text-align: left; font-weight: 400; color: var(--dim); border-bottom: 1px solid var(--dim); }
td, th { padding: 3px 12px 3px 0; vertical-align: middle; } td { border-bottom: 1px solid var(--line); }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.chart { width: 230px; min-width: 160px; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 14px 20px; }
figure { margin: 0; } figcaption { font-size: 12.5px; overflow-wrap: anywhere; }
.trails { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(480px, 100%), 1fr));
  gap: 14px 28px; } .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
svg { width: 100%; height: auto; display: block; }
svg line.grid { stroke: var(--line); } svg .tick { font-size: 10.5px; fill: var(--dim); }
svg .outer { fill: var(--pale); } svg .inner { fill: var(--fill); }
svg .median { fill: none; stroke: var(--accent); stroke-width: 1.5; }
svg .end, svg .last { display: none; }
svg .after { fill: var(--fill); } svg .before { fill: none; stroke: var(--text); stroke-width: 1.2; }
svg .expected { fill: var(--line); }
svg polyline[class^=group] { fill: none; stroke-width: 1.2; }
svg .group1 { stroke: var(--g1); } svg .group2 { stroke: var(--g2); }
svg .group3 { stroke: var(--g3); } svg .group4 { stroke: var(--g4); }
svg .prior { fill: var(--prior); } svg .posterior { fill: var(--fill); }
svg .centre { stroke: var(--accent); stroke-width: 2; }
svg .seen { stroke: var(--seen); stroke-width: 2; }
.key { display: inline-block; width: 22px; height: 8px; vertical-align: middle; margin-right: 4px; }
footer { color: var(--dim); font-size: 12px; margin-top: 28px; }
@media print { body { max-width: none; padding: 0; } figure, tr { break-inside: avoid; } }
)";

std::string figure_of(const std::string& what, const std::string& number) {
  return fmt::format("<div><b>{}</b>{}</div>\n", number, what);
}

std::string head(const Assessment& a, const Context& context) {
  std::string out = fmt::format(
      "<header><h1>Calibration: {}</h1>\n<p class=\"dim\">{}, {} observations, {} inputs, seed "
      "{}</p></header>\n",
      escape_markup(context.title.empty() ? context.model : context.title),
      escape_markup(variant_in_words(context)), a.observations.size(), a.inputs.size(),
      context.seed);
  out += a.converged
             ? "<p class=\"verdict\"><b>The chains agree.</b> What follows describes one "
               "distribution.</p>\n"
             : "<p class=\"verdict poor\"><b>The chains do not agree yet.</b> Ranges and means "
               "below may be far off; more steps are needed.</p>\n";
  out += "<div class=\"figures\">\n";
  out += figure_of("R-hat at most", fmt::format("{:.3f}", a.worst_rhat));
  out += figure_of("effective draws, bulk", count(a.least_bulk));
  out += figure_of("effective draws, tails", count(a.least_tail));
  out += figure_of("log evidence", fmt::format("{:.2f}", a.log_evidence));
  out += figure_of("proposals accepted", fmt::format("{:.0f} %", 100 * a.accepted));
  out += figure_of("evaluations of the model", grouped(a.evaluations));
  out += "</div>\n";
  for (const std::string& warning : context.warnings) {
    out += "<p class=\"warn\">" + escape_markup(warning) + "</p>\n";
  }
  for (const std::string& remark : calibration_remarks(a)) {
    out += "<p class=\"warn\">" + escape_markup(remark) + "</p>\n";
  }
  return out;
}

std::string place(const FittedObservation& o) {
  if (std::isnan(o.place)) return "-";
  const bool far = o.place < kFarOut || o.place > 1 - kFarOut;
  return fmt::format("{}{:.0f} in 100 below{}", far ? "<span class=\"warn\">" : "", 100 * o.place,
                     far ? ", far out</span>" : "");
}

std::string observation_row(const FittedObservation& o) {
  std::string seen = std::isnan(o.reading) ? "-" : rounded(o.reading);
  if (o.widen > 1.005)
    seen += fmt::format("<br><span class=\"dim\">error x {:.2g}</span>", o.widen);
  return fmt::format(
      "<tr><td>{}<span class=\"dim\">{}</span></td><td class=\"n\">{}</td><td>{}</td>"
      "<td class=\"chart\">{}</td><td>{}</td></tr>\n",
      escape_markup(o.text), escape_markup(o.unit == "1" ? "" : unit_suffix(o.unit)), seen,
      median_and_range(o.quantity), interval_svg(o.before, o.quantity, o.reading, o.text),
      place(o));
}

std::string observations(const Assessment& a) {
  std::string out =
      "<section><h2>What was seen, and the model</h2>\n<p>"
      "<i class=\"key\" style=\"background:var(--prior)\"></i>nine in ten futures before, "
      "<i class=\"key\" style=\"background:var(--fill)\"></i>after with the median, "
      "<i class=\"key\" style=\"background:var(--seen);width:3px;height:14px\"></i>the reading. "
      "The last column says how many of 100 readings that the calibrated model would give, errors "
      "included, lie below the one seen.</p>\n<div class=\"scroll\"><table>\n<tr><th>observation"
      "</th><th class=\"n\">seen</th><th>calibrated (9 in 10)</th><th></th><th>readings of the "
      "model</th></tr>\n";
  for (const FittedObservation& o : a.observations) out += observation_row(o);
  return out + "</table></div></section>\n";
}

std::string moved(const Assessment& a) {
  std::vector<size_t> order;
  for (size_t i = 0; i < a.inputs.size(); ++i) {
    if (a.inputs[i].overlap < kMoved || a.inputs.size() <= 8) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t x, size_t y) { return a.inputs[x].overlap < a.inputs[y].overlap; });
  const size_t all = order.size();
  order.resize(std::min(all, kMostMoved));
  std::string out = fmt::format(
      "<section><h2>What the data tell of the inputs</h2>\n<p>Line: before. Filled: after. {} of "
      "{} "
      "inputs share less than {:.0f} % with what was assumed{}; the others keep their prior.</p>\n"
      "<div class=\"grid\">\n",
      std::count_if(a.inputs.begin(), a.inputs.end(),
                    [](const FittedInput& i) { return i.overlap < kMoved; }),
      a.inputs.size(), 100 * kMoved,
      all > order.size() ? fmt::format(", the {} that moved most are shown", order.size()) : "");
  for (size_t i : order) {
    const FittedInput& input = a.inputs[i];
    const std::string svg = shares_svg(input.shares, input.name + " before and after");
    if (svg.empty()) continue;
    out += fmt::format(
        "<figure><figcaption><b>{}</b><span>{}, shared "
        "{:.0f}&nbsp;%</span></figcaption>{}</figure>\n",
        escape_markup(input.name), escape_markup(input.unit == "1" ? "" : unit_suffix(input.unit)),
        100 * input.overlap, svg);
  }
  return out + "</div></section>\n";
}

std::string chains(const Assessment& a) {
  std::string out = fmt::format(
      "<section><h2>How the {} chains went</h2>\n<p>For the log likelihood and the inputs that "
      "mixed worst. Left: all chains over their steps, median, half and nine in ten of them; level "
      "bands are good. Right: how the ranks of four groups of chains fall into twenty bins; lines "
      "within the grey band, where 99 in 100 points belong, are good.</p>\n",
      a.chains);
  out += "<div class=\"trails\">\n";
  for (const Trail& trail : a.trails) {
    const double effective = std::min(trail.convergence.ess_bulk, trail.convergence.ess_tail);
    out += fmt::format(
        "<div><h3>{}<span class=\"dim\">{}: R-hat {:.3f}, {} effective draws</span></h3>\n<div "
        "class=\"pair\"><figure>{}</figure><figure>{}</figure></div></div>\n",
        escape_markup(trail.name), escape_markup(trail.unit == "1" ? "" : unit_suffix(trail.unit)),
        trail.convergence.rhat, count(effective), trail_svg(trail), ranks_svg(trail, effective));
  }
  return out + "</div></section>\n";
}

std::string all_inputs(const Assessment& a) {
  std::string out =
      "<section><h2>All inputs</h2>\n<div class=\"scroll\"><table>\n<tr><th>input</th><th>before "
      "(9 "
      "in 10)</th><th>after (9 in 10)</th><th class=\"n\">shared</th><th class=\"n\">R-hat</th><th "
      "class=\"n\">draws, bulk</th><th class=\"n\">draws, tails</th></tr>\n";
  for (const FittedInput& i : a.inputs) {
    out += fmt::format(
        "<tr><td>{}<span class=\"dim\">{}</span></td><td>{}</td><td>{}</td><td class=\"n\">{:.0f} "
        "%</td><td class=\"n\">{:.3f}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
        escape_markup(i.name), escape_markup(i.unit == "1" ? "" : unit_suffix(i.unit)),
        median_and_range(i.prior), median_and_range(i.posterior), 100 * i.overlap,
        i.convergence.rhat, count(i.convergence.ess_bulk), count(i.convergence.ess_tail));
  }
  return out + "</table></div></section>\n";
}

std::string foot(const Assessment& a, const Context& context) {
  return fmt::format(
      "<footer>headrace {}, model {} {}. {} stages of tempering, then {} steps of {} chains; {} "
      "draws kept. R-hat and effective draws after Vehtari et al. (2021).</footer>\n",
      HEADRACE_VERSION, escape_markup(context.model), context.hash, a.stages, grouped(a.steps),
      a.chains, grouped(a.kept));
}

}  // namespace

std::string calibration_to_html(const Assessment& assessment, const Context& context) {
  return fmt::format(
             "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
             "name=\"viewport\" content=\"width=device-width, "
             "initial-scale=1\">\n<title>Calibration: "
             "{}</title>\n<style>{}</style>\n</head>\n<body>\n",
             escape_markup(context.title.empty() ? context.model : context.title), kStyle) +
         head(assessment, context) + observations(assessment) + moved(assessment) +
         chains(assessment) + all_inputs(assessment) + foot(assessment, context) +
         "</body>\n</html>\n";
}

}  // namespace headrace::report
