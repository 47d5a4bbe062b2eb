#include "study/trace/strongest.h"

#include <algorithm>

namespace headrace::study {
namespace {

constexpr size_t kMostSteps = 200'000;  // from one state

class Search {
 public:
  Search(const Structure& structure, std::span<const double> sizes, size_t most, LoopSet& found)
      : structure_(structure), sizes_(sizes), most_(most), found_(found) {
    out_.resize(structure.nodes.size());
    for (uint32_t l = 0; l < structure.links.size(); ++l) {
      if (sizes[l] > 0) out_[structure.links[l].from].push_back(l);
    }
    for (auto& links : out_) {
      std::stable_sort(links.begin(), links.end(),
                       [&](uint32_t a, uint32_t b) { return sizes[a] > sizes[b]; });
    }
  }

  void from(uint32_t start) {
    std::vector<double> best(out_.size());
    std::vector<bool> on_path(out_.size());
    struct Place {
      uint32_t node;
      size_t next;
      double product;
    };
    std::vector<Place> stack = {{start, 0, 1}};
    std::vector<uint32_t> path;
    on_path[start] = true;
    for (size_t steps = 0; !stack.empty() && steps < kMostSteps && found_.size() < most_; ++steps) {
      Place& at = stack.back();
      if (at.next == out_[at.node].size()) {
        on_path[at.node] = false;
        stack.pop_back();
        if (!path.empty()) path.pop_back();
        continue;
      }
      const uint32_t link = out_[at.node][at.next++];
      const uint32_t to = structure_.links[link].to;
      const double product = at.product * sizes_[link];
      if (to == start) {
        path.push_back(link);
        add(path);
        path.pop_back();
      } else if (!on_path[to] && product > best[to]) {
        best[to] = product;
        on_path[to] = true;
        path.push_back(link);
        stack.push_back({to, 0, product});
      }
    }
  }

 private:
  void add(std::vector<uint32_t> loop) {
    std::rotate(loop.begin(), std::min_element(loop.begin(), loop.end()), loop.end());
    found_.insert(std::move(loop));
  }

  const Structure& structure_;
  std::span<const double> sizes_;
  size_t most_;
  LoopSet& found_;
  std::vector<std::vector<uint32_t>> out_;  // links that leave each node, the largest first
};

}  // namespace

void find_strongest_loops(const Structure& structure, std::span<const double> sizes,
                          const std::vector<uint32_t>& starts, size_t most, LoopSet& found) {
  Search search(structure, sizes, most, found);
  for (uint32_t start : starts) search.from(start);
}

}  // namespace headrace::study
