#pragma once

// Strongly connected components of a directed graph (Tarjan, "Depth-first search and linear graph
// algorithms", SIAM J. Comput. 1(2), 1972), with a stack of its own instead of recursion.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace headrace::model {

// Calls emit(component) for each component that can be reached from the roots, those that others
// point to first. `next(v)` gives what v points to. Equal input gives equal order.
template <class Next, class Emit>
void for_each_component(size_t nodes, const std::vector<uint32_t>& roots, Next&& next,
                        Emit&& emit) {
  constexpr uint32_t kUnseen = UINT32_MAX;
  struct Frame {
    uint32_t node;
    std::vector<uint32_t> out;
    size_t at = 0;
  };
  std::vector<uint32_t> number(nodes, kUnseen), low(nodes, 0);
  std::vector<bool> on_stack(nodes, false);
  std::vector<uint32_t> stack;
  std::vector<Frame> frames;
  uint32_t count = 0;
  const auto enter = [&](uint32_t node) {
    number[node] = low[node] = count++;
    stack.push_back(node);
    on_stack[node] = true;
    frames.push_back({node, next(node), 0});
  };
  for (uint32_t root : roots) {
    if (number[root] != kUnseen) continue;
    enter(root);
    while (!frames.empty()) {
      Frame& top = frames.back();
      if (top.at < top.out.size()) {
        const uint32_t to = top.out[top.at++];
        if (number[to] == kUnseen)
          enter(to);
        else if (on_stack[to])
          low[top.node] = std::min(low[top.node], number[to]);
        continue;
      }
      const uint32_t node = top.node;
      frames.pop_back();
      if (!frames.empty()) {
        uint32_t& above = low[frames.back().node];
        above = std::min(above, low[node]);
      }
      if (low[node] != number[node]) continue;
      std::vector<uint32_t> component;
      uint32_t member;
      do {
        member = stack.back();
        stack.pop_back();
        on_stack[member] = false;
        component.push_back(member);
      } while (member != node);
      std::sort(component.begin(), component.end());
      emit(component);
    }
  }
}

}  // namespace headrace::model
