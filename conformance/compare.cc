#include "compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace headrace::conformance {
namespace {

// The row of ours at this time.
std::optional<size_t> row_at(const Series& series, double time) {
  // Files carry some six digits.
  const double near = 1e-5 * std::max(1.0, std::abs(time));
  const auto at = std::lower_bound(series.times.begin(), series.times.end(), time - near);
  if (at == series.times.end() || *at > time + near) return std::nullopt;
  return static_cast<size_t>(at - series.times.begin());
}

// Some tools write how they ran beside what they computed; XMILE has no variables for it.
bool is_control(const std::string& name) {
  return name == "initial time" || name == "final time" || name == "time step" || name == "saveper";
}

// What Vensim makes for itself where it expands a function: `#SMOOTH3(x,d)#`, `#LV1<SMOOTH3(...`.
bool is_made(const std::string& name) { return name.starts_with('#'); }

}  // namespace

Comparison compare(const Series& ours, const Series& theirs, double tolerance) {
  Comparison result;
  std::vector<size_t> rows;
  for (const double time : theirs.times) {
    const auto row = row_at(ours, time);
    if (!row) {
      result.missing.push_back(fmt::format("time {}", time));
      return result;
    }
    rows.push_back(*row);
  }
  for (const auto& [name, values] : theirs.columns) {
    if (is_made(name)) continue;
    const auto found = ours.columns.find(name);
    if (found == ours.columns.end()) {
      if (is_control(name)) continue;
      result.missing.push_back(name);
      continue;
    }
    ++result.columns;
    double largest = 0;
    for (const double value : values) {
      if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    }
    for (size_t i = 0; i < values.size(); ++i) {
      if (std::isnan(values[i])) continue;
      ++result.cells;
      const double mine = found->second[rows[i]];
      const double allowed = tolerance * (std::abs(values[i]) + 0.01 * largest);
      const double off = std::abs(mine - values[i]);
      const double error = off == 0 ? 0 : std::isnan(off) ? HUGE_VAL : off / allowed;
      if (error > 1) ++result.wrong;
      if (error <= result.worst_error) continue;
      result.worst_error = error;
      result.worst =
          fmt::format("{} at {}: {:.8g}, theirs {:.8g}", name, theirs.times[i], mine, values[i]);
    }
  }
  return result;
}

}  // namespace headrace::conformance
