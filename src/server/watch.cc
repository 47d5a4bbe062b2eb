#include "server/watch.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "report/run_report.h"
#include "server/reads.h"
#include "server/stats.h"

namespace headrace::server {
namespace {

constexpr size_t kPoints = 400;  // of the picture
constexpr size_t kMeans = 16;

Json decisions(const std::vector<workbench::DecisionLine>& lines) {
  Json out = Json::array();
  for (const workbench::DecisionLine& line : lines) {
    out.push_back({{"id", line.id},
                   {"title", line.title},
                   {"options", line.options},
                   {"utility", line.utility},
                   {"unit", line.unit},
                   {"note", line.note}});
  }
  return out;
}

// Some of the draws as points, and the mean of the number in groups of equal size by the quantity.
Json picture(const workbench::WatchPairs& pairs) {
  std::vector<uint32_t> sound;
  for (uint32_t d = 0; d < pairs.quantity.size(); ++d) {
    if (std::isfinite(pairs.quantity[d]) && std::isfinite(pairs.number[d])) sound.push_back(d);
  }
  Json points = Json::array(), means = Json::array();
  for (size_t i = 0; i < std::min(kPoints, sound.size()); ++i) {
    points.push_back({pairs.quantity[sound[i]], pairs.number[sound[i]]});
  }
  std::stable_sort(sound.begin(), sound.end(),
                   [&](uint32_t a, uint32_t b) { return pairs.quantity[a] < pairs.quantity[b]; });
  const size_t groups = std::min(kMeans, sound.size());
  for (size_t g = 0; g < groups; ++g) {
    const size_t begin = sound.size() * g / groups, end = sound.size() * (g + 1) / groups;
    double x = 0, y = 0;
    for (size_t i = begin; i < end; ++i) {
      x += pairs.quantity[sound[i]];
      y += pairs.number[sound[i]];
    }
    const auto n = static_cast<double>(end - begin);
    means.push_back({x / n, y / n});
  }
  return {{"points", std::move(points)}, {"means", std::move(means)}};
}

// The quantity over time that the question is about.
std::optional<std::string> series_behind(const model::Model& model, const std::string& question) {
  for (const model::Claim& claim : model.claims) {
    if (claim.id == question) return series_of(model, {claim.measure});
  }
  for (const model::Measure& measure : model.measures) {
    if (measure.name + measure.member == question) return series_of(model, {measure.value});
  }
  return std::nullopt;
}

// The bands of one series over the draws in `places`, [stat][time].
Json bands(const run::SeriesResult& series, size_t draws, std::span<const uint32_t> places) {
  Json out = Json::object();
  std::vector<double> column(places.size());
  for (size_t start = 0; start + draws <= series.values.size(); start += draws) {
    for (size_t i = 0; i < places.size(); ++i) column[i] = series.values[start + places[i]];
    const report::Spread spread = report::spread_of(column);
    for (const auto& [name, member] : kStats) {
      const double value = spread.*member;
      out[name].push_back(std::isfinite(value) ? Json(value) : Json(nullptr));
    }
  }
  return out;
}

// Of the one question: its quantity over time, before the readings and after them. Null when there
// is none; nothing when stopped.
std::optional<Json> fans(workbench::Live& live, const workbench::MonitorQuestion& question,
                         const workbench::MonitorAnswer& answer, const std::atomic<bool>& stop) {
  if (answer.after.empty() || answer.report.questions.size() != 1) return Json();
  const auto name = series_behind(live.model(), answer.report.questions[0].name);
  if (!name) return Json();
  workbench::Question asked = question.version;
  asked.outputs = {*name};
  asked.answers = false;
  run::RunOptions options;
  options.draws = answer.after.size();
  options.seed = question.seed;
  options.keep_series = true;
  options.stop = &stop;
  const auto run = live.ask(asked, options);
  if (run && !*run) return std::nullopt;
  if (!run || (*run)->result.single || (*run)->result.series.empty()) return Json();
  const run::RunResult& result = (*run)->result;
  const model::Variable& variable = (*(*run)->model)[result.series[0].variable];
  std::vector<uint32_t> all(answer.after.size());
  std::iota(all.begin(), all.end(), 0u);
  return Json{{"series", *name},
              {"unit", variable.unit_text},
              {"times", result.times},
              {"before", bands(result.series[0], all.size(), all)},
              {"after", bands(result.series[0], all.size(), answer.after)}};
}

std::string for_page(const workbench::MonitorAnswer& answer, const Json& fan) {
  Json out = Json::parse(report::to_json(answer.report));
  if (!fan.is_null()) out["fan"] = fan;
  out["decisions"] = decisions(answer.decisions);
  out["own_list"] = answer.own_list;
  if (answer.focus) out["focus"] = picture(*answer.focus);
  return text_of(out);
}

}  // namespace

base::Result<std::optional<WatchText>> answer_watch(workbench::Monitor& monitor,
                                                    workbench::Live& live, const std::string& path,
                                                    const WatchRequest& request,
                                                    const std::atomic<bool>& stop) {
  auto answer = monitor.ask(live, path, request.question, stop);
  if (!answer) return std::unexpected(answer.error());
  if (!*answer) return std::optional<WatchText>();
  if (request.format == "csv") {
    return std::optional(WatchText{"text/csv; charset=utf-8", report::to_csv((**answer).report)});
  }
  if (request.format == "ics") {
    return std::optional(
        WatchText{"text/calendar; charset=utf-8", report::to_ics((**answer).report)});
  }
  const auto fan = fans(live, request.question, **answer, stop);
  if (!fan) return std::optional<WatchText>();
  return std::optional(WatchText{"application/json", for_page(**answer, *fan)});
}

}  // namespace headrace::server
