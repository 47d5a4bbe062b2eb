#include "study/trace/links.h"

#include <algorithm>
#include <map>

#include "model/graph.h"

namespace headrace::study {
namespace {

using model::VarKind;

// All that the root is computed from, near or far, with who reads whom.
struct Ancestry {
  std::vector<Node> nodes;
  std::map<Node, uint32_t> numbers;
  std::vector<std::vector<uint32_t>> reads;  // of each node

  uint32_t number(const Node& node) {
    const auto [at, is_new] = numbers.try_emplace(node, static_cast<uint32_t>(nodes.size()));
    if (is_new) nodes.push_back(node);
    return at->second;
  }
};

constexpr size_t kMostNodes = 20'000;

Ancestry ancestry_of(const model::Model& model, const Node& root) {
  Ancestry all;
  all.number(root);
  for (uint32_t next = 0; next < all.nodes.size(); ++next) {
    all.reads.emplace_back();
    if (all.nodes.size() > kMostNodes) continue;
    const auto equation = moving_equation(model, all.nodes[next]);
    if (!equation) continue;
    for (const Node& read : reads_of(model, *equation)) {
      if (read.is_time()) continue;
      const uint32_t number = all.number(read);
      all.reads[next].push_back(number);
    }
  }
  return all;
}

// Cycles whose smallest node is `start`, over nodes that are not smaller.
class Search {
 public:
  Search(const Structure& structure, size_t most, std::vector<std::vector<uint32_t>>& found)
      : structure_(structure), most_(most), found_(found), out_(structure.nodes.size()) {
    for (uint32_t l = 0; l < structure.links.size(); ++l) {
      out_[structure.links[l].from].push_back(l);
    }
  }

  // False when there are too many, or the search takes too long.
  bool run() {
    for (uint32_t start = 0; start < out_.size(); ++start) {
      if (!from(start)) return false;
    }
    return true;
  }

 private:
  static constexpr size_t kMostSteps = 5'000'000;

  // Nodes from which `start` can be reached through nodes that are not smaller.
  std::vector<bool> reaching(uint32_t start) const {
    std::vector<bool> reaches(out_.size());
    reaches[start] = true;
    for (bool changed = true; changed;) {
      changed = false;
      for (const Link& link : structure_.links) {
        if (link.from >= start && reaches[link.to] && !reaches[link.from]) {
          reaches[link.from] = changed = true;
        }
      }
    }
    return reaches;
  }

  bool from(uint32_t start) {
    const std::vector<bool> reaches = reaching(start);
    std::vector<bool> on_path(out_.size());
    std::vector<uint32_t> path;  // links
    std::vector<std::pair<uint32_t, size_t>> stack = {{start, 0}};
    on_path[start] = true;
    while (!stack.empty()) {
      auto& [node, next] = stack.back();
      if (next == out_[node].size()) {
        on_path[node] = false;
        stack.pop_back();
        if (!path.empty()) path.pop_back();
        continue;
      }
      if (++steps_ > kMostSteps) return false;
      const uint32_t link = out_[node][next++];
      const uint32_t to = structure_.links[link].to;
      if (to == start) {
        found_.push_back(path);
        found_.back().push_back(link);
        if (found_.size() > most_) return false;
      } else if (to > start && reaches[to] && !on_path[to]) {
        on_path[to] = true;
        path.push_back(link);
        stack.emplace_back(to, 0);
      }
    }
    return true;
  }

  const Structure& structure_;
  size_t most_, steps_ = 0;
  std::vector<std::vector<uint32_t>>& found_;
  std::vector<std::vector<uint32_t>> out_;  // links that leave each node
};

}  // namespace

bool is_state(const model::Model& model, const Node& node) {
  const VarKind kind = model[node.variable].kind;
  return kind == VarKind::kStock || kind == VarKind::kPrevious || kind == VarKind::kDelayFixed;
}

std::optional<Equation> moving_equation(const model::Model& model, const Node& node) {
  const model::Variable& variable = model[node.variable];
  switch (variable.kind) {
    case VarKind::kParam:
    case VarKind::kLet:
    case VarKind::kFlow:
    case VarKind::kStock:
    case VarKind::kPrevious:
    case VarKind::kDelayFixed:
      return equation_of(model, variable, variable.pieces, node.element);
    case VarKind::kData:
    case VarKind::kBehind:
    case VarKind::kInitial:
    case VarKind::kNoise:
    case VarKind::kTally:
      return std::nullopt;
  }
  return std::nullopt;
}

Structure partition_of(const model::Model& model, const Node& root) {
  const Ancestry all = ancestry_of(model, root);
  Structure structure;
  std::vector<uint32_t> component;
  model::for_each_component(
      all.nodes.size(), {0}, [&all](uint32_t node) { return all.reads[node]; },
      [&component](const std::vector<uint32_t>& nodes) {
        if (std::find(nodes.begin(), nodes.end(), 0u) != nodes.end()) component = nodes;
      });
  const auto reads = [&](uint32_t a, uint32_t b) {
    return std::find(all.reads[a].begin(), all.reads[a].end(), b) != all.reads[a].end();
  };
  if (component.size() < 2 && !(component.size() == 1 && reads(0, 0))) return structure;
  std::map<uint32_t, uint32_t> place;
  for (const uint32_t node : component) {
    place[node] = static_cast<uint32_t>(structure.nodes.size());
    structure.nodes.push_back(all.nodes[node]);
  }
  for (const uint32_t node : component) {
    for (const uint32_t read : all.reads[node]) {
      const auto from = place.find(read);
      if (from != place.end()) structure.links.push_back({from->second, place[node]});
    }
  }
  return structure;
}

std::optional<std::vector<std::vector<uint32_t>>> find_loops(const Structure& structure,
                                                             size_t most) {
  std::vector<std::vector<uint32_t>> loops;
  if (!Search(structure, most, loops).run()) return std::nullopt;
  return loops;
}

}  // namespace headrace::study
