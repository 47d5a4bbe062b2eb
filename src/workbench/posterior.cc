#include "workbench/posterior.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace headrace::workbench {
namespace {

using Json = nlohmann::ordered_json;
using base::Error;

constexpr const char* kSchema = "headrace.posterior/1";
constexpr size_t kMostBytes = size_t{1} << 30;

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
double number(const Json& json) { return json.is_number() ? json.get<double>() : NAN; }

std::string rows_text(const study::Posterior& posterior) {
  std::string out;
  for (size_t row = 0; row < posterior.rows(); ++row) {
    Json values = Json::array();
    for (const auto& column : posterior.draws) values.push_back(column[row]);
    out += fmt::format("{}\n  {}", row ? "," : "", values.dump());
  }
  return out;
}

// What a posterior's text says; throws nlohmann's errors for a wrong shape.
study::Posterior from_json(const Json& json) {
  study::Posterior out;
  out.model = json.at("model").get<std::string>();
  out.hash = json.at("hash").get<std::string>();
  out.seed = json.at("seed").get<uint64_t>();
  out.observations = json.at("observations").get<size_t>();
  out.rhat = number(json.at("rhat"));
  out.ess_bulk = number(json.at("ess_bulk"));
  out.ess_tail = number(json.at("ess_tail"));
  out.log_evidence = number(json.at("log_evidence"));
  out.poor = json.at("poor").get<bool>();
  for (const Json& input : json.at("inputs")) {
    out.inputs.push_back(
        {input.at("name").get<std::string>(), input.at("prior").get<std::string>()});
  }
  out.draws.resize(out.inputs.size());
  for (const Json& row : json.at("draws")) {
    for (size_t i = 0; i < out.draws.size(); ++i) out.draws[i].push_back(row.at(i).get<double>());
  }
  return out;
}

}  // namespace

std::string posterior_text(const study::Posterior& posterior) {
  Json out;
  out["schema"] = kSchema;
  out["model"] = posterior.model;
  out["hash"] = posterior.hash;
  out["seed"] = posterior.seed;
  out["observations"] = posterior.observations;
  out["rhat"] = finite(posterior.rhat);
  out["ess_bulk"] = finite(posterior.ess_bulk);
  out["ess_tail"] = finite(posterior.ess_tail);
  out["log_evidence"] = finite(posterior.log_evidence);
  out["poor"] = posterior.poor;
  out["inputs"] = Json::array();
  for (const auto& input : posterior.inputs)
    out["inputs"].push_back({{"name", input.name}, {"prior", input.prior}});
  // One row a line, so that the file can be read and compared by line.
  std::string text = out.dump(1, ' ', false, Json::error_handler_t::replace);
  text.resize(text.rfind('\n'));
  return text + ",\n \"draws\": [" + rows_text(posterior) + "\n ]\n}\n";
}

base::Result<std::shared_ptr<const study::Posterior>> read_posterior(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return base::fail(Error::Kind::kNotFound, fmt::format("cannot read the posterior '{}'", path));
  }
  std::ostringstream text;
  text << file.rdbuf();
  const auto wrong = [&](std::string_view why) {
    return base::fail(Error::Kind::kInvalid,
                      fmt::format("'{}' is not a posterior: {}\n  make one with: headrace "
                                  "calibrate MODEL -o {}",
                                  path, why, path));
  };
  if (text.view().size() > kMostBytes) return wrong("it has more than 1 GiB");
  const Json json = Json::parse(text.view(), nullptr, false);
  if (!json.is_object()) return wrong("it is not JSON");
  if (json.value("schema", Json()) != kSchema) {
    return wrong(fmt::format("its schema is not {}", kSchema));
  }
  try {
    study::Posterior posterior = from_json(json);
    if (posterior.rows() == 0) return wrong("it has no draws");
    return std::make_shared<const study::Posterior>(std::move(posterior));
  } catch (const Json::exception& error) {
    return wrong(error.what());
  }
}

std::string in_words(const study::Posterior& posterior) {
  const size_t n = posterior.observations;
  return fmt::format("{} to {} observation{}", posterior.poor ? "poorly calibrated" : "calibrated",
                     n, n == 1 ? "" : "s");
}

base::Result<FittedPosterior> fit_posterior(const std::string& path, const model::Model& model) {
  auto posterior = read_posterior(path);
  if (!posterior) return std::unexpected(posterior.error());
  const study::Match match = study::match(**posterior, model);
  if (std::ranges::all_of(match.column, [](int64_t column) { return column < 0; })) {
    return base::fail(Error::Kind::kInvalid,
                      fmt::format("the posterior '{}' has none of the model's inputs as they are "
                                  "now\n  calibrate again: headrace calibrate MODEL -o {}",
                                  path, path));
  }
  FittedPosterior out{std::move(*posterior), {}};
  for (const std::string& name : match.changed) {
    out.remarks.push_back(fmt::format(
        "`{}` has another distribution than when it was calibrated, and keeps it", name));
  }
  if (out.posterior->poor) {
    out.remarks.push_back("the posterior was written although its diagnostics failed");
  }
  return out;
}

}  // namespace headrace::workbench
