#include "study/calibration/posterior.h"

#include <map>

namespace headrace::study {

Match match(const Posterior& posterior, const model::Model& model) {
  std::map<std::string, size_t> at;
  for (size_t i = 0; i < posterior.inputs.size(); ++i) at[posterior.inputs[i].name] = i;
  Match out;
  for (const model::Input& input : model.inputs) {
    const auto found = at.find(input.name);
    if (found == at.end()) {
      out.column.push_back(-1);
    } else if (posterior.inputs[found->second].prior != input.distribution.describe()) {
      out.column.push_back(-1);
      out.changed.push_back(input.name);
      at.erase(found);
    } else {
      out.column.push_back(static_cast<int64_t>(found->second));
      at.erase(found);
    }
  }
  for (const auto& [name, column] : at) out.missing.push_back(name);
  return out;
}

Columns posterior_inputs(const Posterior& posterior, const model::Model& model,
                         const run::RunOptions& options) {
  Columns columns = run::sample_inputs(model, options);
  const Match how = match(posterior, model);
  const size_t rows = posterior.rows();
  for (size_t i = 0; i < columns.size(); ++i) {
    if (how.column[i] < 0) continue;
    const auto& from = posterior.draws[static_cast<size_t>(how.column[i])];
    for (size_t d = 0; d < columns[i].size(); ++d) {
      columns[i][d] = from[(options.first_draw + d) % rows];
    }
  }
  return columns;
}

}  // namespace headrace::study
