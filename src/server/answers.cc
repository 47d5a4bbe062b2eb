#include "server/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>

#include "report/numbers.h"
#include "report/run_report.h"
#include "server/stats.h"
#include "summary/quantile.h"
#include "workbench/drivers.h"

namespace headrace::server {
namespace {

constexpr size_t kBins = 48;  // of the shape of an answer
constexpr uint64_t kMemory = uint64_t{512} << 20;
constexpr double kLeastShare = 0.002;  // of the variance, to be named
constexpr size_t kPaths = 25;          // single futures shown

Json finite(double value) {
  if (std::isnan(value)) return nullptr;
  if (std::isinf(value)) return value > 0 ? "never" : "-infinity";
  return value;
}

Json stats_of(const report::Spread& s) {
  Json out;
  for (const auto& [name, member] : kStats) out[name] = finite(s.*member);
  return out;
}

Json stat_names() {
  Json out = Json::array();
  for (const auto& [name, member] : kStats) out.push_back(name);
  return out;
}

const char* type_name(model::Type type) {
  switch (type) {
    case model::Type::kNumber:
      return "number";
    case model::Type::kBoolean:
      return "boolean";
    case model::Type::kDate:
      return "date";
  }
  return "number";
}

report::Spread single(double value) {
  return {value, value, value, value, value, value, value, value};
}

// The bands of one series as eight rows of numbers, [stat][time].
Json add_bands(Frame& frame, const std::vector<report::Spread>& spreads) {
  std::vector<double> rows;
  for (const auto& [name, member] : kStats) {
    for (const report::Spread& spread : spreads) rows.push_back(spread.*member);
  }
  return frame.add(rows);
}

std::vector<report::Spread> spreads_of(const run::SeriesResult& series, size_t times) {
  std::vector<report::Spread> spreads;
  for (size_t t = 0; t < times; ++t) {
    spreads.push_back(series.bands.empty() ? single(series.values[t])
                                           : report::spread_of(series.bands[t]));
  }
  return spreads;
}

// The share of draws in each of kBins equal bins from the 1st to the 99th percentile.
Json add_shape(Frame& frame, const std::vector<double>& values) {
  const double probabilities[] = {0.01, 0.99};
  const auto ends = summary::quantiles(values, probabilities);
  const double low = ends[0], high = ends[1];
  if (!std::isfinite(low) || !std::isfinite(high) || !(high > low)) return nullptr;
  std::vector<double> bins(kBins);
  const double scale = static_cast<double>(kBins) / (high - low);
  for (double value : values) {
    if (!(value >= low && value <= high)) continue;
    const auto bin = static_cast<size_t>((value - low) * scale);
    bins[std::min(bin, kBins - 1)] += 1.0 / static_cast<double>(values.size());
  }
  return {{"offset", frame.add(bins)}, {"bins", kBins}, {"low", low}, {"high", high}};
}

void add_answers(Frame& frame, const model::Model& model, const run::RunResult& result) {
  Json measures = Json::array(), claims = Json::array();
  for (size_t m = 0; m < model.measures.size(); ++m) {
    const model::Measure& measure = model.measures[m];
    if (measure.made) continue;
    const run::AnswerResult& answer = result.measures[m];
    Json line = {{"name", measure.name + measure.member}, {"type", type_name(measure.type)}};
    line["stats"] =
        stats_of(result.single ? single(answer.values[0]) : report::spread_of(answer.band));
    measures.push_back(std::move(line));
  }
  for (size_t c = 0; c < model.claims.size(); ++c) {
    const run::AnswerResult& answer = result.claims[c];
    Json line = {{"id", model.claims[c].id}, {"odds", finite(answer.odds)}};
    line["stats"] =
        stats_of(result.single ? single(answer.values[0]) : report::spread_of(answer.band));
    line["shape"] = add_shape(frame, answer.values);
    claims.push_back(std::move(line));
  }
  frame.directory["measures"] = std::move(measures);
  frame.directory["claims"] = std::move(claims);
}

const run::SeriesResult* find_series(const run::RunResult& result, const std::string& name) {
  for (const run::SeriesResult& series : result.series) {
    if (series.name == name) return &series;
  }
  return nullptr;
}

Json unit_and_type(const model::Model& model, const run::SeriesResult& series) {
  const model::Variable& variable = model[series.variable];
  return {{"name", series.name}, {"unit", variable.unit_text}, {"type", type_name(variable.type)}};
}

}  // namespace

uint64_t quick_draws(workbench::Live& live, const RunRequest& request, size_t others) {
  // Many at once have an eighth of a second together.
  const double seconds = std::clamp(0.125 / static_cast<double>(others + 1), 0.010, 0.030);
  const double possible = live.speed(request.question) * seconds;
  if (!(possible > 0)) return 1024;  // the first time, before anything was compiled
  const auto draws =
      static_cast<uint64_t>(std::clamp(possible, others > 0 ? 256.0 : 512.0, 4096.0));
  return std::bit_floor(draws);
}

uint64_t firmer_draws(workbench::Live& live, const RunRequest& request) {
  constexpr double kSoon = 0.5;
  constexpr uint64_t kDraws = 4096;
  const double speed = live.speed(request.question);
  const bool soon = static_cast<double>(request.draws) < kSoon * speed;
  return soon || request.draws < 4 * kDraws || quick_draws(live, request, 0) >= kDraws ? 0 : kDraws;
}

base::Result<std::optional<Frame>> answer_run(workbench::Live& live, const RunRequest& request,
                                              uint64_t draws, const std::atomic<bool>& stop) {
  const auto start = std::chrono::steady_clock::now();
  run::RunOptions options;
  options.draws = draws;
  options.seed = request.seed;
  options.stop = &stop;
  options.memory_limit = kMemory;
  auto answer = live.ask(request.question, options);
  if (!answer) return std::unexpected(answer.error());
  if (!*answer) return std::optional<Frame>();
  const model::Model& model = *(*answer)->model;
  const run::RunResult& result = (*answer)->result;

  Frame frame;
  frame.sequence = request.sequence;
  frame.draws = static_cast<uint32_t>(result.draws);
  frame.failed = static_cast<uint32_t>(result.failed);
  frame.kind =
      result.single || draws >= request.draws ? Frame::Kind::kSettled : Frame::Kind::kPreview;
  Json& directory = frame.directory;
  directory["times"] = {{"offset", frame.add(result.times)}, {"count", result.times.size()}};
  directory["stats"] = stat_names();
  Json outputs = Json::array();
  for (const std::string& name : request.question.outputs) {
    for (const run::SeriesResult& series : result.series) {
      if (series.name != name && model[series.variable].name != name) continue;
      Json line = unit_and_type(model, series);
      line["offset"] = add_bands(frame, spreads_of(series, result.times.size()));
      outputs.push_back(std::move(line));
    }
  }
  directory["outputs"] = std::move(outputs);
  if (request.question.answers) add_answers(frame, model, result);
  directory["single"] = result.single;
  directory["exact"] = result.exact;
  directory["seed"] = result.seed;
  directory["backend"] = result.backend;
  directory["warnings"] = report::warnings_of(model, result);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  directory["ms"] = std::round(took.count() * 10) / 10;
  // Of it: waiting for code, simulating, and putting draws in order.
  directory["parts"] = {{"compile", std::round(result.compile_ms * 10) / 10},
                        {"run", std::round(result.run_ms * 10) / 10},
                        {"summary", std::round(result.summary_ms * 10) / 10}};
  return std::optional<Frame>(std::move(frame));
}

// ------------------------------------------------------------ compare

namespace {

// Later minus first, draw by draw, at each time.
std::vector<report::Spread> difference_over_time(const std::vector<double>& first,
                                                 const std::vector<double>& later, size_t times,
                                                 std::vector<double>& higher) {
  std::vector<report::Spread> spreads;
  const size_t draws = first.size() / times;
  std::vector<double> column(draws);
  for (size_t t = 0; t < times; ++t) {
    size_t above = 0;
    for (size_t d = 0; d < draws; ++d) {
      column[d] = later[t * draws + d] - first[t * draws + d];
      above += column[d] > 0;
    }
    higher.push_back(draws > 0 ? static_cast<double>(above) / static_cast<double>(draws) : 0);
    spreads.push_back(report::spread_of(column));
  }
  return spreads;
}

double share_below(const std::vector<double>& first, const std::vector<double>& later, bool below) {
  size_t count = 0, sound = 0;
  for (size_t d = 0; d < first.size(); ++d) {
    if (std::isnan(first[d]) || std::isnan(later[d])) continue;
    ++sound;
    count += below ? later[d] < first[d] : later[d] > first[d];
  }
  return sound > 0 ? static_cast<double>(count) / static_cast<double>(sound) : NAN;
}

// Infinity minus infinity is no difference: both never.
std::vector<double> differences(const std::vector<double>& first,
                                const std::vector<double>& later) {
  std::vector<double> out(first.size());
  for (size_t d = 0; d < first.size(); ++d) {
    out[d] = first[d] == later[d] ? 0 : later[d] - first[d];
  }
  return out;
}

struct Side {  // what one version gave
  size_t draws = 0;
  std::vector<std::vector<double>> measures;
  std::vector<double> series;  // [time][draw]
};

// What is certain in one version is the same in every draw beside another.
void repeat(Side& side, size_t draws) {
  const auto each = [draws](std::vector<double>& values) {
    std::vector<double> out;
    for (const double value : values) out.insert(out.end(), draws, value);
    values = std::move(out);
  };
  for (auto& measure : side.measures) each(measure);
  each(side.series);
  side.draws = draws;
}

Json compared_measures(const model::Model& model, const std::vector<Side>& sides) {
  Json out = Json::array();
  size_t shown = 0;
  for (const model::Measure& measure : model.measures) {
    const size_t m = shown++;
    if (measure.made) continue;
    Json line = {{"name", measure.name + measure.member}, {"type", type_name(measure.type)}};
    Json values = Json::array(), minus = Json::array();
    for (size_t v = 0; v < sides.size(); ++v) {
      values.push_back(stats_of(report::spread_of(sides[v].measures[m])));
      if (v == 0) continue;
      const auto& first = sides[0].measures[m];
      const auto& later = sides[v].measures[m];
      Json difference = {{"stats", stats_of(report::spread_of(differences(first, later)))}};
      difference["higher"] = finite(share_below(first, later, false));
      difference["lower"] = finite(share_below(first, later, true));
      minus.push_back(std::move(difference));
    }
    line["values"] = std::move(values);
    line["differences"] = std::move(minus);
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace

base::Result<std::optional<Frame>> answer_compare(workbench::Live& live,
                                                  const CompareRequest& request,
                                                  const std::atomic<bool>& stop) {
  const auto start = std::chrono::steady_clock::now();
  Frame frame;
  frame.kind = Frame::Kind::kSettled;
  std::vector<Side> sides;
  Json versions = Json::array();
  for (const workbench::Question& version : request.versions) {
    workbench::Question question = version;
    question.outputs = request.output.empty() ? std::vector<std::string>()
                                              : std::vector<std::string>{request.output};
    run::RunOptions options;
    options.draws = request.draws;
    options.seed = request.seed;
    options.stop = &stop;
    options.keep_series = true;
    options.memory_limit = kMemory;
    auto answer = live.ask(question, options);
    if (!answer) return std::unexpected(answer.error());
    if (!*answer) return std::optional<Frame>();
    const model::Model& model = *(*answer)->model;
    run::RunResult& result = (*answer)->result;
    if (sides.empty()) {
      frame.directory["times"] = {{"offset", frame.add(result.times)},
                                  {"count", result.times.size()}};
      frame.directory["stats"] = stat_names();
    }
    frame.draws = std::max(frame.draws, static_cast<uint32_t>(result.draws));
    frame.failed += static_cast<uint32_t>(result.failed);
    Side side;
    side.draws = result.draws;
    for (run::AnswerResult& measure : result.measures) {
      side.measures.push_back(std::move(measure.values));
    }
    Json odds = Json::array();
    for (size_t c = 0; c < result.claims.size(); ++c) {
      odds.push_back({{"id", model.claims[c].id}, {"odds", finite(result.claims[c].odds)}});
    }
    Json line = {{"odds", std::move(odds)}};
    const run::SeriesResult* series = find_series(result, request.output);
    if (series) {
      frame.directory["output"] = unit_and_type(model, *series);
      line["offset"] = add_bands(frame, spreads_of(*series, result.times.size()));
      side.series = series->values;
    }
    if (!sides.empty() && side.draws != sides[0].draws) {
      Side& certain = side.draws == 1 ? side : sides[0];
      repeat(certain, std::max(side.draws, sides[0].draws));
    }
    if (series && !sides.empty()) {
      std::vector<double> higher;
      line["difference"] = add_bands(
          frame, difference_over_time(sides[0].series, side.series, result.times.size(), higher));
      line["higher"] = frame.add(higher);
      side.series.clear();
    }
    sides.push_back(std::move(side));
    versions.push_back(std::move(line));
    if (sides.size() == request.versions.size()) {
      for (Side& each : sides) {
        if (each.draws < frame.draws) repeat(each, frame.draws);
      }
      frame.directory["measures"] = compared_measures(model, sides);
      frame.directory["single"] = frame.draws == 1;
    }
  }
  frame.directory["versions"] = std::move(versions);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  frame.directory["ms"] = std::round(took.count() * 10) / 10;
  return std::optional<Frame>(std::move(frame));
}

// ------------------------------------------------------------ explain

namespace {

size_t nearest_save(const std::vector<double>& times, double time) {
  size_t best = 0;
  for (size_t t = 1; t < times.size(); ++t) {
    if (std::abs(times[t] - time) < std::abs(times[best] - time)) best = t;
  }
  return best;
}

}  // namespace

base::Result<std::optional<Frame>> answer_explain(workbench::Live& live,
                                                  const ExplainRequest& request,
                                                  const std::atomic<bool>& stop) {
  const auto start = std::chrono::steady_clock::now();
  run::RunOptions options;
  options.draws = request.draws;
  options.seed = request.seed;
  options.stop = &stop;
  options.keep_series = true;
  options.memory_limit = kMemory;
  auto answer = live.ask(request.question, options);
  if (!answer) return std::unexpected(answer.error());
  if (!*answer) return std::optional<Frame>();
  const model::Model& model = *(*answer)->model;
  const run::RunResult& result = (*answer)->result;
  const std::string& name = request.question.outputs[0];
  const run::SeriesResult* series = find_series(result, name);
  if (!series) {
    return base::fail(base::Error::Kind::kNotFound,
                      fmt::format("'{}' is not one quantity over time", name));
  }
  const size_t save = nearest_save(result.times, request.time);
  const size_t draws = result.draws;

  Frame frame;
  frame.kind = Frame::Kind::kSettled;
  frame.draws = static_cast<uint32_t>(draws);
  frame.failed = static_cast<uint32_t>(result.failed);
  Json& directory = frame.directory;
  directory["output"] = unit_and_type(model, *series);
  directory["time"] = result.times.empty() ? 0 : result.times[save];
  directory["times"] = {{"offset", frame.add(result.times)}, {"count", result.times.size()}};

  Json paths = Json::array();
  for (size_t d = 0; d < std::min(kPaths, draws) && !result.single; ++d) {
    std::vector<double> path;
    for (size_t t = 0; t < result.times.size(); ++t) path.push_back(series->values[t * draws + d]);
    paths.push_back(frame.add(path));
  }
  directory["paths"] = std::move(paths);

  std::vector<double> y(series->values.begin() + static_cast<ptrdiff_t>(save * draws),
                        series->values.begin() + static_cast<ptrdiff_t>((save + 1) * draws));
  std::vector<double> dots;
  for (int i = 0; i < 20; ++i) dots.push_back((i + 0.5) / 20);
  directory["dots"] = frame.add(summary::quantiles(y, dots));
  directory["stats"] = stats_of(report::spread_of(y));

  Json drivers = Json::array();
  double total = 0;
  if (!result.single) {
    auto inputs = live.inputs(request.question, options);
    if (!inputs) return std::unexpected(inputs.error());
    std::vector<std::string> names;
    for (const model::Input& input : model.inputs) names.push_back(input.name);
    const auto found = workbench::drivers_of(names, *inputs, y, stop);
    if (!found) return std::optional<Frame>();
    for (const workbench::Driver& driver : *found) {
      total += driver.share;
      if (driver.share < kLeastShare) continue;
      drivers.push_back({{"input", driver.input},
                         {"share", driver.share},
                         {"low", finite(driver.low)},
                         {"high", finite(driver.high)},
                         {"means", frame.add(driver.means)},
                         {"groups", driver.means.size()}});
    }
  }
  directory["drivers"] = std::move(drivers);
  directory["explained"] = total;
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  directory["ms"] = std::round(took.count() * 10) / 10;
  return std::optional<Frame>(std::move(frame));
}

}  // namespace headrace::server
