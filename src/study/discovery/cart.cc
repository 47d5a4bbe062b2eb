#include "study/discovery/cart.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/hash.h"
#include "base/workers.h"
#include "math/philox.h"

namespace headrace::study {
namespace {

struct Split {
  uint32_t column = 0;
  double threshold = 0;
  double gain = 0;  // of impurity, times draws
};

// n times the Gini impurity of hits among n.
double impurity(double hits, double n) { return n > 0 ? 2 * hits * (n - hits) / n : 0; }

std::optional<Split> best_split_on(const Cases& cases, const std::vector<uint32_t>& draws,
                                   uint32_t column, size_t least) {
  const std::vector<double>& x = cases.columns[column];
  std::vector<std::pair<double, uint8_t>> sorted;
  double hits = 0;
  for (const uint32_t draw : draws) {
    sorted.emplace_back(x[draw], cases.hit[draw]);
    hits += cases.hit[draw];
  }
  std::sort(sorted.begin(), sorted.end());
  const auto n = static_cast<double>(sorted.size());
  const double whole = impurity(hits, n);
  std::optional<Split> best;
  double below = 0;
  for (size_t i = 1; i < sorted.size(); ++i) {
    below += sorted[i - 1].second;
    if (sorted[i].first == sorted[i - 1].first || i < least || sorted.size() - i < least) continue;
    const auto left = static_cast<double>(i);
    const double gain = whole - impurity(below, left) - impurity(hits - below, n - left);
    if (gain > (best ? best->gain : 1e-12)) best = Split{column, sorted[i].first, gain};
  }
  return best;
}

struct Grown {
  TreeNode node;
  double density = 0;  // among the draws it was grown on
  std::vector<uint32_t> trained, held;
};

class Grower {
 public:
  Grower(const Cases& cases, const TreeOptions& options) : cases_(cases), options_(options) {
    std::vector<double> u(cases.hit.size());
    math::uniforms(options.seed, base::hash("draws held back"), 0, 0, u);
    Grown root;
    for (const uint32_t draw : cases.draws) {
      (u[draw] < 2.0 / 3 ? root.trained : root.held).push_back(draw);
    }
    least_ = std::max<size_t>(
        1, static_cast<size_t>(options.least_mass * static_cast<double>(root.trained.size())));
    nodes_.push_back(std::move(root));
  }

  std::vector<TreeNode> run() {
    grow(0, 0);
    prune(0);
    std::vector<TreeNode> kept;
    keep(0, {}, kept);
    return kept;
  }

 private:
  void grow(uint32_t at, unsigned depth) {
    double hits = 0;
    for (const uint32_t draw : nodes_[at].trained) hits += cases_.hit[draw];
    const auto n = static_cast<double>(nodes_[at].trained.size());
    nodes_[at].density = n > 0 ? hits / n : 0;
    if (depth == options_.depth || hits == 0 || hits == n) return;
    std::vector<std::optional<Split>> splits(cases_.columns.size());
    base::parallel_for(splits.size(), options_.threads, [&](size_t c, unsigned) {
      splits[c] = best_split_on(cases_, nodes_[at].trained, static_cast<uint32_t>(c), least_);
    });
    const Split* best = nullptr;
    for (const auto& split : splits) {
      if (split && (!best || split->gain > best->gain)) best = &*split;
    }
    if (!best) return;
    const std::vector<double>& x = cases_.columns[best->column];
    Grown low, high;
    for (auto list : {&Grown::trained, &Grown::held}) {
      for (const uint32_t draw : nodes_[at].*list) {
        ((x[draw] < best->threshold ? low : high).*list).push_back(draw);
      }
    }
    TreeNode& node = nodes_[at].node;
    node.leaf = false;
    node.column = best->column;
    node.threshold = best->threshold;
    const auto next = static_cast<uint32_t>(nodes_.size());
    node.low = next, node.high = next + 1;
    nodes_.push_back(std::move(low));
    nodes_.push_back(std::move(high));
    grow(next, depth + 1);
    grow(next + 1, depth + 1);
  }

  // The squared error of the draws held back below this node, after pruning.
  double prune(uint32_t at) {
    double own = 0;
    for (const uint32_t draw : nodes_[at].held) {
      const double miss = cases_.hit[draw] - nodes_[at].density;
      own += miss * miss;
    }
    TreeNode& node = nodes_[at].node;
    if (node.leaf) return own;
    const double below = prune(node.low) + prune(node.high);
    if (below < own) return below;
    node.leaf = true;
    return own;
  }

  uint32_t keep(uint32_t at, std::vector<Limit> limits, std::vector<TreeNode>& kept) {
    const TreeNode node = nodes_[at].node;
    const auto index = static_cast<uint32_t>(kept.size());
    kept.push_back(node);
    kept[index].box = measured(limits, cases_, cases_);
    if (node.leaf) return index;
    std::vector<Limit> low = limits, high = limits;
    limit_on(low, node.column).high = std::nextafter(node.threshold, -HUGE_VAL);
    limit_on(high, node.column).low = node.threshold;
    const uint32_t left = keep(node.low, low, kept), right = keep(node.high, high, kept);
    kept[index].low = left, kept[index].high = right;
    return index;
  }

  const Cases& cases_;
  const TreeOptions& options_;
  size_t least_;
  std::vector<Grown> nodes_;
};

}  // namespace

std::vector<TreeNode> grow_tree(const Cases& cases, const TreeOptions& options) {
  return Grower(cases, options).run();
}

}  // namespace headrace::study
