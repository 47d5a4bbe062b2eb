#include "server/watch.h"

#include <algorithm>
#include <cmath>
#include <numeric>

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

std::string for_page(const workbench::MonitorAnswer& answer) {
  Json out = Json::parse(report::to_json(answer.report));
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
  return std::optional(WatchText{"application/json", for_page(**answer)});
}

}  // namespace headrace::server
