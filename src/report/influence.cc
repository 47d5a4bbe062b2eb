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

// By variable: the influence of that of its elements that has most.
using Influences = std::map<uint32_t, double>;

Influences influences_on(const std::vector<double>& answer, const InputRanks& inputs) {
  Influences out;
  for (const auto& [index, elements] : inputs) {
    double most = 0;
    for (const auto& ranks : elements) most = std::max(most, influence_of(ranks, answer));
    out[index] = std::round(most * 1e4) / 1e4;  // a rank correlation tells no more
  }
  return out;
}

std::vector<HangsOn> drivers_of(const Influences& influences, const model::Model& model) {
  std::vector<HangsOn> out;
  for (const auto& [index, influence] : influences) {
    if (influence < kLeastShare) continue;
    const model::Variable& variable = model.variables[index];
    out.push_back({variable.name, variable.title, influence, is_guess(variable)});
  }
  std::ranges::stable_sort(out, std::greater{}, &HangsOn::influence);
  if (out.size() > kMostDrivers) out.resize(kMostDrivers);
  return out;
}

// By source: the greatest influence of an input that it backs.
std::map<std::string, double> weights_of_sources(const Influences& influences,
                                                 const model::Model& model) {
  std::map<std::string, double> out;
  for (const auto& [index, influence] : influences) {
    const model::Variable& variable = model.variables[index];
    const auto count = [&](const std::vector<std::string>& sources) {
      for (const std::string& id : sources) out[id] = std::max(out[id], influence);
    };
    count(variable.sources);
    for (const model::Backing& backing : variable.backings) count(backing.sources);
  }
  return out;
}

// Those behind what the claim hangs on come first; the others keep their order.
void order_sources(ClaimLine& line, const Influences& influences, const model::Model& model) {
  const std::map<std::string, double> weights = weights_of_sources(influences, model);
  const auto weight = [&](const std::string& id) {
    const auto found = weights.find(id);
    return found == weights.end() || found->second < kLeastShare ? 0 : found->second;
  };
  std::vector<size_t> order(line.rests_on.sources.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater{},
                           [&](size_t i) { return weight(line.rests_on.sources[i]); });
  const auto in_order = [&](const std::vector<std::string>& words) {
    std::vector<std::string> out;
    for (const size_t i : order) out.push_back(words[i]);
    return out;
  };
  line.rests_on.sources = in_order(line.rests_on.sources);
  line.rests_on_titles = in_order(line.rests_on_titles);
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
      const Influences influences =
          influences_on(unit_ranks(result.claims[c].values, places), ranks);
      line.hangs_on = drivers_of(influences, model);
      order_sources(line, influences, model);
    }
  }
}

}  // namespace headrace::report
