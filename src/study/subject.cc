#include "study/subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ir/analysis.h"

namespace headrace::study {

base::Result<std::optional<run::RunResult>> run_at(const Subject& subject, const Columns& inputs,
                                                   uint64_t draws, uint64_t first_draw, Part part) {
  run::RunOptions options = subject.options;
  options.draws = draws;
  options.first_draw = first_draw;
  options.given = inputs;
  if (options.progress) {
    options.progress = [show = subject.options.progress, part](double fraction) {
      show((static_cast<double>(part.index) + fraction) / static_cast<double>(part.count));
    };
  }
  return run::run(subject.model, subject.program, subject.kernels, options);
}

const std::vector<double>& values_of(const run::RunResult& result, const Target& target) {
  return target.kind == Target::Kind::kMeasure ? result.measures[target.index].values
                                               : result.claims[target.index].values;
}

bool any_infinite(std::span<const double> values) {
  return std::any_of(values.begin(), values.end(), [](double v) { return std::isinf(v); });
}

base::Error infinite_output(const std::string& lacks) {
  return {base::Error::Kind::kInvalid,
          fmt::format("the output is infinite in some draws (\"never\"), so it has {}\n"
                      "  --method draws uses its ranks instead",
                      lacks)};
}

model::ExprId expression_of(const model::Model& model, const Target& target) {
  return target.kind == Target::Kind::kMeasure ? model.measures[target.index].value
                                               : model.claims[target.index].measure;
}

std::vector<Factor> factors_behind(const model::Model& model,
                                   const std::vector<model::VarId>& roots) {
  const ir::Needs needs = ir::find_needs(model, roots);
  std::vector<int> group(model.inputs.size(), -1);
  for (size_t c = 0; c < model.correlations.size(); ++c) {
    for (const uint32_t input : model.correlations[c].inputs) group[input] = static_cast<int>(c);
  }
  std::vector<Factor> factors;
  std::vector<bool> taken(model.inputs.size());
  for (uint32_t i = 0; i < model.inputs.size(); ++i) {
    if (taken[i] || !needs.variable[model.inputs[i].variable.index]) continue;
    Factor factor;
    factor.inputs = group[i] < 0 ? std::vector{i} : model.correlations[group[i]].inputs;
    for (const uint32_t input : factor.inputs) {
      taken[input] = true;
      factor.name += (factor.name.empty() ? "" : " + ") + model.inputs[input].name;
    }
    factors.push_back(std::move(factor));
  }
  return factors;
}

std::vector<Factor> factors_behind(const model::Model& model, model::ExprId root) {
  std::vector<model::VarId> roots;
  ir::collect_reads(model, root, roots);
  return factors_behind(model, roots);
}

}  // namespace headrace::study
