#include "study/discovery/prim.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>

#include "base/hash.h"
#include "base/workers.h"
#include "math/philox.h"

namespace headrace::study {
namespace {

// The draws inside the box, in the order of each column.
using Orders = std::vector<std::vector<uint32_t>>;

Orders orders_of(const Cases& cases) {
  Orders orders(cases.columns.size(), cases.draws);
  for (size_t c = 0; c < orders.size(); ++c) {
    const std::vector<double>& x = cases.columns[c];
    std::sort(orders[c].begin(), orders[c].end(),
              [&x](uint32_t a, uint32_t b) { return x[a] < x[b] || (x[a] == x[b] && a < b); });
  }
  return orders;
}

// A way to make the box smaller: what remains of one column begins or ends at `bound`.
struct Cut {
  uint32_t column = 0;
  bool upper = false;  // cuts off at the upper end
  double bound = 0;
  uint64_t removed = 0, hits = 0;
};

// At least `few` draws from one end, and all that share the value of the last of them when
// otherwise nothing would go. Nothing when all draws have one value.
std::optional<Cut> cut_at_end(const Cases& cases, const std::vector<uint32_t>& order,
                              uint32_t column, bool upper, size_t few) {
  const std::vector<double>& x = cases.columns[column];
  const size_t n = order.size();
  const auto value = [&](size_t i) { return x[order[upper ? n - 1 - i : i]]; };
  size_t end = few;
  // Equal values stay together, inside the box unless they start at its very end.
  while (end > 0 && value(end - 1) == value(end)) --end;
  if (end == 0) {
    end = few;
    while (end < n && value(end) == value(end - 1)) ++end;
    if (end == n) return std::nullopt;
  }
  Cut cut{column, upper, value(end), end, 0};
  for (size_t i = 0; i < end; ++i) cut.hits += cases.hit[order[upper ? n - 1 - i : i]];
  return cut;
}

struct Peeling {
  const Cases& cases;
  const PrimOptions& options;
  Orders orders;
  uint64_t inside, hits;
  std::vector<Limit> limits;
  std::vector<std::vector<Limit>> steps;  // limits of each box on the way

  Peeling(const Cases& all, const PrimOptions& how)
      : cases(all),
        options(how),
        orders(orders_of(all)),
        inside(all.draws.size()),
        hits(all.hits()) {}

  void run(size_t least) {
    steps.push_back(limits);
    while (hits < inside && !(options.stop && options.stop->load())) {
      const auto cut = best_cut(least);
      if (!cut) return;
      apply(*cut);
      steps.push_back(limits);
    }
  }

  // The cut that leaves the highest density; of equal ones that which takes fewer draws.
  std::optional<Cut> best_cut(size_t least) const {
    const auto few =
        std::max<size_t>(1, static_cast<size_t>(options.peel * static_cast<double>(inside)));
    if (few >= inside) return std::nullopt;
    std::optional<Cut> best;
    double best_density = 0;
    for (uint32_t column = 0; column < orders.size(); ++column) {
      for (const bool upper : {false, true}) {
        const auto cut = cut_at_end(cases, orders[column], column, upper, few);
        if (!cut || inside - cut->removed < least) continue;
        const double density =
            static_cast<double>(hits - cut->hits) / static_cast<double>(inside - cut->removed);
        if (best && (density < best_density ||
                     (density == best_density && cut->removed >= best->removed))) {
          continue;
        }
        best = cut;
        best_density = density;
      }
    }
    return best;
  }

  void apply(const Cut& cut) {
    Limit& limit = limit_on(limits, cut.column);
    (cut.upper ? limit.high : limit.low) = cut.bound;
    const Limit now = limit;
    const std::vector<double>& x = cases.columns[cut.column];
    for (auto& order : orders) {
      std::erase_if(order, [&](uint32_t draw) { return !now.holds(x[draw]); });
    }
    inside -= cut.removed;
    hits -= cut.hits;
  }
};

// Moves one end of a limit outwards by a few draws as long as the density grows.
bool paste_once(std::vector<Limit>& limits, const Cases& cases, double share) {
  const Box now = measured(limits, cases, cases);
  for (size_t l = 0; l < limits.size(); ++l) {
    for (const bool upper : {false, true}) {
      const double bound = upper ? limits[l].high : limits[l].low;
      if (std::isinf(bound)) continue;
      std::vector<Limit> wider = limits;
      (upper ? wider[l].high : wider[l].low) = upper ? HUGE_VAL : -HUGE_VAL;
      const std::vector<double>& x = cases.columns[limits[l].column];
      std::vector<double> outside;
      for (const uint32_t draw : cases.draws) {
        const double v = x[draw];
        if ((upper ? v > bound : v < bound) && contains(wider, cases.columns, draw)) {
          outside.push_back(v);
        }
      }
      if (outside.empty()) continue;
      std::sort(outside.begin(), outside.end());
      if (upper) std::reverse(outside.begin(), outside.end());
      // `outside` ends with what lies nearest to the box.
      const auto few = std::clamp<size_t>(
          static_cast<size_t>(share * static_cast<double>(now.inside)), 1, outside.size());
      const double moved = outside[outside.size() - few];
      (upper ? wider[l].high : wider[l].low) =
          few == outside.size() ? (upper ? HUGE_VAL : -HUGE_VAL) : moved;
      if (measured(wider, cases, cases).density <= now.density) continue;
      limits = wider;
      return true;
    }
  }
  return false;
}

void drop_empty(std::vector<Limit>& limits) {
  std::erase_if(limits, [](const Limit& l) { return std::isinf(l.low) && std::isinf(l.high); });
}

double quasi_p(const Box& box, size_t limit, const Cases& cases) {
  std::vector<Limit> without = box.limits;
  without.erase(without.begin() + static_cast<std::ptrdiff_t>(limit));
  const double density = measured(without, cases, cases).density;
  if (box.hits == 0 || density >= 1) return 1;
  const auto hits = static_cast<double>(box.hits), inside = static_cast<double>(box.inside);
  return boost::math::ibeta(hits, inside - hits + 1, density);
}

// Of the boxes that reach the density the one with the highest coverage, else the densest.
size_t choose(const std::vector<Box>& trajectory, double density) {
  size_t best = 0;
  for (size_t i = 1; i < trajectory.size(); ++i) {
    const Box &a = trajectory[i], &b = trajectory[best];
    const bool reaches = a.density >= density, best_reaches = b.density >= density;
    if (reaches != best_reaches ? reaches
                                : (reaches ? a.coverage > b.coverage : a.density > b.density)) {
      best = i;
    }
  }
  return best;
}

std::vector<Box> boxes_of(const Peeling& peeling, const Cases& all) {
  std::vector<Box> boxes;
  for (const auto& limits : peeling.steps) boxes.push_back(measured(limits, peeling.cases, all));
  return boxes;
}

// How often, in halves of the draws, the box most like this one limits each column.
std::vector<double> reproduced(const Cases& cases, const PrimOptions& options, const Box& box) {
  std::vector<std::vector<uint8_t>> limited(options.resamples);
  base::parallel_for(options.resamples, options.threads, [&](size_t r, unsigned) {
    std::vector<double> u(cases.hit.size());
    math::uniforms(options.seed, base::hash("halves for boxes"), 0, r, u);
    Cases half{cases.columns, cases.hit, {}};
    for (const uint32_t draw : cases.draws) {
      if (u[draw] < 0.5) half.draws.push_back(draw);
    }
    Peeling peeling(half, options);
    peeling.run(static_cast<size_t>(options.least_mass * static_cast<double>(half.draws.size())));
    const std::vector<Box> boxes = boxes_of(peeling, half);
    const auto distance = [&box](const Box& other) {
      return std::abs(other.coverage - box.coverage) + std::abs(other.density - box.density);
    };
    const auto near = std::min_element(boxes.begin(), boxes.end(), [&](const Box& a, const Box& b) {
      return distance(a) < distance(b);
    });
    limited[r].assign(cases.columns.size(), 0);
    for (const Limit& limit : near->limits) limited[r][limit.column] = 1;
  });
  std::vector<double> share(cases.columns.size());
  for (const auto& each : limited) {
    for (size_t c = 0; c < share.size(); ++c) share[c] += each[c];
  }
  for (double& each : share) each /= static_cast<double>(options.resamples);
  return share;
}

FoundBox find_box(const Cases& cases, const Cases& all, const PrimOptions& options) {
  const auto least = std::max<size_t>(
      1, static_cast<size_t>(options.least_mass * static_cast<double>(all.draws.size())));
  Peeling peeling(cases, options);
  peeling.run(least);
  FoundBox found;
  found.trajectory = boxes_of(peeling, all);
  std::vector<Limit> limits = found.trajectory[choose(found.trajectory, options.density)].limits;
  while (paste_once(limits, cases, options.paste)) drop_empty(limits);
  // A limit that could be chance goes, the weakest first.
  for (;;) {
    const Box box = measured(limits, cases, cases);
    std::optional<size_t> weakest;
    double largest = options.chance;
    for (size_t l = 0; l < limits.size(); ++l) {
      const double p = quasi_p(box, l, cases);
      if (p > largest) largest = p, weakest = l;
    }
    if (!weakest) break;
    limits.erase(limits.begin() + static_cast<std::ptrdiff_t>(*weakest));
  }
  found.box = measured(limits, cases, all);
  found.reaches = found.box.density >= options.density;
  const std::vector<double> often = reproduced(cases, options, found.box);
  for (size_t l = 0; l < limits.size(); ++l) {
    found.limits.push_back({limits[l], quasi_p(found.box, l, cases), often[limits[l].column]});
  }
  std::stable_sort(found.limits.begin(), found.limits.end(),
                   [](const FoundLimit& a, const FoundLimit& b) { return a.quasi_p < b.quasi_p; });
  return found;
}

}  // namespace

std::optional<std::vector<FoundBox>> find_boxes(const Cases& cases, const PrimOptions& options) {
  std::vector<FoundBox> boxes;
  Cases left = cases;
  while (boxes.size() < options.boxes && left.hits() > 0) {
    FoundBox found = find_box(left, cases, options);
    if (options.stop && options.stop->load()) return std::nullopt;
    if (found.box.limits.empty() && !boxes.empty()) break;
    std::erase_if(left.draws,
                  [&](uint32_t draw) { return contains(found.box.limits, cases.columns, draw); });
    boxes.push_back(std::move(found));
    if (boxes.back().box.hits == 0 || left.draws.empty()) break;
  }
  return boxes;
}

}  // namespace headrace::study
