#include "report/influence.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "study/sensitivity/bins.h"

namespace headrace::report {
namespace {

constexpr size_t kMostDrivers = 3;    // of a claim
constexpr double kLeastShare = 0.05;  // what explains less is not shown
constexpr size_t kFewDraws = 100;     // too few to tell inputs apart

bool is_guess(const model::Variable& variable) {
  const auto told = [](const auto& part) { return !part.sources.empty(); };
  return !told(variable) && std::ranges::none_of(variable.backings, told);
}

// By variable: the ranks of each of its elements that varies.
using InputRanks = std::map<uint32_t, std::vector<std::vector<double>>>;

InputRanks ranks_of(const model::Model& model, const std::vector<std::vector<double>>& inputs,
                    const std::vector<size_t>& places) {
  InputRanks out;
  for (size_t i = 0; i < model.inputs.size(); ++i) {
    const model::VarId variable = model.inputs[i].variable;
    if (!model.variables[variable.index].made)
      out[variable.index].push_back(unit_ranks(inputs[i], places));
  }
  return out;
}

std::vector<HangsOn> drivers_of(const std::vector<double>& answer, const InputRanks& inputs,
                                const model::Model& model) {
  std::vector<HangsOn> out;
  for (const auto& [index, elements] : inputs) {
    double influence = 0;
    for (const auto& ranks : elements) influence = std::max(influence, influence_of(ranks, answer));
    if (influence < kLeastShare) continue;
    const model::Variable& variable = model.variables[index];
    const double rounded = std::round(influence * 1e4) / 1e4;  // a rank correlation tells no more
    out.push_back({variable.name, variable.title, rounded, is_guess(variable)});
  }
  std::ranges::stable_sort(out, std::greater{}, &HangsOn::influence);
  if (out.size() > kMostDrivers) out.resize(kMostDrivers);
  return out;
}

}  // namespace

std::vector<size_t> sound_draws(const run::RunResult& result, size_t most) {
  std::vector<size_t> sound;
  for (size_t d = 0; d < std::min<size_t>(result.draws, most); ++d) {
    const auto broken = [d](const run::AnswerResult& answer) {
      return std::isnan(answer.values[d]);
    };
    if (std::ranges::none_of(result.claims, broken)) sound.push_back(d);
  }
  return sound;
}

std::vector<double> unit_ranks(const std::vector<double>& values,
                               const std::vector<size_t>& places) {
  std::vector<double> there(places.size());
  for (size_t i = 0; i < places.size(); ++i) there[i] = values[places[i]];
  std::vector<double> ranks = study::ranks_of(there);
  const double mean = (double(places.size()) + 1) / 2;
  double squares = 0;
  for (double& rank : ranks) {
    rank -= mean;
    squares += rank * rank;
  }
  if (squares <= 0) return {};
  for (double& rank : ranks) rank /= std::sqrt(squares);
  return ranks;
}

double influence_of(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.empty() || b.empty()) return 0;
  const double r = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  return std::min(1.0, r * r);
}

void add_hangs_on(RunReport& report, const model::Model& model, const run::RunResult& result,
                  const std::vector<std::vector<double>>& inputs) {
  if (result.single || inputs.empty()) return;
  const std::vector<size_t> places = sound_draws(result, inputs[0].size());
  if (places.size() < kFewDraws) return;
  const InputRanks ranks = ranks_of(model, inputs, places);
  for (ClaimLine& line : report.claims) {
    for (size_t c = 0; c < model.claims.size(); ++c) {
      if (model.claims[c].id != line.id) continue;
      line.hangs_on = drivers_of(unit_ranks(result.claims[c].values, places), ranks, model);
    }
  }
}

}  // namespace headrace::report
