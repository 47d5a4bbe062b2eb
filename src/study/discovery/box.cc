#include "study/discovery/box.h"

#include <algorithm>
#include <cmath>

namespace headrace::study {

uint64_t Cases::hits() const {
  uint64_t sum = 0;
  for (const uint32_t draw : draws) sum += hit[draw];
  return sum;
}

Cases cases_of(const Columns& columns, std::span<const double> holds) {
  Cases cases{columns, std::vector<uint8_t>(holds.size()), {}};
  for (uint32_t draw = 0; draw < holds.size(); ++draw) {
    if (std::isnan(holds[draw])) continue;
    cases.hit[draw] = holds[draw] != 0;
    cases.draws.push_back(draw);
  }
  return cases;
}

bool contains(const std::vector<Limit>& limits, const Columns& columns, uint32_t draw) {
  return std::all_of(limits.begin(), limits.end(),
                     [&](const Limit& limit) { return limit.holds(columns[limit.column][draw]); });
}

Box measured(std::vector<Limit> limits, const Cases& within, const Cases& all) {
  Box box;
  box.limits = std::move(limits);
  for (const uint32_t draw : within.draws) {
    if (!contains(box.limits, within.columns, draw)) continue;
    ++box.inside;
    box.hits += within.hit[draw];
  }
  const auto share = [](uint64_t a, uint64_t b) {
    return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b);
  };
  box.coverage = share(box.hits, all.hits());
  box.density = share(box.hits, box.inside);
  box.mass = share(box.inside, all.draws.size());
  return box;
}

Limit& limit_on(std::vector<Limit>& limits, uint32_t column) {
  const auto at = std::lower_bound(limits.begin(), limits.end(), column,
                                   [](const Limit& l, uint32_t c) { return l.column < c; });
  if (at != limits.end() && at->column == column) return *at;
  return *limits.insert(at, Limit{column});
}

}  // namespace headrace::study
