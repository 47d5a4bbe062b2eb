#include "workbench/reach.h"

#include <algorithm>
#include <cmath>

#include "ir/lower.h"
#include "study/subject.h"
#include "workbench/backend.h"
#include "workbench/levers.h"
#include "workbench/names.h"

namespace headrace::workbench {
namespace {

constexpr double kStep = 0.2;  // of a constant

// Draw 0 is the middle; draws 2 i + 1 and 2 i + 2 move input i.
study::Columns one_at_a_time(const model::Model& model, size_t uncertain) {
  const size_t count = model.inputs.size();
  study::Columns columns;
  for (size_t i = 0; i < count; ++i) {
    const math::Distribution& d = model.inputs[i].distribution;
    const double middle = d.quantile(0.5);
    const double step = kStep * (middle == 0 ? 1 : middle);
    auto& column = columns.emplace_back(2 * count + 1, middle);
    column[2 * i + 1] = i < uncertain ? d.quantile(0.1) : middle - step;
    column[2 * i + 2] = i < uncertain ? d.quantile(0.9) : middle + step;
  }
  return columns;
}

// How far draw `d` of a series lies from draw 0.
double distance(const run::SeriesResult& series, size_t draws, size_t d) {
  double apart = 0, size = 0;
  for (size_t at = 0; at < series.values.size(); at += draws) {
    const double middle = series.values[at], moved = series.values[at + d];
    if (!std::isfinite(middle) || !std::isfinite(moved)) continue;
    apart += std::fabs(moved - middle);
    size += std::fabs(middle);
  }
  return apart == 0 ? 0 : std::min(1.0, apart / size);
}

}  // namespace

base::Result<std::optional<std::vector<Reach>>> reach_of(const Live& live,
                                                         const std::vector<std::string>& outputs,
                                                         const std::atomic<bool>& stop) {
  model::Model model = live.model();
  const size_t uncertain = model.inputs.size();
  for (const Choice& choice : choices(model)) {
    if (auto freed = free_constant(model, model[choice.variable].name); !freed) {
      return std::unexpected(freed.error());
    }
  }
  const auto picks = find_outputs(model, outputs);
  if (!picks) return std::unexpected(picks.error());
  std::vector<model::VarId> saved;
  for (const Pick& pick : *picks) saved.push_back(pick.variable);
  const auto program =
      std::make_shared<const ir::Program>(ir::lower(model, {.outputs = saved, .answers = false}));
  const study::Columns columns = one_at_a_time(model, uncertain);
  const size_t draws = columns.empty() ? 0 : columns[0].size();
  std::vector<Reach> out;
  if (draws == 0) return out;
  auto kernels = choose_kernels(program, {.backend = live.backend(),
                                          .draws = draws,
                                          .threads = live.threads(),
                                          .abandon_compilation = true});
  if (!kernels) return std::unexpected(kernels.error());
  run::RunOptions options;
  options.threads = live.threads();
  options.keep_series = true;
  options.stop = &stop;
  const auto result = study::run_at({model, *program, **kernels, options}, columns, draws);
  if (!result) return std::unexpected(result.error());
  if (!*result) return std::optional<std::vector<Reach>>();
  for (size_t i = 0; i < model.inputs.size(); ++i) {
    double sum = 0;
    for (const run::SeriesResult& series : (*result)->series) {
      sum += std::max(distance(series, draws, 2 * i + 1), distance(series, draws, 2 * i + 2));
    }
    const auto count = static_cast<double>(std::max<size_t>(1, (*result)->series.size()));
    out.push_back({model.inputs[i].name, sum / count});
  }
  return out;
}

}  // namespace headrace::workbench
