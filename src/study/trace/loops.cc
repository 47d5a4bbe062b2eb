#include "study/trace/loops.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/workers.h"
#include "study/trace/strongest.h"

namespace headrace::study {
namespace {

constexpr size_t kMostLoops = 2000;
// Where the strongest loops are looked for when there are more.
constexpr size_t kSearchedSteps = 4, kSearchedDraws = 8;

double sign(double value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

std::vector<double> scores(const Values& values, const Node& from, const Equation& equation,
                           std::span<const double> before, std::span<const double> now,
                           size_t step) {
  const State then{&values, step - 1}, current{&values, step};
  const std::vector<double> partial = evaluate(values.model(), equation, then, &from, current);
  const auto x_before = values.at(from, step - 1), x_now = values.at(from, step);
  std::vector<double> out(values.draws());
  for (size_t d = 0; d < out.size(); ++d) {
    const double dz = now[d] - before[d], dx = x_now[d] - x_before[d];
    const double by_x = partial[d] - before[d];
    // Where x or z does not move the link is not active.
    out[d] = dz == 0 || dx == 0 ? 0 : std::abs(by_x / dz) * sign(by_x) * sign(dx);
  }
  return out;
}

// The nodes of a loop, from a state on.
std::vector<Node> nodes_of(const model::Model& model, const Structure& structure,
                           const std::vector<uint32_t>& loop) {
  std::vector<Node> nodes;
  for (const uint32_t link : loop) nodes.push_back(structure.nodes[structure.links[link].from]);
  const auto state = std::find_if(nodes.begin(), nodes.end(), [&model](const Node& node) {
    return model[node.variable].kind == model::VarKind::kStock;
  });
  if (state != nodes.end()) std::rotate(nodes.begin(), state, nodes.end());
  return nodes;
}

struct Step {
  std::vector<double> relative, leads;  // one a loop
};

// The score of each link at a step, [link][draw].
std::vector<std::vector<double>> all_link_scores(const Values& values, const Structure& structure,
                                                 size_t step) {
  const model::Model& model = values.model();
  std::vector<std::vector<double>> links(structure.links.size());
  for (uint32_t to = 0; to < structure.nodes.size(); ++to) {
    const auto equation = moving_equation(model, structure.nodes[to]);
    const std::vector<double> before = evaluate(model, *equation, {&values, step - 1});
    const std::vector<double> now = evaluate(model, *equation, {&values, step});
    for (size_t l = 0; l < links.size(); ++l) {
      if (structure.links[l].to != to) continue;
      links[l] =
          scores(values, structure.nodes[structure.links[l].from], *equation, before, now, step);
    }
  }
  return links;
}

Step score_step(const Values& values, const Structure& structure,
                const std::vector<std::vector<uint32_t>>& loops, size_t step) {
  const auto links = all_link_scores(values, structure, step);
  Step out{std::vector<double>(loops.size()), std::vector<double>(loops.size())};
  double sound = 0;
  std::vector<double> score(loops.size());
  for (size_t d = 0; d < values.draws(); ++d) {
    double sum = 0, largest = 0;
    for (size_t i = 0; i < loops.size(); ++i) {
      score[i] = 1;
      for (const uint32_t link : loops[i]) score[i] *= links[link][d];
      sum += std::abs(score[i]);
      largest = std::max(largest, std::abs(score[i]));
    }
    if (!std::isfinite(sum)) continue;  // a failed draw, or a moment at which all stands still
    sound += 1;
    if (sum == 0) continue;
    for (size_t i = 0; i < loops.size(); ++i) {
      out.relative[i] += score[i] / sum;
      out.leads[i] += std::abs(score[i]) == largest;
    }
  }
  for (size_t i = 0; i < loops.size() && sound > 0; ++i) {
    out.relative[i] /= sound, out.leads[i] /= sound;
  }
  return out;
}

// The strongest loops of some moments, in the mean of the draws and in some draws of their own.
std::vector<std::vector<uint32_t>> strongest_loops(const Values& values, const Structure& structure,
                                                   const std::vector<size_t>& steps) {
  std::vector<uint32_t> starts;
  for (uint32_t n = 0; n < structure.nodes.size(); ++n) {
    if (is_state(values.model(), structure.nodes[n])) starts.push_back(n);
  }
  if (starts.empty()) starts.push_back(0);
  LoopSet found;
  const size_t moments = std::min(kSearchedSteps, steps.size());
  for (size_t m = 0; m < moments; ++m) {
    const size_t at = moments == 1 ? steps.size() - 1 : m * (steps.size() - 1) / (moments - 1);
    const auto links = all_link_scores(values, structure, steps[at]);
    std::vector<double> sizes(links.size());
    for (size_t l = 0; l < links.size(); ++l) {
      for (double score : links[l]) sizes[l] += std::isfinite(score) ? std::abs(score) : 0;
    }
    // The mean would do, but for its scale, which matters only to the limits of doubles.
    for (double& size : sizes) size /= static_cast<double>(values.draws());
    find_strongest_loops(structure, sizes, starts, kMostLoops, found);
    for (size_t d = 0; d < std::min(kSearchedDraws, values.draws()); ++d) {
      for (size_t l = 0; l < links.size(); ++l) {
        sizes[l] = std::isfinite(links[l][d]) ? std::abs(links[l][d]) : 0;
      }
      find_strongest_loops(structure, sizes, starts, kMostLoops, found);
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace

std::vector<double> link_scores(const Values& values, const Node& from, const Node& to,
                                size_t step) {
  const auto equation = moving_equation(values.model(), to);
  if (!equation) return std::vector<double>(values.draws());
  const std::vector<double> before = evaluate(values.model(), *equation, {&values, step - 1});
  const std::vector<double> now = evaluate(values.model(), *equation, {&values, step});
  return scores(values, from, *equation, before, now, step);
}

LoopScores score_loops(const Values& values, const Node& root, const std::vector<size_t>& steps,
                       unsigned threads) {
  LoopScores out;
  for (const size_t step : steps) {
    if (step > 0) out.steps.push_back(step);
  }
  const Structure structure = partition_of(values.model(), root);
  auto loops = find_loops(structure, kMostLoops);
  if (!loops) {
    if (out.steps.empty()) return out;
    loops = strongest_loops(values, structure, out.steps);
    out.searched = fmt::format(
        "{} nodes hang together in more than {} loops; the {} strongest that were found share the "
        "scores",
        structure.nodes.size(), kMostLoops, loops->size());
  }
  std::vector<Step> scored(out.steps.size());
  base::parallel_for(scored.size(), threads, [&](size_t s, unsigned) {
    scored[s] = score_step(values, structure, *loops, out.steps[s]);
  });
  for (size_t i = 0; i < loops->size(); ++i) {
    ScoredLoop loop;
    loop.nodes = nodes_of(values.model(), structure, (*loops)[i]);
    loop.through = std::find(loop.nodes.begin(), loop.nodes.end(), root) != loop.nodes.end();
    for (const Step& step : scored) {
      loop.relative.push_back(step.relative[i]);
      loop.leads.push_back(step.leads[i]);
    }
    out.loops.push_back(std::move(loop));
  }
  std::stable_sort(
      out.loops.begin(), out.loops.end(), [](const ScoredLoop& a, const ScoredLoop& b) {
        return !a.relative.empty() && std::abs(a.relative.back()) > std::abs(b.relative.back());
      });
  return out;
}

}  // namespace headrace::study
